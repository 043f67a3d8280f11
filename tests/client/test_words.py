"""ABI data of fixed size, read here: what eth_abi's own decoder gives, refusals too."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.codec import ABICodec
from eth_abi.exceptions import DecodingError
from hypothesis import given
from hypothesis import strategies as st

from macrostrike._words import words_reader
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
