"""Intents: chained rows of signed transactions, and what becomes of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Row,
    Select,
    bindparam,
    func,
    insert,
    select,
    update,
)

from macrostrike.journal import _schema
from macrostrike.journal._columns import to_json
from macrostrike.journal._errors import RowNotFound
from macrostrike.journal.rows import LIVE, IntentRow, IntentState

GENESIS = bytes(32)
"""What the first row of a chain has as the hash of the row before it."""

_TABLE = _schema.intents
_RECENT = 1_000
_CHANGING = (
    "state",
    "sent_at",
    "included_at",
    "block_number",
    "block_hash",
    "gas_used",
    "gas_price",
    "error",
    "l1_fee",
)
_HASHES = ("previous_hash", "row_hash", "state_hash")
_FIXED = tuple(
    field.name for field in fields(IntentRow) if field.name not in (*_CHANGING, *_HASHES)
)
_HASHES_OF: BindParameter[Any] = bindparam("hashes", expanding=True)

# Made once: SQLAlchemy takes as long to make a statement as to execute it.
_LAST = select(_TABLE.c.seq, _TABLE.c.row_hash).order_by(_TABLE.c.seq.desc()).limit(1)
_INSERT = insert(_TABLE)
_REFUSED = select(_TABLE.c.hash).where(
    _TABLE.c.hash.in_(_HASHES_OF), _TABLE.c.state.not_in([str(each) for each in LIVE])
)
_OF_HASH = select(_TABLE).where(_TABLE.c.hash == bindparam("of_hash"))
_SEALED = select(*(_TABLE.c[name] for name in ("seq", "hash", "row_hash", *_CHANGING))).where(
    _TABLE.c.hash.in_(_HASHES_OF)
)
_SENT = (
    update(_TABLE)
    .where(_TABLE.c.seq == bindparam("of_seq"), _TABLE.c.state == str(IntentState.PREPARED))
    .values({name: bindparam(f"new_{name}") for name in ("state", "sent_at", "state_hash")})
)
_SEAL = (
    update(_TABLE)
    .where(_TABLE.c.seq == bindparam("of_seq"))
    .values({name: bindparam(f"new_{name}") for name in (*_CHANGING, "state_hash")})
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIntent:
    """A signed transaction that is about to be sent. See `IntentRow`."""

    action: str
    account: str
    account_nonce: int
    signed: bytes
    hash: bytes
    digest: bytes | None = None
    engine: str | None = None
    engine_nonce: int | None = None
    causation_id: str | None = None


def chained(previous: bytes, values: Iterable[Any]) -> bytes:
    """SHA-256 of a row's values and of the hash before it."""
    plain = [value.hex() if isinstance(value, bytes) else value for value in values]
    return hashlib.sha256(previous + to_json(plain).encode()).digest()


def row_hash(row: Mapping[str, Any]) -> bytes:
    """Of what never changes in an intent."""
    return chained(row["previous_hash"], [row[name] for name in _FIXED])


def state_hash(row: Mapping[str, Any]) -> bytes:
    """Of what changes in an intent."""
    values = [row[name] for name in _CHANGING[1:]]
    if row["l1_fee"] is None:  # as in rows of versions that did not have it
        values.pop()
    return chained(row["row_hash"], [str(row["state"]), *values])


def append(
    connection: Connection, new: Sequence[NewIntent], run_id: str | None, now: float
) -> list[IntentRow]:
    """Writes intents behind the last one, in order.

    One that was refused before, and is the same to the byte, is prepared again.
    """
    last = connection.execute(_LAST).one_or_none()
    seq, previous = (last.seq, last.row_hash) if last else (0, GENESIS)
    known = _prepared_again(connection, [intent.hash for intent in new])
    rows: list[dict[str, Any]] = []
    for intent in new:
        if intent.hash in known:
            continue
        seq += 1
        row: dict[str, Any] = dict.fromkeys(_CHANGING)
        row |= {field.name: getattr(intent, field.name) for field in fields(intent)}
        row |= {"seq": seq, "run_id": run_id, "created_at": now, "previous_hash": previous}
        row["state"] = IntentState.PREPARED
        previous = row["row_hash"] = row_hash(row)
        row["state_hash"] = state_hash(row)
        rows.append(row)
    if rows:
        connection.execute(_INSERT, [_written(row) for row in rows])
    written = known | {row["hash"]: IntentRow(**row) for row in rows}
    return [written[intent.hash] for intent in new]


def _written(row: Mapping[str, Any]) -> dict[str, Any]:
    """A new row without what is not known yet, which all rows lack."""
    written = {name: row[name] for name in (*_FIXED, *_HASHES)}
    written["state"] = str(row["state"])
    return written


