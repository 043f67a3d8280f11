"""What a cut may break: each risk has a name, and is refused unless that name is allowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from ape_diamond._cut import DIAMOND_CUT, NO_INIT, CutAction, FunctionChange
from ape_diamond._layout import Layout, compare_layouts
from ape_diamond._upgrade import UPGRADE_DIAMOND
from ape_diamond._values import ZERO_ADDRESS, selector_of, shown

_PUSH4 = b"\x63"
_LOUPE = {
    selector_of(signature): signature
    for signature in (
        "facets()",
        "facetFunctionSelectors(address)",
        "facetAddresses()",
        "facetAddress(bytes4)",
    )
}
_OWNERSHIP = {
    selector_of(signature): signature for signature in ("owner()", "transferOwnership(address)")
}
_CUT = {selector_of(each.signature): each.name for each in (DIAMOND_CUT, UPGRADE_DIAMOND)}


class Risk(Enum):
    """What a cut may break."""

    NO_CUT = "no-cut"
    """The diamond could not be cut again."""
    NO_LOUPE = "no-loupe"
    """Tools could no longer ask what it has."""
    NO_OWNER = "no-owner"
    """Its ownership could no longer be read or transferred."""
    ITSELF = "itself"
    """Its own facet: a call would recurse until its gas is spent."""
    NO_CODE = "no-code"
    """A facet or an initializer without code: calls would succeed without doing anything."""
    IMMUTABLE = "immutable"
    """A function that is in the diamond's own code, which most diamonds refuse to cut."""
    LAYOUT = "layout"
    """New code would read storage as what it is not."""
    UNCHECKED_LAYOUT = "unchecked-layout"
    """Whether it would is not known: no layouts were given."""


@dataclass(frozen=True, slots=True)
class CutFacts:
    """What the risks of a cut depend on.

    functions: the facet of each selector now. codes: of every facet and initializer that the cut
    names. layouts: of the storage, as deployed and as the new code has it; None where not given.
    """

    diamond: str
    functions: Mapping[bytes, str]
    changes: Sequence[FunctionChange]
    codes: Mapping[str, bytes]
    init: str = NO_INIT[0]
    layouts: tuple[Layout, Layout] | None = field(default=None, repr=False)


def risks_of(cut: CutFacts) -> dict[Risk, list[str]]:
    """The risks of a cut, each with what is wrong, one line each."""
    found: dict[Risk, list[str]] = {}
    for risk, why in _risks(cut):
        lines = found.setdefault(risk, [])
        if why not in lines:
            lines.append(why)
    return found


def _risks(cut: CutFacts) -> Iterator[tuple[Risk, str]]:
    for risk, core in (
        (Risk.NO_CUT, _CUT),
        (Risk.NO_LOUPE, _LOUPE),
        (Risk.NO_OWNER, _OWNERSHIP),
    ):
        yield from ((risk, why) for why in _lost(cut, core))
    for change in cut.changes:
        if change.before == cut.diamond:
            why = f"{_named(change)} is in the diamond's own code"
            yield Risk.IMMUTABLE, why
        if change.after == cut.diamond:
            yield Risk.ITSELF, f"{_named(change)} would be on the diamond itself"
        elif change.after is not None and not cut.codes[change.after]:
            yield Risk.NO_CODE, f"facet {change.after} has no code"
    if cut.init != ZERO_ADDRESS and not cut.codes[cut.init]:
        yield Risk.NO_CODE, f"initializer {cut.init} has no code"
    yield from _storage(cut)


def _lost(cut: CutFacts, core: Mapping[bytes, str]) -> Iterator[str]:
    """Core functions that are removed, or put on code that does not have them."""
    for change in cut.changes:
        if change.selector not in core or change.action is CutAction.ADD:
            continue
        if change.after is None:
            yield f"{core[change.selector]} would be removed"
        elif cut.codes[change.after] and _PUSH4 + change.selector not in cut.codes[change.after]:
            yield f"{core[change.selector]} would be on {change.after}, whose code does not have it"


def _storage(cut: CutFacts) -> Iterator[tuple[Risk, str]]:
    if cut.layouts is not None:
        for fault in compare_layouts(*cut.layouts):
            yield Risk.LAYOUT, f"storage {fault}"
    elif any(change.after is not None for change in cut.changes) or cut.init != ZERO_ADDRESS:
        yield (
            Risk.UNCHECKED_LAYOUT,
            "storage was not compared: give the layouts of what is deployed and of the new code",
        )


def _named(change: FunctionChange) -> str:
    return change.function or shown(change.selector)
