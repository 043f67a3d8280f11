"""The plan: from what is, to what should be. Computed, never asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from macrostrike.deploy._contracts import Contract, created_address
from macrostrike.deploy._errors import CannotPlan
from macrostrike.deploy.compare import (
    Call,
    Check,
    compare,
    compare_chain,
    compare_configuration,
    facet_selectors,
)
from macrostrike.deploy.snapshot import ChainState, DiamondState
from macrostrike.deploy.target import Target
from macrostrike.types import MIN_CONFIDENCE_BPS, FacetCut, FacetCutAction

_ZERO = "0x" + "00" * 20


@dataclass(frozen=True, slots=True)
class Step:
    """One transaction.

    does: what for, in words.
    function: what is called; `constructor` creates the contract at `creates`.
    """

    does: str
    sender: str
    to: str | None
    function: str
    data: bytes
    creates: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps, in order.

    diamond: where it is, or will be.
    is_new: whether it is deployed by this plan.
    facets: where the facets go that are deployed, by name.
    spends: what the owner must hold, raw units by token.
    """

    diamond: str
    is_new: bool
    facets: Mapping[str, str]
    steps: tuple[Step, ...]
    spends: Mapping[str, int]


def make_plan(
    target: Target,
    facets: Mapping[str, Contract],
    diamond: Contract,
    state: ChainState,
    *,
    deployer: str,
) -> Plan:
    """What to do so that the chain holds the target; without steps when it does.

    `facets` and `diamond` are what was compiled. A diamond that isn't there is deployed whole: its
    facets, then itself with all of their functions in one transaction, then the owner's calls. Of
    one that is there only the differences are mended. Raises `CannotPlan`, with all the reasons.
    """
    if state.diamond is not None:
        return _difference(target, facets, state, state.diamond)
    _refuse([check for check in compare_chain(target, state) if not check.ok])
    creations, places, address = _creations(target, facets, diamond, deployer, state)
    blank = DiamondState(address, target.roles.owner, MIN_CONFIDENCE_BPS)
    checks = [check for check in compare_configuration(target, blank) if not check.ok]
    calls, spends = _mends(checks)
    return Plan(address, True, places, (*creations, *_steps(calls, target)), spends)


def _difference(
    target: Target, facets: Mapping[str, Contract], state: ChainState, diamond: DiamondState
) -> Plan:
    failing = [check for check in compare(target, state, facets) if not check.ok]
    _refuse([check for check in failing if not check.mends])
    calls, spends = _mends(failing)
    return Plan(diamond.address, False, {}, tuple(_steps(calls, target)), spends)


def _refuse(checks: list[Check]) -> None:
    if checks:
        raise CannotPlan([str(check) for check in checks])


def _creations(
    target: Target,
    facets: Mapping[str, Contract],
    diamond: Contract,
    deployer: str,
    state: ChainState,
) -> tuple[list[Step], dict[str, str], str]:
    steps: list[Step] = []
    places: dict[str, str] = {}
    nonce = state.nonces[deployer]
    for name, contract in facets.items():
        places[name] = created_address(deployer, nonce + len(steps))
        steps.append(
            Step(f"create {name}", deployer, None, "constructor", contract.create(), places[name])
        )
    cuts = [
        FacetCut(places[name], FacetCutAction.ADD, tuple(facet_selectors(name))) for name in facets
    ]
    address = created_address(deployer, nonce + len(steps))
    count = sum(len(cut.function_selectors) for cut in cuts)
    does = f"create the diamond, with all {count} functions of {len(cuts)} facets"
    code = diamond.create(cuts, target.roles.owner, _ZERO, b"")
    steps.append(Step(does, deployer, None, "constructor", code, address))
    return steps, places, address


def _mends(checks: list[Check]) -> tuple[list[Call], dict[str, int]]:
    spends: dict[str, int] = {}
    for check in checks:
        for token, amount in (check.spends or {}).items():
            spends[token] = spends.get(token, 0) + amount
    return [call for check in checks for call in check.mends], spends


def _steps(calls: list[Call], target: Target) -> list[Step]:
    owner = target.roles.owner
    return [Step(call.does, owner, call.to, call.function, call.data) for call in calls]
