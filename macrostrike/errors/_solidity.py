"""Reverts that no interface declares: Solidity's own, and those of unknown contracts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from macrostrike._roots import ContractError, shown

__all__ = ["ForeignError", "Panicked", "RevertedWithReason", "UnknownRevert"]

_PANICS = {
    0x01: "an assertion failed",
    0x11: "arithmetic overflow or underflow",
    0x12: "division by zero",
    0x21: "a value that its enum lacks",
    0x31: "pop of an empty array",
    0x32: "index out of bounds",
    0x41: "too much memory",
}


# What venues mean by their short texts.
_TEXTS = {
    "AS": "Uniswap V3: the amount is zero",
    "IIA": "Uniswap V3: the pool was paid too little",
    "LOK": "Uniswap V3: the pool has no price yet, or was re-entered",
    "OLD": "Uniswap V3: the pool's history is shorter than that",
    "SPL": "Uniswap V3: the price limit is on the wrong side of the price",
    "TF": "Uniswap V3: a token refused a transfer",
    "UniswapV2: K": "the pair was paid too little",
    "BAL#304": "Balancer: more than 30 % of the pool's balance goes in",
    "BAL#305": "Balancer: more than 30 % of the pool's balance comes out",
    "BAL#401": "Balancer: the sender is not allowed",
    "BAL#402": "Balancer: the vault or the pool is paused",
    "BAL#500": "Balancer: the vault has no such pool",
    "BAL#507": "Balancer: the amount out is under the limit",
    "BAL#509": "Balancer: both tokens are the same",
    "BAL#521": "Balancer: the pool does not have the token",
}


@dataclass(eq=False)
class ForeignError(ContractError, abi_name=None):
    """A custom error of a token or venue, with its arguments by name."""

    name: str
    values: Mapping[str, Any]

    @property
    def named(self) -> str:
        return str(self)

    def __str__(self) -> str:
        values = {name: shown(value) for name, value in self.values.items()}
        if self.cause is not None:
            values["reason"] = self.cause.named
        return f"{self.name}({', '.join(f'{name}: {value}' for name, value in values.items())})"


@dataclass(eq=False)
class RevertedWithReason(ContractError, abi_name="Error"):
    """`Error(string)`: a pool or token reverted with a text."""

    reason: str

    def __str__(self) -> str:
        meaning = _TEXTS.get(self.reason, "look the text up in its source")
        return f"A pool or token reverted with {self.reason!r} ({meaning})."


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
