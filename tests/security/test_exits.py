"""Marks, operators' exits, wins and the halt against strangers: properties 6, 8, 9, 11 and 12."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import log
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from macrostrike.errors import GateError, OracleDeviation, StrikeNotOpen
from macrostrike.types import Signal

from ..unit.environment import DAY, ZERO, Env, reverts
from ..unit.market.markets import deploy_feed
from ..unit.pools import FEE
from .depths import DOLLAR
from .stranger import LONG, SHORT, Stranger, U, due_strike, stranger_of
from .test_takers import pair_of

# Each example is put back by `Env.undone`.
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
def test_s2_no_prices_before_the_opening_make_a_mark(env: Env, seed: int, signal: Signal) -> None:
    check_marks(env, seed, signal)


def check_marks(env: Env, seed: int, signal: Signal) -> None:
    """The market has moved by up to 8 %, and stays there from the opening on."""
    random = Random(seed)
    with env.undone():
        stranger = stranger_of(env, DEEP, 10)
        for _ in range(random.randint(1, 4)):
            stranger.push(Fraction(random.choice((-1, 1)) * random.randint(1, 40), 1000))
            env.wait(random.randint(1, 300))
        try:
            opened = env.strike(
                market=stranger.market, signal=signal, take_profit_bps=80, stop_loss_bps=80
            )
        except GateError:
            return  # too far from the oracle
        for _ in range(12):
            env.wait(random.randint(1, 100))
            assert env.stranger.send("markDue", [opened["strike_id"]]) == []


@pytest.mark.parametrize("signal", SIDES)
def test_dust_in_every_block_makes_no_mark_and_stops_none(env: Env, signal: Signal) -> None:
    """A spammer of observations, against a memory of 64 slots and blocks of 12 seconds."""
    with env.undone():
        stranger = stranger_of(env, DEEP, 10)
        opened = env.strike(market=stranger.market, signal=signal, take_profit_bps=100)
        for block in range(100):
            stranger.sell(10**12)
            env.wait(10)
            if block == 50:
                stranger.push(favour(signal, Fraction(12, 1000)))
            marked = env.stranger.send("markDue", [opened["strike_id"]])
            assert not marked or block > 50
            if marked:
                break
        assert block <= 50 + EXIT_WINDOW // 12 + 1


# Property 8: nothing that one second does refuses an operator's exit.


@pytest.mark.parametrize("signal", SIDES)
@pytest.mark.parametrize("percent", [-40, -5, 5, 40])
def test_an_operators_exit_is_not_refused_for_what_one_second_did(
    env: Env, signal: Signal, percent: int
) -> None:
    check_exit(env, signal, percent)


def check_exit(env: Env, signal: Signal, percent: int) -> None:
    """Pushed and held over the end of the second, marked, then traded back."""
    with env.undone():
        stranger = stranger_of(env, DEEP)
        opened = env.strike(market=stranger.market, signal=signal, horizon=3600)
        env.wait(600)
        price = stranger.price()
        stranger.push(Fraction(percent, 100))
        env.wait(1)
        with env.frozen():
            env.stranger.send("markDue", [opened["strike_id"]])
            stranger.buy_to(price)
            env.settle(opened["strike_id"])


# Property 9: how long a jump refuses an exit.


@pytest.mark.parametrize("signal", SIDES)
@pytest.mark.parametrize("percent", [2, 5, 10])
def test_s4_a_jump_refuses_an_exit_no_longer_than_stated(
    env: Env, signal: Signal, percent: int
) -> None:
    check_jump(env, signal, percent)


def check_jump(env: Env, signal: Signal, percent: int) -> None:
    """At most W (1 - d / x), the mean being of one to two windows W, in logarithms."""
    with env.undone():
        stranger = stranger_of(env, 100 * DEEP, 10)
        strike_id = int(env.strike(market=stranger.market, signal=signal)["strike_id"])
        env.wait(1200)
        stranger.push(-favour(signal, Fraction(percent, 100)))
        low, high = 0, 3 * EXIT_WINDOW
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if _settles(env, strike_id, middle) else (middle, high)
        # Fee and impact are a part of the jump.
        jump = percent / 100 + 0.0008
        share = log(1 - EXIT_DEVIATION) / log(1 - jump)
        assert high <= 2 * EXIT_WINDOW * (1 - share) + 2
        # And the bound is there for a reason.
        assert high > EXIT_WINDOW * (1 - share) - 2


def _settles(env: Env, strike_id: int, seconds: int) -> bool:
    with env.undone():
        env.wait(seconds)
        try:
            env.settle(strike_id)
        except OracleDeviation:
            return False
        return True


# Property 11: wins.


@pytest.mark.parametrize("signal", SIDES)
@pytest.mark.parametrize("depth", [5, 100])
def test_s8_no_win_is_bought_within_a_second(env: Env, signal: Signal, depth: int) -> None:
    check_wins(env, signal, depth)


def opened_and_traded_back(stranger: Stranger, signal: Signal) -> int:
    """A strike in a market that does not move: what it moved the pool by is traded away."""
    env, price = stranger.env, stranger.price()
    strike_id = int(env.strike(market=stranger.market, signal=signal)["strike_id"])
    stranger.buy_to(price)
    env.wait(1200)
    return strike_id


def check_wins(env: Env, signal: Signal, depth: int) -> None:
    """In a market that does not move: a push of any size, before a swap and before a takeover."""
    with env.undone():
        stranger = stranger_of(env, depth * 1_000_000 * DOLLAR, 10)
        strike_id = opened_and_traded_back(stranger, signal)
        for percent in (1, 5, 20, 50):
            with env.undone(), env.frozen():
                stranger.push(favour(signal, Fraction(percent, 100)))
                _requires_no_gain(env.settle(strike_id))
        env.wait(3600 - 1200 + 900)
        for percent in (0, 5, 50):
            with env.undone(), env.frozen():
                # At the auction's beginning he pays the premium on top.
                if percent:
                    stranger.push(favour(signal, Fraction(percent, 100)))
                stranger.take(strike_id, signal)
                assert not env.read("getStrikeStats").wins
                assert env.read("getStrikeStats").pnl <= 0


def _requires_no_gain(settled: dict[str, object]) -> None:
    assert not settled["won"]
    pnl = settled["pnl"]
    assert isinstance(pnl, int)
    assert pnl <= 0


@pytest.mark.parametrize("signal", SIDES)
def test_a_second_that_is_steady_over_its_end_buys_no_win_at_less_than_the_fee(
    env: Env, signal: Signal
) -> None:
    check_steady_second(env, signal)


def check_steady_second(env: Env, signal: Signal) -> None:
    """The pool's price when the second began is off; its mean does not yet agree."""
    with env.undone():
        stranger = stranger_of(env, DEEP, 10)
        strike_id = opened_and_traded_back(stranger, signal)
        stranger.push(favour(signal, Fraction(2, 100)))
        settled = env.settle(strike_id)
        assert settled["pnl"] > 0
        assert not settled["won"]