def _prepared_again(connection: Connection, hashes: Sequence[bytes]) -> dict[bytes, IntentRow]:
    """Those that were refused, or mined in a block that was replaced, by hash: a signature is the
    same for the same bytes."""
    found = connection.scalars(_REFUSED, {"hashes": hashes}).all()
    again = dict.fromkeys(_CHANGING) | {"state": IntentState.PREPARED}
    return {each: change(connection, each, dict(again)) for each in found}


def change(connection: Connection, transaction_hash: bytes, changes: dict[str, Any]) -> IntentRow:
    """Changes an intent's state, and what comes with it. Raises `RowNotFound`."""
    found = connection.execute(_OF_HASH, {"of_hash": transaction_hash}).one_or_none()
    if found is None:
        raise RowNotFound("intents", "0x" + transaction_hash.hex())
    row = found._asdict() | changes
    row["state_hash"] = state_hash(row)
    connection.execute(_SEAL, _resealed(row))
    return read(row)


def change_many(connection: Connection, changes: Mapping[bytes, dict[str, Any]]) -> None:
    """As `change`, of several by their hash."""
    if not changes:
        return
    rows = connection.execute(_SEALED, {"hashes": list(changes)}).all()
    if missing := set(changes) - {row.hash for row in rows}:
        raise RowNotFound("intents", "0x" + missing.pop().hex())
    sealed = []
    for found in rows:
        row = found._asdict() | changes[found.hash]
        row["state_hash"] = state_hash(row)
        sealed.append(_resealed(row))
    connection.execute(_SEAL, sealed)


def _resealed(row: Mapping[str, Any]) -> dict[str, Any]:
    """What `_SEAL` is given."""
    named = {f"new_{name}": row[name] for name in (*_CHANGING, "state_hash")}
    return named | {"of_seq": row["seq"], "new_state": str(row["state"])}


def mark_sent(connection: Connection, rows: Sequence[IntentRow], at: float) -> None:
    """Makes sent what is prepared still."""
    changed: dict[str, Any] = dict.fromkeys(_CHANGING) | {"state": IntentState.SENT, "sent_at": at}
    sealed = [
        {
            "of_seq": row.seq,
            "new_state": str(IntentState.SENT),
            "new_sent_at": at,
            "new_state_hash": state_hash(changed | {"row_hash": row.row_hash}),
        }
        for row in rows
    ]
    if sealed:
        connection.execute(_SENT, sealed)


def take_back(connection: Connection, last_block: int) -> None:
    """Makes unknown what was mined behind a block: a reorganisation has replaced it."""
    _unmine(
        connection, connection.execute(_mined().where(_TABLE.c.block_number > last_block)).all()
    )


def misplaced(connection: Connection) -> list[bytes]:
    """Hashes of those whose receipt is of a block that the index knows to be another one.

    A receipt may be seen, and its block replaced, before the index has come that far. Of the last
    thousand intents: older ones were compared before.
    """
    last = connection.scalar(select(func.max(_TABLE.c.seq))) or 0
    query = (
        select(_TABLE.c.hash)
        .join(_schema.blocks, _schema.blocks.c.number == _TABLE.c.block_number)
        .where(_TABLE.c.seq > last - _RECENT, _TABLE.c.block_hash != _schema.blocks.c.hash)
    )
    return list(connection.scalars(query))


def unmine(connection: Connection, hashes: Sequence[bytes]) -> None:
    """Makes them unknown, as `take_back`."""
    _unmine(connection, connection.execute(_mined().where(_TABLE.c.hash.in_(hashes))).all())


def _mined() -> Select[Any]:
    return select(_TABLE).where(_TABLE.c.block_number.is_not(None))


def _unmine(connection: Connection, rows: Sequence[Row[Any]]) -> None:
    unmined: dict[str, Any] = dict.fromkeys(_CHANGING[2:])
    unmined |= {
        "state": IntentState.UNKNOWN,
        "error": "its block was replaced by a reorganisation",
    }
    for row in rows:
        change(connection, row.hash, unmined)
        # And those that it had replaced: any of them may be the one that is mined now.
        replaced = select(_TABLE.c.hash).where(
            _TABLE.c.account == row.account,
            _TABLE.c.account_nonce == row.account_nonce,
            _TABLE.c.state == str(IntentState.REPLACED),
        )
        for each in connection.scalars(replaced).all():
            change(connection, each, unmined)


def read(row: Mapping[str, Any]) -> IntentRow:
    return IntentRow(**(dict(row) | {"state": IntentState(row["state"])}))
