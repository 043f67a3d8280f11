"""Every prediction is scored by the market, struck or not; the days' roots find an altered row."""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from rich.console import Console

from macrostrike import MacroStrike
from macrostrike.chain import RevmTransport
from macrostrike.cli.calibrations import calibration
from macrostrike.journal import (
    CommitmentKind,
    Decision,
    Journal,
    MarketOutcome,
    MinuteRow,
    PredictionRow,
    ScoreRow,
)
from macrostrike.journal.calibration import Claim, calibration_of
from macrostrike.journal.merkle import leaf, proof, root, root_by
from macrostrike.journal.rows import PRICE_UNIT
from macrostrike.loop._scoring import ended
from macrostrike.testing import World
from macrostrike.types import Signal

from ..bench.load import three_markets
from .support import LONG, START, Bench, bench_of

DAY = 86_400
P = 1600 * PRICE_UNIT // 10**12
FEE = 500
WON, LOST, UNPRICED = MarketOutcome.WON, MarketOutcome.LOST, MarketOutcome.UNPRICED


@pytest.fixture(scope="module")
def _chain() -> RevmTransport:
    """In process alone: nothing here depends on the node."""
    return RevmTransport()


def row_of(signal: Signal = Signal.LONG) -> PredictionRow:
    made = replace(LONG, signal=signal, horizon=300, take_profit_bps=50, stop_loss_bps=100)
    with Journal.open("sqlite://") as journal:
        prediction = made.prediction(engine="0x" + "11" * 20, nonce=1, now=0)
        return journal.record_prediction(prediction, bytes(32), b"", source="test")


def path_of(*ranges: tuple[int, int, int], first: int = 60) -> list[MinuteRow]:
    """Minutes of low, high and close, in basis points from the entry."""
    prices = [[P + P * bps // 10_000 for bps in each] for each in ranges]
    return [
        MinuteRow(0, first + 60 * number, low, high=high, low=low, close=close)
        for number, (low, high, close) in enumerate(prices)
    ]


def scored(minutes: Sequence[MinuteRow], signal: Signal = Signal.LONG) -> ScoreRow:
    entered = ScoreRow(1, bytes(32), MarketOutcome.OPEN, entered_at=0, ends_at=300, entry=P)
    return ended(entered, row_of(signal), minutes, FEE)


FLAT = (0, 0, 0)


@pytest.mark.parametrize(
    ("ranges", "outcome", "net"),
    [
        ([FLAT, (0, 50, 0), FLAT, FLAT], WON, 5000 - 1000),
        ([FLAT, (0, 49, 0), FLAT, FLAT], LOST, -1000),
        ([FLAT, (-100, 0, 0), (0, 50, 0), FLAT], LOST, -10_000 - 1000),
        ([FLAT, (-100, 50, 0), FLAT, FLAT], LOST, -10_000 - 1000),  # both: the worse is believed
        ([FLAT, FLAT, FLAT, (0, 20, 20)], WON, 2000 - 1000),
        ([FLAT, FLAT, FLAT, (0, 20, 10)], LOST, 0),  # fees are paid twice
    ],
)
def test_the_first_barrier_counts_or_the_last_price_less_fees(
    ranges: list[tuple[int, int, int]], outcome: MarketOutcome, net: int
) -> None:
    long = scored(path_of(*ranges))
    assert (long.outcome, long.net_millionths) == (outcome, net)
    short = scored(path_of(*((-high, -low, -close) for low, high, close in ranges)), Signal.SHORT)
    assert (short.outcome, short.net_millionths) == (outcome, net)


def test_without_a_price_for_five_minutes_nothing_is_said() -> None:
    assert scored([]).outcome is LOST  # as long as the gap that is allowed
    entered = ScoreRow(1, bytes(32), MarketOutcome.OPEN, entered_at=0, ends_at=301, entry=P)
    assert ended(entered, row_of(), [], FLAT[0]).outcome is UNPRICED
    late = path_of(FLAT, first=301)
    entered = replace(entered, ends_at=600)
    assert ended(entered, row_of(), late, FLAT[0]).outcome is UNPRICED


def play(world: World, folder: Path) -> Bench:
    """One is struck and wins, one is skipped and would have, one is refused and would not have."""
    up = START * 1.006
    closes = [START, START, START, up, up, *[up] * 14]
    bad = replace(LONG, signal=Signal.SHORT, confidence_bps=9310, horizon=300)
    bench = bench_of(world, folder, closes, {1: [replace(LONG, horizon=300)]})
    bench.cycles(2)
    owner = MacroStrike(world.transport, world.diamond, world.owner)
    owner.transact("setThreshold", 9450)
    world.transport.mine(121)
    other = bench_of(world, folder, closes[3:], {0: [bad]})
    other.cycles(1)
    owner.transact("pause")
    paused = bench_of(world, folder, [START, *[up] * 12], {0: [LONG]})
    paused.cycles(10)
    return paused


def test_what_was_skipped_or_refused_is_scored_too(world: World, tmp_path: Path) -> None:
    for account in (world.operator, world.owner):
        world.transport.set_balance(account.address, 10**20)
    bench = play(world, tmp_path)
    bench.cycles(3)
    rows, scores = bench.journal.predictions(), bench.journal.scores()
    assert [row.decision for row in rows][:1] == [Decision.STRUCK]
    assert {row.decision for row in rows[1:]} <= {Decision.REFUSED, Decision.SKIPPED}
    assert [score.digest for score in scores] == [row.digest for row in rows]
    assert all(score.outcome is not MarketOutcome.UNPRICED for score in scores)


def committed(journal: Journal, days: int = 1) -> int:
    """A day of made-up predictions, scored and committed to."""
    for number in range(5):
        made = replace(LONG, confidence_bps=9300 + 100 * number)
        prediction = made.prediction(engine="0x" + "11" * 20, nonce=number, now=0)
        digest = bytes([number]) * 32
        row = journal.record_prediction(
            prediction, digest, b"", source="test", seen_at=DAY + number
        )
        journal.decide(digest, Decision.SKIPPED, reason="Paused")
        outcome = WON if number % 2 else LOST
        journal.enter_scores([ScoreRow(row.seq, digest, outcome, 0, 60, P, P, 17 * number)])
    for kind in CommitmentKind:
        assert journal.commit(days, kind) is not None
    return days


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("UPDATE predictions SET confidence_bps = 9900 WHERE seq = 3", CommitmentKind.PREDICTIONS),
        ("DELETE FROM predictions WHERE seq = 5", CommitmentKind.PREDICTIONS),
        ("UPDATE scores SET outcome = 'won' WHERE seq = 3", CommitmentKind.SCORES),
        ("UPDATE predictions SET decision = 'refused' WHERE seq = 2", CommitmentKind.SCORES),
    ],
)
def test_one_altered_row_is_found(tmp_path: Path, change: str, kind: CommitmentKind) -> None:
    path = tmp_path / "journal.sqlite"
    with Journal.open(path) as journal:
        committed(journal)
        output = io.StringIO()
        assert calibration(journal, Console(file=output, width=200), as_json=False) == 0
        assert output.getvalue().count("as committed") == 2
        assert "5 before the gate, by the market" in output.getvalue()
    with sqlite3.connect(path) as connection:
        connection.execute(change)
    with Journal.open(path) as journal:
        output = io.StringIO()
        assert calibration(journal, Console(file=output, width=200), as_json=False) == 1
        (line,) = [each for each in output.getvalue().splitlines() if "not what was" in each][:1]
        assert line.startswith("1970-01-02")
        assert any(
            f"{kind}:" in each and "not what was" in each for each in output.getvalue().splitlines()
        )


