"""Owners that are contracts: their calls, signed by a Safe or scheduled on a timelock."""

from __future__ import annotations

from ape_diamond.owner import (
    MULTI_SEND,
    OperationState,
    OwnerCall,
    OwnerKind,
    Safe,
    Timelock,
    batch_checksum,
    safe_batch,
)
from macrostrike.deploy.owner._asked import owner_calls
from macrostrike.deploy.owner._contracts import (
    OwnerPlace,
    SafeTransaction,
    TimelockOperation,
    operation_state,
    owner_kind,
    read_safe,
    read_timelock,
    safe_transaction,
    timelock_operation,
    write_owner_file,
)
from macrostrike.deploy.owner._handover import hand_over, place_of
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
