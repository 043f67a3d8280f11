"""Reverts that are not the diamond's own: Solidity's, OpenZeppelin's, and those of strangers."""

from __future__ import annotations

from dataclasses import dataclass

from macrostrike.errors._base import ContractError, GateError, TreasuryError

_PANICS = {
    0x01: "an assertion failed",
    0x11: "arithmetic overflow or underflow",
    0x12: "division by zero",
    0x21: "a value that its enum lacks",
    0x31: "pop of an empty array",
    0x32: "index out of bounds",
    0x41: "too much memory",
}


@dataclass(eq=False)
class RevertedWithReason(ContractError, abi_name="Error"):
    """`Error(string)`: a pool or token refused, in its own words."""

    reason: str
    message = "{reason!r} is what a pool or token answered"


@dataclass(eq=False)
class Panicked(ContractError, abi_name="Panic"):
    """`Panic(uint256)`: a fault in a contract, or values no contract can work with."""

    code: int

    def __str__(self) -> str:
        return f"Panicked: code {self.code:#04x}, {_PANICS.get(self.code, 'unknown')}"


@dataclass(eq=False)
class UnknownRevert(ContractError, abi_name=None):
    """A revert that the diamond's ABI doesn't explain.

    `data` is empty when there was none; `reason` then says why execution stopped, where known.
    """

    data: bytes
    reason: str = ""

    def __str__(self) -> str:
        data = f"data 0x{self.data.hex()}" if self.data else "no data"
        why = self.reason or "no contract that the diamond's ABI knows fails so"
        return f"UnknownRevert: {data}, {why}"


@dataclass(eq=False)
class ReentrancyGuardReentrantCall(GateError):
    """A guarded function was entered from within a guarded function."""

    message = "the diamond was called back while it was at work: a token or pool is hostile"


@dataclass(eq=False)
class SafeERC20FailedOperation(TreasuryError):
    """A token did not transfer."""

    token: str
    message = "token {token} refused a transfer, or answered false"


@dataclass(eq=False)
class SafeCastOverflowedUintDowncast(TreasuryError):
    """More than the books can hold."""

    bits: int
    value: int
    message = "{value} does not fit the {bits} bits that the books have for it"
