"""Reverts that no interface declares: Solidity's own, and those of unknown contracts."""

from __future__ import annotations

from dataclasses import dataclass

from macrostrike._roots import ContractError

__all__ = ["Panicked", "RevertedWithReason", "UnknownRevert"]

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
    """`Error(string)`: a pool or token reverted with a text."""

    reason: str
    message = "A pool or token reverted with {reason!r}. Look the text up in its source."


@dataclass(eq=False)
class Panicked(ContractError, abi_name="Panic"):
    """`Panic(uint256)`: a bug in a contract, or values that no contract can work with."""

    code: int

    def __str__(self) -> str:
        meaning = _PANICS.get(self.code, "unknown")
        return f"Panicked: Code {self.code:#04x}, {meaning}. Trace the call to find the contract."


@dataclass(eq=False)
class UnknownRevert(ContractError, abi_name=None):
    """A revert that the diamond's ABI does not explain.

    `data` is empty when there was none; `reason` then says why execution stopped, where known.
    """

    data: bytes
    reason: str = ""

    def __str__(self) -> str:
        data = f"revert data 0x{self.data.hex()}" if self.data else "no revert data"
        why = self.reason or "not an error of the diamond's ABI"
        return f"UnknownRevert: {data}, {why}. Trace the call to find the contract."
