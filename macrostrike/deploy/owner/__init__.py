"""Owners that are contracts: their calls, signed by a Safe or scheduled on a timelock."""

from __future__ import annotations

from macrostrike.deploy.owner._calls import OwnerCall
from macrostrike.deploy.owner._handover import (
    OwnerPlace,
    hand_over,
    owner_file,
    place_of,
    write_owner_file,
)
from macrostrike.deploy.owner._kind import OwnerKind, owner_calls, owner_kind
from macrostrike.deploy.owner._safe import (
    MULTI_SEND,
    Safe,
    SafeTransaction,
    batch_checksum,
    read_safe,
    safe_batch,
    safe_transaction,
)
from macrostrike.deploy.owner._timelock import (
    OperationState,
    Timelock,
    TimelockOperation,
    operation_state,
    read_timelock,
    timelock_operation,
)
from macrostrike.deploy.owner._transfer import (
    Ownership,
    OwnershipStep,
    offer_ownership,
    read_ownership,
)

__all__ = [
    "MULTI_SEND",
    "OperationState",
    "OwnerCall",
    "OwnerKind",
    "OwnerPlace",
    "Ownership",
    "OwnershipStep",
    "Safe",
    "SafeTransaction",
    "Timelock",
    "TimelockOperation",
    "batch_checksum",
    "hand_over",
    "offer_ownership",
    "operation_state",
    "owner_calls",
    "owner_file",
    "owner_kind",
    "place_of",
    "read_ownership",
    "read_safe",
    "read_timelock",
    "safe_batch",
    "safe_transaction",
    "timelock_operation",
    "write_owner_file",
]
