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

from ..environment import DAY, Env, reverts
from ..market.markets import config
from ..readers import refuses

LONGS = [Signal.STRONG_LONG, Signal.LONG]
SHORTS = [Signal.SHORT, Signal.STRONG_SHORT]


def funds(env: Env) -> dict[str, int]:
    """What the diamond holds, and what its books say of it."""
    bots = env.read("getBots")
    return {
        "quote": env.balance(env.quote),
        "base": env.balance(env.base),
        "pool quote": env.balance(env.quote, env.pool),
        "pool base": env.balance(env.base, env.pool),
        "reserve": env.read("getTreasury")[1],
        "inventory": env.read("inventoryOf", env.base),
        "equity": sum(bot.equity for bot in bots),
        "locked": sum(bot.locked for bot in bots),
        "quote excess": env.read("excessOf", env.quote),
        "base excess": env.read("excessOf", env.base),
    }


def changes(env: Env, before: dict[str, int]) -> dict[str, int]:
    now = funds(env)
    return {name: now[name] - before[name] for name in now if now[name] != before[name]}


@pytest.mark.parametrize("signal", LONGS)
def test_a_long_spends_its_notional_and_holds_the_base(env: Env, signal: Signal) -> None:
    before = funds(env)
    opened = env.strike(signal=signal)
    notional, base = opened["notional"], env.read("getStrike", 1).record.base_amount
    assert changes(env, before) == {
        "quote": -notional,
        "pool quote": notional,
        "base": base,
        "pool base": -base,
        "locked": notional,
    }


@pytest.mark.parametrize("signal", SHORTS)
def test_a_short_sells_inventory_for_its_notional(env: Env, signal: Signal) -> None:
    before = funds(env)
    opened = env.strike(signal=signal)
    notional, base = opened["notional"], env.read("getStrike", 1).record.base_amount
    assert changes(env, before) == {
        "quote": notional,
        "pool quote": -notional,
        "base": -base,
        "pool base": base,
        "inventory": -base,
        "locked": notional,
    }


