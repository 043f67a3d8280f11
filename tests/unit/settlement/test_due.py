"""When a strike is due, and who may mark it so before its horizon (R1, S2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from macrostrike.errors import ActionNotAllowed, ContractError, NotOperator
from macrostrike.types import STRIKE_SLOTS, Due, OracleKind, Signal

from ..environment import Env, event
from ..market.markets import deploy_feed, feed_market
from ..readers import refuses, unchanged

UP, DOWN = 1700, 1500
OUTSIDERS = ("keeper", "striker", "expired", "guardian", "engine")
WINDOW = 120
LONG_AGO = 10**6


@dataclass(frozen=True)
class Barrier:
    signal: Signal
    price: int
    name: str
    reason: Due


BARRIERS = [
    Barrier(Signal.STRONG_LONG, UP, "take_profit_bps", Due.TAKE_PROFIT),
    Barrier(Signal.LONG, DOWN, "stop_loss_bps", Due.STOP_LOSS),
    Barrier(Signal.SHORT, DOWN, "take_profit_bps", Due.TAKE_PROFIT),
    Barrier(Signal.STRONG_SHORT, UP, "stop_loss_bps", Due.STOP_LOSS),
]
FAR = {"take_profit_bps": 0, "stop_loss_bps": 9999}
each_barrier = pytest.mark.parametrize("barrier", BARRIERS, ids=lambda b: f"{b.signal}-{b.reason}")


def opened(env: Env, barrier: Barrier, bps: int) -> None:
    """A strike with that barrier and no other in reach, and a price that has moved since."""
    env.strike(signal=barrier.signal, horizon=LONG_AGO, **FAR | {barrier.name: bps})
    env.price(barrier.price)


def worth(env: Env, strike_id: int = 1) -> int:
    """What the mean over the exit window makes of a strike's base in the next transaction."""
    base = env.read("getStrike", strike_id).record.base_amount
    return int(env.keeper.call("getReferencePrices", 0, base)[1])


