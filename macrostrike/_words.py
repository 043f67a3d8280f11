"""ABI data of fixed size: what most events, answers and calls are made of, without a general codec.

Words, and tuples and arrays of them whose size the type says; in calls, bytes too. As strict as
eth_abi, which does all else: padding must be what it must be, and what a writer does not know to be
right it leaves to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from eth_abi.exceptions import DecodingError, InsufficientDataBytes, NonEmptyPaddingBytes
from eth_abi.grammar import ABIType, BasicType, TupleType, parse
from eth_utils.address import is_address

_BYTES = 32
_ADDRESS_BITS = 160

Reader = Callable[[bytes, int], Any]
"""Reads a value of the data, from a byte on."""

Writer = Callable[[Any], bytes | None]
"""A value's words; None where it is not plainly of the type."""


def words_reader(kinds: Sequence[str]) -> Callable[[bytes], tuple[Any, ...]] | None:
    """What reads values of these types; None where the size of one of them is not fixed.

    Raises eth_abi's `DecodingError`.
    """
    whole = _tuple([parse(kind) for kind in kinds])
    if whole is None:
        return None
    reader, words = whole
    length = _BYTES * words

    def read(data: bytes) -> tuple[Any, ...]:
        if len(data) < length:
            raise InsufficientDataBytes(f"{length} bytes are needed, {len(data)} are there")
        values: tuple[Any, ...] = reader(data, 0)
        return values

    return read


def _fixed(kind: ABIType) -> tuple[Reader, int] | None:
    """What reads a type, and its words."""
    if kind.arrlist:
        *_, size = kind.arrlist
        return _array(kind.item_type, size[0]) if size else None
    if isinstance(kind, TupleType):
        return _tuple(kind.components)
    reader = _word(kind) if isinstance(kind, BasicType) else None
    return None if reader is None else (reader, 1)


def _tuple(kinds: Sequence[ABIType]) -> tuple[Reader, int] | None:
    places: list[tuple[Reader, int]] = []
    words = 0
    for kind in kinds:
        part = _fixed(kind)
        if part is None:
            return None
        places.append((part[0], _BYTES * words))
        words += part[1]

    def read(data: bytes, start: int) -> tuple[Any, ...]:
        return tuple([reader(data, start + offset) for reader, offset in places])

    return read, words


def _array(item: ABIType, count: int) -> tuple[Reader, int] | None:
    part = _fixed(item)
    if part is None:
        return None
    reader, words = part
    step = _BYTES * words

    def read(data: bytes, start: int) -> tuple[Any, ...]:
        return tuple([reader(data, at) for at in range(start, start + count * step, step)])

    return read, words * count


def _word(kind: BasicType) -> Reader | None:
    if kind.base == "address":
        return _address
    if kind.base == "bool":
        return _bool
    if kind.base == "bytes" and kind.sub:
        return _fixed_bytes(kind.sub)
    if kind.base == "uint":
        return _unsigned(kind.sub)
    return _signed(kind.sub) if kind.base == "int" else None


def _unsigned(bits: int) -> Reader:
    def read(data: bytes, start: int) -> int:
        value = int.from_bytes(data[start : start + _BYTES], "big")
        if value >> bits:
            raise NonEmptyPaddingBytes(f"{value} is over {bits} bits")
        return value

    return read


def _signed(bits: int) -> Reader:
    limit = 1 << (bits - 1)

    def read(data: bytes, start: int) -> int:
        value = int.from_bytes(data[start : start + _BYTES], "big", signed=True)
        if not -limit <= value < limit:
            raise NonEmptyPaddingBytes(f"{value} is over {bits} bits")
        return value

    return read


def _fixed_bytes(size: int) -> Reader:
    def read(data: bytes, start: int) -> bytes:
        word = data[start : start + _BYTES]
        if any(word[size:]):
            raise NonEmptyPaddingBytes(f"0x{word.hex()} is over {size} bytes")
        return word[:size]

    return read


