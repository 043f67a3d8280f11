"""Any EIP-2535 diamond: its loupe, its history of cuts, one merged ABI."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike._lazy import lazy_exports

if TYPE_CHECKING:
    from macrostrike.inspector._abis import MergedAbi, NamedAbi, merge_abis, read_abis
    from macrostrike.inspector._history import (
        Change,
        Cut,
        cut_history,
        history_faults,
        rebuild_functions,
    )
    from macrostrike.inspector._loupe import INTERFACES, DiamondView, FacetView, inspect_diamond
    from macrostrike.inspector._proxy import implementation_of

__all__ = [
    "INTERFACES",
    "Change",
    "Cut",
    "DiamondView",
    "FacetView",
    "MergedAbi",
    "NamedAbi",
    "cut_history",
    "history_faults",
    "implementation_of",
    "inspect_diamond",
    "merge_abis",
    "read_abis",
    "rebuild_functions",
]

_MODULES = {
    "._abis": (
        "MergedAbi",
        "NamedAbi",
        "merge_abis",
        "read_abis",
    ),
    "._history": (
        "Change",
        "Cut",
        "cut_history",
        "history_faults",
        "rebuild_functions",
    ),
    "._loupe": (
        "DiamondView",
        "FacetView",
        "INTERFACES",
        "inspect_diamond",
    ),
    "._proxy": ("implementation_of",),
}

__getattr__, __dir__ = lazy_exports(
    __name__, {name: module for module, names in _MODULES.items() for name in names}
)
