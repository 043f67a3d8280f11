"""Owners that are more than one key: what a plan asks of them, and what they are.

A plan's owner calls go to a Safe as one batch (`_safe`), to a timelock as one
operation (`_timelock`), or to a timelock that a Safe proposes to, as both.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from macrostrike.chain import Transport
from macrostrike.deploy.owner._calls import OwnerCall
from macrostrike.deploy.owner._safe import read_safe
from macrostrike.deploy.owner._timelock import read_timelock
from macrostrike.deploy.plan import Step
from macrostrike.errors.deploying import DeployError

# EIP-7702: the code of an account with a key, which says whose code it runs.
_DELEGATION = bytes.fromhex("ef0100")


class OwnerKind(Enum):
    """What an owner is."""

    EOA = "account"
    SAFE = "Safe"
    TIMELOCK = "timelock"
    OTHER = "contract"


def owner_calls(steps: Iterable[Step], owner: str) -> tuple[OwnerCall, ...]:
    """What `owner` is to do of a plan, in order.

    What others send must be done first. Raises `DeployError` when the plan has it otherwise.
    """
    calls: list[OwnerCall] = []
    for position, step in enumerate(steps, start=1):
        if step.sender == owner:
            calls.append(OwnerCall(str(step.to), step.data, does=step.does))
        elif calls:
            raise DeployError(
                f"step {position}, {step.does}, is for {step.sender} to send, after what the owner "
                f"{owner} does: run the plan in two"
            )
    return tuple(calls)


def owner_kind(transport: Transport, owner: str) -> OwnerKind:
    """What `owner` is, by what it answers."""
    code = transport.code(owner)
    if not code or code.startswith(_DELEGATION):
        return OwnerKind.EOA
    for read, kind in ((read_safe, OwnerKind.SAFE), (read_timelock, OwnerKind.TIMELOCK)):
        try:
            read(transport, owner)
        except DeployError:
            continue
        return kind
    return OwnerKind.OTHER
