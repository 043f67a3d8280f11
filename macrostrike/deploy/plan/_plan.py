"""The plan: from what is, to what should be. Computed, never asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from macrostrike.abi import diamond_abi
from macrostrike.build import FACET_SALT, PROXY, Contract, create2_address, diamond_salt
from macrostrike.deploy.plan._checks import Call, Check
from macrostrike.deploy.plan._compare import compare, compare_chain, compare_configuration
from macrostrike.deploy.plan._facets import (
    Difference,
    FunctionChange,
    additions,
    cuts_of,
    difference,
    facet_address,
)
from macrostrike.deploy.state.snapshot import ChainState, DiamondState
from macrostrike.deploy.target import InitCall, Target
from macrostrike.errors.deploying import CannotPlan
from macrostrike.types import MIN_CONFIDENCE_BPS, ZERO_ADDRESS

_FACET_CHECKS = ("functions of ", "code of ", "other functions")


@dataclass(frozen=True, slots=True)
class Step:
    """One transaction.

    does: what for, in words.
    function: what is called; `constructor` creates the contract at `creates`, by the proxy.
    """

    does: str
    sender: str
    to: str
    function: str
    data: bytes
    creates: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps, in order.

    diamond: where it is, or will be.
    is_new: whether it is deployed by this plan.
    facets: where the target's facets go, or are, by name.
    changes: of the diamond's functions.
    spends: what the owner must hold, raw units by token.
    found: the checks on what the plan was made from. Of a diamond that is yet to be created, those
        on what it will be then.
    """

    diamond: str
    is_new: bool
    facets: Mapping[str, str]
    steps: tuple[Step, ...]
    changes: tuple[FunctionChange, ...]
    spends: Mapping[str, int]
    found: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Creations:
    """What a new diamond takes: its facets, then itself. None of it needs the chain.

    name: of the diamond, from which its salt follows.
    deployer: the account that sends them; any will do.
    init: what an upgrade's cut runs; none of a new diamond's business.
    """

    target: Target
    facets: Mapping[str, Contract]
    contract: Contract
    name: str
    deployer: str
    init: InitCall | None = None

    def places(self) -> dict[str, str]:
        """Where each facet goes."""
        return {name: facet_address(facet) for name, facet in self.facets.items()}

    def diamond(self) -> str:
        """Where the diamond goes."""
        return create2_address(diamond_salt(self.name), self._code())

    def steps(self) -> list[Step]:
        """All of them, also of what is there already."""
        places = self.places()
        made = [self.facet(name) for name in places]
        count = len(additions(self.facets))
        does = f"create the diamond, with all {count} functions of {len(self.facets)} facets"
        data = diamond_salt(self.name) + self._code()
        made.append(Step(does, self.deployer, PROXY, "constructor", data, self.diamond()))
        return made

    def facet(self, name: str) -> Step:
        """That of one facet."""
        return self.stateless(self.facets[name])

    def stateless(self, contract: Contract) -> Step:
        """That of a contract which diamonds may share."""
        data = FACET_SALT + contract.create()
        place = facet_address(contract)
        return Step(f"create {contract.name}", self.deployer, PROXY, "constructor", data, place)

    def _code(self) -> bytes:
        cuts = cuts_of(additions(self.facets))
        return self.contract.create(cuts, self.target.roles.owner, ZERO_ADDRESS, b"")


