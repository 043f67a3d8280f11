"""One nonce of the account, and all signed transactions that have it: one is mined at most.

There are several where one was stuck and another, with higher fees, was signed in its place. All
are looked for, as any of them may be the one that is mined.
"""

from __future__ import annotations

from collections.abc import Sequence

from macrostrike.chain import Outcome, Receipt, Transport
from macrostrike.errors import NonceTaken
from macrostrike.executor._record import Record
from macrostrike.journal import LIVE, IntentRow, IntentState

CANCEL = "cancel"
"""The action of a transaction that does nothing but use a nonce."""

__all__ = ["CANCEL", "LIVE", "Slot", "state_of"]


class Slot:
    """The transactions of one nonce, oldest first. `confirmations` is as of `Settings`."""

    def __init__(
        self,
        transport: Transport,
        record: Record,
        versions: Sequence[IntentRow],
        confirmations: int,
    ) -> None:
        self.versions = versions
        self._transport = transport
        self._record = record
        self._confirmations = confirmations
        self._noted: tuple[bytes, bytes] | None = None
        self._seen: Receipt | None = None

    @property
    def latest(self) -> IntentRow:
        """The one that pools are to have now."""
        return self.versions[-1]

    def look(self) -> Receipt | None:
        """The receipt of the one that is mined. The journal knows it then."""
        if (seen := self._seen) is not None:
            self._seen = None
            return seen
        for version in reversed(self.versions):
            receipt = self._transport.receipt(version.hash)
            if receipt is not None:
                self._mined(receipt)
                return receipt
        return None

    def saw(self, receipt: Receipt) -> None:
        """The node has just given the receipt of one: the first look need not ask for it."""
        self._mined(receipt)
        self._seen = receipt

    def missing_depth(self, receipt: Receipt) -> int:
        """Confirmations that it lacks yet."""
        if self._confirmations <= 1:
            return 0
        depth = self._transport.block_number() - receipt.block_number + 1
        return max(self._confirmations - depth, 0)

    def send_again(self) -> IntentState:
        """Sends the same signed bytes again. Where it is now; the journal knows it then.

        Raises what the transport raises, and nothing is known then: a refusal may be because a
        pool has it, or had it.
        """
        try:
            outcome = self._transport.broadcast(self.latest.signed)
        except NonceTaken as refusal:
            return self.overtaken(str(refusal))
        state = state_of(outcome)
        self._record.sent(self.latest.hash, state)
        return state

    def overtaken(self, reason: str) -> IntentState:
        """The nonce was used by one of ours, or by another transaction of the account: where it is
        now. Only where that one is in a block that stays can ours never be mined."""
        mine = self.latest
        deep = max(self._transport.block_number() - self._confirmations + 1, 0)
        block = min(deep, self._transport.final_block())
        is_final = self._transport.nonce(mine.account, block=block) > mine.account_nonce
        if self.look() is not None:
            return IntentState.CONFIRMED
        for version in self.versions:
            if is_final:
                self._record.refused(version.hash, IntentState.FOREIGN, reason)
            else:
                self._record.unknown(version.hash, reason)
        return IntentState.FOREIGN if is_final else IntentState.UNKNOWN

    def _mined(self, receipt: Receipt) -> None:
        place = receipt.transaction_hash, receipt.block_hash
        if place == self._noted:
            return  # looked for again, until it has its confirmations
        for version in self.versions:
            if version.hash != receipt.transaction_hash:
                self._record.replaced(version.hash, receipt.transaction_hash)
        self._record.mined(receipt)
        self._noted = place


def state_of(outcome: Outcome | None) -> IntentState:
    """Where a transaction is after its broadcast."""
    return IntentState.SENT if outcome is None else IntentState(outcome.value)
