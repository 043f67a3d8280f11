"""A cut carried out on a copy of the chain, and what it did there compared with its plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ape_diamond._abis import NamedAbi
from ape_diamond._codec import Function, describe_revert
from ape_diamond._history import cut_history
from ape_diamond._loupe import DiamondView, inspect_diamond
from ape_diamond._values import shown, to_bytes
from ape_diamond.chain import Chain
from ape_diamond.errors import AnswerUnreadable, CallReverted, RehearsalFailed
from ape_diamond.plan import CutPlan

_VIEWS = ("view", "pure")
_LOUPE = ("facets()", "facetAddresses()")  # which a cut changes


@dataclass(frozen=True, slots=True)
class Sent:
    """A transaction that was mined. `gas` is what it used."""

    block: int
    gas: int


class Copy(Chain, Protocol):
    """A copy of a chain, on which every account may send."""

    def send_as(self, sender: str, to: str, data: bytes) -> Sent:
        """A transaction of any account, mined. Raises `CallReverted`."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a cut did on the copy.

    changed: view functions without arguments that answer otherwise than before, with both answers:
    for people to judge.
    """

    gas: int
    view: DiamondView
    changed: tuple[str, ...]


def rehearse(copy: Copy, plan: CutPlan, sender: str, known: Sequence[NamedAbi] = ()) -> Rehearsal:
    """Makes the plan's cut on a copy of the chain, and checks all that can be.

    `sender` is the account to send as, the owner. `known` are ABIs to name functions and errors by.
    Raises `RehearsalFailed`.
    """
    before = inspect_diamond(copy, plan.diamond, known)
    plan.require(copy, before)
    answers = dict(_answers(copy, before))
    try:
        sent = copy.send_as(sender, plan.diamond, to_bytes(plan.data))
    except CallReverted as failure:
        why = describe_revert(before.abi.entries, failure.data)
        raise RehearsalFailed([f"the cut reverts: {why}"]) from None
    after = inspect_diamond(copy, plan.diamond, known)
    if faults := [*outcome_faults(plan, after), *_event_faults(copy, plan, before, sent.block)]:
        raise RehearsalFailed(faults)
    later = dict(_answers(copy, after))
    changed = tuple(
        f"{signature}: {answers[signature]} -> {later[signature]}"
        for signature in sorted(answers.keys() & later.keys())
        if answers[signature] != later[signature]
    )
    return Rehearsal(sent.gas, after, changed)


def outcome_faults(plan: CutPlan, after: DiamondView) -> Iterator[str]:
    """Where a diamond is not as the plan's cut leaves it."""
    expected, now = plan.expected(), after.functions
    for selector in sorted(expected.keys() | now.keys()):
        wanted, there = (each.get(selector, "no facet") for each in (expected, now))
        if wanted != there:
            yield f"{shown(selector)} is on {there}, where {wanted} is meant"
    yield from after.faults


def _event_faults(copy: Copy, plan: CutPlan, before: DiamondView, block: int) -> Iterator[str]:
    cuts = cut_history(copy, plan.diamond, from_block=block, functions=before.functions)
    emitted = {change.selector: change.after for cut in cuts for change in cut.changes}
    meant = {to_bytes(change.selector): change.after for change in plan.changes}
    if emitted != meant:
        yield f"its events name {len(emitted)} changes of functions, and the cut makes {len(meant)}"


def _answers(chain: Chain, view: DiamondView) -> Iterator[tuple[str, Any]]:
    """What each view function without arguments answers."""
    for entry in view.abi.entries:
        if entry["type"] != "function" or entry["inputs"]:
            continue
        function = Function.of(entry)
        if entry.get("stateMutability") not in _VIEWS or function.signature in _LOUPE:
            continue
        try:
            yield function.signature, function.ask(chain, view.address)
        except AnswerUnreadable:
            yield function.signature, "unreadable"
        except CallReverted as failure:
            yield function.signature, describe_revert(view.abi.entries, failure.data)
