"""How values are kept: the types of columns that both SQLite and PostgreSQL can hold exactly."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import Dialect, Numeric, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from macrostrike.types import Signal

_SIGNALS = {str(signal): signal for signal in Signal}


class Amount(TypeDecorator[int]):
    """An integer of up to 78 digits: NUMERIC in PostgreSQL, text in SQLite.

    What can't have been written by this raises `ValueError`, as with `HexBytes`.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        is_postgresql = dialect.name == "postgresql"
        return dialect.type_descriptor(Numeric(78, 0) if is_postgresql else Text())

    def process_bind_param(self, value: int | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> int | None:
        if value is None:
            return None
        amount = int(value)
        if isinstance(value, str) and str(amount) != value:
            raise ValueError(f"{value!r} is not how {amount} was written")
        return amount


class HexBytes(TypeDecorator[bytes]):
    """Bytes, as the 0x text that people and explorers write."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else "0x" + value.hex()

    def process_result_value(self, value: str | None, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        content = bytes.fromhex(value[2:])
        if "0x" + content.hex() != value:
            raise ValueError(f"{value!r} is not how 0x{content.hex()} was written")
        return content


class SignalName(TypeDecorator[Signal]):
    """A signal, by the product's word for it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Signal | None, dialect: Dialect) -> str | None:
        return None if value is None else str(Signal(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Signal | None:
        return None if value is None else _SIGNALS[value]


class Json(TypeDecorator[Any]):
    """JSON as text, byte for byte the same on every database, since hashes are taken of it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return to_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class IntTuple(Json):
    """A tuple of integers."""

    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else tuple(json.loads(value))


to_json: Callable[[Any], str] = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
"""A value as rows have it, and as their hashes are of."""
