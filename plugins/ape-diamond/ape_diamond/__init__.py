"""EIP-2535 diamonds: loupe, history, one ABI of all facets, cuts and what they may break.

Importing it does not import Ape: that is what `ape_diamond.ape` and the commands do.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from pluggy import HookimplMarker

if TYPE_CHECKING:
    from ape_diamond._abis import MergedAbi, NamedAbi, merge_abis, read_abis
    from ape_diamond._code import code_hash, masked
    from ape_diamond._cut import (
        NO_INIT,
        CutAction,
        FacetCut,
        FunctionChange,
        Wanted,
        changes_between,
        cut_call,
        cuts_of,
    )
    from ape_diamond._diff import Difference, Place, differences, places_of
    from ape_diamond._history import (
        Change,
        Cut,
        cut_history,
        exported_selectors,
        history_faults,
        rebuild_functions,
    )
    from ape_diamond._layout import (
        Field,
        Layout,
        LayoutChange,
        LayoutFault,
        Namespace,
        compare_layouts,
        enum_members,
        first_slot,
        load_layout,
        parse_layout,
        require_compatible,
        struct_fields,
    )
    from ape_diamond._loupe import INTERFACES, DiamondView, FacetView, inspect_diamond
    from ape_diamond._proxy import implementation_of

__version__ = "0.1.0"

_MODULES = {
    "_abis": ("MergedAbi", "NamedAbi", "merge_abis", "read_abis"),
    "_code": ("code_hash", "masked"),
    "_cut": (
        "NO_INIT",
        "CutAction",
        "FacetCut",
        "FunctionChange",
        "Wanted",
        "changes_between",
        "cut_call",
        "cuts_of",
    ),
    "_diff": ("Difference", "Place", "differences", "places_of"),
    "_history": (
        "Change",
        "Cut",
        "cut_history",
        "exported_selectors",
        "history_faults",
        "rebuild_functions",
    ),
    "_layout": (
        "Field",
        "Layout",
        "LayoutChange",
        "LayoutFault",
        "Namespace",
        "compare_layouts",
        "enum_members",
        "first_slot",
        "load_layout",
        "parse_layout",
        "require_compatible",
        "struct_fields",
    ),
    "_loupe": ("DiamondView", "FacetView", "INTERFACES", "inspect_diamond"),
    "_proxy": ("implementation_of",),
}
_EXPORTS = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "INTERFACES",
    "NO_INIT",
    "Change",
    "Cut",
    "CutAction",
    "DiamondView",
    "Difference",
    "FacetCut",
    "FacetView",
    "Field",
    "FunctionChange",
    "Layout",
    "LayoutChange",
    "LayoutFault",
    "MergedAbi",
    "NamedAbi",
    "Namespace",
    "Place",
    "Wanted",
    "changes_between",
    "code_hash",
    "compare_layouts",
    "cut_call",
    "cut_history",
    "cuts_of",
    "differences",
    "enum_members",
    "exported_selectors",
    "first_slot",
    "history_faults",
    "implementation_of",
    "inspect_diamond",
    "load_layout",
    "masked",
    "merge_abis",
    "parse_layout",
    "places_of",
    "read_abis",
    "rebuild_functions",
    "require_compatible",
    "struct_fields",
]


@HookimplMarker("ape")
def config_class() -> Any:
    """What Ape looks for here: the section `diamond:` of ape-config.yaml."""
    from ape_diamond._config import DiamondConfig

    return DiamondConfig


def __getattr__(name: str) -> Any:
    if name not in _EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"ape_diamond.{_EXPORTS[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*_EXPORTS, config_class.__name__])
