"""Opening a strike: one swap, measured, for all bots that take part."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from macrostrike.errors import (
    BaseAmountOverflow,
    CallbackAmountExceeded,
    EnforcedPause,
    FleetHalted,
    SlippageExceeded,
    StrikeNotOpen,
    TooManyOpenStrikes,
)
from macrostrike.types import STRIKE_SLOTS, Signal, Strike, StrikeRecord, StrikeStatus

from ..market.markets import config
from ..readers import refuses
from ..scene import DAY, Scene, reverts

LONGS = [Signal.STRONG_LONG, Signal.LONG]
SHORTS = [Signal.SHORT, Signal.STRONG_SHORT]


def funds(scene: Scene) -> dict[str, int]:
    """What the diamond holds, and what its books say of it."""
    bots = scene.read("getBots")
    return {
        "quote": scene.balance(scene.quote),
        "base": scene.balance(scene.base),
        "pool quote": scene.balance(scene.quote, scene.pool),
        "pool base": scene.balance(scene.base, scene.pool),
        "reserve": scene.read("getTreasury")[1],
        "inventory": scene.read("inventoryOf", scene.base),
        "equity": sum(bot.equity for bot in bots),
        "locked": sum(bot.locked for bot in bots),
        "quote excess": scene.read("excessOf", scene.quote),
        "base excess": scene.read("excessOf", scene.base),
    }


def changes(scene: Scene, before: dict[str, int]) -> dict[str, int]:
    now = funds(scene)
    return {name: now[name] - before[name] for name in now if now[name] != before[name]}


@pytest.mark.parametrize("signal", LONGS)
def test_a_long_spends_its_notional_and_holds_the_base(scene: Scene, signal: Signal) -> None:
    before = funds(scene)
    opened = scene.strike(signal=signal)
    notional, base = opened["notional"], scene.read("getStrike", 1).record.base_amount
    assert changes(scene, before) == {
        "quote": -notional,
        "pool quote": notional,
        "base": base,
        "pool base": -base,
        "locked": notional,
    }


@pytest.mark.parametrize("signal", SHORTS)
def test_a_short_sells_inventory_for_its_notional(scene: Scene, signal: Signal) -> None:
    before = funds(scene)
    opened = scene.strike(signal=signal)
    notional, base = opened["notional"], scene.read("getStrike", 1).record.base_amount
    assert changes(scene, before) == {
        "quote": notional,
        "pool quote": -notional,
        "base": -base,
        "pool base": base,
        "inventory": -base,
        "locked": notional,
    }


@pytest.mark.parametrize("signal", Signal)
def test_a_strike_is_announced_and_read_back(scene: Scene, signal: Signal) -> None:
    scene.register(777)
    prediction = scene.prediction(
        signal=signal,
        confidence_bps=9412,
        model_id=777,
        horizon=1234,
        take_profit_bps=321,
        stop_loss_bps=123,
    )
    opened = scene.execute(prediction)
    strike = scene.read("getStrike", 1)
    assert strike == Strike(
        status=StrikeStatus.OPEN,
        signal=signal,
        record=StrikeRecord(
            id=1,
            base_amount=strike.record.base_amount,
            opened_at=scene.chain.timestamp(),
            horizon=1234,
            take_profit_bps=321,
            stop_loss_bps=123,
            confidence_bps=9412,
            market=0,
            model_id=777,
        ),
        notional=sum(strike.lots) * scene.lot_value,
        lots=strike.lots,
    )
    assert opened == {
        "strike_id": 1,
        "engine": scene.engine.address,
        "operator": scene.operator.address,
        "nonce": prediction.nonce,
        "market": 0,
        "signal": signal,
        "confidence_bps": 9412,
        "model_id": 777,
        "horizon": 1234,
        "take_profit_bps": 321,
        "stop_loss_bps": 123,
        "base_amount": strike.record.base_amount,
        "notional": strike.notional,
        "weights": weights(strike),
    }
    assert scene.read("decodeWeights", opened["weights"]) == strike.lots
    assert scene.read("getOpenStrikes") == (1,)
    assert [bot.locked for bot in scene.read("getBots")] == [
        lots * scene.lot_value for lots in strike.lots
    ]


def weights(strike: Strike) -> int:
    """The weights' word: 10 bits a bot, bot 0 lowest."""
    return sum(lots << 10 * bot for bot, lots in enumerate(strike.lots))


