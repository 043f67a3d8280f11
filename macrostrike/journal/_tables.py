"""What the index does with its tables, each within a transaction of the caller's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, exists, insert, select, update

from macrostrike.chain import Block
from macrostrike.journal import _intents, _queries
from macrostrike.journal._derive import Derived, decode
from macrostrike.journal._errors import JournalMismatch
from macrostrike.journal._intents import GENESIS
from macrostrike.journal._schema import (
    arbitrages,
    blocks,
    equity,
    events,
    meta,
    strikes,
    transactions_seen,
)
from macrostrike.journal.books import Books
from macrostrike.journal.rows import EventRow, StrikeState, TransactionRow

WINDOW = 256
"""Blocks whose hashes are kept, and so the deepest reorganisation that can be taken back."""

_NEWEST = select(blocks).order_by(blocks.c.number.desc()).limit(bindparam("most"))
_SETTLEMENT = ("settled_at", "settled_block", "settled_tx", "quote_amount", "pnl", "won")


def claim(connection: Connection, chain_id: int, diamond: str, from_block: int) -> None:
    """Makes the journal this deployment's. Raises `JournalMismatch` where it is another's."""
    given = {"chain": str(chain_id), "diamond": diamond, "first block": str(from_block)}
    known: dict[str, str] = {row.key: row.value for row in connection.execute(select(meta))}
    for key, value in given.items():
        if known.get(key, value) != value:
            raise JournalMismatch(key, known[key], value)
    if missing := [{"key": key, "value": given[key]} for key in given if key not in known]:
        connection.execute(insert(meta), missing)


def latest(connection: Connection) -> Block | None:
    """The newest block that is known."""
    found = _newest(connection, 1)
    return found[0] if found else None


def window(connection: Connection) -> list[Block]:
    """The blocks that can be taken back, newest first."""
    found = _newest(connection, WINDOW)
    return [block for block in found if block.number > found[0].number - WINDOW]


def last_event_hash(connection: Connection) -> bytes:
    """The hash that the next event's row is chained to."""
    newest = (events.c.block_number.desc(), events.c.log_index.desc())
    found: bytes | None = connection.scalar(select(events.c.row_hash).order_by(*newest).limit(1))
    return GENESIS if found is None else found


def rebuilt(connection: Connection) -> Books:
    """The books, made of all events."""
    books = Books()
    for row in event_rows(connection):
        event = decode(row)
        if event is not None:
            books.apply(event, row.timestamp)
    return books


def event_rows(connection: Connection) -> Iterable[EventRow]:
    """All events in chain order."""
    query = select(events).order_by(events.c.block_number, events.c.log_index)
    # As they come: a journal of years does not fit into memory.
    result = connection.execute(query, execution_options={"yield_per": 1000})
    return (_queries.event(row._asdict()) for row in result)


def add(
    connection: Connection, new: Sequence[Block], logged: Sequence[EventRow], derived: Derived
) -> None:
    """Adds blocks, their events, and what follows from those."""
    _insert(connection, blocks, new)
    _insert(connection, events, logged)
    for strike_id, closing in derived.closed.items():
        values = closing | {"status": str(closing["status"])}
        connection.execute(update(strikes).where(strikes.c.strike_id == strike_id).values(values))
    rows = [asdict(row) | {"status": str(row.status)} for row in derived.strikes.values()]
    if rows:
        connection.execute(insert(strikes), rows)
    _insert(connection, arbitrages, derived.arbitrages)
    _insert(connection, equity, derived.equity)


def add_transactions(connection: Connection, rows: Sequence[TransactionRow]) -> None:
    """Adds mined transactions; those that are known stay as they are."""
    hashes = [row.hash for row in rows]
    known = set(
        connection.scalars(
            select(transactions_seen.c.hash).where(transactions_seen.c.hash.in_(hashes))
        )
    )
    _insert(connection, transactions_seen, [row for row in rows if row.hash not in known])


def prune(connection: Connection, before: Block | None, now: Block) -> None:
    """Forgets the blocks that have left the window and have no event."""
    has_event = exists().where(events.c.block_number == blocks.c.number)
    gone = delete(blocks).where(blocks.c.number <= now.number - WINDOW, ~has_event)
    if before is not None:
        # What was older then was looked at before.
        gone = gone.where(blocks.c.number > before.number - WINDOW)
    connection.execute(gone)


def take_back(connection: Connection, last: int) -> None:
    """Takes back all that came behind the block `last`."""
    for table in (events, arbitrages, equity, transactions_seen):
        connection.execute(delete(table).where(table.c.block_number > last))
    connection.execute(delete(blocks).where(blocks.c.number > last))
    connection.execute(delete(strikes).where(strikes.c.opened_block > last))
    reopened: dict[str, Any] = dict.fromkeys((*_SETTLEMENT, "settled_by"))
    connection.execute(
        update(strikes)
        .where(strikes.c.settled_block > last)
        .values(reopened | {"status": str(StrikeState.OPEN)})
    )
    _intents.take_back(connection, last)


def _newest(connection: Connection, limit: int) -> list[Block]:
    found = connection.execute(_NEWEST, {"most": limit})
    return [Block(**row._asdict()) for row in found]


def _insert(connection: Connection, table: Table, rows: Sequence[Any]) -> None:
    if rows:
        connection.execute(insert(table), [asdict(row) for row in rows])
