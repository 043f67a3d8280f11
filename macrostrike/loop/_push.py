"""Outcomes of predictions, and the days' roots, to a webhook, each until it was taken.

The journal has what the receiver has taken. Whichever of the two is down meanwhile, it goes on from
there: nothing is lost, and what was taken just before a crash comes once more, with the same id.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from macrostrike.journal import Journal, JournalUnavailable, PredictionRow
from macrostrike.journal.commitments import commitment
from macrostrike.loop._follower import UNTOLD, Follower, unfinished
from macrostrike.loop._shown import shown, strike_of
from macrostrike.webhooks import Receiver

MAX_FOLLOWED = 1_000
"""Predictions that are held in memory; all others wait in the journal."""
_AT_ONCE = 20
_EVERY, _LONGEST = 0.5, 60.0


class OutcomePush:
    """Tells a receiver what becomes of each prediction of the journal, at least once, in order; and
    each day's root, of all days that the journal has one of.

    While the receiver fails it is asked again, at the latest each minute, for as long as it takes;
    states that have passed by then are left out, as the last one has all that they had.

    on_failure: gets a sentence when the receiver begins to fail, and when it takes them again.
    """

    def __init__(
        self, journal: Journal, receiver: Receiver, *, on_failure: Callable[[str], None]
    ) -> None:
        self._journal, self._receiver, self._on_failure = journal, receiver, on_failure
        after, known = journal.pushed()
        if after is None:
            after = journal.last_prediction()
            known = {row.digest: UNTOLD for row in unfinished(journal)}
            journal.record_pushes(after, known)
        self._follower = Follower(journal, after, known, limit=MAX_FOLLOWED)
        self._roots = journal.pushed_roots()
        self._taken: dict[bytes, str | None] = {}
        self._failure: str | None = None

    def run(
        self, stop: threading.Event, *, every: float = _EVERY, longest: float = _LONGEST
    ) -> None:
        """Until it is to `stop`. Looks `every` so many seconds; the pause doubles, up to `longest`,
        while the receiver fails."""
        pause = every
        while not stop.wait(pause):
            try:
                failure = self.round(stop)
            except JournalUnavailable:
                continue  # what was taken, and not written down, is sent once more after a crash
            pause = every if failure is None else min(2 * pause, longest)
            self._report(failure)

    def round(self, stop: threading.Event | None = None) -> str | None:
        """Tells all that has changed. Why the receiver did not take one, if it did not."""
        try:
            for row, state in self._follower.changed():
                if stop is not None and stop.is_set():
                    return None
                failure = self._receiver.post(self._body(row))
                if failure is not None:
                    return failure
                has_ended = self._follower.note(row, state)
                self._taken[row.digest] = None if has_ended else state
                if len(self._taken) >= _AT_ONCE:
                    self._write()
            return self._push_roots()
        finally:
            if self._taken:
                self._write()

    def _push_roots(self) -> str | None:
        for row in self._journal.commitments():
            if row.day <= self._roots.get(row.kind, -1):
                continue
            failure = self._receiver.post(_named({"event": "commitment"} | commitment(row)))
            if failure is not None:
                return failure
            self._journal.record_pushed_root(row.kind, row.day)
            self._roots[row.kind] = row.day
        return None

    def _write(self) -> None:
        self._journal.record_pushes(self._follower.after, self._taken)
        self._taken.clear()

    def _body(self, row: PredictionRow) -> bytes:
        content = {"event": "outcome", "engine": row.engine}
        return _named(content | shown(row, strike_of(self._journal, row)))

    def _report(self, failure: str | None) -> None:
        if failure is not None and self._failure is None:
            self._on_failure(f"the webhook does not take outcomes, which wait for it: {failure}")
        if failure is None and self._failure is not None:
            self._on_failure("the webhook takes outcomes again")
        self._failure = failure


def _named(content: dict[str, Any]) -> bytes:
    """The same content has the same id, however often it is sent."""
    named = sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]
    return json.dumps({"id": named, **content}).encode()
