"""The monitor keeps the last rows alone, and sums of the rest: its figures are the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from macrostrike.chain import RevmTransport
from macrostrike.journal import ChangeKind, IntentState, Journal
from macrostrike.monitor._chain import read_chain
from macrostrike.monitor._records import REORG_BLOCKS, JournalReader
from macrostrike.monitor.checks import checks_of
from macrostrike.monitor.figures import Figures, figures_of
from macrostrike.monitor.metrics import distributions_of, samples_of
from macrostrike.testing import deploy_world
from macrostrike.types import Signal
from tests.monitor.desk import Desk

OF_THE_LAST = (
    "action_gas",
    "brier_score",
    "error_ratio",
    "execution_seconds",
    "growth_ratio",
    "win_ratio",
    "window_strikes",
    "window_transactions",
)


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk whose trades are older than any reorganisation, and one strike that is open."""
    with Journal.open(tmp_path_factory.mktemp("desk") / "journal.sqlite") as journal:
        desk = Desk(deploy_world(RevmTransport()), journal)
        desk.trade(*[True] * 12, False)
        desk.trade(*[True] * 6, signal=Signal.SHORT, model_id=2)
        desk.send(*[IntentState.CONFIRMED] * 20, IntentState.REJECTED, action="settleStrike")
        desk.send(*[IntentState.CONFIRMED] * 9, seconds=0.3)
        for number in range(30):
            journal.record_change(ChangeKind.LOG, "error", f"line {number}", cause="test")
        for _ in range(REORG_BLOCKS):
            desk.world.transport.mine()
        desk.open()
        desk.sync()
        yield desk


def figures(desk: Desk, keep: int) -> Figures:
    """After three looks, so that what was read has been dropped."""
    manifest = desk.world.manifest
    reader = JournalReader(desk.journal, manifest, keep=keep)
    for _ in range(3):
        records = reader.read()
    chain = read_chain(desk.world.transport, manifest, records.models)
    return figures_of(records, chain, manifest, desk.now)


def totals(of: Figures) -> dict[tuple[str, tuple[str, ...]], float]:
    """The samples that are not of the last rows only."""
    return {
        (sample.name, sample.labels): sample.value
        for sample in samples_of(of)
        if sample.name not in OF_THE_LAST or sample.labels[-1] == "all"
    }


@pytest.mark.parametrize("keep", [0, 1, 7, 18, 19])
def test_sums_are_as_of_all_rows(old: Desk, keep: int) -> None:
    whole, part = figures(old, 5000), figures(old, keep)
    assert len(whole.records.strikes) == 20
    assert len(part.records.strikes) == min(keep, 19) + 1
    assert len(part.records.intents) <= keep
    assert len(part.records.changes) <= keep

    assert totals(part) == pytest.approx(totals(whole))
    assert part.differences == ()
    assert part.first_closed == whole.first_closed
    assert part.tallies.strikes.shares == pytest.approx(whole.tallies.strikes.shares)
    for a, b in zip(distributions_of(part), distributions_of(whole), strict=True):
        assert a.buckets == b.buckets
        assert a.total == pytest.approx(b.total)
    for a, b in zip(checks_of(part, ()), checks_of(whole, ()), strict=True):
        assert a.verdict == b.verdict or a.name == "gas costs"


def test_rows_that_may_change_are_kept_and_read_again(desk: Desk) -> None:
    manifest = desk.world.manifest
    reader = JournalReader(desk.journal, manifest, keep=0)
    desk.send(IntentState.CONFIRMED, IntentState.SENT, IntentState.CONFIRMED)
    assert [row.seq for row in reader.read().intents] == [1, 2, 3]
    records = reader.read()
    assert [row.seq for row in records.intents] == [2, 3]
    assert records.tallies(manifest).intents.finished == 2

    desk.journal.change_intent(records.intents[0].hash, IntentState.REJECTED)
    for _ in range(2):
        records = reader.read()
    assert records.intents == ()
    sums = records.tallies(manifest).intents
    assert (sums.finished, sums.errors) == (3, 1)


def test_what_is_kept_does_not_grow(desk: Desk) -> None:
    reader = JournalReader(desk.journal, desk.world.manifest, keep=50)
    for number in range(400):
        desk.journal.record_change(ChangeKind.LOG, "error", str(number), cause="test")
        if number % 40 == 0:
            assert len(reader.read().changes) <= 50 + 40
    sums = reader.read().tallies(desk.world.manifest)
    assert sums.others.bad_lines == 400
