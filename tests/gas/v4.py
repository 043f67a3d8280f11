"""A market on a real Uniswap V4 pool as deep as the V3 one, with a feed, and strikes on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from macrostrike.abi import diamond_abi
from macrostrike.build import ours
from macrostrike.types import MarketConfig, OracleKind, Venue

from ..evm import ZERO, Payer
from ..unit.amm.v4 import SPACING, V4, Key
from .environment import PRICE, Env

FEE = 500
_DEPTH = 100_000_000 * 10**6
_FEED = ours("HostileFeed")
_FEED_DECIMALS = 8
_DAY = 86_400


@dataclass(frozen=True)
class V4Market:
    """Market `id` of the environment."""

    env: Env
    v4: V4
    key: Key
    feed: str
    id: int

    def move_price(self, share: Decimal) -> None:
        """Of pool and feed: the usual price and that share of it more."""
        price = Fraction(PRICE * (1 + share))
        base_first = self.key[0] == self.env.world.venues.fixtures.base
        raw = price / 10**12
        self.v4.move(self.key, raw if base_first else 1 / raw)
        tell_feed(self.v4, self.feed, price)


def open_market(env: Env) -> V4Market:
    """At the usual price, with the rules of the market on V3 but for the oracle."""
    venues = env.world.venues
    at = venues.fixtures
    v4 = V4(env.chain, venues.maker, at.base)
    amounts = {at.quote: _DEPTH, at.base: int(_DEPTH * 10**12 / PRICE)}
    venues.provide(v4.address, quote=2 * amounts[at.quote], base=2 * amounts[at.base])
    for token in amounts:
        v4.allow(token)
    token0, token1 = sorted(amounts, key=str.lower)
    key = (token0, token1, FEE, SPACING, ZERO)
    v4.create_pool(key, amounts)
    feed = v4.deploy(_FEED, _FEED_DECIMALS)
    tell_feed(v4, feed, Fraction(PRICE))
    rules = env.client.market(0).rules
    config = MarketConfig(
        base=at.base,
        pool=v4.manager,
        factory=v4.manager,
        feed=feed,
        fee=FEE,
        tick_spacing=SPACING,
        rules=replace(rules, oracle=OracleKind.FEED, oracle_window=_DAY),
    )
    owner = Payer(env.chain, env.world.owner)
    owner.tell(diamond_abi(), env.world.diamond, "setFactory", v4.manager, Venue.UNISWAP_V4, True)
    owner.tell(diamond_abi(), env.world.diamond, "registerMarket", config)
    return V4Market(env, v4, key, feed, 1)


def tell_feed(by: Payer, feed: str, price: Fraction) -> None:
    """What the feed answers from now on, quote for a base."""
    answer = int(price * 10**_FEED_DECIMALS)
    by.tell(_FEED, feed, "tell", answer, by.chain.timestamp(pending=True), False)
