"""ABI data of fixed size: what most events and answers are made of, read without a general decoder.

Words, and tuples and arrays of them whose size the type says. As strict as eth_abi, which decodes
all else: padding must be what it must be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from eth_abi.exceptions import DecodingError, InsufficientDataBytes, NonEmptyPaddingBytes
from eth_abi.grammar import ABIType, BasicType, TupleType, parse

_BYTES = 32
_ADDRESS_BITS = 160

Reader = Callable[[bytes, int], Any]
"""Reads a value of the data, from a byte on."""


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
