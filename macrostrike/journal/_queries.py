"""Rows to dataclasses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Connection,
    Select,
    Table,
    bindparam,
    select,
)

from macrostrike.journal import _schema
from macrostrike.journal.rows import (
    LIVE,
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


def _waiting() -> CompoundSelect[Any]:
    pending, live = _schema.predictions.c, _schema.intents.c
    engine: BindParameter[str] = bindparam("of_engine")
    is_pending = pending.decision == str(Decision.PENDING)
    is_live = live.state.in_([str(each) for each in LIVE])
    return (
        select(pending.engine_nonce)
        .where(pending.engine == engine, is_pending)
        .union_all(select(live.engine_nonce).where(live.engine == engine, is_live))
    )


WAITING = _waiting()  # made once: SQLAlchemy takes as long to make it as to execute it
"""What `Reader.waiting` gives, of `of_engine`."""


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
    wanted = {name: value for name, value in equal.items() if value is not None}
    lists = frozenset(name for name, value in wanted.items() if isinstance(value, tuple))
    query = _query(table, tuple(wanted), lists, after is not None, limit is not None)
    values = {f"of_{name}": _plain(value) for name, value in wanted.items()}
    found = connection.execute(query, values | {"after": after, "most": limit})
    return [read(row._asdict()) for row in found]


@cache
def _query(
    table: Table, names: tuple[str, ...], lists: frozenset[str], is_after: bool, is_limited: bool
) -> Select[Any]:
    """Made once of a kind: SQLAlchemy takes as long to make one as to execute it."""
    order = [table.c[name] for name in _ORDER[table]]
    query: Select[Any] = select(table).order_by(*order)
    if is_limited:
        query = query.limit(bindparam("most"))
    if is_after:
        query = query.where(order[0] > bindparam("after"))
    for name in names:
        column = table.c[name]
        if name in lists:
            query = query.where(column.in_(bindparam(f"of_{name}", expanding=True)))
        else:
            query = query.where(column == bindparam(f"of_{name}"))
    return query


def _plain(value: Any) -> Any:
    """As drivers take it: psycopg would write an enum by its member's name."""
    if isinstance(value, tuple):
        return [str(each) for each in value]
    return str(value) if isinstance(value, Enum) else value


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
