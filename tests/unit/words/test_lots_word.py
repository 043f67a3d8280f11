"""Lots of 25 bots in a word: sums, caps and turns are those of each bot alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ...layouts import joined
from .conftest import WORDS, Ask, parts

BITS = 10
LOTS = parts(25, BITS)
MAX = (1 << BITS) - 1


@given(word=WORDS, bot=st.integers(0, 24), lots=st.integers(0, MAX))
def test_lots_of_one_bot_change_no_other(ask: Ask, word: int, bot: int, lots: int) -> None:
    shift = bot * BITS
    assert ask("LotsWord", "lotsOf", word, bot) == word >> shift & MAX
    changed = word & ~(MAX << shift) | lots << shift
    assert ask("LotsWord", "withLots", word, bot, lots) == changed


@given(lots=LOTS, signal=st.integers(0, 3))
def test_the_signal_stands_above_the_lots(ask: Ask, lots: list[int], signal: int) -> None:
    word = joined(lots, BITS)
    assert ask("LotsWord", "withSignal", word, signal) == word | signal << 250


@given(lots=LOTS, above=st.integers(0, 63), strategies=st.integers(0, 31))
def test_strategies_have_their_bots_lots(
    ask: Ask, lots: list[int], above: int, strategies: int
) -> None:
    theirs = [each if strategies >> bot // 5 & 1 else 0 for bot, each in enumerate(lots)]
    word = joined(lots, BITS) | above << 250
    assert ask("LotsWord", "ofStrategies", word, strategies) == joined(theirs, BITS)


@given(lots=LOTS, above=st.integers(0, 63), max_lots=st.integers(0, MAX))
def test_a_sum_and_a_cap_are_of_each_bot(
    ask: Ask, lots: list[int], above: int, max_lots: int
) -> None:
    word = joined(lots, BITS) | above << 250
    assert ask("LotsWord", "total", word) == sum(lots)
    capped = joined((min(each, max_lots) for each in lots), BITS)
    assert ask("LotsWord", "capped", word, max_lots) == capped


@given(lots=LOTS, taken=LOTS)
def test_what_is_taken_is_taken_of_each(ask: Ask, lots: list[int], taken: list[int]) -> None:
    taken = [min(pair) for pair in zip(lots, taken, strict=True)]
    left = joined((a - b for a, b in zip(lots, taken, strict=True)), BITS)
    assert ask("LotsWord", "without", joined(lots, BITS), joined(taken, BITS)) == left


@given(lots=LOTS, new=st.integers(0, MAX))
def test_a_turn_puts_the_lowest_to_the_top(ask: Ask, lots: list[int], new: int) -> None:
    word = joined(lots, BITS)
    assert ask("LotsWord", "turned", word, new) == joined([*lots[1:], new], BITS)
    assert ask("LotsWord", "ofFirstFive", word) == joined(lots[:5], BITS)
    assert ask("LotsWord", "pastFive", word) == joined(lots[5:], BITS)
    assert ask("LotsWord", "turnedByFive", word) == joined(lots[5:] + lots[:5], BITS)
