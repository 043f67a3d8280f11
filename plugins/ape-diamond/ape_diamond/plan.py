"""Plans of cuts: computed from a diamond and what it should have, written to a file, and valid for
what was found then alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from eth_utils.crypto import keccak

from ape_diamond._abis import EXPORT_SELECTORS, NamedAbi
from ape_diamond._cut import (
    NO_INIT,
    CutAction,
    FunctionChange,
    Wanted,
    changes_between,
)
from ape_diamond._history import exported_selectors
from ape_diamond._layout import Layout
from ape_diamond._loupe import DiamondView
from ape_diamond._risks import CutFacts, Risk, risks_of
from ape_diamond._upgrade import call_of
from ape_diamond._values import ZERO_ADDRESS, selector_of, shown, signature_of, to_bytes
from ape_diamond.chain import Chain
from ape_diamond.errors import CannotPlan, CutRefused, PlanMismatch
from ape_diamond.pinned import Hex, Part, Pinned, digest


@dataclass(frozen=True, slots=True)
class WantedFacet:
    """A facet that a diamond should have. `functions` are signatures by selector."""

    address: str
    name: str
    functions: Mapping[bytes, str]


@dataclass(frozen=True, slots=True)
class Request:
    """What a cut should do.

    facets: their functions are added, or replaced where they are on another facet.
    removed: selectors, and addresses of facets whose functions go; what a facet of `facets` has
    stays.
    layouts: of the storage, as deployed and as the new code has it.
    allowed: risks that are taken.
    """

    facets: Sequence[WantedFacet] = ()
    removed: Sequence[bytes] = ()
    init: str = NO_INIT[0]
    init_data: bytes = NO_INIT[1]
    layouts: tuple[Layout, Layout] | None = None
    allowed: Collection[Risk] = ()


class PlannedChange(Part):
    """What happens to one function."""

    action: Literal["add", "replace", "remove"]
    selector: Hex
    function: str
    facet: str
    before: Hex | None
    after: Hex | None


class CutPlan(Pinned):
    """A plan's file.

    owner: who must send it; None where the diamond names none. data: calldata of `diamondCut`,
    or of ERC-8153's `upgradeDiamond`.
    functions: the facet of each of the diamond's functions, when the plan was made.
    codes: hashes of the code of the diamond, and of every contract that the cut names.
    risks: those that were allowed, with what is wrong, one line each.
    """

    schema_version: Literal[1] = 1
    chain_id: int
    diamond: Hex
    owner: Hex | None
    changes: tuple[PlannedChange, ...]
    init: Hex
    init_data: Hex
    data: Hex
    functions: dict[Hex, Hex]
    codes: dict[Hex, Hex]
    risks: dict[str, tuple[str, ...]]

    def require(self, chain: Chain, view: DiamondView) -> None:
        """Raises `PlanMismatch` unless the chain is what the plan was made for.

        `view` is the diamond as it is now.
        """
        if differences := list(_differences(self, chain, view)):
            raise PlanMismatch(differences)

    def expected(self) -> dict[bytes, str]:
        """The facet of each selector, once the cut is made."""
        functions = {to_bytes(selector): facet for selector, facet in self.functions.items()}
        for change in self.changes:
            if change.after is None:
                functions.pop(to_bytes(change.selector))
            else:
                functions[to_bytes(change.selector)] = change.after
        return functions

    def function_changes(self) -> tuple[FunctionChange, ...]:
        """The changes, as cuts have them."""
        return tuple(
            FunctionChange(
                CutAction[change.action.upper()],
                to_bytes(change.selector),
                change.function,
                change.facet,
                change.before,
                change.after,
            )
            for change in self.changes
        )


def make_plan(chain: Chain, view: DiamondView, request: Request) -> CutPlan:
    """What to send so that a diamond does what is asked.

    Raises `CannotPlan`, with all the reasons, and `CutRefused` for risks that are not allowed.
    """
    now = view.functions
    changes = changes_between(now, _wanted(request.facets), request.removed)
    _require_possible(view, request, changes)
    signatures = view.abi.signatures()
    named = [_with_name(change, signatures) for change in changes]
    involved = {each.after for each in named if each.after}
    involved |= {request.init} - {ZERO_ADDRESS}
    codes = {address: chain.code(address) for address in involved}
    facts = CutFacts(view.address, now, named, codes, request.init, request.layouts)
    risks = risks_of(facts)
    if refused := {r.value: lines for r, lines in risks.items() if r not in request.allowed}:
        raise CutRefused(refused)
    content: dict[str, Any] = {
        "schema_version": 1,
        "chain_id": view.chain_id,
        "diamond": view.address,
        "owner": view.owner,
        "changes": [_planned(change) for change in named],
        "init": request.init,
        "init_data": shown(request.init_data),
        "data": shown(call_of(now, named, request.init, request.init_data)),
        "functions": {shown(selector): facet for selector, facet in now.items()},
        "codes": _hashes(chain, {*involved, view.address}),
        "risks": {risk.value: lines for risk, lines in risks.items()},
    }
    return CutPlan(**content, hash=digest(content))


def wanted_facet(chain: Chain, address: str, abi: NamedAbi | None = None) -> WantedFacet:
    """A facet with the functions of its ABI, or with those that it exports by ERC-8153.

    `exportSelectors()` itself is asked of a facet, and never cut in. Raises `CannotPlan`.
    """
    exported = exported_selectors(chain, address)
    if abi is None:
        if exported is None:
            raise CannotPlan([f"{address} does not answer {EXPORT_SELECTORS}: name its ABI"])
        return WantedFacet(address, "", dict.fromkeys(exported, ""))
    signatures = (signature_of(e) for e in abi.entries if e["type"] == "function")
    functions = {selector_of(each): each for each in signatures if each != EXPORT_SELECTORS}
    if exported is not None:
        # It knows better than its ABI, which may have helpers that are not for diamonds.
        functions = {selector: functions.get(selector, "") for selector in exported}
    return WantedFacet(address, abi.name, functions)


def is_applied(plan: CutPlan, view: DiamondView) -> bool:
    """Whether a diamond has what the plan's cut does."""
    return view.functions == plan.expected()


