"""A transaction of the executor's on its way."""

from __future__ import annotations

import time
from contextlib import suppress

from macrostrike.chain import Receipt, Transport
from macrostrike.errors import (
    ChainError,
    NonceTaken,
    Reverted,
    TransactionNotMined,
    TransactionRefused,
)
from macrostrike.executor._record import Record
from macrostrike.executor._recovery import overtaken
from macrostrike.journal import IntentRow, IntentState, NewIntent

_FIRST_PAUSE, _LONGEST_PAUSE = 0.005, 0.5  # seconds between two looks


class JournaledTicket:
    """See `Ticket`: what `wait` learns is in the journal before it is told."""

    def __init__(
        self,
        transport: Transport,
        record: Record,
        intent: NewIntent | IntentRow,
        *,
        mined_within: float,
        resend_after: float,
        confirmations: int,
    ) -> None:
        self.hash = intent.hash
        self._transport = transport
        self._record = record
        self._intent = intent
        self._mined_within = mined_within
        self._resend_after = resend_after
        self._confirmations = confirmations

    def wait(self) -> Receipt:
        """Waits until it is mined, and sends the same bytes again where a node has forgotten them.

        Raises `Reverted` when it was mined and failed, `NonceTaken` when another transaction of
        the account was mined in its place for good, `TransactionNotMined` when nothing is known
        in time: it may be called again.
        """
        receipt = self._mined()
        # Written before the node is asked why: that it is mined must not depend on the answer.
        self._record.mined(receipt)
        if receipt.succeeded:
            return receipt
        failure = Reverted(b"", "it failed when it was mined")
        with suppress(ChainError):
            failure = self._transport.why_failed(self.hash)
        self._record.mined(receipt, str(failure))
        raise failure

    def look(self) -> Receipt | None:
        """The receipt, if it is mined by now; it may have failed there."""
        receipt = self._transport.receipt(self.hash)
        if receipt is not None:
            self._record.mined(receipt)
        return receipt

    def _mined(self) -> Receipt:
        """Whatever the node says meanwhile: what was sent is sent, and no answer undoes it."""
        started = time.monotonic()
        resend_at = started + self._resend_after
        pause, reason = _FIRST_PAUSE, ""
        while True:
            try:
                if (receipt := self._transport.receipt(self.hash)) is not None:
                    return receipt
                if time.monotonic() > resend_at:
                    # Longer from time to time: a node that is asked too often answers nothing.
                    resend_at = time.monotonic() + max(
                        self._resend_after, time.monotonic() - started
                    )
                    self._send_again()
            except NonceTaken:
                raise
            except ChainError as failure:
                reason = str(failure)
            if time.monotonic() > started + self._mined_within:
                raise TransactionNotMined(self.hash, self._mined_within, reason)
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _send_again(self) -> None:
        try:
            self._transport.broadcast(self._intent.signed)
        except NonceTaken as refusal:
            state = overtaken(
                self._transport, self._record, self._intent, self._confirmations, str(refusal)
            )
            if state is IntentState.FOREIGN:
                raise
        except TransactionRefused:
            pass  # a pool that has it, or had it, may not want it again: its receipt will tell