@pytest.mark.parametrize("signal", SIDES)
@pytest.mark.parametrize("bps", [21, 50])
def test_a_win_bought_at_the_opening_costs_what_it_wins_and_the_fees(
    env: Env, signal: Signal, bps: int
) -> None:
    """Who pushes the pool in its favour just before gives the fleet that money, and more."""
    stranger = stranger_of(env, 2 * DEEP, 10)
    price, before = stranger.price(), stranger.holds()
    with env.frozen():
        stranger.push(favour(signal, Fraction(-bps, 10_000)))
        opened = env.strike(market=stranger.market, signal=signal)
        stranger.buy_to(price)
    quote, base = (had - has for had, has in zip(before, stranger.holds(), strict=True))
    env.wait(1200)
    settled = env.settle(int(opened["strike_id"]))
    assert settled["won"]
    # The strike's own fees, both ways, and those of his push.
    fees = Fraction(2 * int(opened["notional"]) * FEE, 1_000_000)
    assert quote + base * price > settled["pnl"] + 2 * fees


@pytest.mark.parametrize("by", ["operator", "owner"])
def test_a_late_settlement_is_not_a_win(env: Env, by: str) -> None:
    check_late(env, by)


def check_late(env: Env, by: str) -> None:
    with env.undone():
        stranger = stranger_of(env, DEEP)
        strike_id = int(env.strike(market=stranger.market, horizon=600)["strike_id"])
        stranger.push(Fraction(3, 100))
        env.wait(600 + 900 + 1)
        settled = env.settle(strike_id, by=by)
        assert settled["pnl"] > 0
        assert not settled["won"]


@pytest.mark.parametrize("signal", [LONG, SHORT])
def test_a_loser_left_open_until_the_market_comes_back_is_not_a_win(
    env: Env, signal: Signal
) -> None:
    check_late_takeover(env, signal)


def check_late_takeover(env: Env, signal: Signal) -> None:
    """No operator closes it, and no other taker comes: the fleet's own takes it a week later."""
    with env.undone():
        stranger = stranger_of(env, DEEP)
        opened = env.strike(market=stranger.market, signal=signal, horizon=600)
        against = Fraction(-4 if signal.is_long else 4, 100)
        stranger.push(against)
        env.wait(7 * DAY)
        stranger.push(-3 * against)
        env.wait(DAY)
        events = env.stranger.send("takeStrike", opened["strike_id"], U if signal.is_long else 0)
        (settled,) = (event.args for event in events if event.name == "StrikeSettled")
        assert settled["pnl"] > 0
        assert not settled["won"]


# Property 12: the halt.


def test_no_push_of_one_block_trips_the_mark_to_market_halt(env: Env) -> None:
    check_halt(env)


