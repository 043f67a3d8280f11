"""Compiled contracts, and their CREATE2 addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike._lazy import lazy_exports

if TYPE_CHECKING:
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
    "built_hashes",
    "contract",
    "create2_address",
    "created_address",
    "diamond_salt",
    "immutable_places",
    "npm",
    "ours",
]

_MODULES = {
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
}

__getattr__, __dir__ = lazy_exports(
    __name__, {name: module for module, names in _MODULES.items() for name in names}
)