def test_the_calibration_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Journal.open(tmp_path / "journal.sqlite") as journal:
        committed(journal)
        assert calibration(journal, Console(), as_json=True) == 0
    content = json.loads(capsys.readouterr().out)
    before = content["calibration"]["before the gate, by the market"]
    assert (before["count"], before["wins"]) == (5, 2)
    assert content["calibration"]["struck, by the market"] is None
    assert [each["kept"] for each in content["commitments"]] == [True, True]


def test_a_market_that_is_registered_later_is_scored_too(world: World, tmp_path: Path) -> None:
    on_market_2 = replace(LONG, market=2, horizon=120)
    bench = bench_of(world, tmp_path, [START] * 8, {3: [on_market_2]})
    bench.cycles(1)
    three_markets(world)
    bench.cycles(7)
    (score,) = bench.journal.scores()
    assert score.outcome in (WON, LOST)


def test_scores_are_not_committed_to_while_one_is_missing(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal.sqlite") as journal:
        prediction = LONG.prediction(engine="0x" + "11" * 20, nonce=1, now=0)
        row = journal.record_prediction(prediction, bytes(32), b"", source="test", seen_at=DAY)
        assert journal.commit(1, CommitmentKind.PREDICTIONS) is not None
        assert journal.commit(1, CommitmentKind.SCORES) is None
        journal.decide(bytes(32), Decision.EXPIRED)
        journal.enter_scores([ScoreRow(row.seq, bytes(32), MarketOutcome.OPEN, 0, 60, P)])
        assert journal.commit(1, CommitmentKind.SCORES) is None
        journal.end_scores([ScoreRow(row.seq, bytes(32), WON, 0, 60, P, P, 1)])
        first = journal.commit(1, CommitmentKind.SCORES)
        assert first is not None
        journal.commit(1, CommitmentKind.SCORES)  # again: what is there stays
        assert [each.at for each in journal.commitments()][1] == first.at


def test_trees_are_those_of_rfc_6962() -> None:
    # The test vectors of Certificate Transparency: MTH of eight inputs.
    data = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
    leaves = [sha256(b"\x00" + bytes.fromhex(each)).digest() for each in data]
    assert root([]).hex().startswith("e3b0c44298fc1c14")
    assert root(leaves[:1]).hex().startswith("6e340b9cffb37a98")
    assert root(leaves[:2]).hex().startswith("fac54203e7cc696c")
    assert root(leaves[:7]).hex().startswith("ddb89be403809e32")
    for count in range(1, 8):
        for index in range(count):
            path = proof(leaves[:count], index)
            assert root_by(path, leaves[index], index, count) == root(leaves[:count])
    assert leaf({"b": 1, "a": 2}) == leaf({"a": 2, "b": 1})


def test_murphys_parts_add_up_and_mean_what_they_say() -> None:
    perfect = [Claim(9500, number % 20 != 0) for number in range(200)]
    of = calibration_of(perfect)
    assert of is not None
    assert of.reliability == pytest.approx(0)
    assert of.resolution == pytest.approx(0)
    assert of.brier == pytest.approx(of.uncertainty) == pytest.approx(0.95 * 0.05)
    two = [Claim(9350, n % 2 == 0) for n in range(100)] + [Claim(9990, True) for _ in range(100)]
    of = calibration_of(two)
    assert of is not None
    assert of.resolution == pytest.approx(0.25**2)
    assert of.reliability == pytest.approx((0.435**2 + 0.001**2) / 2)
    assert of.within == pytest.approx(0)
    (low, high) = of.bins
    assert (low.low_bps, low.high_bps, high.high_bps) == (9300, 9399, 10_000)
    assert low.lower < 0.5 < low.upper < low.claimed
    assert calibration_of([]) is None
