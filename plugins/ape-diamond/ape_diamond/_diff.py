"""Where two diamonds differ, or one diamond at two times: function by function."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ape_diamond._loupe import DiamondView
from ape_diamond._values import checked_address, shown, to_bytes
from ape_diamond.errors import DiamondError


@dataclass(frozen=True, slots=True)
class Place:
    """Where a function is. `code_hash` is its facet's, None where only the address is known."""

    address: str
    code_hash: str | None = None

    def is_same(self, other: Place) -> bool:
        """Whether the function runs the same code there. The same address does, without hashes."""
        if self.code_hash is None or other.code_hash is None:
            return self.address == other.address
        return self.code_hash == other.code_hash


@dataclass(frozen=True, slots=True)
class Difference:
    """A function that is on one side only, or on other code."""

    selector: bytes
    here: Place | None
    there: Place | None

    @property
    def kind(self) -> str:
        """`only here`, `only there` or `other code`."""
        if self.there is None:
            return "only here"
        return "only there" if self.here is None else "other code"


Places = Mapping[bytes, Place]
"""Where each function of a diamond is, by selector."""


def places_of(view: DiamondView) -> dict[bytes, Place]:
    """Where a diamond's functions are."""
    return {
        selector: Place(facet.address, facet.code_hash)
        for facet in view.facets
        for selector in facet.functions
    }


def differences(here: Places, there: Places) -> list[Difference]:
    """All of them, by selector."""
    found = []
    for selector in sorted(here.keys() | there.keys()):
        ours, theirs = here.get(selector), there.get(selector)
        if ours is None or theirs is None or not ours.is_same(theirs):
            found.append(Difference(selector, ours, theirs))
    return found


def view_to_json(view: DiamondView) -> dict[str, Any]:
    """A diamond as `ape diamond inspect --json` prints it, and `read_places` reads it."""
    return {
        "address": view.address,
        "chain_id": view.chain_id,
        "block": view.block,
        "owner": view.owner,
        "pending_owner": view.pending_owner,
        "interfaces": list(view.interfaces),
        "facets": [
            {
                "address": facet.address,
                "name": facet.name,
                "code_hash": facet.code_hash,
                "code_size": facet.code_size,
                "functions": {shown(s): name for s, name in facet.functions.items()},
            }
            for facet in view.facets
        ],
        "faults": list(view.faults),
    }


def read_places(path: Path) -> dict[bytes, Place]:
    """From a file of `view_to_json`. Raises `DiamondError` where it is another."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {
            to_bytes(selector): Place(checked_address(facet["address"]), facet["code_hash"])
            for facet in content["facets"]
            for selector in facet["functions"]
        }
    except (OSError, ValueError, KeyError, TypeError) as failure:
        raise DiamondError(
            f"{path} is not what `ape diamond inspect --json` prints: {failure!r}"
        ) from None
