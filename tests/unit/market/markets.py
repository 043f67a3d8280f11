"""Market configurations, and feeds that say what is set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from macrostrike.types import MarketConfig, MarketRules, OracleKind, Venue

from ..scene import ZERO, Scene, altered, ours, unchecked

FEED = ours("HostileFeed")


def config(scene: Scene, **changes: Any) -> MarketConfig:
    """The scene's own market, once more, with these changes."""
    market = scene.read("getMarket", 0)
    values = {
        "base": market.base,
        "pool": market.pool,
        "factory": market.factory,
        "feed": ZERO,
        "rules": market.rules,
    }
    return unchecked(MarketConfig, **(values | changes))


def rules(scene: Scene, **changes: Any) -> MarketRules:
    """The scene's own rules with these changes, unchecked."""
    own: MarketRules = scene.read("getMarket", 0).rules
    return altered(own, **changes)


@dataclass(frozen=True)
class Feed:
    """A Chainlink-style feed."""

    scene: Scene
    address: str

    def tell(self, answer: int, *, updated_at: int | None = None, silent: bool = False) -> None:
        at = self.scene.now if updated_at is None else updated_at
        keeper = self.scene.keeper.key
        self.scene.tell(keeper, FEED.abi, self.address, "tell", answer, at, silent)


def deploy_feed(scene: Scene, decimals: int = 8) -> Feed:
    return Feed(scene, scene.deploy(FEED, decimals))


def feed_market(scene: Scene, feed: Feed, window: int = 3600, **changes: Any) -> int:
    """The id of a second market, on the same pool, with the feed as its oracle."""
    by_feed = rules(scene, oracle=OracleKind.FEED, oracle_window=window)
    market = config(scene, feed=feed.address, rules=by_feed, **changes)
    return int(scene.owner.only("MarketRegistered", "registerMarket", market)["market"])


def hostile_market(scene: Scene) -> str:
    """The pool of market 1, which does what anyone asks of it, with a feed of its price."""
    price = (1600 * 10**6 << 96) // 10**18
    pool = scene.deploy(ours("HostilePool"), scene.base, scene.quote, price)
    scene.give(pool, quote=10**13, base=10**22)
    scene.owner.send("setFactory", pool, Venue.UNISWAP_V3, True)
    feed = deploy_feed(scene)
    feed.tell(1600 * 10**8)
    assert feed_market(scene, feed, 10**6, pool=pool, factory=pool) == 1
    return pool
