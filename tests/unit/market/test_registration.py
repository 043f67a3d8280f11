"""Markets: whose pools are traded on, and how they get there."""

from __future__ import annotations

from dataclasses import fields
from fractions import Fraction
from typing import Any

import pytest

from macrostrike.errors import (
    FactoryNotAllowed,
    InvalidOracle,
    InvalidRule,
    MarketNotEnabled,
    PoolNotCanonical,
    PoolTokensMismatch,
    QuoteNotSet,
    TooManyMarkets,
    UnknownMarket,
    UnsupportedDecimals,
    ZeroAddress,
)
from macrostrike.types import (
    BOTS,
    BPS,
    MAX_LOTS,
    Market,
    MarketConfig,
    MarketRules,
    OracleKind,
    Venue,
)

from ..environment import DAY, ZERO, Env, event, ours
from ..pools import FACTORY, POOL
from ..readers import refuses
from .markets import config, deploy_feed, on_either_side, rules

FAKE = ours("HostilePool")


def fake_pool(env: Env, token0: str, token1: str) -> str:
    """One that looks as it should, and that no factory knows."""
    return env.deploy(FAKE, token0, token1, 1 << 96)


def empty_pool(env: Env, base: str, quote: str) -> str:
    """A real one, without liquidity."""
    env.tell(env.keeper.key, FACTORY.abi, env.exchange.factory, "createPool", base, quote, 500)
    pool = str(env.ask(FACTORY.abi, env.exchange.factory, "getPool", base, quote, 500))
    env.tell(env.keeper.key, POOL.abi, pool, "initialize", 1 << 96)
    env.tell(env.keeper.key, POOL.abi, pool, "increaseObservationCardinalityNext", 64)
    return pool


def test_a_factory_is_allowed_and_forbidden(env: Env) -> None:
    factory = env.stranger.address
    assert env.read("getFactory", factory) == (False, Venue.UNISWAP_V3)
    for venue in Venue:
        for allowed in (True, False):
            assert env.owner.send("setFactory", factory, venue, allowed) == [
                event("FactorySet", factory=factory, venue=venue, allowed=allowed)
            ]
            assert env.read("getFactory", factory) == (allowed, venue)


def test_no_one_is_not_a_factory(env: Env) -> None:
    with refuses(env, ZeroAddress()):
        env.owner.send("setFactory", ZERO, Venue.UNISWAP_V3, True)


def test_a_market_is_registered_enabled(env: Env) -> None:
    changed = rules(env, max_bot_lots=7, cooldown=9)
    market = config(env, rules=changed)
    assert env.owner.call("registerMarket", market) == 1
    assert env.owner.send("registerMarket", market) == [
        event("MarketRegistered", market=1, base=env.base, pool=env.pool, config=market)
    ]
    assert env.read("marketCount") == 2
    assert env.read("getMarket", 1) == Market(
        base=env.base,
        pool=env.pool,
        factory=env.exchange.factory,
        feed=ZERO,
        uptime_feed=ZERO,
        uptime_grace=0,
        min_block_seconds=12,
        fee=0,
        tick_spacing=0,
        hooks=ZERO,
        venue=Venue.UNISWAP_V3,
        enabled=True,
        rules=changed,
        open_lots=0,
        used_day_lots=0,
        last_strike_at=0,
    )


def test_a_factory_must_be_allowed(env: Env) -> None:
    factory = env.exchange.factory
    env.owner.send("setFactory", factory, Venue.UNISWAP_V3, False)
    with refuses(env, FactoryNotAllowed(factory)):
        env.owner.send("registerMarket", config(env))
    # What is registered stays.
    env.settle(env.strike()["strike_id"])


def test_a_pool_that_its_factory_does_not_know_is_refused(env: Env) -> None:
    tokens = sorted((env.base, env.quote), key=lambda token: int(token, 16))
    fake = fake_pool(env, *tokens)
    with refuses(env, PoolNotCanonical(fake, env.exchange.factory)):
        env.owner.send("registerMarket", config(env, pool=fake))


def test_a_real_pool_of_another_factory_is_refused(env: Env) -> None:
    factory = env.exchange.v2_factory()
    env.owner.send("setFactory", factory, Venue.UNISWAP_V2, True)
    feed = deploy_feed(env)
    by_feed = rules(env, oracle=OracleKind.FEED)
    market = config(env, factory=factory, feed=feed.address, rules=by_feed)
    with refuses(env, PoolNotCanonical(env.pool, factory)):
        env.owner.send("registerMarket", market)


def test_an_account_is_not_a_pool(env: Env) -> None:
    stranger = env.stranger.address
    with refuses(env, PoolTokensMismatch(stranger, env.base, env.quote)):
        env.owner.send("registerMarket", config(env, pool=stranger))
    with refuses(env, PoolTokensMismatch(ZERO, env.base, env.quote)):
        env.owner.send("registerMarket", config(env, pool=ZERO))


