"""Compiled contracts, their code hashes, CREATE2 addresses and storage layouts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike._lazy import lazy_exports

if TYPE_CHECKING:
    from macrostrike.build._code import code_hash, masked
    from macrostrike.build._contracts import (
        DIAMOND,
        NPM,
        ROOT,
        Contract,
        built_hashes,
        contract,
        created_address,
        immutable_places,
        npm,
        ours,
    )
    from macrostrike.build._create2 import (
        FACET_SALT,
        PROXY,
        PROXY_COST,
        PROXY_CREATION,
        PROXY_CREATOR,
        PROXY_RUNTIME,
        PROXY_TRANSACTION,
        create2_address,
        diamond_salt,
    )
    from macrostrike.build._layout import (
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

__all__ = [
    "DIAMOND",
    "FACET_SALT",
    "NPM",
    "PROXY",
    "PROXY_COST",
    "PROXY_CREATION",
    "PROXY_CREATOR",
    "PROXY_RUNTIME",
    "PROXY_TRANSACTION",
    "ROOT",
    "Contract",
    "Field",
    "Layout",
    "LayoutChange",
    "LayoutFault",
    "Namespace",
    "built_hashes",
    "code_hash",
    "compare_layouts",
    "contract",
    "create2_address",
    "created_address",
    "diamond_salt",
    "enum_members",
    "first_slot",
    "immutable_places",
    "load_layout",
    "masked",
    "npm",
    "ours",
    "parse_layout",
    "require_compatible",
    "struct_fields",
]

_MODULES = {
    "._code": (
        "code_hash",
        "masked",
    ),
    "._contracts": (
        "Contract",
        "DIAMOND",
        "NPM",
        "ROOT",
        "built_hashes",
        "contract",
        "created_address",
        "immutable_places",
        "npm",
        "ours",
    ),
    "._create2": (
        "FACET_SALT",
        "PROXY",
        "PROXY_COST",
        "PROXY_CREATION",
        "PROXY_CREATOR",
        "PROXY_RUNTIME",
        "PROXY_TRANSACTION",
        "create2_address",
        "diamond_salt",
    ),
    "._layout": (
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
}

__getattr__, __dir__ = lazy_exports(
    __name__, {name: module for module, names in _MODULES.items() for name in names}
)
