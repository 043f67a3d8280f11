"""What people type for a cut, as what it means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ape_diamond._loupe import DiamondView
from ape_diamond._values import ADDRESS_BYTES, checked_address, selector_of, to_bytes
from ape_diamond.errors import DiamondError
from ape_diamond.plan import WantedFacet


def removed_by(
    given: Sequence[str], view: DiamondView, wanted: Sequence[WantedFacet]
) -> tuple[bytes, ...]:
    """The selectors that are to go, by signature, selector or facet.

    Of a facet they are those that no wanted facet has. Raises `DiamondError`.
    """
    kept = {selector for facet in wanted for selector in facet.functions}
    return tuple(dict.fromkeys(s for each in given for s in _selectors(each, view, kept)))


def _selectors(given: str, view: DiamondView, kept: set[bytes]) -> Iterator[bytes]:
    if not given.startswith("0x"):
        yield selector_of(given)
        return
    try:
        found = to_bytes(given)
    except ValueError as failure:
        raise DiamondError(str(failure)) from None
    if len(found) != ADDRESS_BYTES:
        yield found
        return
    address = checked_address(given)
    here = [selector for selector, facet in view.functions.items() if facet == address]
    if not here:
        raise DiamondError(f"{view.address} has no facet {address}")
    yield from (selector for selector in here if selector not in kept)
