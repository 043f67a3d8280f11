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

from ..readers import refuses
from ..scene import Scene

LONGS = [Signal.STRONG_LONG, Signal.LONG]
SHORTS = [Signal.SHORT, Signal.STRONG_SHORT]


def equities(scene: Scene) -> list[int]:
    return [bot.equity for bot in scene.read("getBots")]


def reserve(scene: Scene) -> int:
    return int(scene.read("getTreasury")[1])


@pytest.mark.parametrize("signal", LONGS)
@pytest.mark.parametrize("price", [1500, 1700])
def test_a_long_sells_its_base(scene: Scene, signal: Signal, price: int) -> None:
    opened = scene.strike(signal=signal)
    base = scene.read("getStrike", 1).record.base_amount
    scene.price(price)
    quote_before = scene.balance(scene.quote)
    base_before, inventory = scene.balance(scene.base), scene.read("inventoryOf", scene.base)
    settled = scene.settle(1)
    received = scene.balance(scene.quote) - quote_before
    assert settled == {
        "strike_id": 1,
        "by": scene.operator.address,
        "market": 0,
        "signal": signal,
        "model_id": 1,
        "confidence_bps": 9500,
        "how": Closing.SWAP,
        "base_amount": base,
        "quote_amount": received,
        "pnl": received - opened["notional"],
        "won": price > 1600,
    }
    assert scene.balance(scene.base) == base_before - base
    assert scene.read("inventoryOf", scene.base) == inventory


@pytest.mark.parametrize("signal", SHORTS)
@pytest.mark.parametrize("price", [1500, 1700])
def test_a_short_buys_back_just_what_it_sold(scene: Scene, signal: Signal, price: int) -> None:
    inventory = scene.read("inventoryOf", scene.base)
    opened = scene.strike(signal=signal)
    base = scene.read("getStrike", 1).record.base_amount
    scene.price(price)
    quote_before, base_before = scene.balance(scene.quote), scene.balance(scene.base)
    settled = scene.settle(1)
    spent = quote_before - scene.balance(scene.quote)
    assert settled == {
        "strike_id": 1,
        "by": scene.operator.address,
        "market": 0,
        "signal": signal,
        "model_id": 1,
        "confidence_bps": 9500,
        "how": Closing.SWAP,
        "base_amount": base,
        "quote_amount": spent,
        "pnl": opened["notional"] - spent,
        "won": price < 1600,
    }
    assert scene.balance(scene.base) == base_before + base
    assert scene.read("inventoryOf", scene.base) == inventory


@pytest.mark.parametrize("signal", Signal)
def test_at_the_same_price_the_pools_fees_are_lost(scene: Scene, signal: Signal) -> None:
    opened = scene.strike(signal=signal)
    settled = scene.settle(1)
    # Twice 5 basis points of a pool that is a thousand times deeper.
    assert -11 * opened["notional"] // 10_000 < settled["pnl"] < -9 * opened["notional"] // 10_000


@pytest.mark.parametrize("signal", Signal)
def test_a_settled_strike_is_closed(scene: Scene, signal: Signal) -> None:
    before = scene.read("getStrikeStats")
    opened = scene.strike(signal=signal)
    lots = scene.read("getStrike", 1).lots
    assert scene.read("getMarket", 0).open_lots == sum(lots)
    settled = scene.settle(1)
    strike, stats = scene.read("getStrike", 1), scene.read("getStrikeStats")
    assert (strike.status, strike.notional, strike.lots) == (StrikeStatus.SETTLED, 0, lots)
    assert scene.read("getOpenStrikes") == ()
    assert scene.read("getMarket", 0).open_lots == 0
    assert sum(bot.locked for bot in scene.read("getBots")) == 0
    assert (stats.open, stats.settled, stats.losses) == (0, 1, 1)
    assert stats.equity == before.equity + sum(
        settled["pnl"] * weight // sum(lots) for weight in lots
    )
    with refuses(scene, StrikeNotOpen(1)):
        scene.settle(1)
    assert opened["strike_id"] == 1


def test_settling_gives_the_pnl(scene: Scene) -> None:
    scene.strike()
    scene.price(1650)
    foreseen = scene.operator.call("settleStrike", 1, 0)
    assert scene.settle(1)["pnl"] == foreseen > 0


@pytest.mark.parametrize("signal", LONGS)
def test_a_long_gets_at_least_its_limit(scene: Scene, signal: Signal) -> None:
    scene.strike(signal=signal)
    with scene.undone():
        received = scene.settle(1)["quote_amount"]
    with refuses(scene, SlippageExceeded(received, received + 1)):
        scene.settle(1, limit=received + 1)
    scene.settle(1, limit=received)


