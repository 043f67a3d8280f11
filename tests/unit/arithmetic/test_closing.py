"""A strike's end: when it is due, what a taker pays, what is counted and what is the reserve's."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from macrostrike.errors import OracleUnavailable
from macrostrike.types import BPS, Closing, Due, Signal, Venue

from ...layouts import split
from ..readers import reverts
from .market import RULES
from .numbers import BOTS, CORE, EQUITY_BITS, FULL, edges, per_bot
from .strikes import ID, Strike, Strikes

NEAR = st.integers(-2, 2)
SIGNALS = st.sampled_from(Signal)
MAX_UNITS = (1 << 56) - 1
U128 = (1 << 128) - 1

LOTS = per_bot(1000).filter(any)


@given(
    signal=SIGNALS,
    lots=LOTS,
    lot=st.integers(1, 10**6),
    exponent=st.sampled_from((0, 2, 12)),
    above=per_bot(1 << 30),
    dust=edges(255),
    reserve=edges(U128),
    base=edges((1 << 96) - 1),
    amount=st.integers(-3, 3) | st.integers(-(10**24), 10**40),
    limit=st.integers(-3, 3) | st.integers(-(10**24), 10**24) | st.none(),
    worth=st.integers(-1, 1) | st.none(),
    late=st.booleans(),
    how=st.sampled_from(Closing),
)
def test_what_is_counted_goes_to_the_bots_and_the_rest_to_the_reserve(
    strikes: Strikes,
    signal: Signal,
    lots: list[int],
    lot: int,
    exponent: int,
    above: list[int],
    dust: int,
    reserve: int,
    base: int,
    amount: int,
    limit: int | None,
    worth: int | None,
    late: bool,
    how: Closing,
) -> None:
    """Amounts, limits and what the base is worth are given from the notional on."""
    strike = Strike(signal, lots, lot, exponent, base, above=above, dust=dust)
    notional, unit = strike.notional, 10**exponent
    amount = max(0, notional + amount)
    if not signal.is_long:
        amount = min(amount, 2 * notional)
    bound = 0 if limit is None else max(0, notional + limit)
    known = 0 if worth is None else max(0, notional + worth)
    strikes.set()
    strikes.open(strike, reserve)
    if signal.is_long:
        counted = min(amount, bound or notional)
        pnl, surplus = counted - notional, amount - counted
        agrees = known > notional
    else:
        cost = max(amount, min(bound or notional, 2 * notional))
        pnl, surplus = notional - cost, cost - amount
        agrees = 0 < known < notional
    won = pnl > 0 and agrees and not late
    units = min(pnl // unit, MAX_UNITS)
    total = sum(lots)
    after = [
        min(FULL, has + units * each // total)
        for has, each in zip(strike.equity, lots, strict=True)
    ]
    rest = pnl - (sum(after) - sum(strike.equity)) * unit + dust
    deal = (how, base, amount, known, bound, late)
    assert strikes.ask("close", ID, deal) == pnl
    (settled,) = [e for e in strikes.tell("close", ID, deal) if e.name == "StrikeSettled"]
    assert settled.args == {
        "strike_id": ID,
        "by": strikes.account,
        "market": 0,
        "signal": signal,
        "model_id": 77,
        "confidence_bps": 9512,
        "how": how,
        "base_amount": base,
        "quote_amount": amount,
        "pnl": pnl,
        "won": won,
    }
    core, strategies, kept = strikes.ask("books")
    assert [each for word in strategies for each in split(word, 5, EQUITY_BITS)] == after
    assert CORE["dust"].of(core) == (rest if rest < 256 else 0)
    reserve = min(U128, reserve + surplus)
    assert kept == (reserve if rest < 256 else min(U128, reserve + rest))


@given(dust=edges(255), reserve=edges(U128))
def test_dust_that_waits_is_carried_to_the_reserve(
    strikes: Strikes, dust: int, reserve: int
) -> None:
    """Up to its 128 bits."""
    strikes.set()
    strikes.open(Strike(Signal.LONG, [1] * BOTS, dust=dust), reserve)
    strikes.tell("carryDust")
    core, _, kept = strikes.ask("books")
    assert (CORE["dust"].of(core), kept) == (0, min(U128, reserve + dust))


WEIGHTS = [40] * BOTS  # 1,000 lots, 7,000 of quote
NOTIONAL = 7000


def at_a_barrier(what: str, near: int) -> Any:
    """An example: what else it needs is there."""
    barriers = {"take_profit": 100, "stop_loss": 500, "near": near, "what": what}
    rest = {"age": 1, "left": 1000, "is_open": True, "known": True}
    return example(signal=Signal.LONG, **barriers, **rest)


@at_a_barrier("profit", 0)
@at_a_barrier("profit", -1)
@at_a_barrier("loss", 0)
@at_a_barrier("loss", -1)
@given(
    signal=SIGNALS,
    take_profit=st.integers(0, 500),
    stop_loss=st.integers(1, 500),
    near=NEAR,
    what=st.sampled_from(("profit", "loss", "none")),
    age=st.integers(-1, 1),
    left=st.sampled_from((-1, 0, 1, 1000, 1000)),
    is_open=st.booleans(),
    known=st.booleans(),
)
def test_a_strike_is_due_at_its_barriers_and_its_horizon(
    strikes: Strikes,
    signal: Signal,
    take_profit: int,
    stop_loss: int,
    near: int,
    what: str,
    age: int,
    left: int,
    is_open: bool,
    known: bool,
) -> None:
    """To the unit of its worth and to the second; barriers once a window of prices is behind it."""
    barrier = {"profit": take_profit, "loss": stop_loss, "none": 0}[what]
    rises = signal.is_long == (what == "profit")
    moved = -(-NOTIONAL * barrier // BPS) + near
    worth = NOTIONAL + moved if rises else NOTIONAL - moved
    now = strikes.next + 3
    opened = now - RULES.exit_window - age
    strike = Strike(signal, WEIGHTS, base=10**8, opened_at=opened)
    strike.take_profit, strike.stop_loss = take_profit, stop_loss
    strike.horizon = now - opened + left
    strikes.set()
    strikes.open(strike, is_open=is_open)
    strikes.price(worth if known else -1)
    assert strikes.now == now
    reason, value = strikes.ask("due", ID)
    gained = worth - NOTIONAL if signal.is_long else NOTIONAL - worth
    if not is_open:
        assert (reason, value) == (Due.NOT_OPEN, 0)
    elif now >= opened + strike.horizon:
        assert (reason, value) == (Due.HORIZON, 0)
    elif now - opened < RULES.exit_window:
        assert (reason, value) == (Due.NOT_YET, 0)
    elif not known:
        assert (reason, value) == (Due.ORACLE_UNAVAILABLE, 0)
    else:
        expected = Due.NOT_YET
        if take_profit and gained * BPS >= take_profit * NOTIONAL and gained >= 0:
            expected = Due.TAKE_PROFIT
        if -gained * BPS >= stop_loss * NOTIONAL:
            expected = Due.STOP_LOSS
        assert (reason, value) == (expected, worth)


@pytest.mark.parametrize("near", [-1, 0])
def test_a_barrier_is_met_to_the_unit_of_a_large_strike(strikes: Strikes, near: int) -> None:
    strike = Strike(Signal.LONG, WEIGHTS, lot=10**7, base=10**8)
    strike.opened_at, strike.take_profit = strikes.next - RULES.exit_window, 100
    strikes.set()
    strikes.open(strike)
    worth = strike.notional * 101 // 100 + near
    strikes.price(worth)
    expected = Due.NOT_YET if near else Due.TAKE_PROFIT
    assert strikes.ask("due", ID) == (expected, worth)


def worth_a_unit(signal: Signal) -> Any:
    open_ = {"elapsed": 1, "premium": 0, "discount": 0, "stopped": False, "known": True}
    return example(signal=signal, worth=1, **open_)


@worth_a_unit(Signal.LONG)
@worth_a_unit(Signal.SHORT)
@given(
    signal=SIGNALS,
    elapsed=st.sampled_from((-1, 0, 1, 1199, 1200, 1201)) | st.integers(0, 1300),
    premium=st.integers(0, 1000),
    discount=st.integers(0, 1000),
    worth=st.integers(1, 3 * NOTIONAL),
    stopped=st.booleans(),
    known=st.booleans(),
)
def test_a_takers_price_falls_from_premium_to_discount(
    strikes: Strikes,
    signal: Signal,
    elapsed: int,
    premium: int,
    discount: int,
    worth: int,
    stopped: bool,
    known: bool,
) -> None:
    """In whole basis points, by the second; a short pays out no more than twice its notional."""
    length = RULES.auction_seconds
    rules = {"premium_bps": premium, "discount_bps": discount}
    strikes.set(Venue.UNISWAP_V4, rules=rules)
    opens_at = strikes.next + 2 - elapsed
    strike = Strike(signal, WEIGHTS, base=10**8, horizon=3600)
    strike.opened_at = opens_at - RULES.keeper_delay - strike.horizon
    strikes.open(strike, status=4 if stopped else 0)
    strikes.price(worth if known else -1)
    assert strikes.now == opens_at + elapsed
    takeable, opens, amount_in, amount_out = strikes.ask("quote", ID)
    assert opens == opens_at
    off = premium - min(elapsed, length) * (premium + discount) // length
    quote, base = worth * (BPS - off) // BPS, 10**8
    if signal.is_long:
        quote = -(-worth * (BPS + off) // BPS)
    elif quote > 2 * NOTIONAL:
        quote, base = 2 * NOTIONAL, -(-base * 2 * NOTIONAL // quote)
    if elapsed < 0 or not known or stopped or quote == 0:
        assert (takeable, amount_in, amount_out) == (False, 0, 0)
    else:
        expected = (quote, base) if signal.is_long else (base, quote)
        assert (takeable, amount_in, amount_out) == (True, *expected)


@pytest.mark.parametrize("over", [-1, 0, 1, 2])
def test_a_gain_counts_up_to_its_56_bits(strikes: Strikes, over: int) -> None:
    strike = Strike(Signal.LONG, WEIGHTS)
    strikes.set()
    strikes.open(strike)
    amount = strike.notional + MAX_UNITS + over
    strikes.tell("close", ID, (Closing.SWAP, 1, amount, amount, amount, False))
    assert strikes.ask("totals").best == min(MAX_UNITS, MAX_UNITS + over)


@pytest.mark.parametrize("signal", Signal)
def test_a_price_of_one_unit_closes(strikes: Strikes, signal: Signal) -> None:
    strikes.set(Venue.UNISWAP_V4, openLots=sum(WEIGHTS))
    strikes.open(Strike(signal, WEIGHTS, base=10**8), reserve=10**9)
    strikes.price(1)
    pnl = 1 - NOTIONAL if signal.is_long else NOTIONAL - 1
    assert strikes.ask("closeAtOracle", ID) == pnl


@pytest.mark.parametrize("signal", [Signal.LONG, Signal.SHORT])
@pytest.mark.parametrize("gained", [-1, 0, 1])
@pytest.mark.parametrize("beyond", [-1, 0, 1])
def test_a_win_gains_and_is_beyond_the_entry_by_the_exit_price_too(
    strikes: Strikes, signal: Signal, gained: int, beyond: int
) -> None:
    strike, better = Strike(signal, WEIGHTS), 1 if signal.is_long else -1
    strikes.set()
    strikes.open(strike)
    amount, worth = (strike.notional + better * each for each in (gained, beyond))
    deal = (Closing.SWAP, 1, amount, worth, amount, False)
    settled = next(e for e in strikes.tell("close", ID, deal) if e.name == "StrikeSettled")
    assert (settled.args["pnl"], settled.args["won"]) == (gained, gained > 0 and beyond > 0)


@pytest.mark.parametrize("dust", [1, 254, 255])
def test_dust_waits_as_long_as_eight_bits_hold_it(strikes: Strikes, dust: int) -> None:
    strike = Strike(Signal.LONG, WEIGHTS, dust=dust)
    strikes.set()
    strikes.open(strike, reserve=5)
    strikes.tell("close", ID, (Closing.SWAP, 1, strike.notional, 0, 0, False))
    core, _, kept = strikes.ask("books")
    assert (CORE["dust"].of(core), kept) == (dust, 5)


@pytest.mark.parametrize("surplus", [0, 1, 2])
def test_a_unit_more_than_is_counted_is_the_reserves(strikes: Strikes, surplus: int) -> None:
    strike = Strike(Signal.LONG, WEIGHTS)
    strikes.set()
    strikes.open(strike, reserve=5)
    deal = (Closing.SWAP, 1, strike.notional + surplus, 0, 0, False)
    assert strikes.ask("close", ID, deal) == 0
    strikes.tell("close", ID, deal)
    assert strikes.ask("books")[2] == 5 + surplus


def test_a_strike_whose_slot_another_one_has_is_not_open(strikes: Strikes) -> None:
    strikes.set()
    strikes.open(Strike(Signal.LONG, WEIGHTS))
    for other in (ID - 64, ID + 64):
        assert strikes.ask("due", other) == (Due.NOT_OPEN, 0)


@pytest.mark.parametrize("signal", Signal)
def test_nothing_is_closed_at_a_price_that_no_one_knows(strikes: Strikes, signal: Signal) -> None:
    strikes.set(Venue.UNISWAP_V4)
    strikes.open(Strike(signal, WEIGHTS, base=10**8), reserve=10**9)
    strikes.price(-1)
    with reverts(OracleUnavailable(0)):
        strikes.tell("closeAtOracle", ID)
