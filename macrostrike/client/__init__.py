"""The client: strikes, settlements and the books of one deployed diamond."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike._lazy import lazy_exports

if TYPE_CHECKING:
    from macrostrike.client._aio import AsyncMacroStrike
    from macrostrike.client._client import DEFAULT_SLIPPAGE_BPS, MacroStrike, Order, Signature
    from macrostrike.client._lookup import SentTransaction

__all__ = [
    "DEFAULT_SLIPPAGE_BPS",
    "AsyncMacroStrike",
    "MacroStrike",
    "Order",
    "SentTransaction",
    "Signature",
]

_MODULES = {
    "._aio": ("AsyncMacroStrike",),
    "._client": ("DEFAULT_SLIPPAGE_BPS", "MacroStrike", "Order", "Signature"),
    "._lookup": ("SentTransaction",),
}

__getattr__, __dir__ = lazy_exports(
    __name__, {name: module for module, names in _MODULES.items() for name in names}
)
