"""What a strike won or lost is measured, and split over its bots to the unit."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike.errors import (
    CallbackAmountExceeded,
    NoParticipants,
    OracleDeviation,
    SlippageExceeded,
    StrikeNotOpen,
)
from macrostrike.types import ALL_STRATEGIES, BOTS, Closing, Signal, StrikeStatus

from ..environment import Env
from ..readers import refuses

LONGS = [Signal.STRONG_LONG, Signal.LONG]
SHORTS = [Signal.SHORT, Signal.STRONG_SHORT]


def equities(env: Env) -> list[int]:
    return [bot.equity for bot in env.read("getBots")]


def reserve(env: Env) -> int:
    return int(env.read("getTreasury")[1])


def of_strike_1(
    env: Env, signal: Signal, base: int, quote: int, pnl: int, *, won: bool
) -> dict[str, object]:
    """`StrikeSettled` of the first strike, closed by the operator's swap."""
    return {
        "strike_id": 1,
        "by": env.operator.address,
        "market": 0,
        "signal": signal,
        "model_id": 1,
        "confidence_bps": 9500,
        "how": Closing.SWAP,
        "base_amount": base,
        "quote_amount": quote,
        "pnl": pnl,
        "won": won,
    }


@pytest.mark.parametrize("signal", LONGS)
@pytest.mark.parametrize("price", [1500, 1700])
def test_a_long_sells_its_base(env: Env, signal: Signal, price: int) -> None:
    opened = env.strike(signal=signal)
    base = env.read("getStrike", 1).record.base_amount
    env.price(price)
    quote_before = env.balance(env.quote)
    base_before, inventory = env.balance(env.base), env.read("inventoryOf", env.base)
    settled = env.settle(1)
    received = env.balance(env.quote) - quote_before
    pnl = received - opened["notional"]
    assert settled == of_strike_1(env, signal, base, received, pnl, won=price > 1600)
    assert env.balance(env.base) == base_before - base
    assert env.read("inventoryOf", env.base) == inventory


@pytest.mark.parametrize("signal", SHORTS)
@pytest.mark.parametrize("price", [1500, 1700])
def test_a_short_buys_back_just_what_it_sold(env: Env, signal: Signal, price: int) -> None:
    inventory = env.read("inventoryOf", env.base)
    opened = env.strike(signal=signal)
    base = env.read("getStrike", 1).record.base_amount
    env.price(price)
    quote_before, base_before = env.balance(env.quote), env.balance(env.base)
    settled = env.settle(1)
    spent = quote_before - env.balance(env.quote)
    pnl = opened["notional"] - spent
    assert settled == of_strike_1(env, signal, base, spent, pnl, won=price < 1600)
    assert env.balance(env.base) == base_before + base
    assert env.read("inventoryOf", env.base) == inventory


@pytest.mark.parametrize("signal", Signal)
def test_at_the_same_price_the_pools_fees_are_lost(env: Env, signal: Signal) -> None:
    opened = env.strike(signal=signal)
    settled = env.settle(1)
    # Twice 5 basis points of a pool that is a thousand times deeper.
    assert -11 * opened["notional"] // 10_000 < settled["pnl"] < -9 * opened["notional"] // 10_000


@pytest.mark.parametrize("signal", Signal)
def test_a_settled_strike_is_closed(env: Env, signal: Signal) -> None:
    before = env.read("getStrikeStats")
    opened = env.strike(signal=signal)
    lots = env.read("getStrike", 1).lots
    assert env.read("getMarket", 0).open_lots == sum(lots)
    settled = env.settle(1)
    strike, stats = env.read("getStrike", 1), env.read("getStrikeStats")
    assert (strike.status, strike.notional, strike.lots) == (StrikeStatus.SETTLED, 0, lots)
    assert env.read("getOpenStrikes") == ()
    assert env.read("getMarket", 0).open_lots == 0
    assert sum(bot.locked for bot in env.read("getBots")) == 0
    assert (stats.open, stats.settled, stats.losses) == (0, 1, 1)
    assert stats.equity == before.equity + sum(
        settled["pnl"] * weight // sum(lots) for weight in lots
    )
    with refuses(env, StrikeNotOpen(1)):
        env.settle(1)
    assert opened["strike_id"] == 1


def test_settling_returns_the_pnl(env: Env) -> None:
    env.strike()
    env.price(1650)
    foreseen = env.operator.call("settleStrike", 1, 0)
    assert env.settle(1)["pnl"] == foreseen > 0


@pytest.mark.parametrize("signal", LONGS)
def test_a_long_gets_at_least_its_limit(env: Env, signal: Signal) -> None:
    env.strike(signal=signal)
    with env.undone():
        received = env.settle(1)["quote_amount"]
    with refuses(env, SlippageExceeded(received, received + 1)):
        env.settle(1, limit=received + 1)
    env.settle(1, limit=received)


