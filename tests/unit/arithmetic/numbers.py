"""Numbers of the fleet's books, and those that tests draw."""

from __future__ import annotations

from hypothesis import strategies as st

from ...layouts import packed_types

CORE = packed_types()["CoreWord"]
EQUITY_BITS, LOT_BITS = 42, 10
FULL = (1 << EQUITY_BITS) - 1
MAX_LOTS = (1 << LOT_BITS) - 1
BOTS = 25


def core_word(**values: int) -> int:
    word = 0
    for name, value in values.items():
        word = CORE[name].put(word, value)
    return word


def edges(top: int) -> st.SearchStrategy[int]:
    """Numbers up to `top`, the ends often."""
    return st.sampled_from(sorted({0, 1, top - 1, top})) | st.integers(0, top)


def per_bot(top: int) -> st.SearchStrategy[list[int]]:
    return st.lists(edges(top), min_size=BOTS, max_size=BOTS)
