"""Rows of what the chain logged, chained by hash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from macrostrike.abi import diamond_abi
from macrostrike.chain import Block, Log, Transaction
from macrostrike.journal._derive import functions, plain
from macrostrike.journal._intents import chained
from macrostrike.journal.rows import EventRow, TransactionRow

_HASHED = tuple(
    field.name for field in fields(EventRow) if field.name not in ("previous_hash", "row_hash")
)
_SELECTOR_BYTES = 4


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of a range of blocks: the diamond's logs, their transactions, and blocks."""

    logs: Sequence[Log]
    transactions: Sequence[Transaction]
    blocks: Sequence[Block]


def event_rows(previous: bytes, read: Read) -> list[EventRow]:
    """Rows for logs, behind the row that has the hash `previous`."""
    times = {block.number: block.timestamp for block in read.blocks}
    places = {each.hash: each.index for each in read.transactions}
    rows = []
    for log in read.logs:
        values = _values(log) | {
            "timestamp": times[log.block_number],
            "transaction_index": places[log.transaction_hash],
            "previous_hash": previous,
        }
        previous = values["row_hash"] = event_hash(values)
        rows.append(EventRow(**values))
    return rows


def transaction_rows(transactions: Iterable[Transaction]) -> list[TransactionRow]:
    """Rows for mined transactions, with the diamond's function by its name."""
    return [
        TransactionRow(
            hash=each.hash,
            block_number=each.block_number,
            gas_used=each.gas_used,
            gas_price=each.gas_price,
            account=each.account,
            action=_action(each.data),
            l1_fee=each.l1_fee,
        )
        for each in transactions
    ]


def arguments(topics: Sequence[bytes], data: bytes) -> tuple[str, dict[str, Any]]:
    """An event's name, empty where the ABI does not know it, and its arguments for JSON."""
    event = diamond_abi().decode_event(topics, data)
    if event is None:
        return "", {}
    return event.name, {name: plain(value) for name, value in event.args.items()}


def event_hash(row: Mapping[str, Any]) -> bytes:
    """Of all that is in an event's row."""
    return chained(row["previous_hash"], [row[name] for name in _HASHED])


def _values(log: Log) -> dict[str, Any]:
    name, args = arguments(log.topics, log.data)
    return {
        "block_number": log.block_number,
        "log_index": log.index,
        "transaction_hash": log.transaction_hash,
        "address": log.address,
        "name": name,
        "args": args,
        "topics": b"".join(log.topics),
        "data": log.data,
    }


def _action(data: bytes) -> str:
    selector = data[:_SELECTOR_BYTES]
    return functions().get(selector, "0x" + selector.hex())
