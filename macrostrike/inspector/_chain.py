"""A transport as the chain that `ape_diamond` asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from ape_diamond import errors as theirs
from ape_diamond.chain import Log
from macrostrike.chain import Transport
from macrostrike.errors import NodeError, Reverted
from macrostrike.types import checksummed


@runtime_checkable
class _Node(Protocol):
    def request(self, method: str, *params: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class TransportChain:
    """A transport, as an `ape_diamond.chain.Chain`."""

    transport: Transport

    @property
    def chain_id(self) -> int:
        return self.transport.chain_id

    def block_number(self) -> int:
        return self.transport.block_number()

    def code(self, address: str) -> bytes:
        return self.transport.code(address)

    def timestamp(self) -> int:
        return self.transport.timestamp(pending=True)

    def storage(self, address: str, slot: int) -> bytes:
        return self.transport.storage(address, slot)

    def call(self, to: str, data: bytes, *, sender: str | None = None) -> bytes:
        try:
            return self.transport.call(to, data, sender=sender)
        except Reverted as reverted:
            raise theirs.CallReverted(reverted.data, reverted.reason) from reverted

    def logs(self, address: str, first: int, last: int, topics: Sequence[bytes]) -> list[Log]:
        try:
            found = self.transport.logs(address, first, last, topics=[list(topics)])
        except NodeError as refused:
            raise theirs.NodeRefused(str(refused)) from refused
        return [Log(log.topics, log.data, log.block_number, log.transaction_hash) for log in found]

    def sender(self, transaction_hash: bytes) -> str | None:
        if not isinstance(self.transport, _Node):
            return None
        found = self.transport.request("eth_getTransactionByHash", "0x" + transaction_hash.hex())
        return None if found is None else checksummed(found["from"])
