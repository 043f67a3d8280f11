"""Under load nothing is lost, and what is not taken is answered at once: `make bench ARGS=load`
does the same by the clock, on a node."""

from __future__ import annotations

from macrostrike.chain import RevmTransport

from ..bench.load import MAX_OPEN, loaded


def test_every_prediction_ends_whatever_the_loop_does() -> None:
    seconds = {"running": 2, "reducing": 1, "halted": 1, "resumed": 1}
    with loaded(RevmTransport(), per_second=40) as load:
        load.play(seconds, lambda _: None)
        load.require_whole()
        figures = load.figures()
    assert figures["most_open"] == MAX_OPEN
    assert figures["states"] == ["running", "reducing", "halted", "running"]
    assert figures["offered"] == 40 * sum(seconds.values())
    assert figures["refused_at_once"] == {"ConfidenceTooLow": 16, "FleetHalted": 40}
    assert figures["reasons"]["Reducing"] == 36
    assert figures["decisions"]["struck"] == figures["opened_on_chain"] > MAX_OPEN