@pytest.mark.parametrize("signal", SHORTS)
def test_a_short_spends_at_most_its_limit(env: Env, signal: Signal) -> None:
    env.strike(signal=signal)
    with env.undone():
        spent = env.settle(1)["quote_amount"]
    with refuses(env, SlippageExceeded(spent, spent - 1)):
        env.settle(1, limit=spent - 1)
    env.settle(1, limit=spent)


def test_settling_works_while_paused(env: Env) -> None:
    env.strike()
    env.strike(signal=Signal.SHORT)
    env.owner.send("pause")
    env.settle(1)
    env.settle(2)
    assert env.read("paused") is True


def test_settling_works_while_halted(env: Env) -> None:
    ids = [env.strike()["strike_id"] for _ in range(8)]
    for strike_id in ids[:7]:
        env.owner.send("writeOffStrike", strike_id)
    assert env.read("getStrikeStats").halted
    env.settle(ids[7])
    assert env.read("getStrikeStats").halted


def test_settling_works_on_a_disabled_market(env: Env) -> None:
    env.strike()
    env.guardian.send("disableMarket", 0)
    env.settle(1)


@pytest.mark.parametrize("times", ["2", "2.05", "5"])
def test_a_shorts_loss_ends_at_its_margin(env: Env, times: str) -> None:
    """Twice the notional is all there is to buy back with, whatever the price."""
    inventory = env.read("inventoryOf", env.base)
    opened = env.strike(signal=Signal.STRONG_SHORT)
    strike, before = env.read("getStrike", 1), equities(env)
    env.price(str(1600 * float(times)))
    settled = env.settle(1)
    notional = opened["notional"]
    assert settled["quote_amount"] == 2 * notional
    assert settled["pnl"] == -notional
    assert settled["base_amount"] < strike.record.base_amount
    missing = strike.record.base_amount - settled["base_amount"]
    assert env.read("inventoryOf", env.base) == inventory - missing
    assert equities(env) == [
        equity - lots * env.lot_value for equity, lots in zip(before, strike.lots, strict=True)
    ]
    assert env.read("excessOf", env.quote) == 0


def test_a_short_under_its_margin_buys_everything_back(env: Env) -> None:
    opened = env.strike(signal=Signal.STRONG_SHORT)
    base = env.read("getStrike", 1).record.base_amount
    env.price(3150)
    settled = env.settle(1)
    assert settled["base_amount"] == base
    assert -opened["notional"] < settled["pnl"] < -opened["notional"] * 9 // 10


def test_other_strikes_money_is_not_touched_by_a_lost_short(env: Env) -> None:
    for _ in range(3):
        env.strike(signal=Signal.STRONG_SHORT)
    env.price(5000)
    for strike_id in (2, 1, 3):
        env.settle(strike_id)
    assert env.read("excessOf", env.quote) == 0
    assert env.balance(env.quote) == reserve(env) + sum(equities(env))


prices = st.one_of(st.integers(200, 12_000), st.integers(1550, 1650))


@settings(max_examples=20)
@given(
    shares=st.lists(st.integers(0, 1000), min_size=BOTS, max_size=BOTS).filter(any),
    strikes=st.lists(
        st.tuples(st.sampled_from(Signal), st.integers(1, ALL_STRATEGIES), prices),
        min_size=1,
        max_size=4,
    ),
)
def test_shares_and_dust_are_the_pnl_exactly(
    any_env: Env, shares: list[int], strikes: list[tuple[Signal, int, int]]
) -> None:
    """Each bot's share is its weight's part, rounded down; what is left is the reserve's."""
    env = any_env
    with env.undone():
        env.owner.send("rebalance", shares)
        for signal, mask, price in strikes:
            opened = attempt(env, signal, mask)
            if opened is None:
                continue
            strike = env.read("getStrike", opened["strike_id"])
            env.price(price)
            before, reserve_before = equities(env), reserve(env)
            settled = env.settle(opened["strike_id"], by="owner")
            units, total = settled["pnl"] // env.unit, sum(strike.lots)
            gains = [units * lots // total * env.unit for lots in strike.lots]
            assert equities(env) == [old + new for old, new in zip(before, gains, strict=True)]
            measured = settled["quote_amount"] - opened["notional"]
            surplus = (measured if signal.is_long else -measured) - settled["pnl"]
            assert surplus >= 0
            assert reserve(env) - reserve_before == surplus + settled["pnl"] - sum(gains)
            assert 0 <= settled["pnl"] - sum(gains) < (BOTS + 1) * env.unit
            assert min(equities(env)) >= 0
            assert env.read("excessOf", env.quote) == 0
            if env.read("getStrikeStats").halted:
                env.owner.send("resume")


def attempt(env: Env, signal: Signal, strategies: int) -> dict[str, Any] | None:
    """A strike, unless no bot has a lot for it, the inventory is too small at that price, or the
    base too coarse."""
    try:
        return env.strike(signal=signal, strategies=strategies)
    except (NoParticipants, CallbackAmountExceeded, OracleDeviation):
        return None
