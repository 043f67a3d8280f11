"""The plan: from what is, to what should be. Computed, never asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from ape_diamond import NO_INIT, FunctionChange, cut_call
from macrostrike.deploy.plan._build import Build, Step
from macrostrike.deploy.plan._checks import Call, Check
from macrostrike.deploy.plan._compare import compare, compare_chain, compare_configuration
from macrostrike.deploy.plan._facets import Difference, difference
from macrostrike.deploy.state.snapshot import ChainState, DiamondState
from macrostrike.deploy.target import Target
from macrostrike.errors.deploying import CannotPlan

_UPGRADE = "Facets that differ from the build are replaced by `ape run upgrade`."
_FACET_CHECKS = ("functions of ", "code of ", "other functions")


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
    withheld: the checks that fail and stay so, since a guardian may have meant them to.
    warnings: what no step changes, and who signs should know, in sentences.
    """

    diamond: str
    is_new: bool
    facets: Mapping[str, str]
    steps: tuple[Step, ...]
    changes: tuple[FunctionChange, ...]
    spends: Mapping[str, int]
    found: tuple[Check, ...]
    withheld: tuple[Check, ...] = ()
    warnings: tuple[str, ...] = ()


def make_plan(
    build: Build,
    state: ChainState,
    *,
    known: Mapping[bytes, str] | None = None,
    undo_guardian: bool = False,
) -> Plan:
    """What to do so that the chain holds the target; without steps when it does.

    A diamond that isn't there is deployed whole: its facets, but for those whose code is at its
    place already, then itself with all of their functions in one transaction, then the owner's
    calls. Of one that is there only the differences are fixed.

    `known`, the facet of each selector by the manifest, makes it an upgrade: facets that differ are
    deployed anew, and cut in first of all, in one transaction. Without it, they are refused.

    What a guardian may have done is undone with `undo_guardian` alone.

    Raises `CannotPlan`, with all the reasons, and `SelectorConflict`.
    """
    target = build.target
    if state.diamond is None:
        return _deployment(build, state)
    found = tuple(compare(target, state, build.facets, build.contract))
    failing = [check for check in found if not check.ok]
    if known is None:
        hint = _UPGRADE if any(map(_is_cut, failing)) else ""
        _refuse([str(check) for check in failing if not check.fixes], hint)
        changed = Difference((), _homes(build, state.diamond), {})
    else:
        changed = difference(state.diamond, build.facets, known)
        others = [check for check in failing if not check.fixes and not _is_cut(check)]
        unknown = [f"0x{s.hex()} is on {at}" for s, at in changed.unknown.items()]
        _refuse([*map(str, others), *(f"{each}, and it is not known" for each in unknown)])
    withheld = () if undo_guardian else tuple(check for check in failing if check.reverses)
    calls, spends = _fixes([check for check in failing if check not in withheld])
    steps = (*_cut(build, state, changed), *_steps(calls, target))
    at = state.diamond.address
    return Plan(
        diamond=at,
        is_new=False,
        facets=changed.homes,
        steps=steps,
        changes=changed.changes,
        spends=spends,
        found=found,
        withheld=withheld,
        warnings=warnings(target, state),
    )


def cut_steps(
    build: Build, state: ChainState, known: Mapping[bytes, str]
) -> tuple[list[Step], frozenset[str]]:
    """An upgrade's first part, with the names of the functions that a diamond gets by it.

    `state` must have a diamond. Raises `SelectorConflict`.
    """
    assert state.diamond is not None
    changed = difference(state.diamond, build.facets, known)
    added = [change for change in changed.changes if change.before is None]
    names = frozenset(change.function.partition("(")[0] for change in added)
    return _cut(build, state, changed), names


def _deployment(build: Build, state: ChainState) -> Plan:
    target, address = build.target, build.diamond
    blank = DiamondState(address, target.roles.owner)
    chain = list(compare_chain(target, state))
    found = compare_configuration(target, blank, state.memories)
    _refuse([str(check) for check in chain if not check.ok])
    calls, spends = _fixes([check for check in found if not check.ok])
    created = [step for step in build.steps() if step.creates not in state.created]
    return Plan(
        diamond=address,
        is_new=True,
        facets=build.homes,
        steps=(*created, *_steps(calls, target)),
        changes=build.functions,
        spends=spends,
        found=(*chain, *found),
        warnings=warnings(target, state),
    )


def warnings(target: Target, state: ChainState) -> tuple[str, ...]:
    """What no step changes, and who signs should know, in sentences."""
    return tuple(
        f"the pool {pool} of market {i} is a proxy of {state.proxies[pool]}: who can "
        "change its code decides how it trades, and what the strikes on it are worth"
        for i, pool in enumerate(map(target.pool_at, target.markets))
        if pool in state.proxies
    )


def _homes(build: Build, diamond: DiamondState) -> dict[str, str]:
    return {
        name: diamond.functions[next(iter(facet.functions))] for name, facet in build.facets.items()
    }


def _is_cut(check: Check) -> bool:
    """Whether a cut fixes it. None does the diamond's own code."""
    return check.name.startswith(_FACET_CHECKS) and check.name != "code of the diamond"


def _cut(build: Build, state: ChainState, changed: Difference) -> list[Step]:
    """The facets that the cut needs, then the cut."""
    if not changed.changes:
        return []
    assert state.diamond is not None
    needed = dict.fromkeys(change.facet for change in changed.changes if change.after)
    there = {*state.created, *state.diamond.functions.values()}
    created = [build.facet_step(name) for name in needed if changed.homes[name] not in there]
    counts = Counter(change.action.name.lower() for change in changed.changes)
    does = "cut: " + ", ".join(f"{action} {count}" for action, count in counts.items())
    does, runs, init = f"{does} functions", NO_INIT, build.init
    if init is not None and (init.address, init.data) not in state.diamond.inits:
        runs, does = (init.address, init.data), f"{does}, then run {init.does}"
        if init.address not in there:
            created.append(build.init_step(init))
    data = cut_call(changed.changes, *runs)
    owner = build.target.roles.owner
    return [*created, Step(does, owner, state.diamond.address, "diamondCut", data)]


def _refuse(reasons: list[str], hint: str = "") -> None:
    if reasons:
        raise CannotPlan(reasons, hint)


def _fixes(checks: list[Check]) -> tuple[list[Call], dict[str, int]]:
    spends: dict[str, int] = {}
    for check in checks:
        for token, amount in (check.spends or {}).items():
            spends[token] = spends.get(token, 0) + amount
    return [call for check in checks for call in check.fixes], spends


def _steps(calls: list[Call], target: Target) -> list[Step]:
    owner = target.roles.owner
    return [Step(call.does, owner, call.to, call.function, call.data) for call in calls]
