"""When a strike is due, and who may mark it so before its horizon (R1, S2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from macrostrike.errors import ActionNotAllowed, ContractError, NotOperator
from macrostrike.types import Due, OracleKind, Signal

from ..market.markets import deploy_feed, feed_market
from ..readers import refuses, unchanged
from ..scene import Scene, event

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


def opened(scene: Scene, barrier: Barrier, bps: int) -> None:
    """A strike with that barrier and no other in reach, and a price that has moved since."""
    scene.strike(signal=barrier.signal, horizon=LONG_AGO, **FAR | {barrier.name: bps})
    scene.price(barrier.price)


def worth(scene: Scene, strike_id: int = 1) -> int:
    """What the mean over the exit window makes of a strike's base in the next transaction."""
    base = scene.read("getStrike", strike_id).record.base_amount
    return int(scene.keeper.call("getReferencePrices", 0, base)[1])


def moved(scene: Scene, barrier: Barrier) -> int:
    """By how much that mean will have moved from the entry price, in whole bps."""
    with scene.undone():
        opened(scene, barrier, FAR[barrier.name])
        strike = scene.read("getStrike", 1)
        return int(abs(worth(scene) - strike.notional) * 10_000 // strike.notional)


def mark(scene: Scene, *strike_ids: int, by: str = "keeper") -> list[Any]:
    return [dict(each.args) for each in getattr(scene, by).send("markDue", strike_ids or (1,))]


@each_barrier
def test_anyone_marks_a_strike_whose_barrier_the_mean_has_reached(
    scene: Scene, barrier: Barrier
) -> None:
    opened(scene, barrier, moved(scene, barrier))
    assert scene.read("canSettle", 1) == (True, barrier.reason)
    now, value = scene.now, worth(scene)
    assert scene.keeper.send("markDue", [1]) == [
        event("StrikeDue", strike_id=1, reason=barrier.reason, by=scene.keeper.address, worth=value)
    ]
    record = scene.read("getStrike", 1).record
    assert record.due_at == now
    assert scene.read("canSettle", 1) == (True, Due.HORIZON)


@each_barrier
def test_and_not_a_basis_point_before(scene: Scene, barrier: Barrier) -> None:
    opened(scene, barrier, moved(scene, barrier) + 1)
    assert scene.read("canSettle", 1) == (False, Due.NOT_YET)
    with unchanged(scene):
        assert mark(scene) == []


@each_barrier
def test_the_barrier_of_the_other_side_is_not_reached(scene: Scene, barrier: Barrier) -> None:
    other = ({"take_profit_bps", "stop_loss_bps"} - {barrier.name}).pop()
    near = FAR | {other: 1 if other == "stop_loss_bps" else 600}
    scene.strike(signal=barrier.signal, horizon=LONG_AGO, **near)
    scene.price(barrier.price)
    assert scene.read("canSettle", 1) == (False, Due.NOT_YET)


def test_a_take_profit_of_zero_is_none(scene: Scene) -> None:
    scene.strike(horizon=LONG_AGO, **FAR)
    scene.price(UP)
    assert scene.read("canSettle", 1) == (False, Due.NOT_YET)


def test_a_price_of_a_moment_reaches_no_barrier(scene: Scene) -> None:
    """Only the mean over the exit window counts: one swap triggers no stop-loss."""
    scene.strike(take_profit_bps=0, stop_loss_bps=100)
    scene.wait(2 * WINDOW)
    scene.price(1400, settled=False)
    assert scene.read("canSettle", 1) == (False, Due.NOT_YET)
    assert mark(scene) == []


@pytest.mark.parametrize("signal", [Signal.STRONG_LONG, Signal.STRONG_SHORT])
@pytest.mark.parametrize("before", [1, 31, 101, 401, 1001])
@pytest.mark.parametrize("percent", [-1, 1])
def test_s2_no_price_before_the_opening_makes_a_strike_due(
    scene: Scene, signal: Signal, before: int, percent: int
) -> None:
    """The market moves by 1 % and stays: the entry price is not the mean's, and nothing is due."""
    scene.price(1600 + 16 * percent, settled=False)
    scene.wait(before)
    scene.strike(signal=signal, horizon=LONG_AGO, take_profit_bps=80, stop_loss_bps=80)
    for _ in range(12):
        assert mark(scene) == []
        assert scene.read("canSettle", 1)[1] in (Due.NOT_YET,)
        scene.wait(31)


def test_a_mark_needs_a_whole_window_since_the_opening(scene: Scene) -> None:
    scene.strike(horizon=LONG_AGO, take_profit_bps=100)
    at = scene.read("getStrike", 1).record.opened_at
    scene.price(UP, settled=False)
    scene.at(at + WINDOW - 1)
    assert mark(scene) == []
    assert scene.read("getStrike", 1).record.horizon == LONG_AGO
    scene.at(at + WINDOW)
    assert len(mark(scene)) == 1


def test_a_mark_stays_and_never_moves(scene: Scene) -> None:
    scene.strike(horizon=LONG_AGO, take_profit_bps=100)
    scene.price(UP)
    mark(scene)
    due_at = scene.read("getStrike", 1).record.due_at
    for price in (1500, 1800):
        scene.price(price)
        with unchanged(scene):
            assert mark(scene) == []
    assert scene.read("getStrike", 1).record.due_at == due_at


def test_a_strike_is_due_at_its_horizon(scene: Scene) -> None:
    scene.strike(horizon=500, **FAR)
    due_at = scene.read("getStrike", 1).record.due_at
    scene.at(due_at)
    assert scene.read("canSettle", 1) == (False, Due.NOT_YET)
    scene.wait(1)
    assert scene.read("canSettle", 1) == (True, Due.HORIZON)


def test_past_its_horizon_no_barrier_is_asked_for(scene: Scene) -> None:
    scene.strike(horizon=60, take_profit_bps=100)
    scene.price(UP)
    assert scene.read("canSettle", 1) == (True, Due.HORIZON)
    assert mark(scene) == []


def test_marking_skips_what_can_not_be_marked(scene: Scene) -> None:
    for take_profit in (100, 0, 100):
        scene.strike(horizon=LONG_AGO, take_profit_bps=take_profit)
    scene.price(UP)
    marked = mark(scene, 9, 2, 3, 0, 3, 1, (1 << 256) - 1)
    assert [each["strike_id"] for each in marked] == [3, 1]


@pytest.mark.parametrize("how", ["pause", "halt"])
def test_marking_works_while_paused_or_halted(scene: Scene, how: str) -> None:
    scene.strike(horizon=LONG_AGO, take_profit_bps=100)
    if how == "pause":
        scene.owner.send("pause")
    else:
        for _ in range(7):
            scene.owner.send("writeOffStrike", scene.strike()["strike_id"])
    scene.price(UP)
    assert len(mark(scene)) == 1


def test_without_an_oracle_it_is_not_known_whether_a_barrier_is_reached(scene: Scene) -> None:
    feed = deploy_feed(scene)
    feed.tell(1600 * 10**8)
    scene.strike(market=feed_market(scene, feed), horizon=LONG_AGO, take_profit_bps=100)
    scene.wait(WINDOW)
    feed.tell(1700 * 10**8, silent=True)
    assert scene.read("canSettle", 1) == (False, Due.ORACLE_UNAVAILABLE)
    assert mark(scene) == []


def test_a_feed_must_have_answered_since_the_opening(scene: Scene) -> None:
    feed = deploy_feed(scene)
    feed.tell(1600 * 10**8)
    market = feed_market(scene, feed)
    scene.strike(market=market, horizon=3000, take_profit_bps=100)
    opened_at = scene.read("getStrike", 1).record.opened_at
    scene.wait(WINDOW)
    for told, due in ((opened_at, Due.ORACLE_UNAVAILABLE), (opened_at + 1, Due.TAKE_PROFIT)):
        feed.tell(1700 * 10**8, updated_at=told)
        assert scene.read("canSettle", 1)[1] is due
    assert scene.read("getMarket", market).rules.oracle is OracleKind.FEED
    assert len(mark(scene)) == 1


@pytest.mark.parametrize("strike_id", [0, 1, 2, 65, (1 << 256) - 1])
def test_what_is_not_open_is_not_due(scene: Scene, strike_id: int) -> None:
    assert scene.read("canSettle", strike_id) == (False, Due.NOT_OPEN)
    if strike_id == 1:
        scene.strike(horizon=1)
        scene.wait(1)
        assert scene.read("canSettle", 1) == (True, Due.HORIZON)
        scene.settle(1)
        assert scene.read("canSettle", 1) == (False, Due.NOT_OPEN)


@pytest.mark.parametrize("role", OUTSIDERS)
@pytest.mark.parametrize("wait", [0, 60, 10**5])
def test_s1_nobody_but_operators_and_the_owner_settles_however_due_it_is(
    scene: Scene, role: str, wait: int
) -> None:
    """A stranger never makes the diamond trade."""
    scene.strike(horizon=60)
    scene.wait(wait)
    with refuses(scene, refused(scene, role)):
        scene.settle(1, by=role)


def refused(scene: Scene, role: str) -> ContractError:
    address = scene.people[role].address
    until, actions, *_ = scene.read("getOperator", address)
    return (
        ActionNotAllowed(address, 2, actions) if until > scene.now else NotOperator(address, until)
    )
