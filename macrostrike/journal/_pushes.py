"""What a receiver has, outcomes and roots: what a push goes on from after a restart, of either
side."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, insert, select

from macrostrike.journal import _schema
from macrostrike.journal._database import Database
from macrostrike.journal.rows import CommitmentKind

_CURSOR = "pushed to"


class Pushes:
    """The part of a journal that pushes are in. Every method may raise `JournalUnavailable`."""

    _database: Database

    def pushed(self) -> tuple[int | None, dict[bytes, str]]:
        """The last prediction that a push has come to, by its seq, None before the first push; and
        of those that have not ended the state that the receiver has, by digest."""
        meta, pushes = _schema.meta, _schema.pushes
        with self._database.read() as connection:
            seq = connection.scalar(select(meta.c.value).where(meta.c.key == _CURSOR))
            rows = connection.execute(select(pushes.c.digest, pushes.c.state))
            return None if seq is None else int(seq), {row.digest: row.state for row in rows}

    def record_pushes(self, seq: int, states: Mapping[bytes, str | None]) -> None:
        """Records what the receiver has, in one transaction. None: the prediction has ended."""
        meta, pushes = _schema.meta, _schema.pushes
        rows = [{"digest": d, "state": state} for d, state in states.items() if state is not None]
        with self._database.write() as connection:
            connection.execute(delete(meta).where(meta.c.key == _CURSOR))
            connection.execute(insert(meta), {"key": _CURSOR, "value": str(seq)})
            connection.execute(delete(pushes).where(pushes.c.digest.in_(list(states))))
            if rows:
                connection.execute(insert(pushes), rows)

    def pushed_roots(self) -> dict[CommitmentKind, int]:
        """The last day whose root the receiver has, by kind: days of a kind come in order."""
        meta, keys = _schema.meta, {_roots(kind): kind for kind in CommitmentKind}
        with self._database.read() as connection:
            rows = connection.execute(select(meta).where(meta.c.key.in_(list(keys))))
            return {keys[row.key]: int(row.value) for row in rows}

    def record_pushed_root(self, kind: CommitmentKind, day: int) -> None:
        """Records that the receiver has the roots of a kind up to that day."""
        meta, key = _schema.meta, _roots(kind)
        with self._database.write() as connection:
            connection.execute(delete(meta).where(meta.c.key == key))
            connection.execute(insert(meta), {"key": key, "value": str(day)})


def _roots(kind: CommitmentKind) -> str:
    return f"{_CURSOR}, roots of {kind}"
