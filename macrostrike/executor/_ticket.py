"""A transaction of the executor's on its way."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from macrostrike.chain import Receipt, Transport
from macrostrike.errors import ChainError, NonceTaken, Reverted, TransactionNotMined
from macrostrike.executor._errors import TransactionCancelled
from macrostrike.executor._record import Record
from macrostrike.executor._slot import CANCEL, Slot
from macrostrike.journal import IntentRow, IntentState

_LONGEST_PAUSE = 0.5  # seconds between two looks


class JournaledTicket:
    """See `Ticket`: what `wait` learns is in the journal before it is returned."""

    def __init__(
        self,
        transport: Transport,
        record: Record,
        slot: Slot,
        *,
        tend: Callable[[IntentRow], Slot],
        mined_within: float,
        tended_after: float,
    ) -> None:
        """`tend` sends again, or replaces, what is due to be, and returns the slot as it is then;
        it is first called `tended_after` seconds from now without a receipt."""
        self._transport = transport
        self._record = record
        self._slot = slot
        self._intent = slot.latest
        self._tend = tend
        self._mined_within = mined_within
        self._tended_after = tended_after

    @property
    def hash(self) -> bytes:
        """Of the transaction as it was signed first."""
        return self._intent.hash

    @property
    def nonce(self) -> int:
        """Of the account: the transaction's, and of what is signed in its place."""
        return self._intent.account_nonce

    def wait(self) -> Receipt:
        """Waits until it is mined, or another with higher fees that was signed in its place, and
        has its confirmations.

        Raises `Reverted` when it was mined and failed, `TransactionCancelled` when it was taken
        back, `NonceTaken` when another transaction of the account was mined in its place for good,
        `TransactionNotMined` when nothing is known in time: it may be called again.
        """
        receipt = self._mined()
        if self._was_cancelled(receipt):
            raise TransactionCancelled(self.hash, receipt.transaction_hash)
        if receipt.succeeded:
            return receipt
        # The journal knows by now that it is mined: that must not depend on the answer.
        failure = Reverted(b"", "it failed when it was mined")
        with suppress(ChainError):
            failure = self._transport.why_failed(receipt.transaction_hash)
        self._record.mined(receipt, str(failure))
        raise failure

    def tend(self) -> None:
        """Sends it again, or replaces it, where that is due. Waiting does so by itself."""
        self._slot = self._tend(self._intent)
        self._tended_after = _LONGEST_PAUSE

    def look(self) -> Receipt | None:
        """The receipt, if it is mined by now; it may have failed there."""
        return self._slot.look()

    def _mined(self) -> Receipt:
        """Whatever the node says meanwhile: what was sent is sent, and no answer reverts that."""
        started = time.monotonic()
        tended_at, reason = started + self._tended_after, ""
        pause = self._transport.first_look
        while True:
            try:
                if (receipt := self._slot.look()) is not None:
                    # Looked for anew each time: a reorganisation may take it away again.
                    if not (missing := self._slot.missing_depth(receipt)):
                        return receipt
                    reason = f"it lacks {missing} confirmations"
                if time.monotonic() >= tended_at:
                    self._slot = self._tend(self._intent)
                    self._require_live()
                    tended_at = time.monotonic() + _LONGEST_PAUSE
            except NonceTaken:
                raise
            except ChainError as failure:
                reason = str(failure)
            if time.monotonic() > started + self._mined_within:
                raise TransactionNotMined(self.hash, self._mined_within, reason)
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _require_live(self) -> None:
        if all(version.state is IntentState.FOREIGN for version in self._slot.versions):
            raise NonceTaken(self.hash, 0, self._slot.latest.error or "its nonce was used")

    def _was_cancelled(self, receipt: Receipt) -> bool:
        mined = next(v for v in self._slot.versions if v.hash == receipt.transaction_hash)
        return mined.action == CANCEL != self._intent.action
