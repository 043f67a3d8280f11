"""A plan as a file, whose hash pins what is done: to be reviewed by one, and applied by another.

The hash is Keccak-256 of the file as canonical JSON, without the hash itself and the estimates. It
holds every transaction's calldata in order, the chain, all addresses, and what was found there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from ape_diamond import FunctionChange
from ape_diamond.pinned import Hex, Part, Pinned, digest
from macrostrike.deploy.plan._build import Step
from macrostrike.deploy.plan._plan import Plan
from macrostrike.errors.deploying import PlanMismatch
from macrostrike.errors.diamonds import with_our_errors

if TYPE_CHECKING:
    from typing_extensions import Self


class PinnedStep(Part):
    """A transaction. `selector` is of the function that is called; none where it creates."""

    does: str
    sender: Hex
    to: Hex
    function: str
    selector: Hex | None
    data: Hex
    creates: Hex | None


class PinnedChange(Part):
    """What happens to one function of the diamond."""

    action: str
    selector: Hex
    function: str
    facet: str
    before: Hex | None
    after: Hex | None


class Estimates(Part):
    """What a rehearsal took. `gas` by step; `gas_price` in wei, at that time."""

    gas: tuple[int, ...]
    gas_price: int


class PinnedPlan(Pinned):
    """A plan's file.

    `found` is what each check found when it was made; `withheld` names those that the plan leaves
    as they are, since a guardian may have done that.
    """

    unpinned: ClassVar[frozenset[str]] = frozenset({"estimates"})

    schema_version: Literal[1] = 1
    network: str
    name: str
    chain_id: int
    diamond: Hex
    is_new: bool
    facets: dict[str, Hex]
    changes: tuple[PinnedChange, ...]
    steps: tuple[PinnedStep, ...]
    spends: dict[str, int]
    found: dict[str, str]
    withheld: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    estimates: Estimates | None = None

    @classmethod
    @with_our_errors
    def load(cls, path: Path) -> Self:
        """Reads a file. Raises `DeployError`, and `PlanMismatch` when it was changed."""
        return super().load(path)

    @with_our_errors
    def require_hash(self, approved: str) -> None:
        """Raises `PlanMismatch` unless its hash is the one that was approved."""
        super().require_hash(approved)

    def require(self, plan: Plan, *, chain_id: int, created: frozenset[str]) -> None:
        """Raises `PlanMismatch` unless `plan`, made now, is this one, or the rest of it.

        `created` are the planned contracts that are there. What is left to do must be the pinned
        transactions to the byte, and be due for what was found then.
        """
        if differences := list(_differences(self, plan, chain_id, created)):
            raise PlanMismatch(differences)


@dataclass(frozen=True, slots=True)
class Pinning:
    """What a plan is of."""

    network: str
    name: str
    chain_id: int


def pin(plan: Plan, of: Pinning, estimates: Estimates | None = None) -> PinnedPlan:
    """The plan as a file has it."""
    content: dict[str, Any] = {
        "schema_version": 1,
        "network": of.network,
        "name": of.name,
        "chain_id": of.chain_id,
        "diamond": plan.diamond,
        "is_new": plan.is_new,
        "facets": dict(plan.facets),
        "changes": [_change(change) for change in plan.changes],
        "steps": [_step(step) for step in plan.steps],
        "spends": dict(plan.spends),
        "found": {check.name: check.actual for check in plan.found},
        "withheld": [check.name for check in plan.withheld],
        "warnings": list(plan.warnings),
    }
    return PinnedPlan(**content, estimates=estimates, hash=digest(content))


def _differences(
    pinned: PinnedPlan, plan: Plan, chain_id: int, created: frozenset[str]
) -> Iterator[str]:
    if chain_id != pinned.chain_id:
        yield f"this is chain {chain_id}, the plan is for chain {pinned.chain_id}"
    if plan.diamond != pinned.diamond:
        yield f"the diamond would be {plan.diamond}, in the plan it is {pinned.diamond}"
    for name in sorted(plan.facets.keys() | pinned.facets.keys()):
        here, there = (each.get(name, "nowhere") for each in (plan.facets, pinned.facets))
        if here != there:
            yield f"facet {name} would be at {here}, in the plan it is at {there}"
    left = [step for step in pinned.steps if step.creates not in created]
    now = [PinnedStep(**_step(step)) for step in plan.steps]
    done = max(0, len(left) - len(now))
    yield from _step_differences(len(pinned.steps) - len(left) + done, left[done:], now)
    for check in plan.found:
        then = pinned.found.get(check.name, check.actual)
        if not check.ok and check.actual != then:
            yield f"{check.name} is {check.actual}, when the plan was made it was {then}"


def _step_differences(
    done: int, then: Sequence[PinnedStep], now: Sequence[PinnedStep]
) -> Iterator[str]:
    for position in range(max(len(then), len(now))):
        a = then[position] if position < len(then) else None
        b = now[position] if position < len(now) else None
        if a == b:
            continue
        number = done + position + 1
        if a is None or b is None or a.does != b.does:
            shown = (each.does if each else "nothing" for each in (b, a))
            yield "step {}: to do would be: {}; in the plan it is: {}".format(number, *shown)
        else:
            fields = [f for f in PinnedStep.model_fields if getattr(a, f) != getattr(b, f)]
            yield f"step {number}, {a.does}: other {', '.join(fields)} than in the plan"


def _step(step: Step) -> dict[str, Any]:
    return {
        "does": step.does,
        "sender": step.sender,
        "to": step.to,
        "function": step.function,
        "selector": None if step.creates else "0x" + step.data[:4].hex(),
        "data": "0x" + step.data.hex(),
        "creates": step.creates,
    }


def _change(change: FunctionChange) -> dict[str, Any]:
    return {
        "action": change.action.name.lower(),
        "selector": "0x" + change.selector.hex(),
        "function": change.function,
        "facet": change.facet,
        "before": change.before,
        "after": change.after,
    }
