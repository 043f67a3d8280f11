"""Under load nothing is lost, and what is not taken is answered at once: `make bench ARGS=load`
does the same by the clock, on a node."""

from __future__ import annotations

from macrostrike.chain import RevmTransport

from ..bench.load import MAX_OPEN, loaded


def test_every_prediction_ends_whatever_the_loop_does() -> None:
    with loaded(RevmTransport(), per_second=40) as load:
        load.play({"running": 2}, lambda _: None)
        load.per_second = 10
        load.play({"reducing": 1, "halted": 1, "resumed": 1}, lambda _: None)
        load.require_whole()
        figures = load.figures()
    assert figures["max_open"] == MAX_OPEN
    assert figures["states"] == ["running", "reducing", "halted", "running"]
    assert figures["offered"] == 2 * 40 + 3 * 10
    assert figures["refused_at_once"] == {"ConfidenceTooLow": 10, "FleetHalted": 10}
    assert figures["reasons"]["Reducing"] == 9
    assert figures["decisions"]["struck"] == figures["opened_on_chain"] > MAX_OPEN
