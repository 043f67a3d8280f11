"""Market paths: prices by the minute, from files or from a seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike._lazy import lazy_exports

if TYPE_CHECKING:
    from macrostrike.market._paths import (
        DATA,
        Bar,
        Market,
        PricesInvalid,
        find_market,
        read_market,
        synthetic_market,
    )

__all__ = [
    "DATA",
    "Bar",
    "Market",
    "PricesInvalid",
    "find_market",
    "read_market",
    "synthetic_market",
]

_MODULES = {
    "._paths": (
        "Bar",
        "DATA",
        "Market",
        "PricesInvalid",
        "find_market",
        "read_market",
        "synthetic_market",
    ),
}

__getattr__, __dir__ = lazy_exports(
    __name__, {name: module for module, names in _MODULES.items() for name in names}
)
