"""A standby that settles: what a dead loop left, not before its delay, and nothing twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from macrostrike import MacroStrike
from macrostrike.chain import RevmTransport
from macrostrike.devchain import local_account
from macrostrike.errors import ActionNotAllowed, NotOperator, StrikeNotOpen
from macrostrike.executor import Executor
from macrostrike.journal import IntentState, Journal
from macrostrike.loop import Closed, Closing, MayDoMore, NotClosed, Standby
from macrostrike.testing import World
from macrostrike.types import Action

from .support import LONG, START, Bench, bench_of

STANDBY = local_account(6)
AFTER = 120


@pytest.fixture(scope="module")
def _chain() -> RevmTransport:
    """In process alone: `tests/cli/test_day.py` has the command on a real node."""
    return RevmTransport()


@pytest.fixture(autouse=True)
def _granted(world: World) -> None:
    owner = MacroStrike(world.transport, world.diamond, world.owner)
    for account in (world.operator, world.owner, STANDBY):
        world.transport.set_balance(account.address, 10**20)
    owner.transact("setOperator", STANDBY.address, 2**32, Action.SETTLE, 0)


def standby_of(world: World, folder: Path, **options: Any) -> tuple[Standby, Journal]:
    journal = Journal.open(folder / "standby.sqlite")
    journal.begin_run("settler")
    executor = Executor(world.transport, STANDBY, journal)
    client = MacroStrike(world.transport, world.diamond, sender=executor)
    options = {"after": AFTER, "from_block": world.manifest.deployed_at} | options
    return Standby(client, journal, **options), journal


def struck(world: World, folder: Path, **changes: Any) -> Bench:
    """A loop that has one strike open."""
    bench = bench_of(world, folder, [START] * 20, {1: [replace(LONG, horizon=60, **changes)]})
    bench.cycles(2)
    assert len(bench.client.open_strikes()) == 1
    return bench


def test_what_a_dead_loop_left_is_settled_after_the_delay(world: World, tmp_path: Path) -> None:
    bench = struck(world, tmp_path)  # and the loop is never run again
    standby, journal = standby_of(world, tmp_path)
    assert list(standby.round()) == []
    world.transport.mine(60 + AFTER - 20)
    assert list(standby.round()) == []
    world.transport.mine(30)
    (closed,) = standby.round()
    assert isinstance(closed, Closed)
    assert (closed.closing, closed.settled.by) == (Closing.HORIZON, STANDBY.address)
    assert bench.client.open_strikes() == ()
    assert [(each.action, each.state) for each in journal.intents()] == [
        ("settleStrike", IntentState.CONFIRMED)
    ]
    assert list(standby.round()) == []


def test_a_barrier_has_to_be_met_all_the_delay_long(world: World, tmp_path: Path) -> None:
    bench = bench_of(world, tmp_path, [START] * 3, {1: [replace(LONG, stop_loss_bps=50)]})
    bench.cycles(2)
    standby, _ = standby_of(world, tmp_path)
    world.venues.move_price(START * 0.99)
    assert list(standby.round()) == []
    world.venues.move_price(START)  # and back: it was the main operator's to take or leave
    world.transport.mine(AFTER)
    assert list(standby.round()) == []
    world.venues.move_price(START * 0.99)
    assert list(standby.round()) == []
    world.transport.mine(AFTER + 1)
    (closed,) = standby.round()
    assert isinstance(closed, Closed)
    assert closed.closing is Closing.STOP_LOSS


def test_with_both_alive_the_loop_settles_and_the_standby_sends_nothing(
    world: World, tmp_path: Path
) -> None:
    bench = struck(world, tmp_path)
    standby, journal = standby_of(world, tmp_path)
    settled = []
    for _ in range(5):
        assert list(standby.round()) == []
        settled += [each for each in bench.cycles(1) if isinstance(each, Closed)]
    assert len(settled) == 1
    assert journal.intents() == []


def test_a_race_of_both_settles_once(world: World, tmp_path: Path) -> None:
    """The loop settles between the standby's look and its transaction."""
    bench = struck(world, tmp_path)
    standby, journal = standby_of(world, tmp_path, after=0)
    world.transport.mine(70)
    due = standby._settler.due

    def overtaken() -> Any:
        found = due()
        bench.cycles(1)
        return found

    standby._settler.due = overtaken  # type: ignore[method-assign]
    (refused,) = standby.round()
    assert isinstance(refused, NotClosed)
    assert isinstance(refused.error, StrikeNotOpen)
    assert journal.intents() == []
    assert bench.client.stats().settled == 1


@pytest.mark.parametrize("actions", [Action.SETTLE | Action.STRIKE, Action.REBALANCE])
def test_a_key_that_may_do_more_than_settle_or_less_is_refused(
    world: World, tmp_path: Path, actions: int
) -> None:
    owner = MacroStrike(world.transport, world.diamond, world.owner)
    owner.transact("setOperator", STANDBY.address, 2**32, actions, 0)
    with pytest.raises(MayDoMore, match="whose only action is to settle"):
        standby_of(world, tmp_path)


def test_a_revoked_key_is_refused(world: World, tmp_path: Path) -> None:
    MacroStrike(world.transport, world.diamond, world.owner).transact(
        "revokeOperator", STANDBY.address
    )
    with pytest.raises(NotOperator):
        standby_of(world, tmp_path)


def test_such_a_key_can_open_nothing(world: World) -> None:
    client = MacroStrike(world.transport, world.diamond, STANDBY)
    prediction = client.prediction(world.engine, LONG.signal, confidence_bps=9500)
    with pytest.raises(ActionNotAllowed):
        client.strike(prediction, world.engine)


def test_a_dry_run_says_what_it_would_settle(world: World, tmp_path: Path) -> None:
    struck(world, tmp_path)
    world.transport.mine(60 + AFTER)
    standby, journal = standby_of(world, tmp_path, dry_run=True)
    assert list(standby.round()) == []
    assert [each.value for each in journal.changes()] == ["would settle #1: time is up"]
    assert journal.intents() == []
