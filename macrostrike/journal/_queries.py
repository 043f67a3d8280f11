"""Rows to dataclasses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import Enum
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, Table, select

from macrostrike.journal import _schema
from macrostrike.journal.rows import (
    ArbitrageRow,
    BlockRow,
    Change,
    ChangeKind,
    CommitmentKind,
    CommitmentRow,
    Decision,
    EquityRow,
    EventRow,
    MarketOutcome,
    MinuteRow,
    PredictionRow,
    Run,
    RunState,
    ScoreRow,
    StrikeRow,
    StrikeState,
    TransactionRow,
)
from macrostrike.types import Prediction

_T = TypeVar("_T")
Read = Callable[[Mapping[str, Any]], _T]

_ORDER = {
    _schema.runs: ("started_at", "run_id"),
    _schema.predictions: ("seq",),
    _schema.intents: ("seq",),
    _schema.changes: ("seq",),
    _schema.strikes: ("strike_id",),
    _schema.arbitrages: ("block_number", "log_index"),
    _schema.equity: ("block_number",),
    _schema.events: ("block_number", "log_index"),
    _schema.blocks: ("number",),
    _schema.transactions_seen: ("block_number", "hash"),
    _schema.minutes: ("timestamp", "market"),
    _schema.scores: ("seq",),
    _schema.commitments: ("day", "kind"),
}


def rows(
    connection: Connection,
    table: Table,
    read: Read[_T],
    *,
    after: int | None = None,
    limit: int | None = None,
    **equal: Any,
) -> list[_T]:
    """A table's rows in their order: those behind `after` in it, with the given values."""
    order = [table.c[name] for name in _ORDER[table]]
    query: Select[Any] = select(table).order_by(*order).limit(limit)
    if after is not None:
        query = query.where(order[0] > after)
    for name, value in equal.items():
        if isinstance(value, tuple):
            query = query.where(table.c[name].in_([str(each) for each in value]))
        elif value is not None:
            # psycopg would write an enum by its member's name.
            query = query.where(table.c[name] == (str(value) if isinstance(value, Enum) else value))
    return [read(row._asdict()) for row in connection.execute(query)]


def prediction_values(prediction: Prediction) -> dict[str, Any]:
    """A prediction's columns."""
    values = {field.name: getattr(prediction, field.name) for field in fields(prediction)}
    values["engine_nonce"] = values.pop("nonce")
    return values


def run(row: Mapping[str, Any]) -> Run:
    return Run(**(dict(row) | {"state": RunState(row["state"])}))


def prediction(row: Mapping[str, Any]) -> PredictionRow:
    return PredictionRow(**(dict(row) | {"decision": Decision(row["decision"])}))


def strike(row: Mapping[str, Any]) -> StrikeRow:
    return StrikeRow(**(dict(row) | {"status": StrikeState(row["status"])}))


def change(row: Mapping[str, Any]) -> Change:
    return Change(**(dict(row) | {"kind": ChangeKind(row["kind"])}))


def arbitrage(row: Mapping[str, Any]) -> ArbitrageRow:
    return ArbitrageRow(**row)


def equity(row: Mapping[str, Any]) -> EquityRow:
    return EquityRow(**row)


def event(row: Mapping[str, Any]) -> EventRow:
    return EventRow(**row)


def block(row: Mapping[str, Any]) -> BlockRow:
    return BlockRow(**row)


def transaction(row: Mapping[str, Any]) -> TransactionRow:
    return TransactionRow(**row)


def minute(row: Mapping[str, Any]) -> MinuteRow:
    return MinuteRow(**row)


def score(row: Mapping[str, Any]) -> ScoreRow:
    return ScoreRow(**(dict(row) | {"outcome": MarketOutcome(row["outcome"])}))


def commitment(row: Mapping[str, Any]) -> CommitmentRow:
    return CommitmentRow(**(dict(row) | {"kind": CommitmentKind(row["kind"])}))
