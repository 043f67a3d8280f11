"""Marks, operators' exits, wins and the halt against strangers: properties 6, 8, 9, 11 and 12."""

from __future__ import annotations

from fractions import Fraction
from math import log
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from macrostrike.errors import GateError, OracleDeviation, StrikeNotOpen
from macrostrike.types import Signal

from ..unit.scene import Scene, reverts
from .depths import DOLLAR
from .stranger import LONG, SHORT, Stranger, due_strike, stranger_of

# Each example is put back by `Scene.undone`.
shared = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SIDES = [LONG, SHORT]
DEEP = 10_000_000 * DOLLAR
EXIT_WINDOW, EXIT_DEVIATION = 120, 0.01


def favour(signal: Signal, share: Fraction) -> Fraction:
    """A push of that share in the strike's favour."""
    return share if signal.is_long else -share


# Property 6: marks.


@settings(shared, max_examples=15)
@given(seed=st.integers(0, 1 << 32), signal=st.sampled_from(SIDES))
def test_s2_no_prices_before_the_opening_make_a_mark(
    scene: Scene, seed: int, signal: Signal
) -> None:
    check_marks(scene, seed, signal)


def check_marks(scene: Scene, seed: int, signal: Signal) -> None:
    """The market has moved by up to 8 %, and stays there from the opening on."""
    random = Random(seed)
    with scene.undone():
        stranger = stranger_of(scene, DEEP, 10)
        for _ in range(random.randint(1, 4)):
            stranger.push(Fraction(random.choice((-1, 1)) * random.randint(1, 40), 1000))
            scene.wait(random.randint(1, 300))
        try:
            opened = scene.strike(
                market=stranger.market, signal=signal, take_profit_bps=80, stop_loss_bps=80
            )
        except GateError:
            return  # too far from the oracle
        for _ in range(12):
            scene.wait(random.randint(1, 100))
            assert scene.stranger.send("markDue", [opened["strike_id"]]) == []


@pytest.mark.parametrize("signal", SIDES)
def test_dust_in_every_block_makes_no_mark_and_stops_none(scene: Scene, signal: Signal) -> None:
    """A spammer of observations, against a memory of 64 slots and blocks of 12 seconds."""
    with scene.undone():
        stranger = stranger_of(scene, DEEP, 10)
        opened = scene.strike(market=stranger.market, signal=signal, take_profit_bps=100)
        for block in range(100):
            stranger.sell(10**12)
            scene.wait(10)
            if block == 50:
                stranger.push(favour(signal, Fraction(12, 1000)))
            marked = scene.stranger.send("markDue", [opened["strike_id"]])
            assert not marked or block > 50
            if marked:
                break
        assert block <= 50 + EXIT_WINDOW // 12 + 1


# Property 8: nothing that one second does refuses an operator's exit.


@pytest.mark.parametrize("signal", SIDES)
@pytest.mark.parametrize("percent", [-40, -5, 5, 40])
def test_an_operators_exit_is_not_refused_for_what_one_second_did(
    scene: Scene, signal: Signal, percent: int
) -> None:
    check_exit(scene, signal, percent)


def check_exit(scene: Scene, signal: Signal, percent: int) -> None:
    """Pushed and held over the end of the second, marked, then traded back."""
    with scene.undone():
        stranger = stranger_of(scene, DEEP)
        opened = scene.strike(market=stranger.market, signal=signal, horizon=3600)
        scene.wait(600)
        price = stranger.price()
        stranger.push(Fraction(percent, 100))
        scene.wait(1)
        with scene.frozen():
            scene.stranger.send("markDue", [opened["strike_id"]])
            stranger.buy_to(price)
            scene.settle(opened["strike_id"])


# Property 9: how long a jump refuses an exit.


@pytest.mark.parametrize("signal", SIDES)
@pytest.mark.parametrize("percent", [2, 5, 10])
def test_s4_a_jump_refuses_an_exit_no_longer_than_stated(
    scene: Scene, signal: Signal, percent: int
) -> None:
    check_jump(scene, signal, percent)


def check_jump(scene: Scene, signal: Signal, percent: int) -> None:
    """At most W (1 - d / x), the mean being of one to two windows W, in logarithms."""
    with scene.undone():
        stranger = stranger_of(scene, 100 * DEEP, 10)
        strike_id = int(scene.strike(market=stranger.market, signal=signal)["strike_id"])
        scene.wait(1200)
        stranger.push(-favour(signal, Fraction(percent, 100)))
        low, high = 0, 3 * EXIT_WINDOW
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if _settles(scene, strike_id, middle) else (middle, high)
        # Fee and impact are a part of the jump.
        jump = percent / 100 + 0.0008
        share = log(1 - EXIT_DEVIATION) / log(1 - jump)
        assert high <= 2 * EXIT_WINDOW * (1 - share) + 2
        # And the bound is there for a reason.
        assert high > EXIT_WINDOW * (1 - share) - 2


def _settles(scene: Scene, strike_id: int, seconds: int) -> bool:
    with scene.undone():
        scene.wait(seconds)
        try:
            scene.settle(strike_id)
        except OracleDeviation:
            return False
        return True


# Property 11: wins.


