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

from ..pools import FACTORY, POOL
from ..readers import refuses
from ..scene import DAY, ZERO, Scene, event, ours
from .markets import config, deploy_feed, rules

FAKE = ours("HostilePool")


def fake_pool(scene: Scene, token0: str, token1: str) -> str:
    """One that looks as it should, and that no factory knows."""
    return scene.deploy(FAKE, token0, token1, 1 << 96)


def empty_pool(scene: Scene, base: str, quote: str) -> str:
    """A real one, without liquidity."""
    scene.tell(
        scene.keeper.key, FACTORY.abi, scene.exchange.factory, "createPool", base, quote, 500
    )
    pool = str(scene.ask(FACTORY.abi, scene.exchange.factory, "getPool", base, quote, 500))
    scene.tell(scene.keeper.key, POOL.abi, pool, "initialize", 1 << 96)
    scene.tell(scene.keeper.key, POOL.abi, pool, "increaseObservationCardinalityNext", 64)
    return pool


def test_a_factory_is_allowed_and_forbidden(scene: Scene) -> None:
    factory = scene.stranger.address
    assert scene.read("getFactory", factory) == (False, Venue.UNISWAP_V3)
    for venue in Venue:
        for allowed in (True, False):
            assert scene.owner.send("setFactory", factory, venue, allowed) == [
                event("FactorySet", factory=factory, venue=venue, allowed=allowed)
            ]
            assert scene.read("getFactory", factory) == (allowed, venue)


def test_nobody_is_no_factory(scene: Scene) -> None:
    with refuses(scene, ZeroAddress()):
        scene.owner.send("setFactory", ZERO, Venue.UNISWAP_V3, True)


