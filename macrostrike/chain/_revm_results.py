"""What became of a transaction in this process."""

from __future__ import annotations

import re
from typing import Protocol

from macrostrike.chain.transport import Receipt
from macrostrike.errors import NodeError, Reverted, TransactionNotMined

_REVERT = re.compile(r"^Revert \{ gas_used: \d+, output: 0x([0-9a-f]*) \}$")
_HALT = re.compile(r"^Halt \{ reason: (.*), gas_used: \d+ \}$")


class _Chain(Protocol):
    def receipt(self, transaction_hash: bytes) -> Receipt | None: ...

    def why_failed(self, transaction_hash: bytes) -> Reverted: ...


class RevmTicket:
    """A transaction that was executed. See `Ticket`."""

    def __init__(self, transport: _Chain, transaction_hash: bytes) -> None:
        self._transport = transport
        self.hash = transaction_hash

    def wait(self) -> Receipt:
        receipt = self._transport.receipt(self.hash)
        if receipt is None:
            raise TransactionNotMined(self.hash, 0)
        if not receipt.succeeded:
            raise self._transport.why_failed(self.hash)
        return receipt


def failure_of(failure: RuntimeError) -> Reverted | NodeError:
    """pyrevm tells the outcome in the exception's text alone."""
    text = str(failure)
    if reverted := _REVERT.match(text):
        return Reverted(bytes.fromhex(reverted[1]))
    if halted := _HALT.match(text):
        return Reverted(b"", halted[1])
    return NodeError("transaction", 0, text)
