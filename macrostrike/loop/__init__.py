"""What runs all day: strikes from predictions, and the arbitrage watch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike._lazy import lazy_exports

if TYPE_CHECKING:
    from macrostrike.loop._watch import Seen, Watch

__all__ = ["Seen", "Watch"]

_MODULES = {
    "._watch": (
        "Seen",
        "Watch",
    ),
}

__getattr__, __dir__ = lazy_exports(
    __name__, {name: module for module, names in _MODULES.items() for name in names}
)
