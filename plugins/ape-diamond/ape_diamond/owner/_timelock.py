"""Owner calls for OpenZeppelin's TimelockController: announced, waited for, carried out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from eth_utils.crypto import keccak

from ape_diamond._codec import Function, encode
from ape_diamond._values import checked_address
from ape_diamond.chain import Chain
from ape_diamond.errors import DiamondError
from ape_diamond.owner._calls import OwnerCall, ask

if TYPE_CHECKING:
    from typing_extensions import Self

NO_PREDECESSOR = bytes(32)
_DONE = 1  # what the timelock has for the time of an operation that is done
_BATCH = ("address[]", "uint256[]", "bytes[]", "bytes32", "bytes32")
_DELAYED = (*_BATCH, "uint256")
_SCHEDULE = Function(f"scheduleBatch({','.join(_DELAYED)})", _DELAYED)
_EXECUTE = Function(f"executeBatch({','.join(_BATCH)})", _BATCH)
_CANCEL = Function("cancel(bytes32)", ("bytes32",))
_MIN_DELAY = Function("getMinDelay()", (), ("uint256",))
_TIMESTAMP = Function("getTimestamp(bytes32)", ("bytes32",), ("uint256",))


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

    @classmethod
    def of(
        cls,
        timelock: Timelock,
        calls: Sequence[OwnerCall],
        *,
        salt: bytes,
        predecessor: bytes = NO_PREDECESSOR,
    ) -> Self:
        """All `calls` as one operation. Raises `DiamondError`."""
        if not calls:
            raise DiamondError("there is nothing for the timelock to do")
        for name, value in (("salt", salt), ("predecessor", predecessor)):
            if len(value) != 32:
                raise DiamondError(f"the {name} must have 32 bytes, not {len(value)}")
        return cls(timelock, tuple(calls), salt, predecessor)

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

        Raises `DiamondError` when it is less than that.
        """
        delay = self.timelock.min_delay if delay is None else delay
        if delay < self.timelock.min_delay:
            raise DiamondError(
                f"a delay of {delay} s is too short: timelock {self.timelock.address} asks for "
                f"{self.timelock.min_delay} s at least"
            )
        data = _SCHEDULE.encode(*self._arguments(), delay)
        return OwnerCall(self.timelock.address, data, does=f"announce {self._named()}")

    def execute(self) -> OwnerCall:
        """What an executor sends once it is ready."""
        data = _EXECUTE.encode(*self._arguments())
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


def read_timelock(chain: Chain, address: str) -> Timelock:
    """The timelock at `address`. Raises `DiamondError` when it is none."""
    address = checked_address(address)
    delay = _ask(chain, address, _MIN_DELAY)
    return Timelock(address, delay)


def cancellation(timelock: Timelock, operation: bytes) -> OwnerCall:
    """What a canceller sends to cancel the operation of that id."""
    data = _CANCEL.encode(operation)
    return OwnerCall(timelock.address, data, does=f"cancel operation 0x{operation.hex()}")


def is_scheduled(chain: Chain, timelock: Timelock, operation: bytes) -> bool:
    """Whether the operation of that id is scheduled, and neither executed nor cancelled."""
    ready_at = _ask(chain, timelock.address, _TIMESTAMP, operation)
    return ready_at not in (0, _DONE)


def operation_state(
    chain: Chain, operation: TimelockOperation
) -> tuple[OperationState, int | None]:
    """How far an operation is, and from when on it can be carried out, Unix seconds; None for one
    that is not announced, or done."""
    address = operation.timelock.address
    ready_at = _ask(chain, address, _TIMESTAMP, operation.id)
    if ready_at == 0:
        return OperationState.UNKNOWN, None
    if ready_at == _DONE:
        return OperationState.DONE, None
    is_ready = chain.timestamp() >= ready_at
    return OperationState.READY if is_ready else OperationState.WAITING, ready_at


def _ask(chain: Chain, address: str, function: Function, *args: object) -> int:
    return int(ask(chain, address, "timelock", function, *args))
