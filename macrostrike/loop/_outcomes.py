"""What becomes of predictions: each change once, for those who listen."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from macrostrike.journal import Journal, JournalUnavailable, PredictionRow
from macrostrike.loop._follower import Follower, state_of, unfinished
from macrostrike.loop._shown import shown, strike_of

_WAITING = 256
"""Outcomes that wait for one listener, before the stream ends: it asks again from where it was."""
_RECALLED = 1000


@dataclass(frozen=True, slots=True)
class Outcome:
    """A prediction's outcome as it is now.

    mark: all predictions up to this seq have ended: who listens again says it, and misses nothing.
    content: as of `GET /v1/predictions/{digest}`.
    """

    engine: str
    mark: int
    content: dict[str, Any]


class Listener:
    """What one stream has not sent yet. `is_late`: it was too slow, and has to begin again."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self.is_late = False

    def put(self, outcome: Outcome) -> None:
        if self._waiting.qsize() >= _WAITING:
            self.is_late = True
        else:
            self._waiting.put(outcome)

    def take(self) -> list[Outcome]:
        """What there is by now."""
        return [self._waiting.get() for _ in range(self._waiting.qsize())]


class Outcomes:
    """Follows every prediction of the journal until its end. Safe for threads.

    What is followed is bounded: what waits, and what is open on chain.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._listeners: dict[str, set[Listener]] = {}
        self._lock = threading.Lock()
        last = journal.last_prediction()
        known = {row.digest: state_of(journal, row) for row in unfinished(journal)}
        self._follower = Follower(journal, last, known)

    def run(self, stop: threading.Event, every: float = 0.5) -> None:
        """Polls until it is to `stop`; a journal that can't be read is read again."""
        while not stop.wait(every):
            try:
                self.poll()
            except JournalUnavailable:
                continue

    def poll(self) -> list[Outcome]:
        """What has changed since the last time, given to all that listen too."""
        with self._lock:
            changed = list(self._follower.changed())
            for row, state in changed:
                self._follower.note(row, state)
            outcomes = [self._outcome(row) for row, _ in changed]
            for each in outcomes:
                for listener in self._listeners.get(each.engine, ()):
                    listener.put(each)
        return outcomes

    @contextmanager
    def listening(self, engine: str, after: int | None) -> Iterator[Listener]:
        """A listener for one engine's outcomes, from now on.

        after: a mark; what is not known to have ended by then comes first, as it is now. None:
            what has not ended is.
        """
        listener = Listener()
        with self._lock:
            for row in self._recalled(engine, after):
                listener.put(self._outcome(row))
            self._listeners.setdefault(engine, set()).add(listener)
        try:
            yield listener
        finally:
            with self._lock:
                self._listeners[engine].discard(listener)
                if not self._listeners[engine]:
                    del self._listeners[engine]

    def _recalled(self, engine: str, after: int | None) -> list[PredictionRow]:
        if after is not None:
            return self._journal.predictions(engine=engine, after=after, limit=_RECALLED)
        rows = self._follower.rows
        return [self._journal.prediction(row.digest) for row in rows if row.engine == engine]

    def _outcome(self, row: PredictionRow) -> Outcome:
        following = (each.seq for each in self._follower.rows)
        first = min(following, default=self._follower.after + 1)
        return Outcome(row.engine, first - 1, shown(row, strike_of(self._journal, row)))
