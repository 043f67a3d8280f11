"""Takeovers against everything that the second can hold: properties 1, 2, 7 and 14."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from macrostrike.build import ours
from macrostrike.chain import Receipt
from macrostrike.errors import (
    ContractError,
    OracleUnavailable,
    StrikeNotTakeable,
    TakeoversAreStopped,
)
from macrostrike.types import Signal

from ..unit.environment import DAY, TOKEN, Env, reverts
from ..unit.market.markets import Feed, deploy_feed, feed_market
from ..unit.market.test_v2 import V2
from ..unit.pools import PAIR, POOL
from .depths import DOLLAR
from .stranger import LONG, SHORT, Stranger, U, due_strike, stranger_of

# Each example is put back by `Env.undone`.
shared = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SEEDS = st.integers(0, 1 << 32)
SIDES = [LONG, SHORT]
TAKER, DRIVER = ours("FlashTaker"), ours("MarketDriver")
DEEP = 10_000_000 * DOLLAR
AUCTION, DELAY, DISCOUNT = 1200, 900, Fraction(3, 100)


@settings(shared, max_examples=12)
@given(seed=SEEDS, signal=st.sampled_from(SIDES))
def test_a_takeovers_price_is_of_the_seconds_beginning(env: Env, seed: int, signal: Signal) -> None:
    check_second(env, seed, signal)


def check_second(env: Env, seed: int, signal: Signal) -> None:
    """Property 1: swaps, liquidity, gifts and a longer ring do not change a unit of it."""
    random = Random(seed)
    with env.undone():
        stranger = stranger_of(env, DEEP)
        provider = env.deploy(DRIVER, stranger.pool, 887_270)
        env.give(provider, quote=10**14)
        env.exchange.mint(stranger.base, provider, 10**24)
        strike_id = due_strike(stranger, signal, Fraction(random.randint(-30, 30), 1000))
        with env.frozen():
            expected = env.stranger.call("quoteTake", strike_id)
            assert expected[0]
            for _ in range(random.randint(1, 4)):
                _something(stranger, provider, random)
                assert env.stranger.call("quoteTake", strike_id) == expected


def _something(stranger: Stranger, provider: str, random: Random) -> None:
    """That a pool lets anyone do."""
    env, kind = stranger.env, random.randrange(5)
    if kind == 0:
        call = POOL.abi.encode_call("increaseObservationCardinalityNext", random.randint(65, 90))
        env.transact(stranger.key, stranger.pool, call)
    elif kind == 1:
        gift = TOKEN.abi.encode_call("transfer", stranger.pool, random.randint(1, 10**12))
        env.transact(stranger.key, env.quote, gift)
    elif kind == 2:
        root = env.ask(POOL.abi, stranger.pool, "slot0")[0]
        liquidity = env.ask(POOL.abi, stranger.pool, "liquidity")
        more = liquidity * random.randint(1, 50) // 100
        env.tell(env.world.venues.maker, DRIVER.abi, provider, "follow", root, root, more)
    else:
        stranger.push(Fraction(random.choice((-1, 1)) * random.randint(1, 300), 1000))


@pytest.mark.parametrize("signal", SIDES)
def test_from_within_a_flash_swap_without_tokens(env: Env, signal: Signal) -> None:
    """The same price there; and no capital is needed once the discount covers fee and impact."""
    check_flash(env, signal)


def check_flash(env: Env, signal: Signal) -> None:
    with env.undone():
        stranger = stranger_of(env, DEEP)
        ahead = Fraction(1 if signal.is_long else -1, 100)
        strike_id = due_strike(stranger, signal, ahead)
        env.wait(1)
        with env.frozen():
            _, _, paid, got = env.stranger.call("quoteTake", strike_id)
            before = stranger.holds()
            receipt = take_by_flash(stranger, strike_id, signal)
            events = [TAKER.abi.decode_event(each.topics, each.data) for each in receipt.logs]
            (took,) = [each for each in events if each is not None and each.name == "TakenByFlash"]
            assert (took.args["amount_in"], took.args["amount_out"]) == (paid, got)
            gained = [has - had for has, had in zip(stranger.holds(), before, strict=True)]
            profit = took.args["profit"]
            assert profit > 0
            assert gained == ([profit, 0] if signal.is_long else [0, profit])


def take_by_flash(stranger: Stranger, strike_id: int, signal: Signal) -> Receipt:
    """With the tokens of the market's own pool."""
    env = stranger.env
    tokens = (env.quote, stranger.base) if signal.is_long else (stranger.base, env.quote)
    order = (env.diamond, strike_id, signal.is_long, stranger.pool, False, 0, *tokens, 0)
    taker = env.deploy(TAKER, stranger.key.address)
    return env.tell(stranger.key, TAKER.abi, taker, "take", order)


