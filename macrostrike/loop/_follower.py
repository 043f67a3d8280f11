"""Which predictions have changed since they were reported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from macrostrike.journal import Decision, Journal, PredictionRow
from macrostrike.loop._shown import strike_of

UNTOLD = "untold"
"""The state of a prediction that is known, and that nothing was reported of."""
_OPEN, _NEW = "open", ""
_GOING_ON = (Decision.PENDING, Decision.STRUCK, _OPEN)


@dataclass(slots=True)
class _Followed:
    row: PredictionRow
    state: str


class Follower:
    """Follows predictions until their end: what waits, what is open on chain, and what is new.

    after: the last prediction that is known, by its seq; later ones are new.
    known: what was reported last of those that have not ended, by digest.
    limit: of predictions that are followed at once; new ones beyond it come later.
    """

    def __init__(
        self,
        journal: Journal,
        after: int,
        known: Mapping[bytes, str],
        *,
        limit: int | None = None,
    ) -> None:
        self._journal, self._limit = journal, limit
        self._after = after
        rows = sorted((journal.prediction(digest) for digest in known), key=lambda row: row.seq)
        self._followed = {row.digest: _Followed(row, known[row.digest]) for row in rows}

    @property
    def rows(self) -> list[PredictionRow]:
        """What is followed."""
        return [each.row for each in self._followed.values()]

    @property
    def after(self) -> int:
        """Each prediction up to this seq has been noted, or was known from the beginning."""
        new = (each.row.seq for each in self._followed.values() if each.state == _NEW)
        return min(new, default=self._after + 1) - 1

    def changed(self) -> Iterator[tuple[PredictionRow, str]]:
        """Each that is not in the state that was noted last, and its state now.

        Three questions, and one more for each prediction that may have changed.
        """
        self._take_new()
        pending = {r.digest: r for r in self._journal.predictions(decision=Decision.PENDING)}
        still_open = {strike.strike_id for strike in self._journal.open_strikes()}
        for digest, followed in list(self._followed.items()):
            if followed.state == Decision.PENDING and digest in pending:
                continue
            if followed.state == _OPEN and followed.row.strike_id in still_open:
                continue
            row = pending.get(digest) or self._journal.prediction(digest)
            state = state_of(self._journal, row)
            if state != followed.state:
                yield row, state

    def note(self, row: PredictionRow, state: str) -> bool:
        """Says that this was reported. Returns whether it is the prediction's end."""
        if state in _GOING_ON:
            self._followed[row.digest] = _Followed(row, state)
            return False
        del self._followed[row.digest]
        return True

    def _take_new(self) -> None:
        room = None if self._limit is None else self._limit - len(self._followed)
        if room is not None and room <= 0:
            return
        for row in self._journal.predictions(after=self._after, limit=room):
            self._followed.setdefault(row.digest, _Followed(row, _NEW))
            self._after = row.seq


def unfinished(journal: Journal) -> Iterator[PredictionRow]:
    """Predictions that have not ended."""
    yield from journal.predictions(decision=Decision.PENDING)
    for strike in journal.open_strikes():
        yield from journal.predictions(
            engine=strike.engine, engine_nonce=strike.engine_nonce, decision=Decision.STRUCK
        )


def state_of(journal: Journal, row: PredictionRow) -> str:
    """The decision; of a strike that the journal knows, where that is in its life."""
    strike = strike_of(journal, row)
    return str(row.decision if strike is None else strike.status)
