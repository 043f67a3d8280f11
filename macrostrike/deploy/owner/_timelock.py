"""Owner calls for OpenZeppelin's TimelockController: announced, waited for, carried out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from macrostrike.abi import interface
from macrostrike.chain import BoundContract, Transport
from macrostrike.deploy.owner._calls import OwnerCall, ask
from macrostrike.errors.deploying import DeployError
from macrostrike.types import checked_address

NO_PREDECESSOR = bytes(32)
_DONE = 1  # what the timelock has for the time of an operation that is done
_BATCH = ["address[]", "uint256[]", "bytes[]", "bytes32", "bytes32"]


class OperationState(Enum):
    """How far an operation is."""

    UNKNOWN = "not announced"
    WAITING = "waiting"
    READY = "ready"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Timelock:
    """A timelock. `min_delay` is the minimum time in seconds from scheduling to executing."""

    address: str
    min_delay: int


@dataclass(frozen=True, slots=True)
class TimelockOperation:
    """Calls that a timelock makes, all or none.

    salt: 32 bytes that tell it from others with the same calls: no operation can be done twice.
    predecessor: id of the operation that must be done before; zeros for none.
    """

    timelock: Timelock
    calls: tuple[OwnerCall, ...]
    salt: bytes
    predecessor: bytes = NO_PREDECESSOR

    @property
    def id(self) -> bytes:
        """The timelock's own id of it, 32 bytes."""
        return keccak(encode(_BATCH, self._arguments()))

    @property
    def value(self) -> int:
        """Wei that the calls take together."""
        return sum(call.value for call in self.calls)

    def schedule(self, delay: int | None = None) -> OwnerCall:
        """What a proposer sends first. `delay` in seconds is by default the minimum.

        Raises `DeployError` when it is less than that.
        """
        delay = self.timelock.min_delay if delay is None else delay
        if delay < self.timelock.min_delay:
            raise DeployError(
                f"a delay of {delay} s is too short: timelock {self.timelock.address} asks for "
                f"{self.timelock.min_delay} s at least"
            )
        data = interface("ITimelock").encode_call("scheduleBatch", *self._arguments(), delay)
        return OwnerCall(self.timelock.address, data, does=f"announce {self._named()}")

    def execute(self) -> OwnerCall:
        """What an executor sends once it is ready."""
        data = interface("ITimelock").encode_call("executeBatch", *self._arguments())
        return OwnerCall(self.timelock.address, data, self.value, f"carry out {self._named()}")

    def cancel(self) -> OwnerCall:
        """What a canceller sends so that it can't be executed any more."""
        return replace(cancellation(self.timelock, self.id), does=f"cancel {self._named()}")

    def _arguments(self) -> list[Any]:
        return [
            [call.to for call in self.calls],
            [call.value for call in self.calls],
            [call.data for call in self.calls],
            self.predecessor,
            self.salt,
        ]

    def _named(self) -> str:
        return f"0x{self.id.hex()[:8]}…: " + "; ".join(call.does or call.to for call in self.calls)


def read_timelock(transport: Transport, address: str) -> Timelock:
    """The timelock at `address`. Raises `DeployError` when it is none."""
    address = checked_address(address)
    delay = _ask(transport, address, "getMinDelay")
    return Timelock(address, delay)


def timelock_operation(
    timelock: Timelock,
    calls: Sequence[OwnerCall],
    *,
    salt: bytes,
    predecessor: bytes = NO_PREDECESSOR,
) -> TimelockOperation:
    """All `calls` as one operation. `salt` and `predecessor` as of `TimelockOperation`."""
    if not calls:
        raise DeployError("there is nothing for the timelock to do")
    for name, value in (("salt", salt), ("predecessor", predecessor)):
        if len(value) != 32:
            raise DeployError(f"the {name} must have 32 bytes, not {len(value)}")
    return TimelockOperation(timelock, tuple(calls), salt, predecessor)


def cancellation(timelock: Timelock, operation: bytes) -> OwnerCall:
    """What a canceller sends to cancel the operation of that id."""
    data = interface("ITimelock").encode_call("cancel", operation)
    return OwnerCall(timelock.address, data, does=f"cancel operation 0x{operation.hex()}")


def is_scheduled(transport: Transport, timelock: Timelock, operation: bytes) -> bool:
    """Whether the operation of that id is scheduled, and neither executed nor cancelled."""
    ready_at = _ask(transport, timelock.address, "getTimestamp", operation)
    return ready_at not in (0, _DONE)


def operation_state(
    transport: Transport, operation: TimelockOperation
) -> tuple[OperationState, int | None]:
    """How far an operation is, and from when on it can be carried out, Unix seconds; None for one
    that is not announced, or done."""
    address = operation.timelock.address
    ready_at = _ask(transport, address, "getTimestamp", operation.id)
    if ready_at == 0:
        return OperationState.UNKNOWN, None
    if ready_at == _DONE:
        return OperationState.DONE, None
    is_ready = transport.timestamp(pending=True) >= ready_at
    return OperationState.READY if is_ready else OperationState.WAITING, ready_at


def _ask(transport: Transport, address: str, function: str, *args: object) -> int:
    return int(ask(BoundContract.of(transport, address, "ITimelock"), "timelock", function, *args))