def test_the_call_gives_the_id(scene: Scene) -> None:
    scene.strike()
    prediction = scene.prediction()
    assert scene.operator.call("executeStrike", prediction, scene.sign(prediction), 0) == 2


def test_the_score_counts_what_is_open(scene: Scene) -> None:
    for _ in range(3):
        scene.strike()
    scene.settle(2)
    stats = scene.read("getStrikeStats")
    assert (stats.opened, stats.open, stats.settled) == (3, 2, 1)
    assert scene.read("getOpenStrikes") == (1, 3)


@pytest.mark.parametrize("signal", LONGS)
def test_a_long_gets_at_least_its_limit(scene: Scene, signal: Signal) -> None:
    prediction = scene.prediction(signal=signal)
    with scene.undone():
        scene.execute(prediction)
        base = scene.read("getStrike", 1).record.base_amount
    with refuses(scene, SlippageExceeded(base, base + 1)):
        scene.execute(prediction, limit=base + 1)
    scene.execute(prediction, limit=base)


@pytest.mark.parametrize("signal", SHORTS)
def test_a_short_sells_at_most_its_limit(scene: Scene, signal: Signal) -> None:
    prediction = scene.prediction(signal=signal)
    with scene.undone():
        scene.execute(prediction)
        base = scene.read("getStrike", 1).record.base_amount
    with refuses(scene, SlippageExceeded(base, base - 1)):
        scene.execute(prediction, limit=base - 1)
    scene.execute(prediction, limit=base)


def test_a_short_sells_no_more_than_the_inventory(scene: Scene) -> None:
    prediction = scene.prediction(signal=Signal.STRONG_SHORT)
    with scene.undone():
        scene.execute(prediction)
        base = scene.read("getStrike", 1).record.base_amount
    everything = scene.read("inventoryOf", scene.base)
    scene.owner.send("withdrawInventory", scene.base, everything - base + 1, scene.owner.address)
    with refuses(scene, CallbackAmountExceeded(base, base - 1)):
        scene.execute(prediction)
    scene.owner.send("depositInventory", scene.base, 1)
    scene.execute(prediction)
    assert scene.read("inventoryOf", scene.base) == 0


def test_a_short_does_not_touch_the_base_of_longs(scene: Scene) -> None:
    scene.strike()
    everything = scene.read("inventoryOf", scene.base)
    scene.owner.send("withdrawInventory", scene.base, everything, scene.owner.address)
    with pytest.raises(CallbackAmountExceeded) as refused:
        scene.strike(signal=Signal.SHORT)
    assert refused.value.allowed == 0


def test_nothing_opens_while_paused_or_halted(scene: Scene) -> None:
    scene.owner.send("pause")
    with refuses(scene, EnforcedPause()):
        scene.strike()
    scene.owner.send("unpause")
    for _ in range(7):
        scene.owner.send("writeOffStrike", scene.strike()["strike_id"])
    assert scene.read("getStrikeStats").halted
    with refuses(scene, FleetHalted()):
        scene.strike()


