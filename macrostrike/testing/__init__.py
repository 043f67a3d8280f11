"""A deployed diamond with venue and accounts on a local chain, for tests, demo and replay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike._lazy import lazy_exports

if TYPE_CHECKING:
    from macrostrike.testing._local import World, deploy_world

__all__ = ["World", "deploy_world"]

_MODULES = {
    "._local": (
        "World",
        "deploy_world",
    ),
}

__getattr__, __dir__ = lazy_exports(
    __name__, {name: module for module, names in _MODULES.items() for name in names}
)
