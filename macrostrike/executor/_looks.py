"""Receipts of all that threads wait for, in few requests: one of the threads asks for all.

An account's transactions are mined in the order of their nonces, so that one small question, how
many are mined, tells which receipts there are.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from macrostrike.chain import Receipt, Transport
from macrostrike.errors import ChainError
from macrostrike.executor._line import TOGETHER
from macrostrike.executor._record import Record

_LONGEST_PAUSE = 0.5  # seconds between two looks
_LINGERS = 0.05  # seconds without a receipt, after which there is time to write what has left


@dataclass(eq=False)
class _Waiter:
    """What one thread waits for: nonces by hash."""

    missing: dict[bytes, int]
    found: dict[bytes, Receipt] = field(default_factory=dict)

    def take(self, new: Mapping[bytes, Receipt]) -> None:
        for transaction_hash in new.keys() & self.missing.keys():
            del self.missing[transaction_hash]
            self.found[transaction_hash] = new[transaction_hash]


class Looks:
    """Looks for one account's receipts. Safe for threads."""

    def __init__(self, transport: Transport, record: Record, address: str) -> None:
        self._transport = transport
        self._record = record
        self._address = address
        self._changed = threading.Condition()
        self._waiters: list[_Waiter] = []
        self._is_looking = False
        self._count, self._began, self._progress_at = 0, 0.0, 0.0
        self._pause, self._next_at = 0.0, 0.0

    def receipts(self, wanted: Mapping[bytes, int], until: float) -> dict[bytes, Receipt]:
        """Those of the wanted, nonces by hash, that are mined `until` then on the monotonic clock.
        The journal knows them by then. Fewer where the node fails."""
        waiter = _Waiter(dict(wanted))
        with self._changed:
            if not self._waiters:
                self._begin()
            self._waiters.append(waiter)
        try:
            while waiter.missing and (left := until - time.monotonic()) > 0:
                if not self._is_mine_to_look(left):
                    continue
                try:
                    time.sleep(max(self._next_at - time.monotonic(), 0.0))
                    self._look()
                except ChainError:
                    break
                finally:
                    self._give_up()
        finally:
            with self._changed:
                self._waiters.remove(waiter)
        return waiter.found

    def _is_mine_to_look(self, seconds: float) -> bool:
        """Waits while another thread looks."""
        with self._changed:
            if self._is_looking:
                self._changed.wait(seconds)
                return False
            self._is_looking = True
            return True

    def _give_up(self) -> None:
        with self._changed:
            self._is_looking = False
            self._changed.notify_all()

    def _begin(self) -> None:
        self._pause, self._count = self._transport.first_look, 0
        self._began = self._progress_at = self._next_at = time.monotonic()

    def _look(self) -> None:
        with self._changed:
            missing = {h: n for waiter in self._waiters for h, n in waiter.missing.items()}
        mined = self._transport.nonce(self._address, pending=False)
        there = [each for each, nonce in missing.items() if nonce < mined][:TOGETHER]
        looked = self._transport.receipts(there) if there else []
        new = {each.transaction_hash: each for each in looked if each is not None}
        now = time.monotonic()
        if new:
            self._record.mined_many(list(new.values()))
            self._count, self._progress_at = self._count + len(new), now
        elif now - self._progress_at > _LINGERS:
            self._record.write_left()
        with self._changed:
            for waiter in self._waiters:
                waiter.take(new)
        self._set_pause(now, len(missing) - len(new), bool(new))

    def _set_pause(self, now: float, left: int, is_progress: bool) -> None:
        """As they come one after the other: as long as half of the rest takes."""
        shortest = self._transport.first_look
        pause = 2 * self._pause
        if is_progress:
            pause = max((now - self._began) / self._count * left / 2, shortest)
        elif not self._count:
            self._began = now
        self._pause = min(pause, _LONGEST_PAUSE)
        self._next_at = now + self._pause