def test_a_pool_of_other_tokens_is_refused(env: Env) -> None:
    """Whichever of its two is another, in either order."""
    other, another = env.exchange.token(), env.exchange.token()
    strange = [(other, another)]
    strange += [(token, env.base) for token in on_either_side(env, env.base)]
    strange += [(token, env.quote) for token in on_either_side(env, env.quote)]
    for tokens in strange:
        pool = empty_pool(env, *tokens)
        with refuses(env, PoolTokensMismatch(pool, env.base, env.quote)):
            env.owner.send("registerMarket", config(env, pool=pool))
    with refuses(env, PoolTokensMismatch(env.pool, other, env.quote)):
        env.owner.send("registerMarket", config(env, base=other))


def test_the_quote_is_not_a_base(env: Env) -> None:
    with refuses(env, PoolTokensMismatch(env.pool, env.quote, env.quote)):
        env.owner.send("registerMarket", config(env, base=env.quote))


@pytest.mark.parametrize("decimals", [0, 1, 19, 255])
def test_a_base_of_odd_decimals_is_refused(env: Env, decimals: int) -> None:
    base = env.exchange.token(decimals)
    pool = empty_pool(env, base, env.quote)
    with refuses(env, UnsupportedDecimals(base, decimals)):
        env.owner.send("registerMarket", config(env, base=base, pool=pool))


@pytest.mark.parametrize("decimals", [2, 18])
def test_a_base_of_2_to_18_decimals_is_taken(env: Env, decimals: int) -> None:
    base = env.exchange.token(decimals)
    pool = empty_pool(env, base, env.quote)
    env.owner.send("registerMarket", config(env, base=base, pool=pool))


@pytest.mark.parametrize("decimals", [1, 19])
def test_a_quote_of_odd_decimals_is_refused(env: Env, decimals: int) -> None:
    quote = env.exchange.token(decimals)
    pool = empty_pool(env, env.base, quote)
    market = config(env, pool=pool)
    bare = env.bare()
    bots = [bot.config for bot in env.read("getBots")]
    bare.owner.send("initializeStrikeBots", (quote, 0, 1, bots))
    bare.owner.send("setFactory", env.exchange.factory, Venue.UNISWAP_V3, True)
    with refuses(bare, UnsupportedDecimals(quote, decimals)):
        bare.owner.send("registerMarket", market)


def test_without_a_quote_there_are_not_markets(env: Env) -> None:
    market, bare = config(env), env.bare()
    bare.owner.send("setFactory", env.exchange.factory, Venue.UNISWAP_V3, True)
    with refuses(bare, QuoteNotSet()):
        bare.owner.send("registerMarket", market)


WRONG: dict[str, tuple[int, ...]] = {
    "max_bot_lots": (0, MAX_LOTS + 1),
    "max_strike_lots": (0, BOTS * MAX_LOTS + 1),
    "max_open_lots": (0,),
    "max_day_lots": (0,),
    "max_deviation_bps": (0, 1001),
    "oracle_window": (0, 29),
    "exit_window": (0, 29, 301),
    "exit_deviation_bps": (0, 1001),
    "max_horizon": (0, 30 * DAY + 1),
    "max_stop_loss_bps": (0, BPS),
    "keeper_delay": (DAY + 1,),
    "premium_bps": (1001,),
    "discount_bps": (1001,),
    "auction_seconds": (0, 299, DAY + 1),
}
RIGHT: dict[str, tuple[int, ...]] = {
    "longs": (False,),
    "shorts": (False,),
    "max_bot_lots": (1, MAX_LOTS),
    "max_strike_lots": (1, BOTS * MAX_LOTS),
    "max_open_lots": (1, (1 << 16) - 1),
    "max_day_lots": (1, (1 << 24) - 1),
    "cooldown": (0, (1 << 16) - 1),
    "max_deviation_bps": (1, 1000),
    "oracle_window": (120, 383),
    "exit_window": (30, 300),
    "exit_deviation_bps": (1, 1000),
    "max_horizon": (1, 30 * DAY),
    "max_stop_loss_bps": (1, BPS - 1),
    "keeper_delay": (0, DAY),
    "premium_bps": (0, 1000),
    "discount_bps": (0, 1000),
    "auction_seconds": (300, DAY),
}


def cases(table: dict[str, tuple[int, ...]]) -> list[tuple[str, int]]:
    return [(name, value) for name, values in table.items() for value in values]


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def test_every_rule_is_tried_below() -> None:
    assert {"oracle", *RIGHT} == {field.name for field in fields(MarketRules)}


@pytest.mark.parametrize(("name", "value"), cases(WRONG))
def test_s20_a_rule_out_of_range_is_refused(env: Env, name: str, value: int) -> None:
    wrong = rules(env, **{name: value})
    with refuses(env, InvalidRule(camel(name), value)):
        env.owner.send("registerMarket", config(env, rules=wrong))
    with refuses(env, InvalidRule(camel(name), value)):
        env.owner.send("updateMarket", 0, wrong)


