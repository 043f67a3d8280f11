"""Plans whose owner has no key here: what others send, and a file for the owner."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from eth_utils.crypto import keccak

from macrostrike.chain import Signer, Transport
from macrostrike.deploy.owner._calls import OwnerCall
from macrostrike.deploy.owner._kind import OwnerKind, owner_calls
from macrostrike.deploy.owner._safe import safe_batch
from macrostrike.deploy.owner._timelock import (
    OperationState,
    cancellation,
    is_scheduled,
    operation_state,
    read_timelock,
    timelock_operation,
)
from macrostrike.deploy.run import Deployment, Keep, OnStep, cover, send_steps


def hand_over(
    deployment: Deployment,
    signers: Mapping[str, Signer],
    on_step: OnStep | None = None,
    keep: Keep | None = None,
) -> tuple[OwnerCall, ...]:
    """Sends what is not for the owner to send, and gives what is left for the owner to do.

    Raises as `complete`, but verifies nothing yet.
    """
    owner, plan = deployment.target.roles.owner, deployment.plan
    calls = owner_calls(plan.steps, owner)
    cover(deployment)
    others = tuple(step for step in plan.steps if step.sender != owner)
    send_steps(replace(deployment, plan=replace(plan, steps=others)), signers, on_step, keep)
    return calls


@dataclass(frozen=True, slots=True)
class OwnerPlace:
    """Whose calls a file is for: the owner, its chain, the diamond, and a title for people."""

    transport: Transport
    owner: str
    diamond: str
    title: str


def place_of(deployment: Deployment) -> OwnerPlace:
    """The owner of a deployment's target."""
    return OwnerPlace(
        deployment.transport,
        deployment.target.roles.owner,
        deployment.plan.diamond,
        f"{deployment.name} on {deployment.network}",
    )


def owner_file(
    place: OwnerPlace, kind: OwnerKind, calls: Sequence[OwnerCall], earlier: bytes | None = None
) -> dict[str, Any]:
    """The content of a file that tells the owner what to do.

    For a Safe it is what the Transaction Builder opens, for a timelock its two transactions; for
    any other contract the calls as they are. `earlier` is the id of the operation that the last
    file named: where that one is scheduled and is not this one, the file has the call that cancels
    it, since it stays executable until then.
    """
    if kind is OwnerKind.SAFE:
        return safe_batch(
            calls,
            safe=place.owner,
            chain_id=place.transport.chain_id,
            name=place.title,
            created_at=datetime.now(timezone.utc),
        )
    if kind is OwnerKind.TIMELOCK:
        return _timelock_file(place, calls, earlier)
    return {"owner": place.owner, "calls": [_call(call) for call in calls]}


def write_owner_file(
    path: Path, place: OwnerPlace, kind: OwnerKind, calls: Sequence[OwnerCall]
) -> str | None:
    """Writes the file, in the place of an earlier one.

    Returns the operation of the earlier one where that is still scheduled: the file cancels it.
    """
    earlier = _operation_of(json.loads(path.read_text("utf-8-sig"))) if path.exists() else None
    content = owner_file(place, kind, calls, earlier)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return content.get("superseded")


def _operation_of(content: Mapping[str, Any]) -> bytes | None:
    """The id of the timelock operation that an owner's file names, if it is one for a timelock."""
    operation = content.get("operation")
    return None if operation is None else bytes.fromhex(operation[2:])


def _timelock_file(
    place: OwnerPlace, calls: Sequence[OwnerCall], earlier: bytes | None
) -> dict[str, Any]:
    transport = place.transport
    timelock = read_timelock(transport, place.owner)
    # The id follows from the diamond and the calls alone. What the deployer has sent since the last
    # run changes neither, so that the operation which was scheduled is found again.
    salt = keccak(text=f"macrostrike.operation.{place.diamond}")
    operation = timelock_operation(timelock, calls, salt=salt)
    # The same drift can come again, but no operation can be executed twice.
    while (state := operation_state(transport, operation)[0]) is OperationState.DONE:
        operation = replace(operation, salt=keccak(operation.salt))
    content = {
        "timelock": timelock.address,
        "operation": "0x" + operation.id.hex(),
        "state": state.value,
        "delay": timelock.min_delay,
        "schedule": _call(operation.schedule()),
        "execute": _call(operation.execute()),
    }
    if earlier not in (None, operation.id) and is_scheduled(transport, timelock, earlier):
        content["superseded"] = "0x" + earlier.hex()
        content["cancel"] = _call(cancellation(timelock, earlier))
    return content


def _call(call: OwnerCall) -> dict[str, str]:
    data = "0x" + call.data.hex()
    return {"does": call.does, "to": call.to, "value": str(call.value), "data": data}
