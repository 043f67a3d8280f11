"""ABI data of fixed size, read and written here: what eth_abi gives, refusals too."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.codec import ABICodec
from eth_abi.exceptions import DecodingError, EncodingError
from eth_utils.address import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from macrostrike._words import words_reader, words_writer
from macrostrike.abi import _registry  # without the decoder that Ape puts into the shared one

KINDS = ("uint8", "uint40", "uint256", "int8", "int256", "address", "bool", "bytes4", "bytes32")
# Whole words, and those whose padding is zero or all ones, as values have it.
WORDS = st.one_of(
    st.binary(min_size=32, max_size=32),
    st.integers(0, 2**41).map(lambda value: value.to_bytes(32, "big")),
    st.integers(-130, 130).map(lambda value: value.to_bytes(32, "big", signed=True)),
    st.binary(min_size=20, max_size=20).map(lambda value: bytes(12) + value),
    st.binary(min_size=4, max_size=4).map(lambda value: value + bytes(28)),
)


def answer(read: Any) -> Any:
    try:
        return list(read())
    except DecodingError:
        return "refused"


@given(st.lists(st.tuples(st.sampled_from(KINDS), WORDS), min_size=1, max_size=5), st.binary())
def test_values_are_those_of_eth_abi(cells: list[tuple[str, bytes]], rest: bytes) -> None:
    kinds = [kind for kind, _ in cells]
    data = b"".join(word for _, word in cells)
    read = words_reader(kinds)
    assert read is not None
    for given_data in (data, data + rest, data[:-1]):
        expected = answer(
            lambda given_data=given_data: ABICodec(_registry).decode(kinds, given_data)
        )
        assert answer(lambda given_data=given_data: read(given_data)) == expected


@given(st.data(), st.integers(1, 3))
def test_so_are_tuples_and_arrays(data: st.DataObject, count: int) -> None:
    first, second = (data.draw(st.sampled_from(KINDS)) for _ in range(2))
    kinds = [f"({first},({second},bool)[{count}])", f"{second}[{count}][2]"]
    words = data.draw(st.lists(WORDS, min_size=1 + 4 * count, max_size=1 + 4 * count))
    read = words_reader(kinds)
    assert read is not None
    whole = b"".join(words)
    expected = answer(lambda: ABICodec(_registry).decode(kinds, whole))
    assert answer(lambda: read(whole)) == expected


@pytest.mark.parametrize("kind", ["bytes", "string", "uint256[]", "bytes[3]", "(uint8,string)"])
def test_what_has_no_fixed_size_is_left_to_eth_abi(kind: str) -> None:
    assert words_reader(["uint8", kind]) is None


VALUES = st.one_of(
    st.integers(-(2**255), 2**256),
    st.integers(-130, 260),
    st.booleans(),
    st.binary(max_size=40),
    st.binary(min_size=4, max_size=4),
    st.binary(min_size=20, max_size=20).map(lambda value: "0x" + value.hex()),
    st.binary(min_size=20, max_size=20).map(lambda value: to_checksum_address(value.hex())),
    st.text(max_size=42),
)


def encoded(kinds: list[str], values: list[Any]) -> bytes | None:
    try:
        return ABICodec(_registry).encode(kinds, values)
    except (EncodingError, TypeError, ValueError, OverflowError):
        return None


@given(st.lists(st.tuples(st.sampled_from([*KINDS, "bytes"]), VALUES), min_size=1, max_size=5))
def test_calls_are_written_as_eth_abi_writes_them(cells: list[tuple[str, Any]]) -> None:
    """Or left to it: what it refuses is never written."""
    kinds, values = [kind for kind, _ in cells], [value for _, value in cells]
    write = words_writer(kinds)
    assert write is not None
    written = write(values)
    assert written is None or written == encoded(kinds, values)


@given(st.integers(0, 255), st.booleans(), st.binary(max_size=70))
def test_so_are_tuples_with_bytes_behind_them(number: int, truth: bool, text: bytes) -> None:
    kinds: list[str] = ["(uint8,bool)", "bytes", "uint8"]
    write = words_writer(kinds)
    assert write is not None
    assert write([(number, truth), text, number]) == encoded(kinds, [(number, truth), text, number])


@pytest.mark.parametrize("kind", ["string", "uint256[]", "uint8[2]", "(uint8,bytes)"])
def test_what_has_no_writer_is_left_to_eth_abi(kind: str) -> None:
    assert words_writer(["uint8", kind]) is None
