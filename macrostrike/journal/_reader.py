"""What can be read of a journal: rows as frozen dataclasses, in their order."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import Table, func, select

from macrostrike.errors import InvalidValue
from macrostrike.journal import _intents, _queries, _schema
from macrostrike.journal._database import Database
from macrostrike.journal._errors import RowNotFound
from macrostrike.journal.rows import (
    ArbitrageRow,
    BlockRow,
    Change,
    ChangeKind,
    CommitmentRow,
    Decision,
    EquityRow,
    EventRow,
    IntentRow,
    IntentState,
    MinuteRow,
    PredictionRow,
    Run,
    RunState,
    ScoreRow,
    StrikeRow,
    StrikeState,
    TransactionRow,
)

TABLES = (
    "arbitrages",
    "blocks",
    "changes",
    "commitments",
    "equity",
    "events",
    "intents",
    "minutes",
    "predictions",
    "runs",
    "scores",
    "strikes",
    "transactions",
)
"""What `Journal.table` returns."""
_T = TypeVar("_T")


class Reader:
    """A journal's rows. Every method may raise `JournalUnavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def runs(self, *, kind: str | None = None, state: RunState | None = None) -> list[Run]:
        """Runs in the order they began. Of one that is `RUNNING`, whether it was killed is in
        `Run.is_silent`."""
        return self._rows(_schema.runs, _queries.run, kind=kind, state=state)

    def prediction(self, digest: bytes) -> PredictionRow:
        """One prediction. Raises `RowNotFound`."""
        found = self._rows(_schema.predictions, _queries.prediction, digest=digest)
        if not found:
            raise RowNotFound("predictions", "0x" + digest.hex())
        return found[0]

    def predictions(
        self,
        *,
        decision: Decision | None = None,
        engine: str | None = None,
        engine_nonce: int | None = None,
        causation_id: str | None = None,
        after: int = 0,
        limit: int | None = None,
    ) -> list[PredictionRow]:
        """Predictions in the order they were seen. `after`: the last seq that is known."""
        return self._rows(
            _schema.predictions,
            _queries.prediction,
            after=after,
            limit=limit,
            decision=decision,
            engine=engine,
            engine_nonce=engine_nonce,
            causation_id=causation_id,
        )

    def prediction_of(self, strike: StrikeRow) -> PredictionRow | None:
        """The prediction that a strike was opened by; None where another journal has it."""
        found = self.predictions(engine=strike.engine, engine_nonce=strike.engine_nonce)
        ways = (Decision.STRUCK, Decision.PENDING)
        return next((row for row in found if row.decision in ways), None)

    def last_prediction(self) -> int:
        """The seq of the prediction that was seen last; 0 where there is none."""
        with self._database.read() as connection:
            return connection.scalar(select(func.max(_schema.predictions.c.seq))) or 0

    def waiting(self, engine: str) -> list[int]:
        """The nonces of an engine's predictions that are pending, or whose transaction may still be
        mined."""
        with self._database.read() as connection:
            found = connection.scalars(_queries.WAITING, {"of_engine": engine})
            return [int(nonce) for nonce in found if nonce is not None]

    def intents(
        self,
        *states: IntentState,
        account: str | None = None,
        account_nonce: int | None = None,
        digest: bytes | None = None,
        after: int = 0,
        limit: int | None = None,
    ) -> list[IntentRow]:
        """Signed transactions in the order they were written; of some states, or of all."""
        return self._rows(
            _schema.intents,
            _intents.read,
            after=after,
            limit=limit,
            state=states or None,
            account=account,
            account_nonce=account_nonce,
            digest=digest,
        )

    def next_nonce(self, account: str) -> int:
        """Behind all of an account's nonces that may have been used, or may be yet."""
        table, unused = _schema.intents, (IntentState.REJECTED, IntentState.FOREIGN)
        query = select(func.max(table.c.account_nonce)).where(
            table.c.account == account, table.c.state.not_in([str(each) for each in unused])
        )
        with self._database.read() as connection:
            highest: int | None = connection.scalar(query)
        return 0 if highest is None else highest + 1

    def intent(self, transaction_hash: bytes) -> IntentRow:
        """One signed transaction. Raises `RowNotFound`."""
        found = self._rows(_schema.intents, _intents.read, hash=transaction_hash)
        if not found:
            raise RowNotFound("intents", "0x" + transaction_hash.hex())
        return found[0]

    def changes(
        self,
        *,
        kind: ChangeKind | None = None,
        name: str | None = None,
        after: int = 0,
        limit: int | None = None,
    ) -> list[Change]:
        """Changes in their order. `after`: the last seq that is known."""
        return self._rows(
            _schema.changes, _queries.change, after=after, limit=limit, kind=kind, name=name
        )

    def strikes(
        self, *, status: StrikeState | None = None, after: int = 0, limit: int | None = None
    ) -> list[StrikeRow]:
        """Strikes by id. `after`: the last id that is known."""
        return self._rows(_schema.strikes, _queries.strike, after=after, limit=limit, status=status)

    def open_strikes(self) -> list[StrikeRow]:
        """Those that are open."""
        return self.strikes(status=StrikeState.OPEN)

    def strike(self, strike_id: int) -> StrikeRow:
        """One strike. Raises `RowNotFound`."""
        found = self._rows(_schema.strikes, _queries.strike, strike_id=strike_id)
        if not found:
            raise RowNotFound("strikes", str(strike_id))
        return found[0]

    def strike_of(self, engine: str, engine_nonce: int) -> StrikeRow | None:
        """The strike that was opened with an engine's nonce; None where there is none."""
        found = self._rows(
            _schema.strikes, _queries.strike, engine=engine, engine_nonce=engine_nonce
        )
        return found[0] if found else None

    def arbitrages(self, *, after: int = -1, limit: int | None = None) -> list[ArbitrageRow]:
        """Arbitrages in chain order, of blocks behind `after`."""
        return self._rows(_schema.arbitrages, _queries.arbitrage, after=after, limit=limit)

    def equity(self, *, after: int = -1, limit: int | None = None) -> list[EquityRow]:
        """The books after each block that changed them, of blocks behind `after`."""
        return self._rows(_schema.equity, _queries.equity, after=after, limit=limit)

    def events(
        self, *, name: str | None = None, after: int = -1, limit: int | None = None
    ) -> list[EventRow]:
        """The diamond's events in chain order, of blocks behind `after`."""
        return self._rows(_schema.events, _queries.event, after=after, limit=limit, name=name)

    def blocks(self, *, after: int = -1, limit: int | None = None) -> list[BlockRow]:
        """The blocks that are kept: each with an event, and the latest 256."""
        return self._rows(_schema.blocks, _queries.block, after=after, limit=limit)

    def transactions(self, *, after: int = -1, limit: int | None = None) -> list[TransactionRow]:
        """Mined transactions of ours and of the diamond, of blocks behind `after`."""
        return self._rows(_schema.transactions_seen, _queries.transaction, after=after, limit=limit)

    def minutes(
        self, *, market: int | None = None, after: int = -1, limit: int | None = None
    ) -> list[MinuteRow]:
        """The markets' minutes, of those that begin behind `after`."""
        return self._rows(_schema.minutes, _queries.minute, after=after, limit=limit, market=market)

    def scores(self, *, after: int = 0, limit: int | None = None) -> list[ScoreRow]:
        """What the market made of predictions, in their order. `after`: the last seq."""
        return self._rows(_schema.scores, _queries.score, after=after, limit=limit)

    def commitments(self, *, day: int | None = None) -> list[CommitmentRow]:
        """The days' Merkle roots, by day."""
        return self._rows(_schema.commitments, _queries.commitment, day=day)

    def table(self, name: str) -> list[Any]:
        """All rows of a table, by its name, such as `strikes`. Raises `InvalidValue`."""
        if name not in TABLES:
            raise InvalidValue("table", name, f"one of {', '.join(TABLES)}")
        rows: list[Any] = getattr(self, name)()
        return rows

    def to_pandas(self, name: str) -> Any:
        """A table as a `pandas.DataFrame`, with a column for each field.

        Amounts stay Python integers, which are exact; bytes are 0x strings.
        """
        import pandas  # type: ignore[import-untyped]  # slow to import

        rows = [row.to_dict() for row in self.table(name)]
        return pandas.DataFrame(rows, dtype=object).infer_objects()

    def _rows(self, table: Table, read: _queries.Read[_T], **wanted: Any) -> list[_T]:
        with self._database.read() as connection:
            return _queries.rows(connection, table, read, **wanted)
