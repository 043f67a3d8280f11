"""What a plan asks of owners that are more than one key.

Its owner calls go to a Safe as one batch, to a timelock as one operation, or to a timelock that a
Safe proposes to, as both.
"""

from __future__ import annotations

from collections.abc import Iterable

from ape_diamond.owner import OwnerCall
from macrostrike.deploy.plan import Step
from macrostrike.errors.deploying import DeployError


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
