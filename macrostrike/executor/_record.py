"""What becomes of intents, written to the journal as it is learnt.

Once a transaction has left, a journal that can't be written must not hide what became of it: what
could not be written is kept here, and written before anything else is sent.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from macrostrike.chain import Receipt
from macrostrike.journal import IntentRow, IntentState, Journal, JournalUnavailable


class Record:
    """The states of one account's intents. Safe for threads."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._late: dict[bytes, tuple[IntentState, dict[str, Any]]] = {}
        self._left: dict[bytes, tuple[IntentRow, float]] = {}
        self._on_their_way: set[bytes] = set()
        self._lock = threading.Lock()

    def catch_up(self) -> None:
        """Writes what could not be written before. Raises `JournalUnavailable`."""
        with self._lock:
            while self._late:
                transaction_hash = next(iter(self._late))
                state, changes = self._late[transaction_hash]
                self._journal.change_intent(transaction_hash, state, **changes)
                del self._late[transaction_hash]

    def left(self, intents: Sequence[IntentRow], at: float) -> None:
        """Several have left that were prepared just now. It is written with what is learnt of each
        next, or by `write_left`: until then they are prepared, and so may have left."""
        with self._lock:
            self._on_their_way.update(intent.hash for intent in intents)
            self._left |= {intent.hash: (intent, at) for intent in intents}

    def write_left(self) -> None:
        """Writes of those that have left, and of which nothing more is known, that they have."""
        with self._lock:
            left, self._left = self._left, {}
            by_time: dict[float, list[IntentRow]] = {}
            for intent, at in left.values():
                by_time.setdefault(at, []).append(intent)
            for at, intents in by_time.items():
                try:
                    self._journal.mark_sent(intents, at)
                except JournalUnavailable:
                    sent = IntentState.SENT, {"sent_at": at}
                    self._late = {intent.hash: sent for intent in intents} | self._late

    def sent(self, transaction_hash: bytes, state: IntentState) -> None:
        """It has left: `SENT`, `ALREADY_THERE`, or `UNKNOWN` where no answer came."""
        self._note(transaction_hash, state, {"sent_at": time.time()})

    def refused(self, transaction_hash: bytes, state: IntentState, error: str) -> None:
        """It will never be mined: `REJECTED`, or `FOREIGN`."""
        self._note(transaction_hash, state, {"error": error})

    def replaced(self, transaction_hash: bytes, by: bytes) -> None:
        """Another one of ours with the same nonce was mined."""
        error = f"0x{by.hex()} was mined with the same nonce"
        self._note(transaction_hash, IntentState.REPLACED, {"error": error})

    def unknown(self, transaction_hash: bytes, error: str) -> None:
        """It may have arrived or not, and may be mined or not."""
        self._note(transaction_hash, IntentState.UNKNOWN, {"error": error})

    def mined_many(self, receipts: Sequence[Receipt]) -> None:
        """As `mined`, of several."""
        self.note_many({r.transaction_hash: self._of_mined(r, None) for r in receipts})

    def note_many(self, notes: Mapping[bytes, tuple[IntentState, dict[str, Any]]]) -> None:
        """The states of several by their hash, and what comes with each."""
        with self._lock:
            for transaction_hash, noted in notes.items():
                self._follow(transaction_hash, *noted)
            # What is late is written before what came after it.
            notes = {h: (s, self._unwritten(h) | more) for h, (s, more) in notes.items()}
            try:
                self._journal.change_intents(notes)
            except JournalUnavailable:
                self._late |= notes

    def mined(self, receipt: Receipt, error: str | None = None) -> None:
        """It is in a block. `error`: why it failed there, where it did."""
        self._note(receipt.transaction_hash, *self._of_mined(receipt, error))

    def _of_mined(self, receipt: Receipt, error: str | None) -> tuple[IntentState, dict[str, Any]]:
        if error is None and not receipt.succeeded:
            error = "it failed when it was mined"
        changes: dict[str, Any] = {
            "block_number": receipt.block_number,
            "block_hash": receipt.block_hash or None,
            "gas_used": receipt.gas_used,
            "gas_price": receipt.gas_price,
            "l1_fee": receipt.l1_fee,
            "error": error,
        }
        if receipt.transaction_hash in self._on_their_way:
            # By the clock of `sent_at`, as the chain's may be hours off. What an earlier process
            # sent has none: its time would be the one in which nothing ran.
            changes["included_at"] = time.time()
        return IntentState.CONFIRMED, changes

    def _follow(
        self, transaction_hash: bytes, state: IntentState, changes: Mapping[str, Any]
    ) -> None:
        """Keeps what this process has sent, until it has an outcome."""
        if "sent_at" in changes:
            self._on_their_way.add(transaction_hash)
        elif state is not IntentState.UNKNOWN:
            self._on_their_way.discard(transaction_hash)

    def _unwritten(self, transaction_hash: bytes) -> dict[str, Any]:
        """What is known of it and not written yet. It is to be written now."""
        _, late = self._late.pop(transaction_hash, (None, {}))
        _, at = self._left.pop(transaction_hash, (None, None))
        return late if at is None else {"sent_at": at} | late

    def _note(self, transaction_hash: bytes, state: IntentState, changes: dict[str, Any]) -> None:
        with self._lock:
            self._follow(transaction_hash, state, changes)
            changes = self._unwritten(transaction_hash) | changes
            try:
                self._journal.change_intent(transaction_hash, state, **changes)
            except JournalUnavailable:
                self._late[transaction_hash] = state, changes
