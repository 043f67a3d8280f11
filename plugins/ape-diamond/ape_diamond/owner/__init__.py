"""Owners that are contracts: their calls, signed by a Safe or scheduled on a timelock."""

from __future__ import annotations

from ape_diamond.owner._calls import OwnerCall
from ape_diamond.owner._file import OwnerPlace, owner_file, write_owner_file
from ape_diamond.owner._kind import OwnerKind, owner_kind
from ape_diamond.owner._safe import (
    MULTI_SEND,
    Safe,
    SafeTransaction,
    batch_checksum,
    read_safe,
    safe_batch,
)
from ape_diamond.owner._timelock import (
    OperationState,
    Timelock,
    TimelockOperation,
    operation_state,
    read_timelock,
)

__all__ = [
    "MULTI_SEND",
    "OperationState",
    "OwnerCall",
    "OwnerKind",
    "OwnerPlace",
    "Safe",
    "SafeTransaction",
    "Timelock",
    "TimelockOperation",
    "batch_checksum",
    "operation_state",
    "owner_file",
    "owner_kind",
    "read_safe",
    "read_timelock",
    "safe_batch",
    "write_owner_file",
]
