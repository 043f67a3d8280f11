"""A plan as a file, whose hash pins what is done: to be reviewed by one, and applied by another.

The hash is Keccak-256 of the file as canonical JSON, without the hash itself and the estimates. It
holds every transaction's calldata in order, the chain, all addresses, and what was found there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from eth_utils.crypto import keccak
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ape_diamond import FunctionChange
from macrostrike.deploy.plan._build import Step
from macrostrike.deploy.plan._plan import Plan
from macrostrike.errors.deploying import DeployError, PlanMismatch

_NOT_PINNED = {"hash", "estimates"}
_Hex = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]*$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PinnedStep(_Part):
    """A transaction. `selector` is of the function that is called; none where it creates."""

    does: str
    sender: _Hex
    to: _Hex
    function: str
    selector: _Hex | None
    data: _Hex
    creates: _Hex | None


class PinnedChange(_Part):
    """What happens to one function of the diamond."""

    action: str
    selector: _Hex
    function: str
    facet: str
    before: _Hex | None
    after: _Hex | None


class Estimates(_Part):
    """What a rehearsal took. `gas` by step; `gas_price` in wei, at that time."""

    gas: tuple[int, ...]
    gas_price: int


class PinnedPlan(_Part):
    """A plan's file.

    `found` is what each check found when it was made; `withheld` names those that the plan leaves
    as they are, since a guardian may have done that.
    """

    schema_version: Literal[1] = 1
    network: str
    name: str
    chain_id: int
    diamond: _Hex
    is_new: bool
    facets: dict[str, _Hex]
    changes: tuple[PinnedChange, ...]
    steps: tuple[PinnedStep, ...]
    spends: dict[str, int]
    found: dict[str, str]
    withheld: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    estimates: Estimates | None = None
    hash: _Hex

    @classmethod
    def load(cls, path: Path) -> PinnedPlan:
        """Reads a file. Raises `DeployError`, and `PlanMismatch` when it was changed."""
        try:
            pinned = cls.model_validate_json(path.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError, ValidationError) as failure:
            raise DeployError(f"{path} is not a plan that can be read: {failure}") from None
        if (actual := pinned.digest()) != pinned.hash:
            raise PlanMismatch([f"{path} was changed: its hash is {actual}, it says {pinned.hash}"])
        return pinned

    def save(self, path: Path) -> None:
        """Writes the file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        part.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")
        os.replace(part, path)

    def digest(self) -> str:
        """The hash of what it says."""
        return _digest(self.model_dump(mode="json", exclude=_NOT_PINNED))

    def require_hash(self, approved: str) -> None:
        """Raises `PlanMismatch` unless its hash is the one that was approved."""
        if approved.lower() != self.hash:
            raise PlanMismatch([f"the plan's hash is {self.hash}, approved was {approved}"])

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
    return PinnedPlan(**content, estimates=estimates, hash=_digest(content))


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


def _digest(content: Mapping[str, Any]) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return "0x" + keccak(text=canonical).hex()
