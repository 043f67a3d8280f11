"""A diamond's facets: what they bring, whether a diamond has them as built, and what would be cut.

A function belongs to the facet that the manifest says. One that another facet answers is never
taken over: somebody put it there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ape_diamond import CutAction, FunctionChange, Wanted, changes_between, code_hash
from macrostrike._counts import counted
from macrostrike.build import FACET_SALT, Contract, create2_address
from macrostrike.deploy.plan._checks import Check
from macrostrike.deploy.state.snapshot import DiamondState
from macrostrike.errors.deploying import SelectorConflict


@dataclass(frozen=True, slots=True)
class Difference:
    """Between a diamond's functions and those that were compiled.

    changes: in the order of the cut.
    homes: where each facet is, or goes.
    unknown: functions that neither the manifest nor the target knows, and their facets.
    """

    changes: tuple[FunctionChange, ...]
    homes: Mapping[str, str]
    unknown: Mapping[bytes, str]


def facet_address(facet: Contract) -> str:
    """Where a facet goes."""
    return create2_address(FACET_SALT, facet.create())


def additions(
    facets: Mapping[str, Contract], homes: Mapping[str, str]
) -> tuple[FunctionChange, ...]:
    """Those of a new diamond. `homes` are where the facets go."""
    return tuple(
        FunctionChange(CutAction.ADD, selector, function, name, None, homes[name])
        for name, facet in facets.items()
        for selector, function in facet.functions.items()
    )


def difference(
    diamond: DiamondState, facets: Mapping[str, Contract], known: Mapping[bytes, str]
) -> Difference:
    """What a diamond lacks of these facets, and what it has too much.

    `known` is the facet of each selector as the manifest has it. A facet whose code is there stays
    where it is, metadata aside. Raises `SelectorConflict`.
    """
    homes = {name: _home(diamond, facet) for name, facet in facets.items()}
    wanted = {s: (name, f) for name, c in facets.items() for s, f in c.functions.items()}
    conflicts = [
        f"0x{selector.hex()} {wanted[selector][1]} is on {facet}, "
        f"where {known.get(selector, 'no facet')} is expected"
        for selector, facet in diamond.functions.items()
        if selector in wanted and facet not in (known.get(selector), homes[wanted[selector][0]])
    ]
    if conflicts:
        raise SelectorConflict(conflicts)
    others = {s: facet for s, facet in diamond.functions.items() if s not in wanted}
    removed = [selector for selector, facet in others.items() if known.get(selector) == facet]
    meant = {s: Wanted(homes[name], name, function) for s, (name, function) in wanted.items()}
    changes = changes_between(diamond.functions, meant, removed)
    unknown = {s: facet for s, facet in others.items() if s not in removed}
    return Difference(tuple(changes), homes, unknown)


def check_facets(diamond: DiamondState, facets: Mapping[str, Contract]) -> Iterator[Check]:
    """Whether each facet's functions are on one contract that has its code, and no others are."""
    for name, contract in facets.items():
        selectors = contract.functions
        homes = {diamond.functions.get(selector) for selector in selectors}
        home = next(iter(homes))
        as_built = len(homes) == 1 and home is not None
        expected = f"{counted(len(selectors), 'function')} of one contract"
        missing = [s for selector, s in selectors.items() if selector not in diamond.functions]
        actual = (
            f"without {', '.join(missing)}" if missing else f"spread over {len(homes)} contracts"
        )
        yield Check(f"functions of {name}", expected, expected if as_built else actual, as_built)
        if as_built and home is not None:
            yield check_code(name, contract, diamond.codes[home])
    meant = {selector for contract in facets.values() for selector in contract.functions}
    extra = sorted(diamond.functions.keys() - meant)
    shown = ", ".join(f"0x{s.hex()} on {diamond.functions[s]}" for s in extra) or "none"
    yield Check("other functions", "none", shown, not extra)


def check_code(name: str, contract: Contract, code: bytes) -> Check:
    """Whether code is a contract's, metadata and immutables aside, by its hash."""
    meant = code_hash(contract.runtime, contract.immutables)
    actual = code_hash(code, contract.immutables)
    return Check(f"code of {name}", meant, actual, meant == actual)


def _home(diamond: DiamondState, facet: Contract) -> str:
    """Where the facet's code is in use already, or else where it goes."""
    meant = code_hash(facet.runtime, facet.immutables)
    for selector in facet.functions:
        there = diamond.functions.get(selector)
        if there is not None and code_hash(diamond.codes[there], facet.immutables) == meant:
            return there
    return facet_address(facet)
