"""Market paths: prices by the minute, from files or from a seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike._lazy import lazy_exports

if TYPE_CHECKING:
    from macrostrike.market._bars import Bar, Market, PricesInvalid
    from macrostrike.market._files import DATA, find_market, read_market
    from macrostrike.market._synthetic import synthetic_market

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
    "._bars": ("Bar", "Market", "PricesInvalid"),
    "._files": ("DATA", "find_market", "read_market"),
    "._synthetic": ("synthetic_market",),
}

__getattr__, __dir__ = lazy_exports(
    __name__, {name: module for module, names in _MODULES.items() for name in names}
)
