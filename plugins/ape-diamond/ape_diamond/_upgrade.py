"""Cuts of diamonds by ERC-8153, whose `upgradeDiamond` takes whole facets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ape_diamond._codec import Function
from ape_diamond._cut import DIAMOND_CUT, CutAction, FunctionChange, cut_call
from ape_diamond._values import selector_of
from ape_diamond.errors import CannotPlan

_TYPES = (
    *("address[]", "(address,address)[]", "address[]"),
    *("address", "bytes", "bytes32", "bytes"),
)
UPGRADE_DIAMOND = Function(f"upgradeDiamond({','.join(_TYPES)})", _TYPES)


@dataclass(frozen=True, slots=True)
class FacetChanges:
    """What an upgrade does to facets. `replaced` are pairs of the old and the new one."""

    added: tuple[str, ...]
    replaced: tuple[tuple[str, str], ...]
    removed: tuple[str, ...]


def call_of(
    functions: Mapping[bytes, str], changes: Sequence[FunctionChange], init: str, init_data: bytes
) -> bytes:
    """Calldata that makes the changes: of `diamondCut` where the diamond has it, or else of
    `upgradeDiamond`.

    `functions` are those before. Raises `CannotPlan` where it has neither, and where the changes
    are not of whole facets but have to be.
    """
    if selector_of(DIAMOND_CUT.signature) in functions:
        return cut_call(changes, init, init_data)
    if selector_of(UPGRADE_DIAMOND.signature) not in functions:
        raise CannotPlan(["the diamond has neither diamondCut nor upgradeDiamond: it can't be cut"])
    facets = facet_changes(functions, changes)
    return UPGRADE_DIAMOND.encode(
        facets.added, facets.replaced, facets.removed, init, init_data, bytes(32), b""
    )


def facet_changes(
    functions: Mapping[bytes, str], changes: Sequence[FunctionChange]
) -> FacetChanges:
    """The changes as those of whole facets. Raises `CannotPlan` where they are not."""
    changed = {change.selector for change in changes}
    kept = {facet for selector, facet in functions.items() if selector not in changed}
    left = list(dict.fromkeys(change.before for change in changes if change.before))
    new = list(dict.fromkeys(change.after for change in changes if change.after))
    reasons = [f"functions of {each} would stay, and others go" for each in left if each in kept]
    reasons += [f"{facet} has functions already" for facet in new if facet in kept]
    replaced = dict(_replacements(changes, reasons))
    if reasons:
        raise CannotPlan(["upgradeDiamond takes whole facets", *reasons])
    return FacetChanges(
        added=tuple(facet for facet in new if facet not in replaced.values()),
        replaced=tuple(replaced.items()),
        removed=tuple(facet for facet in left if facet not in replaced),
    )


def _replacements(
    changes: Sequence[FunctionChange], reasons: list[str]
) -> Iterator[tuple[str, str]]:
    pairs = dict.fromkeys(
        (change.before, change.after)
        for change in changes
        if change.action is CutAction.REPLACE and change.before and change.after
    )
    olds, news = [old for old, _ in pairs], [new for _, new in pairs]
    for old, new in pairs:
        if olds.count(old) > 1 or news.count(new) > 1:
            reasons.append(f"functions of {old} would go to {new}, and others elsewhere")
        yield old, new
