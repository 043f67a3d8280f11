"""Real Uniswap V2 and V3 on a local chain, and the accounts that every local chain knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike._lazy import lazy_exports

if TYPE_CHECKING:
    from macrostrike.devchain._accounts import local_account
    from macrostrike.devchain._pair import Pair
    from macrostrike.devchain._venues import (
        BASE_DECIMALS,
        FEE,
        QUOTE_DECIMALS,
        Fixtures,
        Venues,
        deploy_venues,
        local_fixtures,
        pool_address,
        sqrt_price_x96,
    )

__all__ = [
    "BASE_DECIMALS",
    "FEE",
    "QUOTE_DECIMALS",
    "Fixtures",
    "Pair",
    "Venues",
    "deploy_venues",
    "local_account",
    "local_fixtures",
    "pool_address",
    "sqrt_price_x96",
]

_MODULES = {
    "._accounts": ("local_account",),
    "._pair": ("Pair",),
    "._venues": (
        "BASE_DECIMALS",
        "FEE",
        "QUOTE_DECIMALS",
        "Fixtures",
        "Venues",
        "deploy_venues",
        "local_fixtures",
        "pool_address",
        "sqrt_price_x96",
    ),
}

__getattr__, __dir__ = lazy_exports(
    __name__, {name: module for module, names in _MODULES.items() for name in names}
)
