"""Where the pool's observation was found is kept with the market, so that it is found at once."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode
from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike.types import OracleKind, Venue

from ..answering import encoded, words
from .market import STATE, Market

PLACES = 64


def ring(market: Market, step: int, known: tuple[int, ...] | None = None) -> None:
    """A ring with an observation each `step` seconds, the last of them a second ago, and the tick 7
    at all times. known: how far back those are that the pool tells; all, where it is None.
    """
    now = market.next
    answers = {encoded("slot0()") + words(0): words(1 << 96, 7, 50, PLACES, PLACES, 0, 1)}
    for back in range(PLACES):
        age = 1 + step * back
        says = known is None or back in known
        said = words(now - age, -7 * age, 0, 1) if says else words(0)
        answers[encoded("observations(uint256)", (50 - back) % PLACES)] = said
    market.pool.set(answers)


def by_pool(market: Market, full: int, back: int) -> int:
    rules = {"oracle": OracleKind.POOL_TWAP, "oracle_window": full, "exit_window": 30}
    return market.set(Venue.UNISWAP_V3, rules=rules, back=back)


@st.composite
def guesses(draw: st.DrawFn) -> tuple[int, int, int, int]:
    """The market's window, one to look at, what is kept, and seconds between observations."""
    full = draw(st.integers(60, 4000))
    window = max(30, full * draw(st.integers(1, 100)) // 100)
    back = draw(st.integers(1, 60 * full // window))
    asked = -(-back * window // full)
    shortest = -(-window // asked)
    step = draw(st.integers(shortest, max(shortest, (2 * window - 1) // asked)))
    return full, window, back, step


@settings(max_examples=50)
@given(guess=guesses())
def test_what_was_found_is_asked_for_first(
    market: Market, guess: tuple[int, int, int, int]
) -> None:
    """As far back as it was, in proportion to the window: nothing else need be known then."""
    full, window, back, step = guess
    asked = -(-back * window // full)
    if asked >= PLACES or 1 + step * asked > 2 * window:
        return
    word = by_pool(market, full, back)
    ring(market, step, known=(0, asked))
    assert market.ask("look", window) == (7, 7)
    market.tell("look", window)
    assert market.ask("stateOf") == word


@settings(max_examples=50)
@given(
    full=st.integers(60, 4000),
    parts=st.integers(1, 100),
    steps=st.integers(9, 28),
    back=st.sampled_from((0, 1, 65_535)),
)
def test_what_is_found_is_kept(
    market: Market, full: int, parts: int, steps: int, back: int
) -> None:
    """In proportion to the market's window, as far as 16 bits go."""
    window = max(30, full * parts // 100)
    step = -(-window // steps)
    asked = -(-back * window // full)
    word = by_pool(market, full, back)
    ring(market, step)
    latest = 2  # seconds old, in the second of the look
    of_age = [n for n in range(PLACES) if window <= latest + step * n <= 2 * window]
    market.tell("look", window)
    kept = STATE["back"].of(market.ask("stateOf"))
    if asked in of_age:
        assert kept == back
    else:
        assert kept in [min(n * full // window, 65_535) for n in of_age]
    assert market.ask("stateOf") == STATE["back"].put(word, kept)


def test_16_bits_are_as_far_as_it_goes(market: Market) -> None:
    by_pool(market, 4_000_000, 0)
    ring(market, 2)
    market.tell("look", 50)
    assert STATE["back"].of(market.ask("stateOf")) == 65_535


@pytest.mark.parametrize("places", [1, 3])
def test_nothing_is_kept_where_nothing_is_found(market: Market, places: int) -> None:
    """The pool's own search has no place to name."""
    word = by_pool(market, 60, 7)
    ring(market, 1000, known=tuple(range(places)))
    market.pool.set(
        {
            encoded("observe(uint32[])", [60, 60, 0]): encode(
                ["int56[]", "uint160[]"], [(-420, -420, 0), (0, 0, 0)]
            )
        }
    )
    market.tell("look", 60)
    assert market.ask("stateOf") == word
