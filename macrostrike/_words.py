"""ABI words: what most events and answers are made of, read without a general decoder.

As strict as eth_abi, which decodes all else: padding must be what it must be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from eth_abi.exceptions import DecodingError, InsufficientDataBytes, NonEmptyPaddingBytes

_BYTES = 32
_ADDRESS_BITS = 160
_KIND = re.compile(r"^(?:(uint|int|bytes)(\d+)|(address|bool))$")

Reader = Callable[[bytes], Any]


def words_reader(kinds: Sequence[str]) -> Callable[[bytes], list[Any]] | None:
    """What reads values of these types; None where one of them is more than a word.

    Raises eth_abi's `DecodingError`.
    """
    readers: list[Reader] = []
    for kind in kinds:
        reader = _reader(kind)
        if reader is None:
            return None
        readers.append(reader)
    length = _BYTES * len(readers)
    places = [(reader, _BYTES * place) for place, reader in enumerate(readers)]

    def read(data: bytes) -> list[Any]:
        if len(data) < length:
            raise InsufficientDataBytes(f"{length} bytes are needed, {len(data)} are there")
        return [reader(data[start : start + _BYTES]) for reader, start in places]

    return read


def _reader(kind: str) -> Reader | None:
    match = _KIND.match(kind)
    if match is None:
        return None
    family, size, name = match.groups()
    if name == "address":
        return _address
    if name == "bool":
        return _bool
    if family == "bytes":
        return _fixed_bytes(int(size))
    return _unsigned(int(size)) if family == "uint" else _signed(int(size))


def _unsigned(bits: int) -> Reader:
    def read(word: bytes) -> int:
        value = int.from_bytes(word, "big")
        if value >> bits:
            raise NonEmptyPaddingBytes(f"{value} is over {bits} bits")
        return value

    return read


def _signed(bits: int) -> Reader:
    limit = 1 << (bits - 1)

    def read(word: bytes) -> int:
        value = int.from_bytes(word, "big", signed=True)
        if not -limit <= value < limit:
            raise NonEmptyPaddingBytes(f"{value} is over {bits} bits")
        return value

    return read


def _fixed_bytes(size: int) -> Reader:
    def read(word: bytes) -> bytes:
        if any(word[size:]):
            raise NonEmptyPaddingBytes(f"0x{word.hex()} is over {size} bytes")
        return word[:size]

    return read


def _address(word: bytes) -> str:
    value = int.from_bytes(word, "big")
    if value >> _ADDRESS_BITS:
        raise NonEmptyPaddingBytes(f"0x{word.hex()} is no address")
    return f"0x{value:040x}"


def _bool(word: bytes) -> bool:
    value = int.from_bytes(word, "big")
    if value > 1:
        raise DecodingError(f"{value} is no truth value")
    return value == 1
