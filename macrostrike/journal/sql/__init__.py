"""The score in plain SQL over decoded events, for anyone with a database and no node.

`tables.sql` makes a table for each event; the other files each ask one question. They run as they
are on SQLite and PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

from macrostrike.abi import Event
from macrostrike.types import BOTS

QUERIES = ("totals", "signals", "strategies", "models", "calibration", "arbitrage", "strikes")
_LOT_BITS = 10
# Fields under another name than the event's, where that is a word of SQL.
_RENAMED = {"by": {"StrikeDue": "marked_by", "StrikeSettled": "closed_by"}}
_LEFT_OUT = {"StrikeOpened": ("weights",), "ArbitrageScored": ("reason",)}
_TABLES = {
    "StrikeOpened": "strike_opened",
    "StrikeDue": "strike_due",
    "StrikeSettled": "strike_settled",
    "StrikeTaken": "strike_taken",
    "ArbitrageScored": "arbitrage_scored",
}


def statements(name: str) -> list[str]:
    """The statements of one file, by its name without the ending."""
    text = resources.files(__name__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
    return [each for each in text.split(";\n") if each.strip()]


def rows(
    event: Event, block_number: int, log_index: int, block_time: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    """What one decoded event adds: tables, and their columns' values."""
    args = event.args
    place = {"block_number": block_number, "log_index": log_index, "block_time": block_time}
    if event.name == "FleetInitialized":
        yield "fleet_initialized", {**place, "unit": 10 ** args["unit_exponent"]}
    if event.name not in _TABLES:
        return
    yield _TABLES[event.name], {**place, **_columns(event.name, args)}
    if event.name == "StrikeOpened":
        for bot in range(BOTS):
            lots = args["weights"] >> _LOT_BITS * bot & (1 << _LOT_BITS) - 1
            if lots:
                yield "strike_lots", {"strike_id": args["strike_id"], "bot": bot, "lots": lots}


def insert(table: str, columns: Mapping[str, Any]) -> str:
    """An INSERT with a named parameter, `:column`, for each value."""
    names = ", ".join(columns)
    return f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{each}' for each in columns)})"


def _columns(event: str, args: Mapping[str, Any]) -> dict[str, Any]:
    left_out = _LEFT_OUT.get(event, ())
    return {
        _RENAMED.get(name, {}).get(event, name): _value(name, value)
        for name, value in args.items()
        if name not in left_out
    }


def _value(name: str, value: Any) -> Any:
    if name == "base_amount":
        return str(value)
    # Enums and truth as numbers.
    return int(value) if isinstance(value, int) else value