@pytest.mark.parametrize("signal", SIDES)
def test_before_the_discount_covers_them_a_flash_swap_does_not_pay(
    env: Env, signal: Signal
) -> None:
    with env.undone():
        stranger = stranger_of(env, DEEP)
        strike_id = due_strike(stranger, signal, elapsed=1)
        with pytest.raises(ContractError):
            take_by_flash(stranger, strike_id, signal)


@pytest.mark.parametrize("signal", SIDES)
def test_a_pair_says_its_price_only_in_a_second_that_no_one_touched(
    env: Env, signal: Signal
) -> None:
    check_pair(env, signal)


def check_pair(env: Env, signal: Signal) -> None:
    """Property 1 on Uniswap V2: gifts do not count; who trades or syncs has to wait."""
    with env.undone():
        v2 = pair_of(env)
        strike_id = v2.strike(signal)
        env.wait(3600 + DELAY + AUCTION)
        with env.frozen():
            expected = env.keeper.call("quoteTake", strike_id)
            assert expected[0]
            for token in (env.quote, env.base):
                env.exchange.tell(TOKEN, token, "transfer", v2.pair, 10**9)
                assert env.keeper.call("quoteTake", strike_id) == expected
            with env.undone():
                v2.price(1500 if signal.is_long else 1700)
                refused_for_now(env, strike_id)
            with env.undone():
                env.exchange.tell(PAIR, v2.pair, "sync")
                refused_for_now(env, strike_id)


def refused_for_now(env: Env, strike_id: int) -> None:
    assert not env.keeper.call("quoteTake", strike_id)[0]
    with reverts(OracleUnavailable(1)):
        env.keeper.send("takeStrike", strike_id, U)
    with env.undone():
        env.wait(1)
        assert env.keeper.call("quoteTake", strike_id)[0]


def pair_of(env: Env) -> V2:
    """A market on a Uniswap V2 pair, and its feed."""
    env.give(env.exchange.address, quote=10**15, base=10**24)
    return V2(env)


@settings(shared, max_examples=10)
@given(seed=SEEDS)
def test_the_start_of_the_second_is_the_pools_true_price(env: Env, seed: int) -> None:
    check_start(env, seed)


def check_start(env: Env, seed: int) -> None:
    """Property 2: random swaps in random seconds; the price of the last of them before this one."""
    random = Random(seed)
    with env.undone():
        stranger = stranger_of(env, DEEP)
        for _ in range(8):
            env.wait(random.choice((1, 1, 2, 40)))
            with env.frozen():
                known = _start(stranger)
                for _ in range(random.randint(0, 3)):
                    stranger.push(Fraction(random.choice((-1, 1)) * random.randint(1, 80), 1000))
                assert _start(stranger) == known
                after = stranger.price() * 10**18
            env.wait(1)
            # By the tick, which is a basis point wide.
            assert abs(_start(stranger) - after) <= after / 9_900


def _start(stranger: Stranger) -> int:
    prices = stranger.env.stranger.call("getReferencePrices", stranger.market, 10**18)
    return int(prices[2])


def test_a_pool_that_remembers_one_observation_knows_the_start_once_touched(env: Env) -> None:
    """Property 2, a new pool: its memory was raised for the market, and no one traded since."""
    with env.undone():
        stranger = stranger_of(env, DEEP, remembers=1)
        env.wait(10)
        with env.frozen():
            start = _start(stranger)
            stranger.push(Fraction(1, 100))
            assert _start(stranger) == start > 0


@pytest.mark.parametrize("signal", SIDES)
def test_liveness_behind_a_dead_operator(env: Env, signal: Signal) -> None:
    check_liveness(env, signal)


