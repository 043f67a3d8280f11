"""S6, S19: a pool remembers long enough, and a feed is believed only while its sequencer is up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from macrostrike.errors import (
    InvalidOracle,
    InvalidRule,
    NotOwner,
    OracleUnavailable,
    PoolMemoryTooShort,
    UnknownMarket,
)
from macrostrike.types import MAX_UPTIME_GRACE, OracleKind, Signal, Venue

from ..environment import ZERO, Env, event
from ..forks import Forks
from ..readers import refuses
from .markets import Feed, config, deploy_feed, feed_market, rules

ETHER = 10**18
PRICE = 1600 * 10**8
UP, DOWN = 0, 1
GRACE = 3600


@pytest.mark.parametrize(("window", "step"), [(300, 12), (600, 12), (60, 1), (61, 2), (30, 255)])
def test_s6_registering_asks_for_twice_the_window(env: Env, window: int, step: int) -> None:
    needed = 2 * window // step + 1
    for slots in (1, needed - 1, needed):
        with env.undone():
            factory, pool = Forks(env).v3("uniswapV3SwapCallback", 1600, memory=slots)
            env.owner.send("setFactory", factory, Venue.UNISWAP_V3, True)
            wanted = config(
                env,
                pool=pool,
                factory=factory,
                min_block_seconds=step,
                rules=rules(env, oracle_window=window, exit_window=30),
            )
            if max(slots, 1) >= needed:
                env.owner.send("registerMarket", wanted)
                continue
            with refuses(env, PoolMemoryTooShort(pool, max(slots, 1), needed)):
                env.owner.send("registerMarket", wanted)


def test_s6_updating_asks_for_it_too(env: Env) -> None:
    """The ring of the market's pool has 64 slots, the chain's blocks are 12 seconds apart."""
    with refuses(env, PoolMemoryTooShort(env.pool, 64, 65)):
        env.rule(oracle_window=384)
    env.rule(oracle_window=383)


@pytest.mark.parametrize(("window", "step"), [(60, 12), (30, 1), (61, 2)])
def test_s6_beside_a_feed_the_exit_window_is_asked_for(env: Env, window: int, step: int) -> None:
    """Without a mean of it no strike is taken over: dust in every block would see to that."""
    feed = deploy_feed(env)
    feed.tell(PRICE)
    needed = 2 * window // step + 1
    for slots in (1, needed - 1, needed):
        with env.undone():
            factory, pool = Forks(env).v3("uniswapV3SwapCallback", 1600, memory=slots)
            env.owner.send("setFactory", factory, Venue.UNISWAP_V3, True)
            by_feed = rules(env, oracle=OracleKind.FEED, oracle_window=10**6, exit_window=window)
            at = {"pool": pool, "factory": factory, "feed": feed.address, "rules": by_feed}
            wanted = config(env, min_block_seconds=step, **at)
            if slots == needed:
                env.owner.send("registerMarket", wanted)
                wider = replace(by_feed, exit_window=window + step)
                with refuses(env, PoolMemoryTooShort(pool, slots, needed + 2)):
                    env.owner.send("updateMarket", 1, wider)
                continue
            with refuses(env, PoolMemoryTooShort(pool, slots, needed)):
                env.owner.send("registerMarket", wanted)


def test_s6_a_market_must_say_how_fast_blocks_come(env: Env) -> None:
    with refuses(env, InvalidRule("minBlockSeconds", 0)):
        env.owner.send("registerMarket", config(env, min_block_seconds=0))


def test_s6_no_one_pushes_the_window_out_of_a_memory_that_is_long_enough(env: Env) -> None:
    """Dust in every block, for as long as the ring is: the oracle still answers."""
    window = env.read("getMarket", 0).rules.oracle_window
    for n in range(80):
        env.wait(11)
        env.price("1600.5" if n % 2 else "1599.5", settled=False)
        assert env.read("getOracleQuote", 0, ETHER) > 0
    assert 2 * window <= 64 * 12


# Uptime.


@pytest.fixture
def uptime(env: Env) -> Feed:
    feed = deploy_feed(env, decimals=0)
    feed.tell(UP, updated_at=env.now - GRACE)
    return feed


@pytest.fixture
def price(env: Env) -> Feed:
    feed = deploy_feed(env)
    feed.tell(PRICE)
    return feed


@pytest.fixture
def market(env: Env, price: Feed, uptime: Feed) -> int:
    return feed_market(env, price, window=10**6, uptime_feed=uptime.address, uptime_grace=GRACE)


def test_s19_a_price_is_believed_after_the_grace(env: Env, market: int, uptime: Feed) -> None:
    uptime.tell(UP, updated_at=env.now + 10)
    since = env.now + 9
    for after, known in ((GRACE - 1, False), (GRACE, False), (GRACE + 1, True)):
        with env.undone():
            env.at(since + after)
            if known:
                assert env.keeper.call("getOracleQuote", market, ETHER) == 1600 * 10**6
                env.strike(market=market)
                continue
            with refuses(env, OracleUnavailable(market)):
                env.keeper.send("getOracleQuote", market, ETHER)


@pytest.mark.parametrize(
    ("answer", "since", "silent"),
    [(DOWN, -GRACE * 2, False), (2, -GRACE * 2, False), (-1, -GRACE * 2, False), (UP, 10, False)],
    ids=["down", "neither", "negative", "in the future"],
)
def test_s19_not_up_is_not_a_price(
    env: Env, market: int, uptime: Feed, answer: int, since: int, silent: bool
) -> None:
    uptime.tell(answer, updated_at=env.now + since, silent=silent)
    for signal in Signal:
        with refuses(env, OracleUnavailable(market)):
            env.strike(market=market, signal=signal)


def test_s19_silence_and_no_round_yet_are_not_price(env: Env, market: int, uptime: Feed) -> None:
    uptime.tell(UP, updated_at=0)
    with refuses(env, OracleUnavailable(market)):
        env.strike(market=market)
    uptime.tell(UP, updated_at=env.now - 2 * GRACE, silent=True)
    with refuses(env, OracleUnavailable(market)):
        env.strike(market=market)


def test_a_market_without_an_uptime_feed_asks_none(env: Env, price: Feed) -> None:
    market = feed_market(env, price, window=10**6)
    env.strike(market=market)


def test_what_is_not_a_uptime_feed_is_refused(env: Env, price: Feed, uptime: Feed) -> None:
    def register(**changes: object) -> None:
        feed_market(env, price, window=10**6, **changes)

    with refuses(env, InvalidOracle(price.address)):
        register(uptime_feed=price.address, uptime_grace=GRACE)  # its answer is a price
    with refuses(env, InvalidOracle(env.keeper.address)):
        register(uptime_feed=env.keeper.address, uptime_grace=GRACE)
    with refuses(env, InvalidOracle(ZERO)):
        register(uptime_grace=GRACE)
    for grace in (0, MAX_UPTIME_GRACE + 1):
        with refuses(env, InvalidRule("uptimeGrace", grace)):
            register(uptime_feed=uptime.address, uptime_grace=grace)
    register(uptime_feed=uptime.address, uptime_grace=MAX_UPTIME_GRACE)


def test_a_sequencer_may_be_down_while_its_feed_is_named(
    env: Env, price: Feed, uptime: Feed
) -> None:
    uptime.tell(DOWN, updated_at=env.now)
    feed_market(env, price, window=10**6, uptime_feed=uptime.address, uptime_grace=GRACE)
    for neither in (2, -1):
        uptime.tell(neither, updated_at=env.now)
        with refuses(env, InvalidOracle(uptime.address)):
            feed_market(env, price, window=10**6, uptime_feed=uptime.address, uptime_grace=GRACE)


def test_an_auction_on_the_pools_mean_begins_after_the_grace(env: Env, uptime: Feed) -> None:
    """No one could take anything while the sequencer was down."""
    env.owner.send("setMarketFeeds", 0, ZERO, uptime.address, GRACE)
    strike_id = env.strike(horizon=60)["strike_id"]
    due = env.chain.timestamp() + 60 + env.read("getMarket", 0).rules.keeper_delay
    up_at = due + 10_000
    env.at(up_at + 1)
    uptime.tell(UP, updated_at=up_at)
    env.at(up_at + GRACE - 1)
    assert env.read("quoteTake", strike_id)[:2] == (False, up_at + GRACE)
    env.at(up_at + GRACE + 1)
    takeable, opens_at, *_ = env.read("quoteTake", strike_id)
    assert (takeable, opens_at) == (True, up_at + GRACE)
    uptime.tell(DOWN, updated_at=env.now)
    assert env.read("quoteTake", strike_id)[0] is False
    uptime.tell(UP, updated_at=1)
    assert env.read("quoteTake", strike_id)[1] == due


# A feed that is replaced.


def test_s5_the_owner_replaces_a_feed(env: Env, market: int, price: Feed) -> None:
    """Also while strikes are open, and with another number of decimals."""
    strike_id = env.strike(market=market)["strike_id"]
    better = deploy_feed(env, decimals=18)
    better.tell(1600 * ETHER)
    price.tell(1)
    reported = env.owner.send("setMarketFeeds", market, better.address, ZERO, 0)
    assert reported == [
        event(
            "MarketFeedsSet", market=market, feed=better.address, uptime_feed=ZERO, uptime_grace=0
        )
    ]
    assert env.read("getOracleQuote", market, ETHER) == 1600 * 10**6
    seen = env.read("getMarket", market)
    assert (seen.feed, seen.uptime_feed, seen.uptime_grace) == (better.address, ZERO, 0)
    env.settle(strike_id)


def test_only_the_owner_and_only_feeds(env: Env, market: int, price: Feed) -> None:
    for role in ("operator", "guardian", "keeper"):
        actor = getattr(env, role)
        with refuses(env, NotOwner(actor.address, env.owner.address)):
            actor.send("setMarketFeeds", market, price.address, ZERO, 0)
    with refuses(env, UnknownMarket(9)):
        env.owner.send("setMarketFeeds", 9, price.address, ZERO, 0)
    with refuses(env, InvalidOracle(ZERO)):
        env.owner.send("setMarketFeeds", market, ZERO, ZERO, 0)
    with refuses(env, InvalidOracle(env.keeper.address)):
        env.owner.send("setMarketFeeds", market, env.keeper.address, ZERO, 0)
    with refuses(env, InvalidOracle(price.address)):
        env.owner.send("setMarketFeeds", 0, price.address, ZERO, 0)  # on the pool's own mean
    with refuses(env, InvalidOracle(price.address)):
        env.owner.send("setMarketFeeds", market, price.address, price.address, GRACE)
    with refuses(env, InvalidRule("uptimeGrace", 0)):
        env.owner.send("setMarketFeeds", market, price.address, price.address, 0)
    assert env.read("getMarket", 0).rules.oracle == OracleKind.POOL_TWAP