@pytest.mark.parametrize(("name", "value"), cases(RIGHT))
def test_rules_are_updated_to_the_ends_of_their_ranges(env: Env, name: str, value: int) -> None:
    changed = rules(env, **{name: value})
    assert env.owner.send("updateMarket", 0, changed) == [
        event("MarketUpdated", market=0, rules=changed)
    ]
    assert env.read("getMarket", 0).rules == changed


def test_a_market_is_disabled_and_enabled(env: Env) -> None:
    guardian = env.guardian
    assert guardian.send("disableMarket", 0) == [
        event("MarketDisabled", market=0, by=guardian.address)
    ]
    assert env.read("getMarket", 0).enabled is False
    with refuses(env, MarketNotEnabled(0)):
        env.strike()
    assert env.owner.send("enableMarket", 0) == [event("MarketEnabled", market=0)]
    env.strike()


UNKNOWN: list[tuple[str, Any]] = [
    ("updateMarket", lambda env: (rules(env),)),
    ("enableMarket", lambda _: ()),
    ("disableMarket", lambda _: ()),
    ("getMarket", lambda _: ()),
    ("getOracleQuote", lambda _: (1,)),
    ("getReferencePrices", lambda _: (1,)),
]


@pytest.mark.parametrize(("function", "args"), UNKNOWN, ids=[name for name, _ in UNKNOWN])
@pytest.mark.parametrize("market", [1, 255])
def test_markets_that_there_are_not(env: Env, function: str, args: Any, market: int) -> None:
    with refuses(env, UnknownMarket(market)):
        env.owner.send(function, market, *args(env))


def test_a_mean_price_wants_no_feed_and_a_feed_market_does(env: Env) -> None:
    feed = deploy_feed(env)
    with refuses(env, InvalidOracle(feed.address)):
        env.owner.send("registerMarket", config(env, feed=feed.address))
    by_feed = rules(env, oracle=OracleKind.FEED)
    for nothing in (ZERO, env.stranger.address):
        with refuses(env, InvalidOracle(nothing)):
            env.owner.send("registerMarket", config(env, feed=nothing, rules=by_feed))


def test_a_contract_that_is_not_a_feed_is_refused(env: Env) -> None:
    by_feed = rules(env, oracle=OracleKind.FEED)
    for contract in (env.pool, env.exchange.factory):
        with refuses(env, InvalidOracle(contract)):
            env.owner.send("registerMarket", config(env, feed=contract, rules=by_feed))


@pytest.mark.parametrize("decimals", [0, 8, 18])
def test_feeds_have_up_to_18_decimals(env: Env, decimals: int) -> None:
    feed = deploy_feed(env, decimals)
    market = config(env, feed=feed.address, rules=rules(env, oracle=OracleKind.FEED))
    env.owner.send("registerMarket", market)
    assert env.read("getMarket", 1).feed == feed.address


@pytest.mark.parametrize("decimals", [19, 255])
def test_feeds_of_more_decimals_are_refused(env: Env, decimals: int) -> None:
    feed = deploy_feed(env, decimals)
    market = config(env, feed=feed.address, rules=rules(env, oracle=OracleKind.FEED))
    with refuses(env, InvalidOracle(feed.address)):
        env.owner.send("registerMarket", market)


def test_a_market_keeps_its_kind_of_oracle(env: Env) -> None:
    feed = deploy_feed(env)
    by_feed = rules(env, oracle=OracleKind.FEED)
    with refuses(env, InvalidOracle(ZERO)):
        env.owner.send("updateMarket", 0, by_feed)
    env.owner.send("registerMarket", config(env, feed=feed.address, rules=by_feed))
    with refuses(env, InvalidOracle(feed.address)):
        env.owner.send("updateMarket", 1, rules(env))


def test_a_v2_pair_keeps_no_price_history(env: Env) -> None:
    exchange = env.exchange
    factory = exchange.v2_factory()
    for token, amount in ((env.quote, {"quote": 10**12}), (env.base, {"base": 10**18})):
        env.give(exchange.address, **amount)
        assert env.balance(token, exchange.address)
    pair = exchange.v2_pair(factory, env.base, env.quote, Fraction(1600, 10**12), 10**9)
    env.owner.send("setFactory", factory, Venue.UNISWAP_V2, True)
    with refuses(env, InvalidOracle(ZERO)):
        env.owner.send("registerMarket", config(env, pool=pair, factory=factory))


def test_there_are_256_markets_at_most(env: Env) -> None:
    market: MarketConfig = config(env)
    for number in range(1, 256):
        assert env.owner.only("MarketRegistered", "registerMarket", market)["market"] == number
    assert env.read("marketCount") == 256
    with refuses(env, TooManyMarkets()):
        env.owner.send("registerMarket", market)
    env.strike(market=255)