@pytest.mark.parametrize("signal", SIDES)
@pytest.mark.parametrize("depth", [5, 100])
def test_s8_no_win_is_bought_within_a_second(scene: Scene, signal: Signal, depth: int) -> None:
    check_wins(scene, signal, depth)


def opened_and_traded_back(stranger: Stranger, signal: Signal) -> int:
    """A strike in a market that does not move: what it moved the pool by is traded away."""
    scene, price = stranger.scene, stranger.price()
    strike_id = int(scene.strike(market=stranger.market, signal=signal)["strike_id"])
    stranger.buy_to(price)
    scene.wait(1200)
    return strike_id


def check_wins(scene: Scene, signal: Signal, depth: int) -> None:
    """In a market that does not move: a push of any size, before a swap and before a takeover."""
    with scene.undone():
        stranger = stranger_of(scene, depth * 1_000_000 * DOLLAR, 10)
        strike_id = opened_and_traded_back(stranger, signal)
        for percent in (1, 5, 20, 50):
            with scene.undone(), scene.frozen():
                stranger.push(favour(signal, Fraction(percent, 100)))
                _requires_no_gain(scene.settle(strike_id))
        scene.wait(3600 - 1200 + 900)
        for percent in (0, 5, 50):
            with scene.undone(), scene.frozen():
                # At the auction's beginning he pays the premium on top.
                if percent:
                    stranger.push(favour(signal, Fraction(percent, 100)))
                stranger.take(strike_id, signal)
                assert not scene.read("getStrikeStats").wins
                assert scene.read("getStrikeStats").pnl <= 0


def _requires_no_gain(settled: dict[str, object]) -> None:
    assert not settled["won"]
    pnl = settled["pnl"]
    assert isinstance(pnl, int)
    assert pnl <= 0


@pytest.mark.parametrize("signal", SIDES)
def test_a_second_that_is_held_over_its_end_buys_no_win_at_less_than_the_fee(
    scene: Scene, signal: Signal
) -> None:
    check_held_second(scene, signal)


def check_held_second(scene: Scene, signal: Signal) -> None:
    """The pool's price when the second began is off; its mean does not yet agree."""
    with scene.undone():
        stranger = stranger_of(scene, DEEP, 10)
        strike_id = opened_and_traded_back(stranger, signal)
        stranger.push(favour(signal, Fraction(2, 100)))
        settled = scene.settle(strike_id)
        assert settled["pnl"] > 0
        assert not settled["won"]


@pytest.mark.parametrize("by", ["operator", "owner"])
def test_a_late_settlement_is_no_win(scene: Scene, by: str) -> None:
    check_late(scene, by)


def check_late(scene: Scene, by: str) -> None:
    with scene.undone():
        stranger = stranger_of(scene, DEEP)
        strike_id = int(scene.strike(market=stranger.market, horizon=600)["strike_id"])
        stranger.push(Fraction(3, 100))
        scene.wait(600 + 900 + 1)
        settled = scene.settle(strike_id, by=by)
        assert settled["pnl"] > 0
        assert not settled["won"]


# Property 12: the halt.


def test_no_push_of_one_block_trips_the_mark_to_market_halt(scene: Scene) -> None:
    check_halt(scene)


def check_halt(scene: Scene) -> None:
    """For a flash and for a price held over the end of a second."""
    with scene.undone():
        stranger = stranger_of(scene, DEEP, 1023)
        for _ in range(9):
            scene.strike(market=stranger.market)
        for held in (0, 1):
            price = stranger.price()
            with scene.frozen():
                stranger.push(Fraction(-9, 10))
                if not held:
                    assert not scene.stranger.call("markToMarket")[2]
            assert not scene.stranger.call("markToMarket")[2]
            stranger.buy_to(price)
            scene.wait(1000)


def test_s3_a_fall_that_holds_trips_it_and_resuming_is_not_undone(scene: Scene) -> None:
    check_resumption(scene)


def check_resumption(scene: Scene) -> None:
    with scene.undone():
        stranger = stranger_of(scene, DEEP, 1023)
        ids = [scene.strike(market=stranger.market)["strike_id"] for _ in range(9)]
        stranger.push(Fraction(-80, 100))
        scene.wait(700)
        marked, unpriced, halted = scene.stranger.call("markToMarket")
        assert (marked < 0, unpriced, halted) == (True, 0, True)
        scene.stranger.send("markToMarket")
        assert scene.read("getStrikeStats").halted
        scene.owner.send("resume")
        scene.stranger.send("markToMarket")
        assert not scene.read("getStrikeStats").halted
        # What was lost is in the mark: closing the losers adds no drawdown.
        for strike_id in ids[:4]:
            scene.settle(strike_id, by="owner")
        assert not scene.read("getStrikeStats").halted


def test_an_operator_may_still_settle_what_a_stranger_could_take(scene: Scene) -> None:
    """Property 8: before the delay a stranger takes nothing, after it the operator may be first."""
    with scene.undone():
        stranger = stranger_of(scene, DEEP)
        strike_id = due_strike(stranger, LONG)
        scene.settle(strike_id)
        with reverts(StrikeNotOpen(strike_id)):
            stranger.take(strike_id, LONG)
