"""What this package asks of a chain. Ape's provider answers it in `ape_diamond.ape`.

Any object with these methods will do: nothing here knows who answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Log:
    """An event as the chain keeps it."""

    topics: tuple[bytes, ...]
    data: bytes
    block_number: int
    transaction_hash: bytes


class Chain(Protocol):
    """A chain to read from, on its latest state."""

    @property
    def chain_id(self) -> int:
        """The chain's EIP-155 id."""

    def block_number(self) -> int:
        """The latest block."""

    def timestamp(self) -> int:
        """The time that the next block is expected to have, Unix seconds."""

    def code(self, address: str) -> bytes:
        """A contract's code; empty for any other account."""

    def storage(self, address: str, slot: int) -> bytes:
        """One storage word, 32 bytes."""

    def call(self, to: str, data: bytes, *, sender: str | None = None) -> bytes:
        """What a call returns, changing nothing. Raises `CallReverted`."""

    def logs(self, address: str, first: int, last: int, topics: Sequence[bytes]) -> Sequence[Log]:
        """A contract's events with one of these first topics, both blocks included, in order.

        Raises `NodeRefused`, also where the node does not give so many blocks at once.
        """

    def sender(self, transaction_hash: bytes) -> str | None:
        """The account that signed a transaction; None where the chain keeps none."""