def _address(data: bytes, start: int) -> str:
    value = int.from_bytes(data[start : start + _BYTES], "big")
    if value >> _ADDRESS_BITS:
        raise NonEmptyPaddingBytes(f"{value:#x} is over an address's 20 bytes")
    return f"0x{value:040x}"


def _bool(data: bytes, start: int) -> bool:
    value = int.from_bytes(data[start : start + _BYTES], "big")
    if value > 1:
        raise DecodingError(f"{value} is neither true nor false")
    return value == 1


def words_writer(kinds: Sequence[str]) -> Callable[[Sequence[Any]], bytes | None] | None:
    """What writes values of these types; None where one is neither of fixed size nor bytes.

    It answers None for values that are not plainly of their types: eth_abi accepts or refuses them.
    """
    parsed = [parse(kind) for kind in kinds]
    # Without a writer: bytes, which go to the end.
    writers = [None if _is_bytes(kind) else _writer(kind) for kind in parsed]
    if any(
        each is None and not _is_bytes(kind) for each, kind in zip(writers, parsed, strict=True)
    ):
        return None
    head = _BYTES * sum(1 if _is_bytes(kind) else _size(kind) for kind in parsed)

    def write(values: Sequence[Any]) -> bytes | None:
        words, tails, end = [], [], head
        for writer, value in zip(writers, values, strict=True):
            if writer is None:
                if type(value) is not bytes:
                    return None
                word = end.to_bytes(_BYTES, "big")
                padded = -len(value) % _BYTES
                tails.append(len(value).to_bytes(_BYTES, "big") + value + bytes(padded))
                end += len(tails[-1])
            elif (word := writer(value)) is None:  # type: ignore[assignment]
                return None
            words.append(word)
        return b"".join(words + tails)

    return write


def _is_bytes(kind: ABIType) -> bool:
    return (
        isinstance(kind, BasicType) and kind.base == "bytes" and not kind.sub and not kind.arrlist
    )


def _size(kind: ABIType) -> int:
    """Words of a type that has a writer."""
    return sum(map(_size, kind.components)) if isinstance(kind, TupleType) else 1


def _writer(kind: ABIType) -> Writer | None:
    if kind.arrlist:
        return None
    if isinstance(kind, TupleType):
        parts = [_writer(part) for part in kind.components]
        return None if None in parts else _tuple_writer([part for part in parts if part])
    if not isinstance(kind, BasicType):
        return None
    if kind.base in ("uint", "int"):
        low = -(1 << kind.sub - 1) if kind.base == "int" else 0
        return _number_writer(low, low + (1 << kind.sub))
    if kind.base == "bytes":
        return _fixed_bytes_writer(kind.sub) if kind.sub else None
    return {"address": _address_word, "bool": _bool_word}.get(kind.base)


def _tuple_writer(parts: Sequence[Writer]) -> Writer:
    def write(values: Any) -> bytes | None:
        if type(values) is not tuple or len(values) != len(parts):
            return None
        words = [part(value) for part, value in zip(parts, values, strict=True)]
        return None if None in words else b"".join(words)  # type: ignore[arg-type]

    return write


def _number_writer(low: int, end: int) -> Writer:
    def write(value: Any) -> bytes | None:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value < end:
            return None
        return value.to_bytes(_BYTES, "big", signed=low < 0)

    return write


def _fixed_bytes_writer(size: int) -> Writer:
    def write(value: Any) -> bytes | None:
        if type(value) is not bytes or len(value) != size:
            return None
        return value.ljust(_BYTES, b"\0")

    return write


@lru_cache(maxsize=1024)
def _address_of(value: str) -> bytes | None:
    return bytes(12) + bytes.fromhex(value[2:]) if is_address(value) and len(value) == 42 else None


def _address_word(value: Any) -> bytes | None:
    return _address_of(value) if type(value) is str else None


def _bool_word(value: Any) -> bytes | None:
    return int(value).to_bytes(_BYTES, "big") if type(value) is bool else None