def check_liveness(env: Env, signal: Signal, steps: int = 60) -> None:
    """Property 7: paused, the operator gone, the market against it by 1 % a minute for an hour; a
    short at two and a half times its price. A taker who wants half a percent comes in time."""
    with env.undone():
        stranger = stranger_of(env, DEEP)
        opened = env.strike(market=stranger.market, signal=signal, horizon=3600)
        strike_id, opened_at = int(opened["strike_id"]), env.now
        env.guardian.send("pause")
        env.guardian.send("revokeOperator", env.operator.address)
        rules = env.read("getMarket", stranger.market).rules
        bound = 3600 + rules.keeper_delay + rules.auction_seconds + 2 * rules.oracle_window
        env.wait(1)
        if not signal.is_long:
            stranger.push(Fraction(3, 2))
        while env.read("getOpenStrikes"):
            assert env.now - opened_at <= bound
            if steps:
                stranger.push(Fraction(-1 if signal.is_long else 1, 100))
                steps -= 1
            env.wait(59)
            env.stranger.send("markDue", [strike_id])
            takeable, _, paid, got = env.stranger.call("quoteTake", strike_id)
            if not takeable:
                continue
            price = stranger.price()
            fair = (
                paid <= price * got * 995 / 1000 if signal.is_long else got >= price * paid * 1.005
            )
            if fair:
                stranger.take(strike_id, signal)
        loss = -env.read("getStrikeStats").pnl
        assert loss <= opened["notional"]


# Property 14: feeds that are wrong, on V3 and V2, with the guardian's bit off and on.


@pytest.mark.parametrize("signal", SIDES)
@pytest.mark.parametrize("venue", ["v3", "v2"])
@pytest.mark.parametrize("halves", [0, 1, 4])
def test_a_wrong_feed(env: Env, signal: Signal, venue: str, halves: int) -> None:
    check_feed(env, signal, venue, halves)


def check_feed(env: Env, signal: Signal, venue: str, halves: int) -> None:
    """At half of the price, at twice of it, or dead (0): no takeover costs more than the discount;
    while a guardian has stopped them there is none; the owner closes in any case."""
    with env.undone():
        market, feed = _feed_market(env, venue)
        strike_id = int(env.strike(market=market, signal=signal, horizon=60)["strike_id"])
        base = env.read("getStrike", strike_id).record.base_amount
        env.wait(DAY)
        feed.tell(800 * 10**8 * halves, silent=not halves)
        env.give(env.keeper.address, quote=10**14, base=10**23)
        for token in (env.quote, env.base):
            env.approve(env.keeper.key, token)
        with env.undone():
            env.guardian.send("stopTakeovers")
            with reverts(TakeoversAreStopped()):
                env.keeper.send("takeStrike", strike_id, U if signal.is_long else 0)
        takeable, _, paid, got = env.keeper.call("quoteTake", strike_id)
        assert takeable == bool(halves)
        if takeable:
            fair = Fraction(1600 * base, 10**12)
            # The pool was not moved: its own prices bound what a feed can do.
            slack = Fraction(1, 1000)
            if signal.is_long:
                assert paid >= fair * (1 - DISCOUNT - slack)
            else:
                assert got <= fair * (1 + DISCOUNT + slack)
        with env.undone():
            env.give(env.owner.address, quote=10**13)
            env.owner.send("deposit", 10**13)
            env.owner.send("closeAtOracle", strike_id)
        env.settle(strike_id, by="owner")


def _feed_market(env: Env, venue: str) -> tuple[int, Feed]:
    if venue == "v2":
        return 1, pair_of(env).feed
    feed = deploy_feed(env)
    feed.tell(1600 * 10**8)
    return feed_market(env, feed, window=2 * DAY), feed


def test_a_stranger_takes_nothing_before_the_delay(env: Env) -> None:
    with env.undone():
        stranger = stranger_of(env, DEEP)
        strike_id = due_strike(stranger, LONG, elapsed=-100)
        opens_at = env.read("quoteTake", strike_id)[1]
        with reverts(StrikeNotTakeable(strike_id, opens_at)):
            stranger.take(strike_id, LONG)
