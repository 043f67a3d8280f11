"""S6, S19: a pool remembers long enough, and a feed is believed only while its sequencer is up."""

from __future__ import annotations

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

from ..forks import Forks
from ..readers import refuses
from ..scene import ZERO, Scene, event
from .markets import Feed, config, deploy_feed, feed_market, rules

ETHER = 10**18
PRICE = 1600 * 10**8
UP, DOWN = 0, 1
GRACE = 3600


@pytest.mark.parametrize(("window", "step"), [(300, 12), (600, 12), (60, 1), (61, 2), (30, 255)])
def test_s6_registering_asks_for_twice_the_window(scene: Scene, window: int, step: int) -> None:
    needed = 2 * window // step + 1
    for slots in (1, needed - 1, needed):
        with scene.undone():
            factory, pool = Forks(scene).v3("uniswapV3SwapCallback", 1600, memory=slots)
            scene.owner.send("setFactory", factory, Venue.UNISWAP_V3, True)
            wanted = config(
                scene,
                pool=pool,
                factory=factory,
                min_block_seconds=step,
                rules=rules(scene, oracle_window=window, exit_window=30),
            )
            if max(slots, 1) >= needed:
                scene.owner.send("registerMarket", wanted)
                continue
            with refuses(scene, PoolMemoryTooShort(pool, max(slots, 1), needed)):
                scene.owner.send("registerMarket", wanted)


def test_s6_updating_asks_for_it_too(scene: Scene) -> None:
    """The ring of the market's pool has 64 slots, the chain's blocks are 12 seconds apart."""
    with refuses(scene, PoolMemoryTooShort(scene.pool, 64, 65)):
        scene.rule(oracle_window=384)
    scene.rule(oracle_window=383)


def test_s6_a_market_must_say_how_fast_blocks_come(scene: Scene) -> None:
    with refuses(scene, InvalidRule("minBlockSeconds", 0)):
        scene.owner.send("registerMarket", config(scene, min_block_seconds=0))


def test_s6_nobody_pushes_the_window_out_of_a_memory_that_is_long_enough(scene: Scene) -> None:
    """Dust in every block, for as long as the ring is: the oracle still answers."""
    window = scene.read("getMarket", 0).rules.oracle_window
    for n in range(80):
        scene.wait(11)
        scene.price("1600.5" if n % 2 else "1599.5", settled=False)
        assert scene.read("getOracleQuote", 0, ETHER) > 0
    assert 2 * window <= 64 * 12


# Uptime.


@pytest.fixture
def uptime(scene: Scene) -> Feed:
    feed = deploy_feed(scene, decimals=0)
    feed.tell(UP, updated_at=scene.now - GRACE)
    return feed


@pytest.fixture
def price(scene: Scene) -> Feed:
    feed = deploy_feed(scene)
    feed.tell(PRICE)
    return feed


@pytest.fixture
def market(scene: Scene, price: Feed, uptime: Feed) -> int:
    return feed_market(scene, price, window=10**6, uptime_feed=uptime.address, uptime_grace=GRACE)


def test_s19_a_price_is_believed_after_the_grace(scene: Scene, market: int, uptime: Feed) -> None:
    uptime.tell(UP, updated_at=scene.now + 10)
    since = scene.now + 9
    for after, known in ((GRACE - 1, False), (GRACE, False), (GRACE + 1, True)):
        with scene.undone():
            scene.at(since + after)
            if known:
                assert scene.keeper.call("getOracleQuote", market, ETHER) == 1600 * 10**6
                scene.strike(market=market)
                continue
            with refuses(scene, OracleUnavailable(market)):
                scene.keeper.send("getOracleQuote", market, ETHER)


@pytest.mark.parametrize(
    ("answer", "since", "silent"),
    [(DOWN, -GRACE * 2, False), (2, -GRACE * 2, False), (-1, -GRACE * 2, False), (UP, 10, False)],
    ids=["down", "neither", "negative", "in the future"],
)
def test_s19_not_up_is_no_price(
    scene: Scene, market: int, uptime: Feed, answer: int, since: int, silent: bool
) -> None:
    uptime.tell(answer, updated_at=scene.now + since, silent=silent)
    for signal in Signal:
        with refuses(scene, OracleUnavailable(market)):
            scene.strike(market=market, signal=signal)


