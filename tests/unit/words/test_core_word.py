"""The fleet's word: status, outcomes, open strikes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...layouts import packed_types
from .conftest import WORDS, Ask

CORE = packed_types()["CoreWord"]
STATUS = {"isPaused": 1, "isHalted": 2, "takeoversStopped": 4}
SLOTS = 64


@pytest.mark.parametrize(("function", "bit"), STATUS.items())
@given(word=WORDS, on=st.booleans())
def test_a_status_is_a_bit_of_its_own(
    ask: Ask, function: str, bit: int, word: int, on: bool
) -> None:
    assert ask("CoreWord", function, word) == bool(word & bit)
    changed = ask("CoreWord", "withStatus", word, bit, on)
    assert changed == (word | bit if on else word & ~bit)


@given(word=WORDS, exponent=st.integers(0, 16))
def test_a_lot_is_worth_its_book_units(ask: Ask, word: int, exponent: int) -> None:
    word = CORE["unitExponent"].put(word, exponent)
    assert ask("CoreWord", "unit", word) == 10**exponent
    assert ask("CoreWord", "lotValue", word) == CORE["lot"].of(word) * 10**exponent


@given(word=WORDS, won=st.booleans())
def test_the_last_40_outcomes_are_kept(ask: Ask, word: int, won: bool) -> None:
    recent = CORE["recentLosses"]
    losses = recent.of(word)
    assert ask("CoreWord", "recentWins", word) == 40 - losses.bit_count()
    after = ask("CoreWord", "withOutcome", word, won)
    assert after == recent.put(word, losses << 1 | (not won))
    assert ask("CoreWord", "withoutLosses", word) == recent.put(word, 0)


@given(word=WORDS, strike=st.integers(0, (1 << 32) - 1))
def test_an_open_strike_has_the_bit_of_its_slot(ask: Ask, word: int, strike: int) -> None:
    bit = 1 << CORE["openBitmap"].at + strike % SLOTS
    assert ask("CoreWord", "isOpen", word, strike) == bool(word & bit)
    opened = CORE["lastStrikeId"].put(word, strike) | bit
    assert ask("CoreWord", "withOpened", word, strike) == opened
    assert ask("CoreWord", "withClosed", word, strike) == word & ~bit
