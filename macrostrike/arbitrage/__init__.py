"""Arbitrage: pools, what they would trade to the unit, and the cycles that earn something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike._lazy import lazy_exports

if TYPE_CHECKING:
    from macrostrike.arbitrage._errors import (
        AmountRefused,
        ArbitrageError,
        Excluded,
        Fault,
        GasOverProfit,
        PoolInvalid,
        SnapshotInvalid,
        TokenNotInPool,
    )
    from macrostrike.arbitrage._find import Find
    from macrostrike.arbitrage._keys import pair_key, pool_key
    from macrostrike.arbitrage._markets import pool_of, strike_market
    from macrostrike.arbitrage._prices import reference_prices, screen
    from macrostrike.arbitrage._registered import emitters, read_pools
    from macrostrike.arbitrage._search import Hop, Opportunity, search
    from macrostrike.arbitrage._snapshot import Auction, Token, read_auction, read_pool
    from macrostrike.arbitrage.pools._pool import Pool
    from macrostrike.arbitrage.pools._ticks import TickMap, sqrt_price_at
    from macrostrike.arbitrage.pools.concentrated import ConcentratedPool
    from macrostrike.arbitrage.pools.constant_product import ConstantProductPool
    from macrostrike.arbitrage.pools.stable import StablePool
    from macrostrike.arbitrage.pools.weighted import WeightedPool
    from macrostrike.arbitrage.venues import VENUES, venue_named

__all__ = [
    "VENUES",
    "AmountRefused",
    "ArbitrageError",
    "Auction",
    "ConcentratedPool",
    "ConstantProductPool",
    "Excluded",
    "Fault",
    "Find",
    "GasOverProfit",
    "Hop",
    "Opportunity",
    "Pool",
    "PoolInvalid",
    "SnapshotInvalid",
    "StablePool",
    "TickMap",
    "Token",
    "TokenNotInPool",
    "WeightedPool",
    "emitters",
    "pair_key",
    "pool_key",
    "pool_of",
    "read_auction",
    "read_pool",
    "read_pools",
    "reference_prices",
    "screen",
    "search",
    "sqrt_price_at",
    "strike_market",
    "venue_named",
]

_MODULES = {
    "._errors": (
        "AmountRefused",
        "ArbitrageError",
        "Excluded",
        "Fault",
        "GasOverProfit",
        "PoolInvalid",
        "SnapshotInvalid",
        "TokenNotInPool",
    ),
    ".pools._pool": ("Pool",),
    ".pools._ticks": ("TickMap", "sqrt_price_at"),
    ".pools.concentrated": ("ConcentratedPool",),
    ".pools.constant_product": ("ConstantProductPool",),
    ".pools.stable": ("StablePool",),
    ".pools.weighted": ("WeightedPool",),
    ".venues": ("VENUES", "venue_named"),
    "._find": ("Find",),
    "._prices": ("reference_prices", "screen"),
    "._keys": ("pair_key", "pool_key"),
    "._markets": ("pool_of", "strike_market"),
    "._registered": ("emitters", "read_pools"),
    "._search": ("Hop", "Opportunity", "search"),
    "._snapshot": ("Auction", "Token", "read_auction", "read_pool"),
}

__getattr__, __dir__ = lazy_exports(
    __name__, {name: module for module, names in _MODULES.items() for name in names}
)