def test_s19_silence_and_no_round_yet_are_no_price(scene: Scene, market: int, uptime: Feed) -> None:
    uptime.tell(UP, updated_at=0)
    with refuses(scene, OracleUnavailable(market)):
        scene.strike(market=market)
    uptime.tell(UP, updated_at=scene.now - 2 * GRACE, silent=True)
    with refuses(scene, OracleUnavailable(market)):
        scene.strike(market=market)


def test_a_market_without_an_uptime_feed_asks_none(scene: Scene, price: Feed) -> None:
    market = feed_market(scene, price, window=10**6)
    scene.strike(market=market)


def test_what_is_no_uptime_feed_is_refused(scene: Scene, price: Feed, uptime: Feed) -> None:
    def register(**changes: object) -> None:
        feed_market(scene, price, window=10**6, **changes)

    with refuses(scene, InvalidOracle(price.address)):
        register(uptime_feed=price.address, uptime_grace=GRACE)  # its answer is a price
    with refuses(scene, InvalidOracle(scene.keeper.address)):
        register(uptime_feed=scene.keeper.address, uptime_grace=GRACE)
    with refuses(scene, InvalidOracle(ZERO)):
        register(uptime_grace=GRACE)
    for grace in (0, MAX_UPTIME_GRACE + 1):
        with refuses(scene, InvalidRule("uptimeGrace", grace)):
            register(uptime_feed=uptime.address, uptime_grace=grace)
    register(uptime_feed=uptime.address, uptime_grace=MAX_UPTIME_GRACE)


def test_an_auction_on_the_pools_mean_begins_after_the_grace(scene: Scene, uptime: Feed) -> None:
    """No one could take anything while the sequencer was down."""
    scene.owner.send("setMarketFeeds", 0, ZERO, uptime.address, GRACE)
    strike_id = scene.strike(horizon=60)["strike_id"]
    due = scene.chain.timestamp() + 60 + scene.read("getMarket", 0).rules.keeper_delay
    up_at = due + 10_000
    scene.at(up_at + 1)
    uptime.tell(UP, updated_at=up_at)
    scene.at(up_at + GRACE - 1)
    assert scene.read("quoteTake", strike_id)[:2] == (False, up_at + GRACE)
    scene.at(up_at + GRACE + 1)
    takeable, opens_at, *_ = scene.read("quoteTake", strike_id)
    assert (takeable, opens_at) == (True, up_at + GRACE)
    uptime.tell(DOWN, updated_at=scene.now)
    assert scene.read("quoteTake", strike_id)[0] is False
    uptime.tell(UP, updated_at=1)
    assert scene.read("quoteTake", strike_id)[1] == due


# A feed that is replaced.


def test_s5_the_owner_replaces_a_feed(scene: Scene, market: int, price: Feed) -> None:
    """Also while strikes are open, and with another number of decimals."""
    strike_id = scene.strike(market=market)["strike_id"]
    better = deploy_feed(scene, decimals=18)
    better.tell(1600 * ETHER)
    price.tell(1)
    told = scene.owner.send("setMarketFeeds", market, better.address, ZERO, 0)
    assert told == [
        event(
            "MarketFeedsSet", market=market, feed=better.address, uptime_feed=ZERO, uptime_grace=0
        )
    ]
    assert scene.read("getOracleQuote", market, ETHER) == 1600 * 10**6
    seen = scene.read("getMarket", market)
    assert (seen.feed, seen.uptime_feed, seen.uptime_grace) == (better.address, ZERO, 0)
    scene.settle(strike_id)


def test_only_the_owner_and_only_feeds(scene: Scene, market: int, price: Feed) -> None:
    for role in ("operator", "guardian", "keeper"):
        actor = getattr(scene, role)
        with refuses(scene, NotOwner(actor.address, scene.owner.address)):
            actor.send("setMarketFeeds", market, price.address, ZERO, 0)
    with refuses(scene, UnknownMarket(9)):
        scene.owner.send("setMarketFeeds", 9, price.address, ZERO, 0)
    with refuses(scene, InvalidOracle(ZERO)):
        scene.owner.send("setMarketFeeds", market, ZERO, ZERO, 0)
    with refuses(scene, InvalidOracle(scene.keeper.address)):
        scene.owner.send("setMarketFeeds", market, scene.keeper.address, ZERO, 0)
    with refuses(scene, InvalidOracle(price.address)):
        scene.owner.send("setMarketFeeds", 0, price.address, ZERO, 0)  # on the pool's own mean
    assert scene.read("getMarket", 0).rules.oracle == OracleKind.POOL_TWAP