def make_plan(
    creations: Creations, state: ChainState, *, known: Mapping[bytes, str] | None = None
) -> Plan:
    """What to do so that the chain holds the target; without steps when it does.

    A diamond that isn't there is deployed whole: its facets, but for those whose code is at its
    place already, then itself with all of their functions in one transaction, then the owner's
    calls. Of one that is there only the differences are fixed.

    `known`, the facet of each selector by the manifest, makes it an upgrade: facets that differ are
    deployed anew, and cut in first of all, in one transaction. Without it, they are refused.

    Raises `CannotPlan`, with all the reasons, and `SelectorConflict`.
    """
    target = creations.target
    if state.diamond is None:
        return _deployment(creations, state)
    found = tuple(compare(target, state, creations.facets, creations.contract))
    failing = [check for check in found if not check.ok]
    if known is None:
        _refuse([str(check) for check in failing if not check.fixes])
        changed = Difference((), _homes(creations, state.diamond), {})
    else:
        changed = difference(state.diamond, creations.facets, known)
        others = [check for check in failing if not check.fixes and not _is_cut(check)]
        unknown = [f"0x{s.hex()} is on {at}" for s, at in changed.unknown.items()]
        _refuse([*map(str, others), *(f"{each}, and it is not known" for each in unknown)])
    calls, spends = _fixes(failing)
    steps = (*_cut(creations, state, changed), *_steps(calls, target))
    at = state.diamond.address
    return Plan(at, False, changed.homes, steps, changed.changes, spends, found)


def cut_steps(
    creations: Creations, state: ChainState, known: Mapping[bytes, str]
) -> tuple[list[Step], frozenset[str]]:
    """An upgrade's first part, with the names of the functions that a diamond gets by it.

    `state` must have a diamond. Raises `SelectorConflict`.
    """
    assert state.diamond is not None
    changed = difference(state.diamond, creations.facets, known)
    added = [change for change in changed.changes if change.before is None]
    names = frozenset(change.function.partition("(")[0] for change in added)
    return _cut(creations, state, changed), names


def _deployment(creations: Creations, state: ChainState) -> Plan:
    target, address = creations.target, creations.diamond()
    blank = DiamondState(address, target.roles.owner, MIN_CONFIDENCE_BPS)
    chain = list(compare_chain(target, state))
    found = compare_configuration(target, blank, state.memories)
    _refuse([str(check) for check in chain if not check.ok])
    calls, spends = _fixes([check for check in found if not check.ok])
    created = [step for step in creations.steps() if step.creates not in state.created]
    return Plan(
        diamond=address,
        is_new=True,
        facets=creations.places(),
        steps=(*created, *_steps(calls, target)),
        changes=additions(creations.facets),
        spends=spends,
        found=(*chain, *found),
    )


def _homes(creations: Creations, diamond: DiamondState) -> dict[str, str]:
    return {
        name: diamond.functions[next(iter(facet.functions))]
        for name, facet in creations.facets.items()
    }


def _is_cut(check: Check) -> bool:
    """Whether a cut fixes it. None does the diamond's own code."""
    return check.name.startswith(_FACET_CHECKS) and check.name != "code of the diamond"


def _cut(creations: Creations, state: ChainState, changed: Difference) -> list[Step]:
    """The facets that the cut needs, then the cut."""
    if not changed.changes:
        return []
    assert state.diamond is not None
    needed = dict.fromkeys(change.facet for change in changed.changes if change.after)
    there = {*state.created, *state.diamond.functions.values()}
    created = [creations.facet(name) for name in needed if changed.homes[name] not in there]
    counts = Counter(change.action.name.lower() for change in changed.changes)
    does = "cut: " + ", ".join(f"{action} {count}" for action, count in counts.items())
    does, runs, init = f"{does} functions", (ZERO_ADDRESS, b""), creations.init
    if init is not None and (init.address, init.data) not in state.diamond.inits:
        runs, does = (init.address, init.data), f"{does}, then run {init.does}"
        if init.address not in there:
            created.append(creations.stateless(init.contract))
    data = diamond_abi().encode_call("diamondCut", cuts_of(changed.changes), *runs)
    owner = creations.target.roles.owner
    return [*created, Step(does, owner, state.diamond.address, "diamondCut", data)]


def _refuse(reasons: list[str]) -> None:
    if reasons:
        raise CannotPlan(reasons)


def _fixes(checks: list[Check]) -> tuple[list[Call], dict[str, int]]:
    spends: dict[str, int] = {}
    for check in checks:
        for token, amount in (check.spends or {}).items():
            spends[token] = spends.get(token, 0) + amount
    return [call for check in checks for call in check.fixes], spends


def _steps(calls: list[Call], target: Target) -> list[Step]:
    owner = target.roles.owner
    return [Step(call.does, owner, call.to, call.function, call.data) for call in calls]
