"""The loop: a prediction goes round, and every one is accounted for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from macrostrike import MacroStrike
from macrostrike.errors import ActionNotAllowed
from macrostrike.journal import ChangeKind, Decision, StrikeState
from macrostrike.loop import (
    Changed,
    Closed,
    Closing,
    Counted,
    Decided,
    LoopState,
    NotClosed,
    Predicted,
    Rebalanced,
    Unsigned,
)
from macrostrike.testing import World
from macrostrike.types import Action, Signal, Strategy, strategy_mask

from .support import LONG, START, bench_of

RISE = START * 1.006


def test_a_prediction_goes_round(world: World, tmp_path: Path) -> None:
    bench = bench_of(world, tmp_path, [START, START, *[RISE] * 4], {1: [LONG]})
    changed, decided = bench.cycles(2)
    assert changed == Changed(changed.at, LoopState.RUNNING, "nothing prevents it")
    assert isinstance(decided, Decided)
    assert decided.row.decision is Decision.STRUCK
    assert decided.opened is not None
    assert decided.row.strike_id == decided.opened.strike_id
    # A profit is taken once the mean of the exit window shows it too.
    (closed,) = bench.cycles(4)
    assert isinstance(closed, Closed)
    assert (closed.closing, closed.settled.won) == (Closing.TAKE_PROFIT, True)
    (result,) = bench.predictor.results
    assert (result.pnl, result.nonce, result.model_id) == (closed.settled.pnl, 1, 1)
    stats = bench.client.stats()
    assert (stats.settled, stats.wins, stats.pnl) == (1, 1, result.pnl)
    row = bench.journal.strike(decided.opened.strike_id)
    assert (row.status, row.pnl) == (StrikeState.SETTLED, result.pnl)


def test_each_station_of_a_prediction_has_its_id(world: World, tmp_path: Path) -> None:
    bench = bench_of(world, tmp_path, [START, START, *[RISE] * 4], {1: [LONG]})
    _, predicted, decided, closed, counted = bench.whole_cycles(6)
    assert isinstance(predicted, Predicted)
    assert isinstance(decided, Decided)
    assert isinstance(closed, Closed)
    assert isinstance(counted, Counted)
    named = decided.row.digest.hex()[:16]
    assert predicted.row.causation_id == decided.row.causation_id == named
    assert closed.causation_id == counted.causation_id == named
    assert counted.stats == bench.client.stats()
    assert (counted.stats.settled, counted.is_taught) == (1, True)


def test_what_a_stranger_closes_is_counted_and_what_ended_before_is_not_news(
    world: World, tmp_path: Path
) -> None:
    bench = bench_of(world, tmp_path, [START] * 3, {1: [LONG]})
    bench.cycles(2)
    MacroStrike(world.transport, world.diamond, world.owner).settle(1)
    (counted,) = bench.whole_cycles(1)
    assert isinstance(counted, Counted)
    assert counted.strike.settled_by == world.owner.address
    again = bench_of(world, tmp_path, [START] * 2, {})
    assert not [each for each in again.whole_cycles(1) if isinstance(each, Counted)]
    assert [each.strike_id for each in again.predictor.results] == [1]


def test_a_stop_is_watched_for_longs_and_shorts(world: World, tmp_path: Path) -> None:
    short = replace(LONG, signal=Signal.SHORT, stop_loss_bps=50, take_profit_bps=50)
    bench = bench_of(world, tmp_path, [START, START, RISE], {1: [short]})
    *_, closed = bench.cycles(3)
    assert isinstance(closed, Closed)
    assert (closed.closing, closed.settled.won) == (Closing.STOP_LOSS, False)


def test_what_meets_no_barrier_is_closed_when_its_time_is_up(world: World, tmp_path: Path) -> None:
    bench = bench_of(world, tmp_path, [START] * 6, {1: [replace(LONG, horizon=120)]})
    assert not [each for each in bench.cycles(3) if isinstance(each, Closed)]
    (closed,) = [each for each in bench.cycles(2) if isinstance(each, Closed)]
    assert closed.closing is Closing.HORIZON


def test_a_settlement_and_the_next_strike_are_one_transaction(world: World, tmp_path: Path) -> None:
    bench = bench_of(world, tmp_path, [START] * 5, {1: [replace(LONG, horizon=60)], 2: [LONG]})
    _, first, closed, decided = bench.cycles(3)
    assert isinstance(first, Decided)
    assert isinstance(closed, Closed)
    assert isinstance(decided, Decided)
    assert decided.opened is not None
    assert closed.strike.strike_id == first.row.strike_id
    assert closed.settled.mined.transaction_hash == decided.opened.mined.transaction_hash
    assert decided.row.decision is Decision.STRUCK
    bench.cycles(1)
    assert bench.client.open_strikes() == (decided.opened.strike_id,)
    (result,) = bench.predictor.results
    assert result.strike_id == first.row.strike_id


def test_what_the_chain_refuses_in_a_roll_is_settled_alone(world: World, tmp_path: Path) -> None:
    low = replace(LONG, confidence_bps=9400)
    bench = bench_of(world, tmp_path, [START] * 5, {1: [replace(LONG, horizon=60)], 2: [low]})
    bench.cycles(2)
    MacroStrike(world.transport, world.diamond, world.owner).transact("setThreshold", 9450)
    reported = bench.cycles(2)
    closed, decided = (each for each in reported if isinstance(each, Closed | Decided))
    assert isinstance(closed, Closed)
    assert isinstance(decided, Decided)
    assert (decided.row.decision, decided.row.reason) == (Decision.REFUSED, "ConfidenceTooLow")
    assert bench.client.open_strikes() == ()


def test_reducing_rolls_nothing(world: World, tmp_path: Path) -> None:
    bench = bench_of(world, tmp_path, [START] * 2, {1: [replace(LONG, horizon=60)]})
    bench.cycles(2)
    again = bench_of(world, tmp_path, [START] * 2, {0: [LONG]}, reducing=True)
    reported = again.cycles(2)
    (decided,) = [each for each in reported if isinstance(each, Decided)]
    assert (decided.row.decision, decided.row.reason) == (Decision.SKIPPED, "Reducing")
    assert again.client.open_strikes() == ()


def test_several_that_are_due_are_one_transaction(world: World, tmp_path: Path) -> None:
    bench = bench_of(world, tmp_path, [START] * 5, {1: [replace(LONG, horizon=70)] * 3})
    bench.cycles(2)
    closed = [each for each in bench.cycles(2) if isinstance(each, Closed)]
    assert [each.strike.strike_id for each in closed] == [1, 2, 3]
    assert len({each.settled.mined.transaction_hash for each in closed}) == 1
    assert bench.client.open_strikes() == ()


def test_what_the_gate_refuses_is_recorded_with_its_error(world: World, tmp_path: Path) -> None:
    MacroStrike(world.transport, world.diamond, world.owner).transact("setThreshold", 9600)
    bench = bench_of(world, tmp_path, [START] * 3, {1: [LONG]})
    *_, decided = bench.cycles(2)
    assert isinstance(decided, Decided)
    assert (decided.row.decision, decided.row.reason) == (Decision.REFUSED, "ConfidenceTooLow")
    assert "9500" in str(decided.row.detail)
    assert bench.client.stats().opened == 0


def test_each_strategy_has_its_own_bots_in_it(world: World, tmp_path: Path) -> None:
    momentum = replace(LONG, strategies=strategy_mask(Strategy.MOMENTUM), model_id=3)
    bench = bench_of(world, tmp_path, [START, START, *[RISE] * 4], {1: [momentum]})
    bench.cycles(6)
    stats = bench.client.strategy_stats()
    assert {each for each in Strategy if stats[each].settled} == {Strategy.MOMENTUM}


def test_a_dry_run_records_what_it_would_do_and_sends_nothing(world: World, tmp_path: Path) -> None:
    bench = bench_of(world, tmp_path, [START, START, START], {1: [LONG]}, dry_run=True)
    nonce = world.transport.nonce(world.operator.address)
    *_, decided = bench.cycles(3)
    assert isinstance(decided, Decided)
    assert (decided.row.decision, decided.row.reason) == (Decision.SKIPPED, "DryRun")
    assert str(decided.row.detail).startswith("would be struck with ")
    assert world.transport.nonce(world.operator.address) == nonce
    assert bench.client.stats().opened == 0


def test_reducing_settles_and_opens_nothing(world: World, tmp_path: Path) -> None:
    before = bench_of(world, tmp_path, [START, START], {1: [LONG]})
    before.cycles(2)
    bench = bench_of(world, tmp_path, [RISE] * 4, {0: [LONG]}, reducing=True)
    reported = bench.cycles(4)
    assert [type(each) for each in reported if isinstance(each, Closed)] == [Closed]
    changed, decided = (each for each in reported if not isinstance(each, Closed))
    assert isinstance(changed, Changed)
    assert (changed.state, changed.cause) == (LoopState.REDUCING, "by command")
    assert isinstance(decided, Decided)
    assert (decided.row.decision, decided.row.reason) == (Decision.SKIPPED, "Reducing")
    assert bench.client.open_strikes() == ()


def test_a_pause_and_a_halt_on_chain_are_states_with_their_causes(
    world: World, tmp_path: Path
) -> None:
    owner = MacroStrike(world.transport, world.diamond, world.owner)
    bench = bench_of(world, tmp_path, [START] * 6, {1: [LONG], 3: [LONG]})
    owner.transact("pause")
    *_, decided = bench.cycles(2)
    assert isinstance(decided, Decided)
    assert (decided.row.decision, decided.row.reason) == (Decision.SKIPPED, "Paused")
    owner.transact("unpause")
    *_, decided = bench.cycles(2)
    assert isinstance(decided, Decided)
    assert decided.row.decision is Decision.STRUCK
    states = [each.value for each in bench.journal.changes(kind=ChangeKind.STATE)]
    assert states == ["paused", "running"]
    causes = [each.cause for each in bench.journal.changes(kind=ChangeKind.STATE)]
    paused = "the diamond is paused: the owner goes on by `ape run unpause`"
    assert causes == [paused, "nothing prevents it"]


def test_a_burst_that_is_halted_in_the_middle_loses_nothing(world: World, tmp_path: Path) -> None:
    # Each strike pays its fees, and is closed at once: seven lost ones halt the fleet.
    brief = replace(LONG, horizon=1, valid_seconds=3000)
    script = {minute: [brief] * 3 for minute in range(1, 8)}
    bench = bench_of(world, tmp_path, [START] * 12, script)
    bench.cycles(5)
    rows = bench.journal.predictions()
    assert {row.decision for row in rows} == {Decision.STRUCK, Decision.SKIPPED}
    assert {row.reason for row in rows} == {None, "Halted"}
    MacroStrike(world.transport, world.diamond, world.owner).transact("resume")
    bench.cycles(6)
    rows = bench.journal.predictions()
    assert len(rows) == 21
    assert all(row.decision is not Decision.PENDING for row in rows)
    struck = [row for row in rows if row.decision is Decision.STRUCK]
    assert len(struck) == bench.client.stats().opened == len(bench.journal.strikes())
    states = [each.value for each in bench.journal.changes(kind=ChangeKind.STATE)]
    assert states[:3] == ["running", "halted", "running"]


def test_an_exit_that_the_chain_refuses_is_said_once_and_tried_again(
    world: World, tmp_path: Path
) -> None:
    crash = START * 0.9
    bench = bench_of(world, tmp_path, [START, START, *[crash] * 20], {1: [LONG]})
    bench.cycles(2)
    reported = bench.cycles(20)
    refused = [each for each in reported if isinstance(each, NotClosed)]
    closed = [each for each in reported if isinstance(each, Closed)]
    assert len(refused) == 1
    assert len(closed) == 1
    warnings = bench.journal.changes(kind=ChangeKind.LOG, name="warning")
    assert len(warnings) == 1


def test_what_the_signer_refuses_is_not_a_prediction(world: World, tmp_path: Path) -> None:
    short = replace(LONG, signal=Signal.SHORT)
    bench = bench_of(world, tmp_path, [START] * 3, {1: [LONG, short]})
    _, unsigned, decided = bench.cycles(2)
    assert isinstance(unsigned, Unsigned)
    assert unsigned.forecast is short
    assert isinstance(decided, Decided)
    assert len(bench.journal.predictions()) == 1


def test_it_rebalances_on_schedule_and_a_restart_keeps_to_it(world: World, tmp_path: Path) -> None:
    owner = MacroStrike(world.transport, world.diamond, world.owner)
    operator = world.operator.address
    bench = bench_of(world, tmp_path, [START] * 9, {}, rebalance_every=150)
    reported = [each for each in bench.cycles(4) if isinstance(each, Rebalanced)]
    (refused,) = reported
    assert isinstance(refused.outcome, ActionNotAllowed)
    owner.transact("setOperator", operator, 2**32, sum(Action), 10**9)
    again = bench_of(world, tmp_path, [START] * 9, {}, rebalance_every=150)
    assert not [each for each in again.cycles(2) if isinstance(each, Rebalanced)]
    reported = [each for each in again.cycles(4) if isinstance(each, Rebalanced)]
    assert len(reported) == 2
    assert not any(isinstance(each.outcome, ActionNotAllowed) for each in reported)


def test_a_loop_that_starts_again_strikes_nothing_twice(world: World, tmp_path: Path) -> None:
    bench = bench_of(world, tmp_path, [START] * 3, {1: [LONG]})
    *_, decided = bench.cycles(2)
    assert isinstance(decided, Decided)
    # As it is in the journal of a process that was killed after the strike was sent.
    bench.journal.decide(decided.row.digest, Decision.PENDING)
    again = bench_of(world, tmp_path, [START] * 3, {})
    *_, decided = again.cycles(1)
    assert isinstance(decided, Decided)
    assert decided.row.decision is Decision.STRUCK
    assert decided.opened is None
    assert again.client.stats().opened == 1


def test_what_was_pending_too_long_has_expired(world: World, tmp_path: Path) -> None:
    bench = bench_of(world, tmp_path, [START] * 3, {1: [LONG]}, dry_run=True)
    *_, decided = bench.cycles(2)
    assert isinstance(decided, Decided)
    bench.journal.decide(decided.row.digest, Decision.PENDING)
    world.transport.mine(121)
    again = bench_of(world, tmp_path, [START] * 3, {})
    *_, decided = again.cycles(1)
    assert isinstance(decided, Decided)
    assert (decided.row.decision, decided.row.reason) == (Decision.EXPIRED, "PredictionExpired")
    assert again.client.stats().opened == 0


@pytest.fixture(autouse=True)
def _with_ether(world: World) -> None:
    for account in (world.operator, world.owner):
        world.transport.set_balance(account.address, 10**20)
