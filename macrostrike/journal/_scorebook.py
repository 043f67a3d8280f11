"""What is written of the market, of predictions' scores, and of the days' commitments to them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields
from enum import Enum

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from macrostrike.journal import _queries, _schema, merkle
from macrostrike.journal._database import Database
from macrostrike.journal.rows import (
    CommitmentKind,
    CommitmentRow,
    Decision,
    MarketOutcome,
    MinuteRow,
    PredictionRow,
    ScoreRow,
)

DAY = 86_400
_CHANGES = ("run_id", "decision", "reason", "detail", "strike_id", "decided_at")
"""What of a prediction is not known when it comes in."""
_ENDED = ("digest", "decision", "reason", "strike_id")
_SCORED = ("outcome", "entered_at", "entry", "exit", "net_millionths")


class Scorebook:
    """The part of a journal that scores are in. Every method may raise `JournalUnavailable`."""

    _database: Database

    def record_minutes(self, minutes: Sequence[MinuteRow]) -> None:
        """Records minutes; one that is there already is replaced."""
        table = _schema.minutes
        with self._database.write() as connection:
            for each in minutes:
                same = (table.c.market == each.market, table.c.timestamp == each.timestamp)
                connection.execute(delete(table).where(*same))
                connection.execute(insert(table), _values(each))

    def forget_minutes(self, before: int) -> None:
        """Removes minutes that began before a time."""
        with self._database.write() as connection:
            connection.execute(delete(_schema.minutes).where(_schema.minutes.c.timestamp < before))

    def enter_scores(self, scores: Sequence[ScoreRow]) -> None:
        """Records that predictions are followed from now on; one that is there already stays."""
        table = _schema.scores
        with self._database.write() as connection:
            given = table.c.seq.in_([each.seq for each in scores])
            known = set(connection.scalars(select(table.c.seq).where(given)))
            if rows := [_values(each) for each in scores if each.seq not in known]:
                connection.execute(insert(table), rows)

    def end_scores(self, scores: Sequence[ScoreRow]) -> None:
        """Says how they ended."""
        table = _schema.scores
        with self._database.write() as connection:
            for each in scores:
                change = {name: value for name, value in _values(each).items() if name != "seq"}
                connection.execute(update(table).where(table.c.seq == each.seq).values(change))

    def scores_that_ended(self, by: int, *, limit: int) -> list[tuple[ScoreRow, PredictionRow]]:
        """Scores that are open, and whose horizon was over by a time of the chain's."""
        scores, rows = _schema.scores, _schema.predictions
        query = (
            select(scores.c.seq)
            .where(scores.c.outcome == str(MarketOutcome.OPEN), scores.c.ends_at <= by)
            .order_by(scores.c.seq)
            .limit(limit)
        )
        with self._database.read() as connection:
            ended = list(connection.scalars(query))
            found = [
                [
                    make(row._asdict())
                    for row in connection.execute(
                        select(table).where(table.c.seq.in_(ended)).order_by(table.c.seq)
                    )
                ]
                for table, make in ((scores, _queries.score), (rows, _queries.prediction))
            ]
        return list(zip(*found, strict=True))

    def last_scored(self) -> int:
        """The seq of the last prediction that is followed; 0 of none."""
        with self._database.read() as connection:
            last: int | None = connection.scalar(select(func.max(_schema.scores.c.seq)))
        return last or 0

    def of_day(self, day: int) -> list[PredictionRow]:
        """The predictions that were seen on a day, in their order."""
        seen = _schema.predictions.c.seen_at
        query = (
            select(_schema.predictions)
            .where(seen >= day * DAY, seen < (day + 1) * DAY)
            .order_by(_schema.predictions.c.seq)
        )
        with self._database.read() as connection:
            return [_queries.prediction(row._asdict()) for row in connection.execute(query)]

    def leaves(self, day: int, kind: CommitmentKind) -> list[bytes] | None:
        """The leaves of a day's tree; None of scores while one is missing."""
        contents = self.contents(day, kind)
        return None if contents is None else [merkle.leaf(each) for each in contents]

    def contents(self, day: int, kind: CommitmentKind) -> list[dict[str, object]] | None:
        """What the leaves of a day's tree are of; None of scores while one is missing."""
        predictions = self.of_day(day)
        if kind is CommitmentKind.PREDICTIONS:
            return [_came_in(row) for row in predictions]
        scores = self._scores_of(predictions)
        open_still = (row for row in predictions if row.decision is Decision.PENDING)
        if any(row.seq not in scores for row in predictions) or any(open_still):
            return None
        if any(score.outcome is MarketOutcome.OPEN for score in scores.values()):
            return None
        return [_became(row, scores[row.seq]) for row in predictions]

    def commit(self, day: int, kind: CommitmentKind) -> CommitmentRow | None:
        """Commits to a day that is over, once; None of scores while one is missing."""
        leaves = self.leaves(day, kind)
        if leaves is None:
            return None
        made = CommitmentRow(day, kind, len(leaves), merkle.root(leaves), time.time())
        # Another process may have, just now: what is there stays.
        with suppress(IntegrityError), self._database.write(durable=True) as connection:
            connection.execute(insert(_schema.commitments), _values(made))
        return made

    def _scores_of(self, predictions: Sequence[PredictionRow]) -> dict[int, ScoreRow]:
        if not predictions:
            return {}
        table = _schema.scores
        within = table.c.seq.between(predictions[0].seq, predictions[-1].seq)
        with self._database.read() as connection:
            found = connection.execute(select(table).where(within))
            scores = [_queries.score(row._asdict()) for row in found]
        return {score.seq: score for score in scores}


def _came_in(row: PredictionRow) -> dict[str, object]:
    content = row.to_dict()
    return {key: value for key, value in content.items() if key not in _CHANGES}


def _became(row: PredictionRow, score: ScoreRow) -> dict[str, object]:
    prediction, market = row.to_dict(), score.to_dict()
    return {key: prediction[key] for key in _ENDED} | {key: market[key] for key in _SCORED}


def _values(row: MinuteRow | ScoreRow | CommitmentRow) -> dict[str, object]:
    # psycopg would write an enum by its member's name.
    values = {field.name: getattr(row, field.name) for field in fields(row)}
    return {name: str(v) if isinstance(v, Enum) else v for name, v in values.items()}