def moved(env: Env, barrier: Barrier) -> int:
    """By how much that mean will have moved from the entry price, in whole bps."""
    with env.undone():
        opened(env, barrier, FAR[barrier.name])
        strike = env.read("getStrike", 1)
        return int(abs(worth(env) - strike.notional) * 10_000 // strike.notional)


def mark(env: Env, *strike_ids: int, by: str = "keeper") -> list[Any]:
    return [dict(each.args) for each in getattr(env, by).send("markDue", strike_ids or (1,))]


@each_barrier
def test_anyone_marks_a_strike_whose_barrier_the_mean_has_reached(
    env: Env, barrier: Barrier
) -> None:
    opened(env, barrier, moved(env, barrier))
    assert env.read("canSettle", 1) == (True, barrier.reason)
    now, value = env.now, worth(env)
    assert env.keeper.send("markDue", [1]) == [
        event("StrikeDue", strike_id=1, reason=barrier.reason, by=env.keeper.address, worth=value)
    ]
    record = env.read("getStrike", 1).record
    assert record.due_at == now
    assert env.read("canSettle", 1) == (True, Due.HORIZON)


def test_one_is_marked_in_the_slot_of_one_that_has_ended(env: Env) -> None:
    """Ids go on, slots come round."""
    for _ in range(STRIKE_SLOTS):
        env.settle(env.strike(strategies=1 << 4)["strike_id"], by="owner")
        if env.read("getStrikeStats").halted:
            env.owner.send("resume")
    strike_id = env.strike(horizon=LONG_AGO, take_profit_bps=100)["strike_id"]
    assert strike_id == STRIKE_SLOTS + 1
    env.price(UP)
    assert env.read("canSettle", strike_id) == (True, Due.TAKE_PROFIT)
    now = env.now
    assert [each["strike_id"] for each in mark(env, strike_id)] == [strike_id]
    assert env.read("getStrike", strike_id).record.due_at == now
    assert env.settle(strike_id, by="settler")["won"]


@each_barrier
def test_and_not_a_basis_point_before(env: Env, barrier: Barrier) -> None:
    opened(env, barrier, moved(env, barrier) + 1)
    assert env.read("canSettle", 1) == (False, Due.NOT_YET)
    with unchanged(env):
        assert mark(env) == []


@each_barrier
def test_the_barrier_of_the_other_side_is_not_reached(env: Env, barrier: Barrier) -> None:
    other = ({"take_profit_bps", "stop_loss_bps"} - {barrier.name}).pop()
    near = FAR | {other: 1 if other == "stop_loss_bps" else 600}
    env.strike(signal=barrier.signal, horizon=LONG_AGO, **near)
    env.price(barrier.price)
    assert env.read("canSettle", 1) == (False, Due.NOT_YET)


def test_a_take_profit_of_zero_is_none(env: Env) -> None:
    env.strike(horizon=LONG_AGO, **FAR)
    env.price(UP)
    assert env.read("canSettle", 1) == (False, Due.NOT_YET)


def test_a_price_of_a_moment_reaches_no_barrier(env: Env) -> None:
    """Only the mean over the exit window counts: one swap triggers no stop-loss."""
    env.strike(take_profit_bps=0, stop_loss_bps=100)
    env.wait(2 * WINDOW)
    env.price(1400, settled=False)
    assert env.read("canSettle", 1) == (False, Due.NOT_YET)
    assert mark(env) == []


@pytest.mark.parametrize("signal", [Signal.STRONG_LONG, Signal.STRONG_SHORT])
@pytest.mark.parametrize("before", [1, 31, 101, 401, 1001])
@pytest.mark.parametrize("percent", [-1, 1])
def test_s2_no_price_before_the_opening_makes_a_strike_due(
    env: Env, signal: Signal, before: int, percent: int
) -> None:
    """The market moves by 1 % and stays: the entry price is not the mean's, and nothing is due."""
    env.price(1600 + 16 * percent, settled=False)
    env.wait(before)
    env.strike(signal=signal, horizon=LONG_AGO, take_profit_bps=80, stop_loss_bps=80)
    for _ in range(12):
        assert mark(env) == []
        assert env.read("canSettle", 1)[1] in (Due.NOT_YET,)
        env.wait(31)


def test_a_mark_needs_a_whole_window_since_the_opening(env: Env) -> None:
    env.strike(horizon=LONG_AGO, take_profit_bps=100)
    at = env.read("getStrike", 1).record.opened_at
    env.price(UP, settled=False)
    env.at(at + WINDOW - 1)
    assert mark(env) == []
    assert env.read("getStrike", 1).record.horizon == LONG_AGO
    env.at(at + WINDOW)
    assert len(mark(env)) == 1


def test_a_mark_stays_and_never_moves(env: Env) -> None:
    env.strike(horizon=LONG_AGO, take_profit_bps=100)
    env.price(UP)
    mark(env)
    due_at = env.read("getStrike", 1).record.due_at
    for price in (1500, 1800):
        env.price(price)
        with unchanged(env):
            assert mark(env) == []
    assert env.read("getStrike", 1).record.due_at == due_at


def test_a_strike_is_due_at_its_horizon(env: Env) -> None:
    env.strike(horizon=500, **FAR)
    due_at = env.read("getStrike", 1).record.due_at
    env.at(due_at)
    assert env.read("canSettle", 1) == (False, Due.NOT_YET)
    env.wait(1)
    assert env.read("canSettle", 1) == (True, Due.HORIZON)


def test_past_its_horizon_no_barrier_is_asked_for(env: Env) -> None:
    env.strike(horizon=60, take_profit_bps=100)
    env.price(UP)
    assert env.read("canSettle", 1) == (True, Due.HORIZON)
    assert mark(env) == []


def test_marking_skips_what_can_not_be_marked(env: Env) -> None:
    for take_profit in (100, 0, 100):
        env.strike(horizon=LONG_AGO, take_profit_bps=take_profit)
    env.price(UP)
    marked = mark(env, 9, 2, 3, 0, 3, 1, (1 << 256) - 1)
    assert [each["strike_id"] for each in marked] == [3, 1]


@pytest.mark.parametrize("how", ["pause", "halt"])
def test_marking_works_while_paused_or_halted(env: Env, how: str) -> None:
    env.strike(horizon=LONG_AGO, take_profit_bps=100)
    if how == "pause":
        env.owner.send("pause")
    else:
        for _ in range(7):
            env.owner.send("writeOffStrike", env.strike()["strike_id"])
    env.price(UP)
    assert len(mark(env)) == 1


def test_without_an_oracle_it_is_not_known_whether_a_barrier_is_reached(env: Env) -> None:
    feed = deploy_feed(env)
    feed.tell(1600 * 10**8)
    env.strike(market=feed_market(env, feed), horizon=LONG_AGO, take_profit_bps=100)
    env.wait(WINDOW)
    feed.tell(1700 * 10**8, silent=True)
    assert env.read("canSettle", 1) == (False, Due.ORACLE_UNAVAILABLE)
    assert mark(env) == []


def test_a_feed_must_have_answered_since_the_opening(env: Env) -> None:
    feed = deploy_feed(env)
    feed.tell(1600 * 10**8)
    market = feed_market(env, feed)
    env.strike(market=market, horizon=3000, take_profit_bps=100)
    opened_at = env.read("getStrike", 1).record.opened_at
    env.wait(WINDOW)
    for reported, due in ((opened_at, Due.ORACLE_UNAVAILABLE), (opened_at + 1, Due.TAKE_PROFIT)):
        feed.tell(1700 * 10**8, updated_at=reported)
        assert env.read("canSettle", 1)[1] is due
    assert env.read("getMarket", market).rules.oracle is OracleKind.FEED
    assert len(mark(env)) == 1


@pytest.mark.parametrize("strike_id", [0, 1, 2, 65, (1 << 256) - 1])
def test_what_is_not_open_is_not_due(env: Env, strike_id: int) -> None:
    assert env.read("canSettle", strike_id) == (False, Due.NOT_OPEN)
    if strike_id == 1:
        env.strike(horizon=1)
        env.wait(1)
        assert env.read("canSettle", 1) == (True, Due.HORIZON)
        env.settle(1)
        assert env.read("canSettle", 1) == (False, Due.NOT_OPEN)


@pytest.mark.parametrize("role", OUTSIDERS)
@pytest.mark.parametrize("wait", [0, 60, 10**5])
def test_s1_no_one_but_operators_and_the_owner_settles_however_due_it_is(
    env: Env, role: str, wait: int
) -> None:
    """A stranger never makes the diamond trade."""
    env.strike(horizon=60)
    env.wait(wait)
    with refuses(env, refused(env, role)):
        env.settle(1, by=role)


def refused(env: Env, role: str) -> ContractError:
    address = env.people[role].address
    until, actions, *_ = env.read("getOperator", address)
    return ActionNotAllowed(address, 2, actions) if until > env.now else NotOperator(address, until)
