"""The words of markets, strikes and hops."""

from __future__ import annotations

from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from macrostrike.types import Venue

from ...layouts import packed_types
from .conftest import WORDS, Ask

TYPES = packed_types()
ADDRESSES = st.integers(0, (1 << 160) - 1).map(lambda number: f"0x{number:040x}")
DAY = 86_400


def bits(width: int) -> st.SearchStrategy[int]:
    top = (1 << width) - 1
    return st.sampled_from((0, 1, top)) | st.integers(0, top)


@given(pool=ADDRESSES, traits=bits(8))
def test_a_new_market_has_its_pool_and_traits_alone(ask: Ask, pool: str, traits: int) -> None:
    assert ask("MarketState", "marketState", pool, traits) == int(pool, 16) | traits << 248


@given(word=WORDS, second=bits(40), lots=bits(20), used=bits(30))
def test_a_strike_sets_time_and_lots(
    ask: Ask, word: int, second: int, lots: int, used: int
) -> None:
    state = TYPES["MarketState"]
    after = state["lastStrikeAt"].put(word, second)
    after = state["usedDayLots"].put(state["openLots"].put(after, lots), used)
    assert ask("MarketState", "withStrike", word, second, lots, used) == after


@given(word=WORDS, traits=bits(8))
def test_traits_may_be_changed(ask: Ask, word: int, traits: int) -> None:
    after = TYPES["MarketState"]["traits"].put(word, traits)
    assert ask("MarketState", "withTraits", word, traits) == after


@given(word=WORDS, used=bits(24), cap=st.integers(1, (1 << 24) - 1), age=st.integers(0, 2 * DAY))
def test_what_was_used_of_a_day_drains(ask: Ask, word: int, used: int, cap: int, age: int) -> None:
    state = TYPES["MarketState"]
    word = state["usedDayLots"].put(state["lastStrikeAt"].put(word, ask.now - age), used)
    assert ask("MarketState", "usedNow", word, cap) == max(0, used - cap * age // DAY)


@pytest.mark.parametrize("venue", Venue)
@given(base_first=st.booleans(), word=bits(8), on=st.booleans())
def test_traits_say_what_a_market_is(
    ask: Ask, venue: Venue, base_first: bool, word: int, on: bool
) -> None:
    made = ask("MarketTraits", "traits", venue, base_first)
    assert made == venue | base_first << 6 | 1 << 7
    kept = word & 0xC0 | venue
    assert ask("MarketTraits", "venue", kept) == venue
    assert ask("MarketTraits", "isEnabled", kept) == bool(kept >> 7)
    assert ask("MarketTraits", "enabled", word, on) == word & 0x7F | on << 7


@given(word=WORDS, oracle=st.integers(0, 1), longs=st.booleans(), shorts=st.booleans())
def test_rules_say_where_prices_are_from_and_which_sides_there_are(
    ask: Ask, word: int, oracle: int, longs: bool, shorts: bool
) -> None:
    rules = TYPES["RulesWord"]
    word = rules["longs"].put(rules["oracle"].put(word, oracle), longs)
    word = rules["shorts"].put(word, shorts)
    assert ask("RulesWord", "hasFeed", word) == bool(oracle)
    assert ask("RulesWord", "allows", word, True) == longs
    assert ask("RulesWord", "allows", word, False) == shorts


@given(data=st.data(), engine=ADDRESSES, signal=st.integers(0, 3), rest=bits(40))
def test_a_strikes_terms_are_the_predictions(
    ask: Ask, data: st.DataObject, engine: str, signal: int, rest: int
) -> None:
    strike = TYPES["StrikeWord"]
    names = ("market", "confidenceBps", "modelId", "horizon", "takeProfitBps", "stopLossBps")
    said = {name: data.draw(bits(strike[name].width)) for name in names}
    market, confidence, model, *barriers = said.values()
    prediction = (engine, rest, market, signal, confidence, 31, model, rest, rest, *barriers)
    terms = strike["openedAt"].put(0, ask.now)
    for name, value in said.items():
        terms = strike[name].put(terms, value)
    assert ask("StrikeWord", "terms", prediction) == terms
    number, base = data.draw(bits(32)), data.draw(bits(96))
    opened = strike["baseAmount"].put(strike["id"].put(terms, number), base)
    assert ask("StrikeWord", "opened", terms, number, base) == opened


@given(word=WORDS)
def test_a_record_is_the_words_fields(ask: Ask, word: int) -> None:
    fields = [field.of(word) for field in TYPES["StrikeWord"].layouts[0].fields]
    assert [int(each) for each in astuple(ask("StrikeWord", "unpack", word))] == fields


@given(
    pool=ADDRESSES,
    venue=st.sampled_from(Venue),
    flags=st.tuples(st.booleans(), st.booleans(), st.booleans()),
    fee=bits(24),
    number=bits(32),
    token=ADDRESSES,
    amount=bits(256),
)
def test_a_hop_is_read_as_it_was_written(
    ask: Ask,
    pool: str,
    venue: Venue,
    flags: tuple[bool, bool, bool],
    fee: int,
    number: int,
    token: str,
    amount: int,
) -> None:
    """Token and amount are not in the word, and stay as they are."""
    direction, ether_in, ether_out = flags
    word = int(pool, 16) | fee << 160 | venue << 184 | number << 200
    word |= direction << 192 | ether_in << 193 | ether_out << 194
    hop = (number, venue, pool, *flags, fee, token, amount)
    assert ask("HopWord", "hopWord", hop) == word
    blank = (0, Venue.UNISWAP_V3, "0x" + "00" * 20, False, False, False, 0, token, amount)
    others = (
        1,
        Venue.UNISWAP_V2,
        "0x" + "ff" * 20,
        *(not each for each in flags),
        7,
        token,
        amount,
    )
    for before in (blank, others):
        after = ask("HopWord", "unpackTo", word, before)
        assert [str(each).lower() for each in after] == [str(each).lower() for each in hop]


@given(fee=bits(24), spacing=st.integers(-(1 << 23), (1 << 23) - 1), hooks=ADDRESSES)
def test_a_key_is_read_as_it_was_written(ask: Ask, fee: int, spacing: int, hooks: str) -> None:
    word = ask("KeyWord", "keyWord", fee, spacing, hooks)
    assert word == int(hooks, 16) | fee << 160 | (spacing & 0xFFFFFF) << 184
    assert ask("KeyWord", "tickSpacing", word) == spacing


@given(pool=ADDRESSES, kind=bits(8))
def test_a_turn_is_a_pools_of_a_kind(ask: Ask, pool: str, kind: int) -> None:
    assert ask("TurnWord", "turn", pool, kind) == int(pool, 16) | kind << 160
