"""What becomes of predictions: each change once, for those who listen, and by webhook."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from macrostrike.journal import Decision, Journal, JournalUnavailable, PredictionRow
from macrostrike.loop._shown import shown, strike_of
from macrostrike.webhooks import Webhook

MAX_LISTENERS = 64
"""Streams that may be open at once."""

_WAITING = 256
"""Outcomes that wait for one listener, before the stream ends: it asks again from where it was."""
_RECALLED = 1000
_OPEN = "open"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A prediction's outcome as it is now.

    mark: all predictions up to this seq have ended: who listens again says it, and misses nothing.
    content: as of `GET /v1/predictions/{digest}`.
    """

    engine: str
    mark: int
    content: dict[str, Any]


@dataclass(slots=True)
class _Followed:
    row: PredictionRow
    state: str = ""


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

    def __init__(self, journal: Journal, webhooks: Sequence[Webhook] = ()) -> None:
        self._journal, self._webhooks = journal, webhooks
        self._after = journal.last_prediction()
        self._listeners: dict[str, set[Listener]] = {}
        self._lock = threading.Lock()
        self._followed = {
            row.digest: _Followed(row, self._state(row)) for row in self._unfinished()
        }

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
            fresh = self._journal.predictions(after=self._after)
            self._followed |= {row.digest: _Followed(row) for row in fresh}
            self._after = max([self._after, *(row.seq for row in fresh)])
            changed = [row for row in self._changed() if row is not None]
            outcomes = [self._outcome(row) for row in changed]
            for each in outcomes:
                for listener in self._listeners.get(each.engine, ()):
                    listener.put(each)
        for each in outcomes:
            body = {"event": "outcome", "engine": each.engine, **each.content}
            for webhook in self._webhooks:
                webhook.post(each.content["causation_id"], json.dumps(body).encode())
        return outcomes

    @property
    def is_full(self) -> bool:
        """Whether as many listen as may."""
        return sum(map(len, self._listeners.values())) >= MAX_LISTENERS

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
        rows = (each.row for each in self._followed.values())
        return [self._journal.prediction(row.digest) for row in rows if row.engine == engine]

    def _unfinished(self) -> Iterator[PredictionRow]:
        yield from self._journal.predictions(decision=Decision.PENDING)
        for strike in self._journal.open_strikes():
            yield from self._journal.predictions(
                engine=strike.engine, engine_nonce=strike.engine_nonce, decision=Decision.STRUCK
            )

    def _changed(self) -> Iterator[PredictionRow]:
        """Three questions, and one more for each prediction that has changed."""
        pending = {r.digest: r for r in self._journal.predictions(decision=Decision.PENDING)}
        still_open = {strike.strike_id for strike in self._journal.open_strikes()}
        for digest, followed in list(self._followed.items()):
            if followed.state == Decision.PENDING and digest in pending:
                continue
            if followed.state == _OPEN and followed.row.strike_id in still_open:
                continue
            row = pending.get(digest) or self._journal.prediction(digest)
            state = self._state(row)
            if state == followed.state:
                continue
            self._followed[digest] = _Followed(row, state)
            if state not in (Decision.PENDING, Decision.STRUCK, _OPEN):
                del self._followed[digest]
            yield row

    def _state(self, row: PredictionRow) -> str:
        """The decision; of a strike that the journal knows, where that is in its life."""
        strike = strike_of(self._journal, row)
        return str(row.decision if strike is None else strike.status)

    def _outcome(self, row: PredictionRow) -> Outcome:
        first = min((each.row.seq for each in self._followed.values()), default=self._after + 1)
        return Outcome(row.engine, first - 1, shown(row, strike_of(self._journal, row)))