@pytest.mark.parametrize("signal", [Signal.STRONG_LONG, Signal.STRONG_SHORT])
def test_a_base_amount_fits_its_96_bits(scene: Scene, signal: Signal) -> None:
    """Of a token so cheap that a strike is more of it than that."""
    exchange, maker = scene.exchange, scene.exchange.address
    base = exchange.token(18)
    for holder in (maker, scene.owner.address):
        exchange.mint(base, holder, 1 << 111)
    scene.give(maker, quote=2 * 10**14)
    pool = exchange.v3_pool(base, scene.quote, Fraction(16, 10**20), 10**14)
    scene.approve(scene.owner.key, base)
    scene.owner.send("depositInventory", base, 1 << 110)
    scene.owner.send("registerMarket", config(scene, base=base, pool=pool))
    with pytest.raises(BaseAmountOverflow) as refused:
        scene.strike(market=1, signal=signal)
    assert refused.value.base_amount >= 1 << 96
    with refuses(scene, refused.value):
        scene.strike(market=1, signal=signal)
    # Half as strong, half as much.
    opened = scene.strike(market=1, signal=Signal.LONG if signal.is_long else Signal.SHORT)
    assert scene.read("getStrike", opened["strike_id"]).record.base_amount < 1 << 96
    scene.settle(opened["strike_id"])


def small(scene: Scene, **changes: Any) -> int:
    """The id of a strike of the volatility bots alone."""
    return int(scene.strike(strategies=1 << 4, **changes)["strike_id"])


def test_64_strikes_can_be_open_and_no_more(scene: Scene) -> None:
    scene.owner.send("setLot", 100_000)
    ids = [small(scene) for _ in range(STRIKE_SLOTS)]
    assert ids == list(range(1, STRIKE_SLOTS + 1))
    # In the order of their slots: 64 is in slot 0.
    assert scene.read("getOpenStrikes") == (64, *range(1, STRIKE_SLOTS))
    with refuses(scene, TooManyOpenStrikes()):
        small(scene)
    scene.settle(17)
    assert small(scene) == 64 + 17


def test_ids_pass_over_slots_that_are_open(scene: Scene) -> None:
    scene.owner.send("setLot", 100_000)
    for _ in range(4):
        small(scene)
    for strike_id in (1, 4):
        scene.settle(strike_id, by="owner")
    for _ in range(STRIKE_SLOTS - 4):
        scene.settle(small(scene), by="owner")
        if scene.read("getStrikeStats").halted:
            scene.owner.send("resume")
    # 65 and 68 are free; 66 and 67 would be in the slots of 2 and 3.
    assert small(scene) == 65
    assert small(scene) == 68
    assert scene.read("getStrike", 66).status is StrikeStatus.NONE
    assert scene.read("getStrike", 2).status is StrikeStatus.OPEN


def test_a_slot_is_used_again_and_forgets(scene: Scene) -> None:
    scene.owner.send("setLot", 100_000)
    for _ in range(STRIKE_SLOTS):
        scene.settle(small(scene), by="owner")
        if scene.read("getStrikeStats").halted:
            scene.owner.send("resume")
    assert scene.read("getStrike", 1).status is StrikeStatus.SETTLED
    assert scene.read("getStrike", 1).notional == 0
    assert small(scene) == 65
    assert scene.read("getStrike", 1).status is StrikeStatus.NONE
    with reverts(StrikeNotOpen(1)):
        scene.operator.send("settleStrike", 1, 0)


@pytest.mark.parametrize("strike_id", [0, 1, 63, 64, 65, 1 << 32, (1 << 256) - 1])
def test_strikes_that_never_were(scene: Scene, strike_id: int) -> None:
    strike = scene.read("getStrike", strike_id)
    assert (strike.status, sum(strike.lots)) == (StrikeStatus.NONE, 0)
    with refuses(scene, StrikeNotOpen(strike_id)):
        scene.owner.send("settleStrike", strike_id, 0)


def test_an_id_of_another_strikes_slot_is_no_strike(scene: Scene) -> None:
    scene.strike()
    for strike_id in (1 + STRIKE_SLOTS, 1 + (1 << 32)):
        with refuses(scene, StrikeNotOpen(strike_id)):
            scene.owner.send("settleStrike", strike_id, 0)


def test_time_alone_moves_no_books(scene: Scene) -> None:
    scene.strike()
    before = funds(scene)
    scene.wait(100 * DAY)
    assert changes(scene, before) == {}
