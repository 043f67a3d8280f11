"""Files that say to an owner what to do: for a Safe's Transaction Builder, or for a timelock."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from eth_utils.crypto import keccak

from ape_diamond._values import shown, to_bytes
from ape_diamond.chain import Chain
from ape_diamond.owner._calls import OwnerCall
from ape_diamond.owner._kind import OwnerKind
from ape_diamond.owner._safe import safe_batch
from ape_diamond.owner._timelock import (
    OperationState,
    TimelockOperation,
    cancellation,
    is_scheduled,
    operation_state,
    read_timelock,
)


@dataclass(frozen=True, slots=True)
class OwnerPlace:
    """Where an owner is to act: its address, and on what. `title` is the file's.

    salt: 32 bytes of a timelock's operation. It follows from the diamond, so that an operation
    which was scheduled is found again.
    """

    chain: Chain
    owner: str
    salt: bytes
    title: str


def owner_file(
    place: OwnerPlace, kind: OwnerKind, calls: Sequence[OwnerCall], earlier: bytes | None = None
) -> dict[str, Any]:
    """The content of a file that says to the owner what to do.

    For a Safe it is what the Transaction Builder opens, for a timelock its two transactions; for
    any other contract the calls as they are. `earlier` is the id of the operation that the last
    file named: where that one is scheduled and is not this one, the file has the call that cancels
    it, since it stays executable until then.
    """
    if kind is OwnerKind.SAFE:
        return safe_batch(
            calls,
            safe=place.owner,
            chain_id=place.chain.chain_id,
            name=place.title,
            created_at=datetime.now(timezone.utc),
        )
    if kind is OwnerKind.TIMELOCK:
        return _timelock_file(place, calls, earlier)
    return {"owner": place.owner, "calls": [call.to_json() for call in calls]}


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
    return None if operation is None else to_bytes(operation)


def _timelock_file(
    place: OwnerPlace, calls: Sequence[OwnerCall], earlier: bytes | None
) -> dict[str, Any]:
    timelock = read_timelock(place.chain, place.owner)
    operation = TimelockOperation.of(timelock, calls, salt=place.salt)
    # The same drift can come again, but no operation can be executed twice.
    while (state := operation_state(place.chain, operation)[0]) is OperationState.DONE:
        operation = replace(operation, salt=keccak(operation.salt))
    content = {
        "timelock": timelock.address,
        "operation": shown(operation.id),
        "state": state.value,
        "delay": timelock.min_delay,
        "schedule": operation.schedule().to_json(),
        "execute": operation.execute().to_json(),
    }
    if earlier not in (None, operation.id) and is_scheduled(place.chain, timelock, earlier):
        content["superseded"] = shown(earlier)
        content["cancel"] = cancellation(timelock, earlier).to_json()
    return content