def _wanted(facets: Iterable[WantedFacet]) -> dict[bytes, Wanted]:
    wanted: dict[bytes, Wanted] = {}
    collisions = []
    for facet in facets:
        for selector, function in facet.functions.items():
            earlier = wanted.setdefault(selector, Wanted(facet.address, facet.name, function))
            if earlier.address != facet.address:
                name = function or earlier.function or shown(selector)
                other = f" ({earlier.function})" if earlier.function not in ("", name) else ""
                collisions.append(f"{name} of {facet.address} is also on {earlier.address}{other}")
    if collisions:
        raise CannotPlan(collisions)
    return wanted


def _require_possible(
    view: DiamondView, request: Request, changes: Sequence[FunctionChange]
) -> None:
    reasons = []
    if not changes and request.init == ZERO_ADDRESS:
        reasons.append("there is nothing to do: the diamond has it all")
    if request.init == ZERO_ADDRESS and request.init_data:
        reasons.append("there is calldata for an initializer, and no initializer")
    if any(change.after == ZERO_ADDRESS for change in changes):
        reasons.append("a facet is the zero address")
    reasons += [
        f"{shown(selector)} is on no facet, and can't be removed"
        for selector in request.removed
        if selector not in view.functions
    ]
    if reasons:
        raise CannotPlan(reasons)


def _differences(plan: CutPlan, chain: Chain, view: DiamondView) -> Iterator[str]:
    if view.chain_id != plan.chain_id:
        yield f"this is chain {view.chain_id}, the plan is for chain {plan.chain_id}"
    if view.address != plan.diamond:
        yield f"this is {view.address}, the plan is for {plan.diamond}"
    if view.owner != plan.owner:
        yield f"the owner is {view.owner}, when the plan was made it was {plan.owner}"
    then = {to_bytes(selector): facet for selector, facet in plan.functions.items()}
    for selector in sorted(then.keys() | view.functions.keys()):
        before, now = (each.get(selector, "no facet") for each in (then, view.functions))
        if before != now:
            yield f"{shown(selector)} is on {now}, when the plan was made it was on {before}"
    changes = plan.function_changes()
    if to_bytes(plan.data) != call_of(then, changes, plan.init, to_bytes(plan.init_data)):
        yield "its calldata is not what its changes say"
    yield from _new_risks(plan, chain, view, changes)
    for address, now in _hashes(chain, plan.codes).items():
        if now != plan.codes[address]:
            yield f"the code at {address} is another one than when the plan was made"


def _new_risks(
    plan: CutPlan, chain: Chain, view: DiamondView, changes: Sequence[FunctionChange]
) -> Iterator[str]:
    """Risks that the plan does not name, as far as the chain shows them: a file can be written by
    other means than `make_plan`."""
    named = {each.after for each in changes if each.after} | {plan.init} - {ZERO_ADDRESS}
    codes = {address: chain.code(address) for address in named}
    facts = CutFacts(plan.diamond, view.functions, changes, codes, plan.init)
    for risk, lines in risks_of(facts).items():
        if risk is not Risk.UNCHECKED_LAYOUT and risk.value not in plan.risks:
            yield from lines


def _hashes(chain: Chain, addresses: Iterable[str]) -> dict[str, str]:
    return {address: shown(keccak(chain.code(address))) for address in sorted(addresses)}


def _planned(change: FunctionChange) -> dict[str, Any]:
    return {
        "action": change.action.name.lower(),
        "selector": shown(change.selector),
        "function": change.function,
        "facet": change.facet,
        "before": change.before,
        "after": change.after,
    }


def _with_name(change: FunctionChange, signatures: Mapping[bytes, str]) -> FunctionChange:
    name = change.function or signatures.get(change.selector, "")
    return FunctionChange(
        change.action, change.selector, name, change.facet, change.before, change.after
    )