def test_a_market_is_registered_enabled(scene: Scene) -> None:
    changed = rules(scene, max_bot_lots=7, cooldown=9)
    market = config(scene, rules=changed)
    assert scene.owner.call("registerMarket", market) == 1
    assert scene.owner.send("registerMarket", market) == [
        event("MarketRegistered", market=1, base=scene.base, pool=scene.pool, config=market)
    ]
    assert scene.read("marketCount") == 2
    assert scene.read("getMarket", 1) == Market(
        base=scene.base,
        pool=scene.pool,
        factory=scene.exchange.factory,
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


def test_a_factory_must_be_allowed(scene: Scene) -> None:
    factory = scene.exchange.factory
    scene.owner.send("setFactory", factory, Venue.UNISWAP_V3, False)
    with refuses(scene, FactoryNotAllowed(factory)):
        scene.owner.send("registerMarket", config(scene))
    # What is registered stays.
    scene.settle(scene.strike()["strike_id"])


def test_a_pool_that_its_factory_does_not_know_is_refused(scene: Scene) -> None:
    tokens = sorted((scene.base, scene.quote), key=lambda token: int(token, 16))
    fake = fake_pool(scene, *tokens)
    with refuses(scene, PoolNotCanonical(fake, scene.exchange.factory)):
        scene.owner.send("registerMarket", config(scene, pool=fake))


def test_a_real_pool_of_another_factory_is_refused(scene: Scene) -> None:
    factory = scene.exchange.v2_factory()
    scene.owner.send("setFactory", factory, Venue.UNISWAP_V2, True)
    feed = deploy_feed(scene)
    by_feed = rules(scene, oracle=OracleKind.FEED)
    market = config(scene, factory=factory, feed=feed.address, rules=by_feed)
    with refuses(scene, PoolNotCanonical(scene.pool, factory)):
        scene.owner.send("registerMarket", market)


def test_an_account_is_no_pool(scene: Scene) -> None:
    stranger = scene.stranger.address
    with refuses(scene, PoolTokensMismatch(stranger, scene.base, scene.quote)):
        scene.owner.send("registerMarket", config(scene, pool=stranger))
    with refuses(scene, PoolTokensMismatch(ZERO, scene.base, scene.quote)):
        scene.owner.send("registerMarket", config(scene, pool=ZERO))


def test_a_pool_of_other_tokens_is_refused(scene: Scene) -> None:
    other, another = scene.exchange.token(), scene.exchange.token()
    for tokens in ((other, another), (other, scene.base), (other, scene.quote)):
        pool = empty_pool(scene, *tokens)
        with refuses(scene, PoolTokensMismatch(pool, scene.base, scene.quote)):
            scene.owner.send("registerMarket", config(scene, pool=pool))
    with refuses(scene, PoolTokensMismatch(scene.pool, other, scene.quote)):
        scene.owner.send("registerMarket", config(scene, base=other))


def test_the_quote_is_no_base(scene: Scene) -> None:
    with refuses(scene, PoolTokensMismatch(scene.pool, scene.quote, scene.quote)):
        scene.owner.send("registerMarket", config(scene, base=scene.quote))


@pytest.mark.parametrize("decimals", [0, 1, 19, 255])
def test_a_base_of_odd_decimals_is_refused(scene: Scene, decimals: int) -> None:
    base = scene.exchange.token(decimals)
    pool = empty_pool(scene, base, scene.quote)
    with refuses(scene, UnsupportedDecimals(base, decimals)):
        scene.owner.send("registerMarket", config(scene, base=base, pool=pool))


@pytest.mark.parametrize("decimals", [2, 18])
def test_a_base_of_2_to_18_decimals_is_taken(scene: Scene, decimals: int) -> None:
    base = scene.exchange.token(decimals)
    pool = empty_pool(scene, base, scene.quote)
    scene.owner.send("registerMarket", config(scene, base=base, pool=pool))


@pytest.mark.parametrize("decimals", [1, 19])
def test_a_quote_of_odd_decimals_is_refused(scene: Scene, decimals: int) -> None:
    quote = scene.exchange.token(decimals)
    pool = empty_pool(scene, scene.base, quote)
    market = config(scene, pool=pool)
    bare = scene.bare()
    bots = [bot.config for bot in scene.read("getBots")]
    bare.owner.send("initializeStrikeBots", (quote, 0, 1, bots))
    bare.owner.send("setFactory", scene.exchange.factory, Venue.UNISWAP_V3, True)
    with refuses(bare, UnsupportedDecimals(quote, decimals)):
        bare.owner.send("registerMarket", market)


def test_without_a_quote_there_are_no_markets(scene: Scene) -> None:
    market, bare = config(scene), scene.bare()
    bare.owner.send("setFactory", scene.exchange.factory, Venue.UNISWAP_V3, True)
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
def test_s20_a_rule_out_of_range_is_refused(scene: Scene, name: str, value: int) -> None:
    wrong = rules(scene, **{name: value})
    with refuses(scene, InvalidRule(camel(name), value)):
        scene.owner.send("registerMarket", config(scene, rules=wrong))
    with refuses(scene, InvalidRule(camel(name), value)):
        scene.owner.send("updateMarket", 0, wrong)


@pytest.mark.parametrize(("name", "value"), cases(RIGHT))
def test_rules_are_updated_to_the_ends_of_their_ranges(scene: Scene, name: str, value: int) -> None:
    changed = rules(scene, **{name: value})
    assert scene.owner.send("updateMarket", 0, changed) == [
        event("MarketUpdated", market=0, rules=changed)
    ]
    assert scene.read("getMarket", 0).rules == changed


def test_a_market_is_disabled_and_enabled(scene: Scene) -> None:
    guardian = scene.guardian
    assert guardian.send("disableMarket", 0) == [
        event("MarketDisabled", market=0, by=guardian.address)
    ]
    assert scene.read("getMarket", 0).enabled is False
    with refuses(scene, MarketNotEnabled(0)):
        scene.strike()
    assert scene.owner.send("enableMarket", 0) == [event("MarketEnabled", market=0)]
    scene.strike()


UNKNOWN: list[tuple[str, Any]] = [
    ("updateMarket", lambda scene: (rules(scene),)),
    ("enableMarket", lambda _: ()),
    ("disableMarket", lambda _: ()),
    ("getMarket", lambda _: ()),
    ("getOracleQuote", lambda _: (1,)),
]


@pytest.mark.parametrize(("function", "args"), UNKNOWN, ids=[name for name, _ in UNKNOWN])
@pytest.mark.parametrize("market", [1, 255])
def test_markets_that_there_are_not(scene: Scene, function: str, args: Any, market: int) -> None:
    with refuses(scene, UnknownMarket(market)):
        scene.owner.send(function, market, *args(scene))


def test_a_mean_price_wants_no_feed_and_a_feed_market_does(scene: Scene) -> None:
    feed = deploy_feed(scene)
    with refuses(scene, InvalidOracle(feed.address)):
        scene.owner.send("registerMarket", config(scene, feed=feed.address))
    by_feed = rules(scene, oracle=OracleKind.FEED)
    for nothing in (ZERO, scene.stranger.address):
        with refuses(scene, InvalidOracle(nothing)):
            scene.owner.send("registerMarket", config(scene, feed=nothing, rules=by_feed))


def test_a_contract_that_is_no_feed_is_refused(scene: Scene) -> None:
    by_feed = rules(scene, oracle=OracleKind.FEED)
    for contract in (scene.pool, scene.exchange.factory):
        with refuses(scene, InvalidOracle(contract)):
            scene.owner.send("registerMarket", config(scene, feed=contract, rules=by_feed))


@pytest.mark.parametrize("decimals", [0, 8, 18])
def test_feeds_have_up_to_18_decimals(scene: Scene, decimals: int) -> None:
    feed = deploy_feed(scene, decimals)
    market = config(scene, feed=feed.address, rules=rules(scene, oracle=OracleKind.FEED))
    scene.owner.send("registerMarket", market)
    assert scene.read("getMarket", 1).feed == feed.address


@pytest.mark.parametrize("decimals", [19, 255])
def test_feeds_of_more_decimals_are_refused(scene: Scene, decimals: int) -> None:
    feed = deploy_feed(scene, decimals)
    market = config(scene, feed=feed.address, rules=rules(scene, oracle=OracleKind.FEED))
    with refuses(scene, InvalidOracle(feed.address)):
        scene.owner.send("registerMarket", market)


def test_a_market_keeps_its_kind_of_oracle(scene: Scene) -> None:
    feed = deploy_feed(scene)
    by_feed = rules(scene, oracle=OracleKind.FEED)
    with refuses(scene, InvalidOracle(ZERO)):
        scene.owner.send("updateMarket", 0, by_feed)
    scene.owner.send("registerMarket", config(scene, feed=feed.address, rules=by_feed))
    with refuses(scene, InvalidOracle(feed.address)):
        scene.owner.send("updateMarket", 1, rules(scene))


def test_a_v2_pair_keeps_no_price_history(scene: Scene) -> None:
    exchange = scene.exchange
    factory = exchange.v2_factory()
    for token, amount in ((scene.quote, {"quote": 10**12}), (scene.base, {"base": 10**18})):
        scene.give(exchange.address, **amount)
        assert scene.balance(token, exchange.address)
    pair = exchange.v2_pair(factory, scene.base, scene.quote, Fraction(1600, 10**12), 10**9)
    scene.owner.send("setFactory", factory, Venue.UNISWAP_V2, True)
    with refuses(scene, InvalidOracle(ZERO)):
        scene.owner.send("registerMarket", config(scene, pool=pair, factory=factory))


def test_there_are_256_markets_at_most(scene: Scene) -> None:
    market: MarketConfig = config(scene)
    for number in range(1, 256):
        assert scene.owner.only("MarketRegistered", "registerMarket", market)["market"] == number
    assert scene.read("marketCount") == 256
    with refuses(scene, TooManyMarkets()):
        scene.owner.send("registerMarket", market)
    scene.strike(market=255)
