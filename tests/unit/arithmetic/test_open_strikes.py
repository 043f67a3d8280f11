"""All open strikes together: what they hold and are worth, what the books have of a token."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from macrostrike.types import Signal, Venue

from ...layouts import joined
from ..answering import encoded
from .market import RULES
from .numbers import BOTS, EQUITY_BITS, FULL, LOT_BITS, core_word
from .strikes import STRIKE, Strike, Strikes

QUOTE, BASE, OTHER = ("0x" + each * 20 for each in ("11", "22", "33"))
SLOTS = 64
PRICE = 10**8  # a unit of quote for a unit of base


@st.composite
def opened(draw: st.DrawFn) -> dict[int, Strike]:
    """Strikes by their slots, the first and the last often among them."""
    slots = draw(st.sets(st.sampled_from((0, 1, 62, 63)) | st.integers(0, 63), max_size=4))
    found = {}
    for slot in sorted(slots):
        lots = draw(st.lists(st.integers(0, 40), min_size=BOTS, max_size=BOTS).filter(any))
        strike = Strike(draw(st.sampled_from(Signal)), lots, base=1)
        strike.base = max(0, strike.notional + draw(st.integers(-3, 3) | st.integers(-9000, 9000)))
        strike.horizon = draw(st.sampled_from((1, 2, 3600)))
        found[slot] = strike
    return found


def set_all(
    strikes: Strikes, found: dict[int, Strike], *, lot: int, dust: int, reserve: int
) -> list[int]:
    """Equity of the bots, who have at least what the strikes hold of them."""
    locked = [sum(strike.lots[bot] for strike in found.values()) for bot in range(BOTS)]
    equity = [min(FULL, lots * lot + bot) for bot, lots in enumerate(locked)]
    bitmap = sum(1 << slot for slot in found)
    core = core_word(lot=lot, dust=dust, openBitmap=bitmap)
    words = [joined(equity[first : first + 5], EQUITY_BITS) for first in range(0, BOTS, 5)]
    strikes.tell("setFleet", core, words, reserve)
    for slot, strike in found.items():
        word = STRIKE["id"].put(strike.word(), slot + SLOTS)
        strikes.tell("setStrike", word, joined(strike.lots, LOT_BITS) | strike.signal << 250)
    return equity


@given(
    found=opened(),
    dust=st.integers(0, 255),
    reserve=st.integers(0, 1 << 100),
    inventory=st.integers(0, 1 << 100),
)
def test_the_books_hold_equity_less_longs_and_more_of_shorts(
    strikes: Strikes, found: dict[int, Strike], dust: int, reserve: int, inventory: int
) -> None:
    """A long's notional was spent; a short's is there twice, as equity and as proceeds."""
    strikes.set()
    for strike in found.values():
        strike.base = 10**6
    equity = set_all(strikes, found, lot=7, dust=dust, reserve=reserve)
    strikes.tell("setTokens", QUOTE, BASE, inventory)
    longs = [strike for strike in found.values() if strike.signal.is_long]
    shorts = [strike for strike in found.values() if not strike.signal.is_long]
    quote = sum(equity) + reserve + dust
    quote += sum(each.notional for each in shorts) - sum(each.notional for each in longs)
    assert strikes.ask("booked", QUOTE) == quote
    assert strikes.ask("booked", BASE) == inventory + 10**6 * len(longs)
    assert strikes.ask("booked", OTHER) == 0


@given(
    found=opened(),
    venue=st.sampled_from((Venue.UNISWAP_V4, Venue.UNISWAP_V3)),
    known=st.booleans(),
    with_start=st.booleans(),
    near=st.integers(-1, 1),
)
def test_open_strikes_are_worth_their_base_and_lose_their_notional_at_most(
    strikes: Strikes,
    found: dict[int, Strike],
    venue: Venue,
    known: bool,
    with_start: bool,
    near: int,
) -> None:
    """By the feed, which is all there is: a pool without memory, or one that says nothing. Without
    it they are even, and counted."""
    strikes.set(venue)
    second = strikes.next + len(found) + 2
    for strike in found.values():
        strike.opened_at = second - strike.horizon - RULES.keeper_delay - near
    set_all(strikes, found, lot=7, dust=0, reserve=0)
    strikes.price(PRICE if known else -1)
    strikes.chain.mine(second - strikes.now)
    # What is worth nothing has no price.
    priced = [strike for strike in found.values() if known and strike.base]
    marked = 0
    for strike in priced:
        gain = strike.base - strike.notional
        marked += max(gain if strike.signal.is_long else -gain, -strike.notional)
    overdue = len(found) if near > 0 else 0
    answer = strikes.ask("unrealised", with_start)
    assert answer == (marked, len(found) - len(priced), overdue)


@pytest.mark.parametrize("signal", [Signal.LONG, Signal.SHORT])
def test_without_a_feed_an_open_strike_is_worth_the_pools_mean(
    strikes: Strikes, signal: Signal
) -> None:
    strikes.set(Venue.UNISWAP_V3)
    strike = Strike(signal, [40] * BOTS, base=7500)
    strike.opened_at = strikes.next
    set_all(strikes, {5: strike}, lot=7, dust=0, reserve=0)
    strikes.price(-1)
    window = RULES.exit_window
    sums = encode(["int56[]", "uint160[]"], [(0, 0, 0), (0, 0, 0)])
    strikes.pool.set({encoded("observe(uint32[])", [window, window, 0]): sums})
    gain = 500 if signal.is_long else -500
    for with_start in (False, True):
        assert strikes.ask("unrealised", with_start) == (gain, 0, 0)


@given(found=opened())
def test_views_show_what_is_in_the_slots(strikes: Strikes, found: dict[int, Strike]) -> None:
    strikes.set()
    equity = set_all(strikes, found, lot=7, dust=0, reserve=0)
    assert list(strikes.ask("openStrikes")) == [slot + SLOTS for slot in sorted(found)]
    locked = [sum(strike.lots[bot] for strike in found.values()) for bot in range(BOTS)]
    bots = strikes.ask("bots")
    assert [bot.locked for bot in bots] == [lots * 7 for lots in locked]
    assert [bot.equity for bot in bots] == equity
    assert [bot.strategy for bot in bots] == [bot // 5 for bot in range(BOTS)]
    totals = strikes.ask("totals")
    assert (totals.open, totals.opened, totals.equity) == (len(found), len(found), sum(equity))
    for slot, strike in found.items():
        view = strikes.ask("strikeOf", slot + SLOTS)
        assert (view.status, view.signal, view.notional) == (1, strike.signal, strike.notional)
        assert list(view.lots) == strike.lots
        for other in (slot, slot + 2 * SLOTS):
            assert strikes.ask("strikeOf", other).status == 0
