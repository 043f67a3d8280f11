"""A market on the local venue's Uniswap V2 pair, with a feed."""

from __future__ import annotations

from dataclasses import replace

from macrostrike import MacroStrike
from macrostrike.abi import diamond_abi
from macrostrike.build import ours
from macrostrike.testing import World
from macrostrike.types import MarketConfig, OracleKind

from ..evm import Payer

PRICE = 1600
_FEED, _FEED_DECIMALS, _WEEK = ours("HostileFeed"), 8, 7 * 86_400


def open_pair_market(world: World) -> int:
    """Its id. The feed's answer stays what it is for a week."""
    at, owner = world.venues.fixtures, Payer(world.transport, world.owner)
    maker = Payer(world.transport, world.venues.maker)
    feed, now = maker.deploy(_FEED, _FEED_DECIMALS), world.transport.timestamp(pending=True)
    maker.tell(_FEED, feed, "tell", PRICE * 10**_FEED_DECIMALS, now, False)
    client = MacroStrike(world.transport, world.diamond)
    rules = replace(client.market(0).rules, oracle=OracleKind.FEED, oracle_window=_WEEK)
    config = MarketConfig(
        base=at.base, pool=at.pair, factory=at.pair_factory, feed=feed, rules=rules
    )
    owner.tell(diamond_abi(), world.diamond, "registerMarket", config)
    return len(client.markets()) - 1
