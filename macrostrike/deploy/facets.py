"""A diamond's facets: what they bring, and whether a diamond has them as they were built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from eth_utils.abi import abi_to_signature

from macrostrike.abi import Abi, artifact
from macrostrike.deploy._code import masked
from macrostrike.deploy._contracts import Contract
from macrostrike.deploy.checks import Check
from macrostrike.deploy.snapshot import DiamondState


def facet_selectors(name: str) -> dict[bytes, str]:
    """The functions that a facet brings into a diamond: the signature of each selector."""
    signatures = (abi_to_signature(e) for e in artifact(name).abi if e["type"] == "function")  # type: ignore[arg-type]
    abi = Abi(artifact(name).abi)
    # Asked of the facet itself: two facets could not both have it in the diamond.
    return {abi.selector(s): s for s in signatures if s != "exportSelectors()"}


def check_facets(diamond: DiamondState, facets: Mapping[str, Contract]) -> Iterator[Check]:
    """Whether each facet's functions are on one contract that has its code, and no others are."""
    meant: set[bytes] = set()
    for name, contract in facets.items():
        selectors = facet_selectors(name)
        meant |= selectors.keys()
        homes = {diamond.functions.get(selector) for selector in selectors}
        home = next(iter(homes))
        as_built = len(homes) == 1 and home is not None
        expected = f"{len(selectors)} functions of one contract"
        missing = [s for selector, s in selectors.items() if selector not in diamond.functions]
        actual = (
            f"without {', '.join(missing)}" if missing else f"spread over {len(homes)} contracts"
        )
        yield Check(f"functions of {name}", expected, expected if as_built else actual, as_built)
        if as_built and home is not None:
            same = masked(diamond.codes[home], contract.immutables) == masked(contract.runtime)
            yield Check(f"code of {name}", "as built", "as built" if same else "other code", same)
    extra = sorted(selector.hex() for selector in diamond.functions.keys() - meant)
    shown = ", ".join(f"0x{selector}" for selector in extra) or "none"
    yield Check("other functions", "none", shown, not extra)
