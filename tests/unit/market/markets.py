"""Market configurations, and feeds that say what is set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from macrostrike.types import MarketConfig, MarketRules, OracleKind, Venue

from ..environment import ZERO, Env, altered, ours, unchecked

FEED = ours("HostileFeed")


def config(env: Env, **changes: Any) -> MarketConfig:
    """The environment's own market, once more, with these changes."""
    market = env.read("getMarket", 0)
    values = {
        "base": market.base,
        "pool": market.pool,
        "factory": market.factory,
        "feed": ZERO,
        "rules": market.rules,
    }
    return unchecked(MarketConfig, **(values | changes))


def rules(env: Env, **changes: Any) -> MarketRules:
    """The environment's own rules with these changes, unchecked."""
    own: MarketRules = env.read("getMarket", 0).rules
    return altered(own, **changes)


@dataclass(frozen=True)
class Feed:
    """A Chainlink-style feed."""

    env: Env
    address: str

    def tell(self, answer: int, *, updated_at: int | None = None, silent: bool = False) -> None:
        at = self.env.now if updated_at is None else updated_at
        keeper = self.env.keeper.key
        self.env.tell(keeper, FEED.abi, self.address, "tell", answer, at, silent)


def deploy_feed(env: Env, decimals: int = 8) -> Feed:
    return Feed(env, env.deploy(FEED, decimals))


def feed_market(env: Env, feed: Feed, window: int = 3600, **changes: Any) -> int:
    """The id of a second market, on the same pool, with the feed as its oracle."""
    by_feed = rules(env, oracle=OracleKind.FEED, oracle_window=window)
    market = config(env, feed=feed.address, rules=by_feed, **changes)
    return int(env.owner.only("MarketRegistered", "registerMarket", market)["market"])


def hostile_market(env: Env) -> str:
    """The pool of market 1, which does what anyone asks of it, with a feed of its price."""
    price = (1600 * 10**6 << 96) // 10**18
    pool = env.deploy(ours("HostilePool"), env.base, env.quote, price)
    env.give(pool, quote=10**13, base=10**22)
    env.owner.send("setFactory", pool, Venue.UNISWAP_V3, True)
    feed = deploy_feed(env)
    feed.tell(1600 * 10**8)
    assert feed_market(env, feed, 10**6, pool=pool, factory=pool) == 1
    return pool


def on_either_side(env: Env, token: str) -> tuple[str, str]:
    """Two more tokens: one that comes before it in a pool, one that comes behind it."""
    found: dict[bool, str] = {}
    while len(found) < 2:
        other = env.exchange.token()
        found[other.lower() < token.lower()] = other
    return found[True], found[False]
