"""The plan: from what is, to what should be. Computed, never asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from macrostrike.deploy._contracts import Contract
from macrostrike.deploy._create2 import FACET_SALT, PROXY, create2_address, diamond_salt
from macrostrike.deploy._errors import CannotPlan
from macrostrike.deploy.checks import Call, Check
from macrostrike.deploy.compare import compare, compare_chain, compare_configuration
from macrostrike.deploy.facets import facet_selectors
from macrostrike.deploy.snapshot import ChainState, DiamondState
from macrostrike.deploy.target import Target
from macrostrike.types import MIN_CONFIDENCE_BPS, FacetCut, FacetCutAction

_ZERO = "0x" + "00" * 20


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
    spends: what the owner must hold, raw units by token.
    """

    diamond: str
    is_new: bool
    facets: Mapping[str, str]
    steps: tuple[Step, ...]
    spends: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Creations:
    """What a new diamond takes: its facets, then itself. None of it needs the chain.

    name: of the diamond, from which its salt follows.
    deployer: whoever sends them, which changes nothing.
    """

    target: Target
    facets: Mapping[str, Contract]
    contract: Contract
    name: str
    deployer: str

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
        count = sum(len(facet_selectors(name)) for name in self.facets)
        does = f"create the diamond, with all {count} functions of {len(self.facets)} facets"
        data = diamond_salt(self.name) + self._code()
        made.append(Step(does, self.deployer, PROXY, "constructor", data, self.diamond()))
        return made

    def facet(self, name: str) -> Step:
        """That of one facet."""
        contract = self.facets[name]
        data = FACET_SALT + contract.create()
        place = facet_address(contract)
        return Step(f"create {name}", self.deployer, PROXY, "constructor", data, place)

    def _code(self) -> bytes:
        cuts = [
            FacetCut(place, FacetCutAction.ADD, tuple(facet_selectors(name)))
            for name, place in self.places().items()
        ]
        return self.contract.create(cuts, self.target.roles.owner, _ZERO, b"")


def facet_address(facet: Contract) -> str:
    """Where a facet goes."""
    return create2_address(FACET_SALT, facet.create())


def make_plan(creations: Creations, state: ChainState) -> Plan:
    """What to do so that the chain holds the target; without steps when it does.

    A diamond that isn't there is deployed whole: its facets, but for those whose code is at its
    place already, then itself with all of their functions in one transaction, then the owner's
    calls. Of one that is there only the differences are mended. Raises `CannotPlan`, with all the
    reasons.
    """
    target = creations.target
    if state.diamond is not None:
        return _difference(creations, state, state.diamond)
    _refuse([check for check in compare_chain(target, state) if not check.ok])
    address = creations.diamond()
    blank = DiamondState(address, target.roles.owner, MIN_CONFIDENCE_BPS)
    checks = [check for check in compare_configuration(target, blank) if not check.ok]
    calls, spends = _mends(checks)
    created = [step for step in creations.steps() if step.creates not in state.created]
    return Plan(address, True, creations.places(), (*created, *_steps(calls, target)), spends)


def _difference(creations: Creations, state: ChainState, diamond: DiamondState) -> Plan:
    target = creations.target
    failing = [check for check in compare(target, state, creations.facets) if not check.ok]
    _refuse([check for check in failing if not check.mends])
    calls, spends = _mends(failing)
    homes = {
        name: diamond.functions[next(iter(facet_selectors(name)))] for name in creations.facets
    }
    return Plan(diamond.address, False, homes, tuple(_steps(calls, target)), spends)


def _refuse(checks: list[Check]) -> None:
    if checks:
        raise CannotPlan([str(check) for check in checks])


def _mends(checks: list[Check]) -> tuple[list[Call], dict[str, int]]:
    spends: dict[str, int] = {}
    for check in checks:
        for token, amount in (check.spends or {}).items():
            spends[token] = spends.get(token, 0) + amount
    return [call for check in checks for call in check.mends], spends


def _steps(calls: list[Call], target: Target) -> list[Step]:
    owner = target.roles.owner
    return [Step(call.does, owner, call.to, call.function, call.data) for call in calls]
