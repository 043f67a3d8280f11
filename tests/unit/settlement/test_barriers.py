"""When anyone may settle a strike, and what is said when not."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from macrostrike.errors import OracleUnavailable, StrikeNotDue
from macrostrike.types import Due, Signal

from ..readers import refuses
from ..scene import Scene

UP, DOWN = 1700, 1500
OUTSIDERS = ("keeper", "striker", "expired", "guardian", "engine")


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


def opened(scene: Scene, barrier: Barrier, bps: int) -> None:
    """A strike with that barrier and no other, and a price that has moved since."""
    barriers = {"take_profit_bps": 0, "stop_loss_bps": 0} | {barrier.name: bps}
    scene.strike(signal=barrier.signal, horizon=1_000_000, **barriers)
    scene.price(barrier.price)


def moved(scene: Scene, barrier: Barrier) -> int:
    """By how much the oracle's price will have moved from the entry price, in whole bps."""
    with scene.undone():
        opened(scene, barrier, 0)
        strike = scene.read("getStrike", 1)
        worth = scene.read("getOracleQuote", 0, strike.record.base_amount)
        return int(abs(worth - strike.notional) * 10_000 // strike.notional)


@pytest.mark.parametrize("barrier", BARRIERS, ids=lambda b: f"{b.signal}-{b.reason}")
def test_a_strike_is_due_when_the_oracle_reaches_a_barrier(scene: Scene, barrier: Barrier) -> None:
    opened(scene, barrier, moved(scene, barrier))
    assert scene.read("canSettle", 1) == (True, barrier.reason)
    settled = scene.settle(1, by="keeper")
    assert settled["by"] == scene.keeper.address
    assert (settled["pnl"] > 0) == (barrier.reason is Due.TAKE_PROFIT)


@pytest.mark.parametrize("barrier", BARRIERS, ids=lambda b: f"{b.signal}-{b.reason}")
def test_and_not_a_basis_point_before(scene: Scene, barrier: Barrier) -> None:
    opened(scene, barrier, moved(scene, barrier) + 1)
    assert scene.read("canSettle", 1) == (False, Due.NOT_YET)
    for role in OUTSIDERS:
        with refuses(scene, StrikeNotDue(1)):
            scene.settle(1, by=role)


@pytest.mark.parametrize("barrier", BARRIERS, ids=lambda b: f"{b.signal}-{b.reason}")
def test_a_barrier_of_zero_is_none(scene: Scene, barrier: Barrier) -> None:
    opened(scene, barrier, 0)
    assert scene.read("canSettle", 1) == (False, Due.NOT_YET)


@pytest.mark.parametrize("barrier", BARRIERS, ids=lambda b: f"{b.signal}-{b.reason}")
def test_the_barrier_of_the_other_side_is_not_reached(scene: Scene, barrier: Barrier) -> None:
    other = {"take_profit_bps", "stop_loss_bps"} - {barrier.name}
    scene.strike(signal=barrier.signal, horizon=10**6, **{barrier.name: 0, other.pop(): 1})
    scene.price(barrier.price)
    assert scene.read("canSettle", 1) == (False, Due.NOT_YET)


def test_a_price_of_a_moment_reaches_no_barrier(scene: Scene) -> None:
    """Only the mean over the oracle's window counts: nobody can trigger a stop-loss by one swap."""
    scene.strike(take_profit_bps=0, stop_loss_bps=100)
    scene.price(1000, settled=False)
    assert scene.read("canSettle", 1) == (False, Due.NOT_YET)
    with refuses(scene, StrikeNotDue(1)):
        scene.settle(1, by="keeper")


@pytest.mark.parametrize("signal", Signal)
def test_a_strike_is_due_at_its_horizon(scene: Scene, signal: Signal) -> None:
    scene.strike(signal=signal, horizon=500, take_profit_bps=0, stop_loss_bps=0)
    due_at = scene.read("getStrike", 1).record.due_at
    scene.at(due_at - 1)
    with refuses(scene, StrikeNotDue(1)):
        scene.settle(1, by="keeper")
    assert scene.read("canSettle", 1) == (False, Due.NOT_YET)
    scene.at(due_at)
    with scene.undone():
        scene.wait(1)
        assert scene.read("canSettle", 1) == (True, Due.HORIZON)
    scene.settle(1, by="keeper")


def test_the_horizon_is_told_before_any_barrier(scene: Scene) -> None:
    scene.strike(horizon=60, take_profit_bps=1)
    scene.price(UP)
    assert scene.read("canSettle", 1) == (True, Due.HORIZON)


@pytest.mark.parametrize("role", OUTSIDERS)
def test_anyone_may_settle_what_is_due(scene: Scene, role: str) -> None:
    scene.strike(horizon=60)
    scene.wait(60)
    assert scene.settle(1, by=role)["by"] == scene.people[role].address


def test_a_dead_operator_leaves_nothing_stuck(scene: Scene) -> None:
    scene.strike(horizon=60)
    scene.owner.send("revokeOperator", scene.operator.address)
    scene.owner.send("revokeEngine", scene.engine.address)
    scene.owner.send("pause")
    scene.wait(60)
    scene.settle(1, by="keeper")


def test_an_operator_that_has_expired_is_as_anyone(scene: Scene) -> None:
    scene.strike(horizon=1000)
    until = scene.now + 100
    scene.owner.send("setOperator", scene.operator.address, until, 2, 0)
    with scene.undone():
        scene.at(until)
        scene.settle(1)
    scene.at(until + 1)
    with refuses(scene, StrikeNotDue(1)):
        scene.settle(1)


def test_without_an_oracle_nobody_knows_whether_a_barrier_is_reached(scene: Scene) -> None:
    scene.strike(take_profit_bps=1, horizon=5000)
    scene.price(UP)
    # More than the pool remembers.
    scene.lose_oracle()
    assert scene.read("canSettle", 1) == (False, Due.ORACLE_UNAVAILABLE)
    with refuses(scene, StrikeNotDue(1)):
        scene.settle(1, by="keeper")
    with refuses(scene, OracleUnavailable(0)):
        scene.settle(1)
    scene.settle(1, by="owner")


def test_past_its_horizon_a_strike_is_due_but_needs_an_oracle_or_the_owner(scene: Scene) -> None:
    scene.strike(horizon=60)
    scene.lose_oracle()
    scene.wait(60)
    assert scene.read("canSettle", 1) == (True, Due.HORIZON)
    for role in ("keeper", "operator"):
        with refuses(scene, OracleUnavailable(0)):
            scene.settle(1, by=role)
    scene.settle(1, by="owner")


@pytest.mark.parametrize("strike_id", [0, 1, 2, 65, (1 << 256) - 1])
def test_what_is_not_open_is_not_due(scene: Scene, strike_id: int) -> None:
    assert scene.read("canSettle", strike_id) == (False, Due.NOT_OPEN)
    if strike_id == 1:
        scene.strike(horizon=1)
        scene.wait(1)
        assert scene.read("canSettle", 1) == (True, Due.HORIZON)
        scene.settle(1)
        assert scene.read("canSettle", 1) == (False, Due.NOT_OPEN)