@pytest.mark.parametrize("signal", Signal)
def test_a_strike_is_announced_and_read_back(env: Env, signal: Signal) -> None:
    env.register(777)
    prediction = env.prediction(
        signal=signal,
        confidence_bps=9412,
        model_id=777,
        horizon=1234,
        take_profit_bps=321,
        stop_loss_bps=123,
    )
    opened = env.execute(prediction)
    strike = env.read("getStrike", 1)
    assert strike == Strike(
        status=StrikeStatus.OPEN,
        signal=signal,
        record=StrikeRecord(
            id=1,
            base_amount=strike.record.base_amount,
            opened_at=env.chain.timestamp(),
            horizon=1234,
            take_profit_bps=321,
            stop_loss_bps=123,
            confidence_bps=9412,
            market=0,
            model_id=777,
        ),
        notional=sum(strike.lots) * env.lot_value,
        lots=strike.lots,
    )
    assert opened == {
        "strike_id": 1,
        "engine": env.engine.address,
        "operator": env.operator.address,
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
    assert env.read("decodeWeights", opened["weights"]) == strike.lots
    assert env.read("getOpenStrikes") == (1,)
    assert [bot.locked for bot in env.read("getBots")] == [
        lots * env.lot_value for lots in strike.lots
    ]


def weights(strike: Strike) -> int:
    """The weights' word: 10 bits a bot, bot 0 lowest."""
    return sum(lots << 10 * bot for bot, lots in enumerate(strike.lots))


def test_the_call_returns_the_id(env: Env) -> None:
    env.strike()
    prediction = env.prediction()
    assert env.operator.call("executeStrike", prediction, env.sign(prediction), 0) == 2


def test_the_score_counts_what_is_open(env: Env) -> None:
    for _ in range(3):
        env.strike()
    env.settle(2)
    stats = env.read("getStrikeStats")
    assert (stats.opened, stats.open, stats.settled) == (3, 2, 1)
    assert env.read("getOpenStrikes") == (1, 3)


@pytest.mark.parametrize("signal", LONGS)
def test_a_long_gets_at_least_its_limit(env: Env, signal: Signal) -> None:
    prediction = env.prediction(signal=signal)
    with env.undone():
        env.execute(prediction)
        base = env.read("getStrike", 1).record.base_amount
    with refuses(env, SlippageExceeded(base, base + 1)):
        env.execute(prediction, limit=base + 1)
    env.execute(prediction, limit=base)


@pytest.mark.parametrize("signal", SHORTS)
def test_a_short_sells_at_most_its_limit(env: Env, signal: Signal) -> None:
    prediction = env.prediction(signal=signal)
    with env.undone():
        env.execute(prediction)
        base = env.read("getStrike", 1).record.base_amount
    with refuses(env, SlippageExceeded(base, base - 1)):
        env.execute(prediction, limit=base - 1)
    env.execute(prediction, limit=base)


def test_a_short_sells_no_more_than_the_inventory(env: Env) -> None:
    prediction = env.prediction(signal=Signal.STRONG_SHORT)
    with env.undone():
        env.execute(prediction)
        base = env.read("getStrike", 1).record.base_amount
    everything = env.read("inventoryOf", env.base)
    env.owner.send("withdrawInventory", env.base, everything - base + 1, env.owner.address)
    with refuses(env, CallbackAmountExceeded(base, base - 1)):
        env.execute(prediction)
    env.owner.send("depositInventory", env.base, 1)
    env.execute(prediction)
    assert env.read("inventoryOf", env.base) == 0


def test_a_short_does_not_touch_the_base_of_longs(env: Env) -> None:
    env.strike()
    everything = env.read("inventoryOf", env.base)
    env.owner.send("withdrawInventory", env.base, everything, env.owner.address)
    with pytest.raises(CallbackAmountExceeded) as refused:
        env.strike(signal=Signal.SHORT)
    assert refused.value.allowed == 0


def test_nothing_opens_while_paused_or_halted(env: Env) -> None:
    env.owner.send("pause")
    with refuses(env, EnforcedPause()):
        env.strike()
    env.owner.send("unpause")
    for _ in range(7):
        env.owner.send("writeOffStrike", env.strike()["strike_id"])
    assert env.read("getStrikeStats").halted
    with refuses(env, FleetHalted()):
        env.strike()


@pytest.mark.parametrize("signal", [Signal.STRONG_LONG, Signal.STRONG_SHORT])
def test_a_base_amount_fits_its_96_bits(env: Env, signal: Signal) -> None:
    """Of a token so cheap that a strike is more of it than that."""
    exchange, maker = env.exchange, env.exchange.address
    base = exchange.token(18)
    for holder in (maker, env.owner.address):
        exchange.mint(base, holder, 1 << 111)
    env.give(maker, quote=2 * 10**14)
    pool = exchange.v3_pool(base, env.quote, Fraction(16, 10**20), 10**14)
    env.approve(env.owner.key, base)
    env.owner.send("depositInventory", base, 1 << 110)
    env.owner.send("registerMarket", config(env, base=base, pool=pool))
    with pytest.raises(BaseAmountOverflow) as refused:
        env.strike(market=1, signal=signal)
    assert refused.value.base_amount >= 1 << 96
    with refuses(env, refused.value):
        env.strike(market=1, signal=signal)
    # Half as strong, half as much.
    opened = env.strike(market=1, signal=Signal.LONG if signal.is_long else Signal.SHORT)
    assert env.read("getStrike", opened["strike_id"]).record.base_amount < 1 << 96
    env.settle(opened["strike_id"])


def small(env: Env, **changes: Any) -> int:
    """The id of a strike of the volatility bots alone."""
    return int(env.strike(strategies=1 << 4, **changes)["strike_id"])


def test_64_strikes_can_be_open_and_no_more(env: Env) -> None:
    env.owner.send("setLot", 100_000)
    ids = [small(env) for _ in range(STRIKE_SLOTS)]
    assert ids == list(range(1, STRIKE_SLOTS + 1))
    # In the order of their slots: 64 is in slot 0.
    assert env.read("getOpenStrikes") == (64, *range(1, STRIKE_SLOTS))
    with refuses(env, TooManyOpenStrikes()):
        small(env)
    env.settle(17)
    assert small(env) == 64 + 17


def test_ids_pass_over_slots_that_are_open(env: Env) -> None:
    env.owner.send("setLot", 100_000)
    for _ in range(4):
        small(env)
    for strike_id in (1, 4):
        env.settle(strike_id, by="owner")
    for _ in range(STRIKE_SLOTS - 4):
        env.settle(small(env), by="owner")
        if env.read("getStrikeStats").halted:
            env.owner.send("resume")
    # 65 and 68 are free; 66 and 67 would be in the slots of 2 and 3.
    assert small(env) == 65
    assert small(env) == 68
    assert env.read("getStrike", 66).status is StrikeStatus.NONE
    assert env.read("getStrike", 2).status is StrikeStatus.OPEN


def test_a_slot_is_used_again_and_forgets(env: Env) -> None:
    env.owner.send("setLot", 100_000)
    for _ in range(STRIKE_SLOTS):
        env.settle(small(env), by="owner")
        if env.read("getStrikeStats").halted:
            env.owner.send("resume")
    assert env.read("getStrike", 1).status is StrikeStatus.SETTLED
    assert env.read("getStrike", 1).notional == 0
    assert small(env) == 65
    assert env.read("getStrike", 1).status is StrikeStatus.NONE
    with reverts(StrikeNotOpen(1)):
        env.operator.send("settleStrike", 1, 0)


@pytest.mark.parametrize("strike_id", [0, 1, 63, 64, 65, 1 << 32, (1 << 256) - 1])
def test_strikes_that_never_were(env: Env, strike_id: int) -> None:
    strike = env.read("getStrike", strike_id)
    assert (strike.status, sum(strike.lots)) == (StrikeStatus.NONE, 0)
    with refuses(env, StrikeNotOpen(strike_id)):
        env.owner.send("settleStrike", strike_id, 0)


def test_an_id_of_another_strikes_slot_is_not_a_strike(env: Env) -> None:
    env.strike()
    for strike_id in (1 + STRIKE_SLOTS, 1 + (1 << 32)):
        with refuses(env, StrikeNotOpen(strike_id)):
            env.owner.send("settleStrike", strike_id, 0)


def test_time_alone_moves_no_books(env: Env) -> None:
    env.strike()
    before = funds(env)
    env.wait(100 * DAY)
    assert changes(env, before) == {}
