"""A cut of EIP-2535: what it does to each function, and its call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from itertools import groupby
from typing import NamedTuple

from ape_diamond._codec import Function
from ape_diamond._values import ZERO_ADDRESS

DIAMOND_CUT = Function(
    "diamondCut((address,uint8,bytes4[])[],address,bytes)",
    ("(address,uint8,bytes4[])[]", "address", "bytes"),
)


NO_INIT = (ZERO_ADDRESS, b"")
"""A cut that runs nothing afterwards: no contract, and no calldata for it."""


class CutAction(IntEnum):
    """What a cut does to functions, numbered as in EIP-2535."""

    ADD = 0
    REPLACE = 1
    REMOVE = 2


# Removals stand first, so that nothing is refused that makes room for itself.
_ORDER = (CutAction.REMOVE, CutAction.REPLACE, CutAction.ADD)


@dataclass(frozen=True, slots=True)
class FunctionChange:
    """What a plan does to one function of a diamond.

    function: its signature, empty where no ABI at hand has it.
    facet: the name of the facet that gets or has it, empty when it is removed.
    before, after: the facet's address on either side.
    """

    action: CutAction
    selector: bytes
    function: str
    facet: str
    before: str | None
    after: str | None


class FacetCut(NamedTuple):
    """An entry of a cut: one action on functions of one facet, zeros where they are removed."""

    facet: str
    action: CutAction
    selectors: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where a function is meant to be: the facet's address and name, the function's signature."""

    address: str
    facet: str
    function: str


def changes_between(
    now: Mapping[bytes, str], wanted: Mapping[bytes, Wanted], removed: Iterable[bytes] = ()
) -> list[FunctionChange]:
    """What brings a diamond to `wanted`, in the order of a cut.

    `now` is the facet of each selector. Functions of neither argument stay where they are; one that
    is wanted is not `removed`.
    """
    changes = [
        FunctionChange(
            CutAction.ADD if selector not in now else CutAction.REPLACE,
            selector,
            meant.function,
            meant.facet,
            now.get(selector),
            meant.address,
        )
        for selector, meant in wanted.items()
        if now.get(selector) != meant.address
    ]
    changes += [
        FunctionChange(CutAction.REMOVE, selector, "", "", now[selector], None)
        for selector in removed
        if selector in now and selector not in wanted
    ]
    return sorted(changes, key=lambda change: _ORDER.index(change.action))


def cuts_of(changes: Iterable[FunctionChange]) -> list[FacetCut]:
    """The changes as one cut has them: an entry for each action and facet."""
    grouped = groupby(changes, key=lambda change: (change.action, change.after))
    return [
        FacetCut(after or ZERO_ADDRESS, action, tuple(change.selector for change in group))
        for (action, after), group in grouped
    ]


def cut_call(
    changes: Iterable[FunctionChange], init: str = NO_INIT[0], init_data: bytes = NO_INIT[1]
) -> bytes:
    """Calldata of `diamondCut`, which then runs `init`, if it is a contract, with `init_data`."""
    return DIAMOND_CUT.encode(cuts_of(changes), init, init_data)
