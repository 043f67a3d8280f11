"""Caps, rests and deviations of a market, at the lot, the second and the unit."""

from __future__ import annotations

from dataclasses import astuple

from hypothesis import given
from hypothesis import strategies as st

from macrostrike.errors import (
    CapExceeded,
    CooldownActive,
    MarketNotEnabled,
    OracleDeviation,
    SideNotAllowed,
    UnknownMarket,
)
from macrostrike.types import BPS, Venue

from ..environment import DAY, altered
from ..readers import reverts
from .market import RULES, STATE, Market
from .numbers import edges

U24, U16 = (1 << 24) - 1, (1 << 16) - 1
LOTS = st.integers(1, 25_575)
NEAR = st.integers(-2, 2)


def in_use(used: int, cap: int, age: int) -> int:
    return max(0, used - cap * age // DAY)


@given(
    lots=LOTS,
    strike=st.integers(1, 25_575),
    open_cap=st.integers(1, U16),
    day_cap=st.integers(1, U24),
    open_lots=edges(U16),
    used=edges(U24),
    age=st.integers(1, 2 * DAY),
    near=NEAR,
    what=st.sampled_from(("strike", "open", "day", "any")),
)
def test_a_strike_is_within_three_caps(
    market: Market,
    lots: int,
    strike: int,
    open_cap: int,
    day_cap: int,
    open_lots: int,
    used: int,
    age: int,
    near: int,
    what: str,
) -> None:
    """At each of them, and a lot on either side of it."""
    used = min(used, day_cap)
    kept = in_use(used, day_cap, age + 1)
    if what == "strike":
        lots = strike + near
    elif what == "open":
        lots = open_cap - open_lots + near
    elif what == "day":
        lots = day_cap - kept + near
    lots = min(max(lots, 1), 25_575)
    caps = {"max_strike_lots": strike, "max_open_lots": open_cap, "max_day_lots": day_cap}
    word = market.set(
        rules=caps, openLots=open_lots, usedDayLots=used, lastStrikeAt=market.next - age
    )
    free = {"strike": strike, "open": max(0, open_cap - open_lots), "day": max(0, day_cap - kept)}
    full = [name for name, left in free.items() if lots > left]
    if full:
        with reverts(CapExceeded(full[0], lots, free[full[0]])):
            market.tell("charge", lots)
        return
    second = market.next
    market.tell("charge", lots)
    after = STATE["lastStrikeAt"].put(word, second)
    after = STATE["usedDayLots"].put(after, kept + lots)
    assert market.ask("stateOf") == STATE["openLots"].put(after, open_lots + lots)
    market.tell("release", lots)
    assert market.ask("stateOf") == STATE["openLots"].put(after, open_lots)


@given(
    before=st.integers(1, U24),
    cap=st.integers(1, U24),
    used=edges(U24),
    age=st.integers(0, 2 * DAY),
)
def test_what_is_in_use_of_a_day_stays_so_under_a_new_cap(
    market: Market, before: int, cap: int, used: int, age: int
) -> None:
    """It drains at the new cap's pace since the last strike."""
    word = market.set(
        rules={"max_day_lots": before}, usedDayLots=used, lastStrikeAt=market.next - age
    )
    market.tell("update", astuple(altered(RULES, max_day_lots=cap)))
    kept = in_use(used, before, age + 1)
    stored = min(U24, kept + cap * (age + 1) // DAY) if kept else 0
    assert market.ask("stateOf") == STATE["usedDayLots"].put(word, stored)


@given(
    cooldown=st.integers(0, U16),
    near=NEAR,
    is_long=st.booleans(),
    sides=st.tuples(st.booleans(), st.booleans()),
    enabled=st.booleans(),
)
def test_a_strike_is_admitted_where_and_when_it_may(
    market: Market,
    cooldown: int,
    near: int,
    is_long: bool,
    sides: tuple[bool, bool],
    enabled: bool,
) -> None:
    """The market's side comes before its rest."""
    last = market.next - cooldown + near
    rules = {"cooldown": cooldown, "longs": sides[0], "shorts": sides[1]}
    market.set(enabled=enabled, rules=rules, lastStrikeAt=last)
    if not enabled:
        error: Exception | None = MarketNotEnabled(0)
    elif not (sides[0] if is_long else sides[1]):
        error = SideNotAllowed(0, is_long)
    else:
        error = CooldownActive(0, last + cooldown) if near > 0 else None
    if error is None:
        market.ask("requireAdmitted", is_long)
        return
    with reverts(error):
        market.ask("requireAdmitted", is_long)


def test_a_market_without_a_pool_is_unknown(market: Market) -> None:
    market.set(has_pool=False)
    with reverts(UnknownMarket(0)):
        market.ask("requireAdmitted", True)


@given(
    answer=st.integers(1, 10**13),
    base=st.integers(1, 10**24),
    deviation=st.integers(1, 1000),
    near=NEAR,
    over=st.booleans(),
)
def test_a_price_is_near_the_oracles_to_the_unit(
    market: Market, answer: int, base: int, deviation: int, near: int, over: bool
) -> None:
    """Either way: one that is too good is a stale oracle."""
    market.set(rules={"max_deviation_bps": deviation})
    market.price(answer)
    fair = base * answer // 10**8
    apart = fair * deviation // BPS + near
    quote = fair + apart if over else fair - apart
    if quote < 0 or fair == 0:
        return  # which is not a price
    if abs(quote - fair) * BPS > fair * deviation:
        with reverts(OracleDeviation(0, quote, fair)):
            market.ask("requireNearOracle", base, quote)
    else:
        market.ask("requireNearOracle", base, quote)


def test_a_market_is_of_any_venue(market: Market) -> None:
    for venue in (Venue.UNISWAP_V2, Venue.UNISWAP_V4):
        market.set(venue)
        market.ask("requireAdmitted", True)