@pytest.mark.parametrize("signal", SHORTS)
def test_a_short_spends_at_most_its_limit(scene: Scene, signal: Signal) -> None:
    scene.strike(signal=signal)
    with scene.undone():
        spent = scene.settle(1)["quote_amount"]
    with refuses(scene, SlippageExceeded(spent, spent - 1)):
        scene.settle(1, limit=spent - 1)
    scene.settle(1, limit=spent)


def test_settling_works_while_paused(scene: Scene) -> None:
    scene.strike()
    scene.strike(signal=Signal.SHORT)
    scene.owner.send("pause")
    scene.settle(1)
    scene.settle(2)
    assert scene.read("paused") is True


def test_settling_works_while_halted(scene: Scene) -> None:
    ids = [scene.strike()["strike_id"] for _ in range(8)]
    for strike_id in ids[:7]:
        scene.owner.send("writeOffStrike", strike_id)
    assert scene.read("getStrikeStats").halted
    scene.settle(ids[7])
    assert scene.read("getStrikeStats").halted


def test_settling_works_on_a_disabled_market(scene: Scene) -> None:
    scene.strike()
    scene.guardian.send("disableMarket", 0)
    scene.settle(1)


@pytest.mark.parametrize("times", ["2", "2.05", "5"])
def test_a_shorts_loss_ends_at_its_margin(scene: Scene, times: str) -> None:
    """Twice the notional is all there is to buy back with, whatever the price."""
    inventory = scene.read("inventoryOf", scene.base)
    opened = scene.strike(signal=Signal.STRONG_SHORT)
    strike, before = scene.read("getStrike", 1), equities(scene)
    scene.price(str(1600 * float(times)))
    settled = scene.settle(1)
    notional = opened["notional"]
    assert settled["quote_amount"] == 2 * notional
    assert settled["pnl"] == -notional
    assert settled["base_amount"] < strike.record.base_amount
    missing = strike.record.base_amount - settled["base_amount"]
    assert scene.read("inventoryOf", scene.base) == inventory - missing
    assert equities(scene) == [
        equity - lots * scene.lot_value for equity, lots in zip(before, strike.lots, strict=True)
    ]
    assert scene.read("excessOf", scene.quote) == 0


def test_a_short_under_its_margin_buys_everything_back(scene: Scene) -> None:
    opened = scene.strike(signal=Signal.STRONG_SHORT)
    base = scene.read("getStrike", 1).record.base_amount
    scene.price(3150)
    settled = scene.settle(1)
    assert settled["base_amount"] == base
    assert -opened["notional"] < settled["pnl"] < -opened["notional"] * 9 // 10


def test_other_strikes_money_is_not_touched_by_a_lost_short(scene: Scene) -> None:
    for _ in range(3):
        scene.strike(signal=Signal.STRONG_SHORT)
    scene.price(5000)
    for strike_id in (2, 1, 3):
        scene.settle(strike_id)
    assert scene.read("excessOf", scene.quote) == 0
    assert scene.balance(scene.quote) == reserve(scene) + sum(equities(scene))


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
    any_scene: Scene, shares: list[int], strikes: list[tuple[Signal, int, int]]
) -> None:
    """Each bot's share is its weight's part, rounded down; what is left is the reserve's."""
    scene = any_scene
    with scene.undone():
        scene.owner.send("rebalance", shares)
        for signal, mask, price in strikes:
            opened = attempt(scene, signal, mask)
            if opened is None:
                continue
            strike = scene.read("getStrike", opened["strike_id"])
            scene.price(price)
            before, reserve_before = equities(scene), reserve(scene)
            settled = scene.settle(opened["strike_id"], by="owner")
            units, total = settled["pnl"] // scene.unit, sum(strike.lots)
            gains = [units * lots // total * scene.unit for lots in strike.lots]
            assert equities(scene) == [old + new for old, new in zip(before, gains, strict=True)]
            measured = settled["quote_amount"] - opened["notional"]
            surplus = (measured if signal.is_long else -measured) - settled["pnl"]
            assert surplus >= 0
            assert reserve(scene) - reserve_before == surplus + settled["pnl"] - sum(gains)
            assert 0 <= settled["pnl"] - sum(gains) < (BOTS + 1) * scene.unit
            assert min(equities(scene)) >= 0
            assert scene.read("excessOf", scene.quote) == 0
            if scene.read("getStrikeStats").halted:
                scene.owner.send("resume")


def attempt(scene: Scene, signal: Signal, strategies: int) -> dict[str, Any] | None:
    """A strike, unless no bot has a lot for it, the inventory is too small at that price, or the
    base too coarse."""
    try:
        return scene.strike(signal=signal, strategies=strategies)
    except (NoParticipants, CallbackAmountExceeded, OracleDeviation):
        return None