def check_halt(env: Env) -> None:
    """For a flash and for a price held over the end of a second."""
    with env.undone():
        stranger = stranger_of(env, DEEP, 1023)
        for _ in range(9):
            env.strike(market=stranger.market)
        for kept in (0, 1):
            price = stranger.price()
            with env.frozen():
                stranger.push(Fraction(-9, 10))
                if not kept:
                    assert not env.stranger.call("markToMarket")[2]
            assert not env.stranger.call("markToMarket")[2]
            stranger.buy_to(price)
            env.wait(1000)


@pytest.mark.parametrize("signal", SIDES)
def test_without_oracle_and_mean_no_push_over_a_seconds_end_trips_it(
    env: Env, signal: Signal
) -> None:
    check_unpriced(env, signal)
    check_forgotten(env, signal)


def check_unpriced(env: Env, signal: Signal) -> None:
    """A pair remembers nothing: while its feed is silent, old or not believed, it is alone."""
    for how in ("silent", "old", "restarted"):
        with env.undone():
            v2 = pair_of(env)
            uptime = deploy_feed(env)
            uptime.tell(0, updated_at=1)
            env.owner.send("setMarketFeeds", 1, v2.feed.address, uptime.address, DAY)
            rules = env.read("getMarket", 1).rules
            env.owner.send("updateMarket", 1, replace(rules, max_bot_lots=1023))
            for _ in range(9):
                v2.strike(signal)
            v2.price(500 if signal.is_long else 5000)
            v2.feed.tell(
                1600 * 10**8, silent=how == "silent", updated_at=1 if how == "old" else None
            )
            if how == "restarted":
                uptime.tell(0)
            _requires_even(env, 1, 9)
            env.owner.send("setMarketFeeds", 1, v2.feed.address, ZERO, 0)
            v2.feed.tell(500 * 10**8 if signal.is_long else 5000 * 10**8)
            # What the feed says too is a fall.
            assert env.stranger.call("markToMarket")[1:] == (0, True)


def check_forgotten(env: Env, signal: Signal) -> None:
    """A pool of 64 observations, one a second: more than its market was registered for."""
    with env.undone():
        stranger = stranger_of(env, DEEP, 1023)
        for _ in range(9):
            env.strike(market=stranger.market, signal=signal)
        for second in range(66):
            stranger.push(Fraction(-5 if second % 2 else 5, 10_000))
        stranger.push(Fraction(-9, 10) if signal.is_long else Fraction(9))
        _requires_even(env, stranger.market, 9)


def _requires_even(env: Env, market: int, strikes: int) -> None:
    oracle, mean, start = env.read("getReferencePrices", market, 10**18)
    assert (oracle, mean) == (0, 0)
    assert start
    assert env.stranger.call("markToMarket") == (0, strikes, False)


def test_s3_a_fall_that_holds_trips_it_and_resuming_is_not_undone(env: Env) -> None:
    check_resumption(env)


def check_resumption(env: Env) -> None:
    with env.undone():
        stranger = stranger_of(env, DEEP, 1023)
        ids = [env.strike(market=stranger.market)["strike_id"] for _ in range(9)]
        stranger.push(Fraction(-80, 100))
        env.wait(700)
        marked, unpriced, halted = env.stranger.call("markToMarket")
        assert (marked < 0, unpriced, halted) == (True, 0, True)
        env.stranger.send("markToMarket")
        assert env.read("getStrikeStats").halted
        env.owner.send("resume")
        env.stranger.send("markToMarket")
        assert not env.read("getStrikeStats").halted
        # What was lost is in the mark: closing the losers adds no drawdown.
        for strike_id in ids[:4]:
            env.settle(strike_id, by="owner")
        assert not env.read("getStrikeStats").halted


@pytest.mark.parametrize("signal", SIDES)
def test_no_push_over_a_seconds_end_reverts_a_resumption(env: Env, signal: Signal) -> None:
    check_pushed_resumption(env, signal)


def check_pushed_resumption(env: Env, signal: Signal) -> None:
    """It makes open losers look better, or worse, in the second in which the owner resumes."""
    with env.undone():
        stranger = stranger_of(env, DEEP, 1023)
        for _ in range(9):
            env.strike(market=stranger.market, signal=signal)
        stranger.push(favour(signal, Fraction(-7, 10) if signal.is_long else Fraction(-8, 10)))
        env.wait(700)
        env.stranger.send("markToMarket")
        price, marks = stranger.price(), set()
        for factor in (Fraction(101, 100), Fraction(3), Fraction(1, 3)):
            with env.undone():
                stranger.buy_to(price * factor)
                env.owner.send("resume")
                marks.add(env.read("getStrikeStats").high_water)
                stranger.buy_to(price)
                assert not env.stranger.call("markToMarket")[2]
        # The means have moved by their second.
        assert max(marks) < min(marks) * 1.02


def test_an_operator_may_still_settle_what_a_stranger_could_take(env: Env) -> None:
    """Property 8: before the delay a stranger takes nothing, after it the operator may be first."""
    with env.undone():
        stranger = stranger_of(env, DEEP)
        strike_id = due_strike(stranger, LONG)
        env.settle(strike_id)
        with reverts(StrikeNotOpen(strike_id)):
            stranger.take(strike_id, LONG)
