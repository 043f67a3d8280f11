"""A transaction on its way to a block, found by its hash alone."""

from __future__ import annotations

import time
from typing import Protocol

from macrostrike.chain._bridge import sleep
from macrostrike.chain.transport import Receipt
from macrostrike.errors import NodeError, NodeUnavailable, Reverted, TransactionNotMined

_LONGEST_PAUSE = 0.5  # seconds between two looks
_MAX_PATIENCE = 5.0  # seconds that a node which asks for more is left alone


class _Chain(Protocol):
    mined_within: float
    confirmations: int
    first_look: float

    def block_number(self) -> int: ...

    def look_for(self, transaction_hash: bytes) -> Receipt | None: ...

    def with_time(self, receipt: Receipt) -> Receipt: ...

    def why_failed(self, transaction_hash: bytes) -> Reverted: ...


class RpcTicket:
    """A transaction that was sent to a node. See `Ticket`."""

    def __init__(
        self, chain: _Chain, transaction_hash: bytes, mined: Receipt | None = None
    ) -> None:
        """`mined` is its receipt where the node has given it already."""
        self._chain = chain
        self.hash = transaction_hash
        self._receipt = mined

    def wait(self) -> Receipt:
        is_known = self._receipt is not None and self._chain.confirmations <= 1
        receipt = self._receipt if self._receipt and is_known else self._mined()
        if not receipt.succeeded:
            raise self._chain.why_failed(self.hash)
        return self._chain.with_time(receipt)

    def _mined(self) -> Receipt:
        """Whatever the node says meanwhile, it was sent: no answer reverts that."""
        within = self._chain.mined_within
        deadline = time.monotonic() + within
        pause, reason = self._chain.first_look, ""
        while True:
            wanted = 0.0
            try:
                if (receipt := self._chain.look_for(self.hash)) is not None:
                    depth, wanted_depth = self._depth_of(receipt), self._chain.confirmations
                    if depth >= wanted_depth:
                        return receipt
                    # Looked for anew each time: a reorganisation may take it away again.
                    reason = f"it has {depth} of {wanted_depth} confirmations"
            except (NodeUnavailable, NodeError) as failure:
                reason, wanted = failure.reason, failure.retry_after or 0.0
            if time.monotonic() > deadline:
                raise TransactionNotMined(self.hash, within, reason)
            sleep(max(pause, min(wanted, _MAX_PATIENCE)))
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _depth_of(self, receipt: Receipt) -> int:
        if self._chain.confirmations <= 1:
            return 1
        return max(0, self._chain.block_number() - receipt.block_number + 1)
