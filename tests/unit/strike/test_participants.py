"""Who takes part in a strike, and with how much."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike.errors import NoParticipants
from macrostrike.types import (
    ALL_STRATEGIES,
    BOTS,
    BOTS_PER_STRATEGY,
    BPS,
    MAX_LOTS,
    BotConfig,
    Prediction,
    Signal,
    Strategy,
    strategy_mask,
)

from ..environment import Env
from ..readers import refuses

ANY_BOT = BotConfig(risk_bps=1000)


def lots(env: Env, **changes: Any) -> tuple[int, ...]:
    """Each bot's weight in such a strike, which is taken back."""
    with env.undone():
        opened = env.strike(**changes)
        return tuple(env.read("getStrike", opened["strike_id"]).lots)


def configure(env: Env, bot: int, **changes: Any) -> None:
    config = replace(env.read("getBot", bot).config, **changes)
    env.owner.send("configureBot", bot, config)


def taking_part(weights: tuple[int, ...]) -> set[int]:
    return {bot for bot, weight in enumerate(weights) if weight}


def test_all_25_bots_take_part(env: Env) -> None:
    assert taking_part(lots(env)) == set(range(BOTS))


@pytest.mark.parametrize("bot", [0, 8, 9, 17, 18, 24])
def test_a_bot_that_is_off_takes_no_part(env: Env, bot: int) -> None:
    configure(env, bot, active=False)
    assert taking_part(lots(env)) == set(range(BOTS)) - {bot}


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("bot", [3, 13])
def test_a_bot_takes_its_sides_alone(env: Env, bot: int, signal: Signal) -> None:
    side = "longs" if signal.is_long else "shorts"
    configure(env, bot, **{side: False})
    for other in Signal:
        part = bot in taking_part(lots(env, signal=other))
        assert part == (other.is_long != signal.is_long)


@pytest.mark.parametrize("bot", [0, 24])
def test_a_bot_has_a_minimum_of_its_own(env: Env, bot: int) -> None:
    configure(env, bot, min_confidence_bps=9600)
    assert bot not in taking_part(lots(env, confidence_bps=9599))
    assert bot in taking_part(lots(env, confidence_bps=9600))


@pytest.mark.parametrize("over", [1 << bit for bit in range(10)])
def test_a_minimum_counts_to_its_last_bit(env: Env, over: int) -> None:
    configure(env, 7, min_confidence_bps=9300 + over)
    assert 7 not in taking_part(lots(env, confidence_bps=9300 + over - 1))
    assert 7 in taking_part(lots(env, confidence_bps=9300 + over))


def test_a_bot_can_demand_certainty(env: Env) -> None:
    configure(env, 0, min_confidence_bps=BPS)
    assert 0 not in taking_part(lots(env, confidence_bps=BPS - 1))
    assert 0 in taking_part(lots(env, confidence_bps=BPS))


@pytest.mark.parametrize("mask", [1, 2, 4, 8, 16, 0b10101, 0b01010, ALL_STRATEGIES])
def test_the_prediction_names_the_strategies(env: Env, mask: int) -> None:
    named = {bot for bot in range(BOTS) if mask >> bot // BOTS_PER_STRATEGY & 1}
    assert taking_part(lots(env, strategies=mask)) == named


def test_bits_beyond_the_five_strategies_name_no_one(env: Env) -> None:
    with refuses(env, NoParticipants()):
        env.strike(strategies=0b1110_0000)
    assert lots(env, strategies=0xFF) == lots(env)


def test_a_strike_without_strategies_has_no_participants(env: Env) -> None:
    with refuses(env, NoParticipants()):
        env.strike(strategies=0)


def test_a_strike_that_no_one_wants_is_refused(env: Env) -> None:
    mask = strategy_mask(Strategy.MOMENTUM)
    for bot in range(10, 15):
        configure(env, bot, shorts=False)
    with refuses(env, NoParticipants()):
        env.strike(strategies=mask, signal=Signal.SHORT)
    env.strike(strategies=mask, signal=Signal.LONG)


def test_bots_that_have_no_lot_to_put_in_are_not_participants(env: Env) -> None:
    free = [bot.equity for bot in env.read("getBots")]
    env.owner.send("defundBots", free)
    with refuses(env, NoParticipants()):
        env.strike()


def test_less_than_a_lot_is_not_put_in(env: Env) -> None:
    # A quarter of full strength: 4 of its lots at a risk of 100 % are one.
    configure(env, 0, risk_bps=BPS)
    equity, lot = env.read("getBot", 0).equity, env.lot_value
    with env.undone():
        env.owner.send("defundBots", [equity - 4 * lot, *[0] * 24])
        assert lots(env)[0] == 1
    env.owner.send("defundBots", [equity - 4 * lot + 1, *[0] * 24])
    assert lots(env)[0] == 0


def test_regular_signals_are_half_as_strong(env: Env) -> None:
    configure(env, 0, risk_bps=BPS)
    strong = lots(env, signal=Signal.STRONG_LONG)[0]
    assert strong == 200 == 800 * 2500 // BPS
    assert lots(env, signal=Signal.LONG)[0] == strong // 2
    assert lots(env, signal=Signal.SHORT)[0] == strong // 2
    assert lots(env, signal=Signal.STRONG_SHORT)[0] == strong


def test_no_bot_puts_in_more_than_the_markets_cap(env: Env) -> None:
    configure(env, 0, risk_bps=BPS)
    free = lots(env)
    env.rule(max_bot_lots=199)
    assert lots(env)[0] == 199
    env.rule(max_bot_lots=10)
    assert lots(env) == tuple(min(weight, 10) for weight in free)


def test_what_is_locked_is_not_put_in_again(env: Env) -> None:
    configure(env, 0, risk_bps=BPS)
    assert lots(env)[0] == 200
    env.strike()
    assert lots(env)[0] == (800 - 200) * 2500 // BPS


def test_a_bot_trades_with_1023_lots_at_most(env: Env) -> None:
    env.rule(max_bot_lots=MAX_LOTS, max_strike_lots=BOTS * MAX_LOTS)
    configure(env, 0, risk_bps=BPS)
    env.owner.send("setLot", 10_000_000)
    assert env.read("getBot", 0).equity // env.lot_value == 3200
    assert lots(env)[0] == MAX_LOTS * 2500 // BPS


def test_changing_a_bot_leaves_its_open_strikes_alone(env: Env) -> None:
    env.strike()
    strike, bot = env.read("getStrike", 1), env.read("getBot", 0)
    configure(env, 0, active=False, risk_bps=1, min_confidence_bps=BPS)
    assert env.read("getStrike", 1) == strike
    assert env.read("getBot", 0).locked == bot.locked
    settled = env.settle(1)
    assert env.read("getBot", 0).locked == 0
    share = settled["pnl"] * strike.lots[0] // sum(strike.lots)
    assert env.read("getBot", 0).equity == bot.equity + share


configs = st.builds(
    BotConfig,
    risk_bps=st.one_of(st.integers(1, BPS), st.sampled_from([1, BPS])),
    min_confidence_bps=st.one_of(st.just(9300), st.integers(9300, BPS)),
    longs=st.booleans(),
    shorts=st.booleans(),
    active=st.sampled_from([True, True, True, False]),
)
asked = st.fixed_dictionaries(
    {
        "signal": st.sampled_from(Signal),
        "confidence_bps": st.integers(9300, BPS),
        "strategies": st.integers(1, ALL_STRATEGIES),
        "model_id": st.sampled_from([1, 2]),
    }
)


@settings(max_examples=30)
@given(
    bots=st.lists(configs, min_size=BOTS, max_size=BOTS),
    shares=st.lists(st.integers(0, 1000), min_size=BOTS, max_size=BOTS),
    lot=st.integers(1_000_000, 100_000_000),
    maximum=st.integers(1, MAX_LOTS),
    strikes=st.lists(asked, min_size=1, max_size=5),
)
def test_sizes_follow_the_formula(
    env: Env,
    bots: list[BotConfig],
    shares: list[int],
    lot: int,
    maximum: int,
    strikes: list[dict[str, Any]],
) -> None:
    with env.undone():
        for bot, config in enumerate(bots):
            env.owner.send("configureBot", bot, config)
        env.owner.send("rebalance", [share + 1 for share in shares])
        env.owner.send("setLot", lot)
        env.rule(max_bot_lots=maximum, max_strike_lots=25_000, max_open_lots=65_000)
        free = [min(bot.equity // lot, MAX_LOTS) for bot in env.read("getBots")]
        for changes in strikes:
            prediction = env.prediction(**changes)
            sizes = sized(env, prediction, bots, free, maximum)
            if not any(sizes):
                with refuses(env, NoParticipants()):
                    env.execute(prediction)
                continue
            opened = env.execute(prediction)
            assert env.read("getStrike", opened["strike_id"]).lots == tuple(sizes)
            assert opened["notional"] == sum(sizes) * lot
            free = [left - size for left, size in zip(free, sizes, strict=True)]


def sized(
    env: Env, prediction: Prediction, bots: list[BotConfig], free: list[int], maximum: int
) -> list[int]:
    """Free lots × risk × strength × calibration, rounded down, at most the market's cap."""
    bin_ = min((prediction.confidence_bps - 9300) // 100, 6)
    calibration = env.read("getCalibration", prediction.model_id)[bin_]
    factor = calibration.factor_bps[prediction.signal]
    if not prediction.signal.is_strong:
        factor //= 2

    def takes_part(bot: int, config: BotConfig) -> bool:
        return (
            config.active
            and (config.longs if prediction.signal.is_long else config.shorts)
            and prediction.confidence_bps >= config.min_confidence_bps
            and bool(prediction.strategies >> bot // BOTS_PER_STRATEGY & 1)
        )

    return [
        min(free[bot] * config.risk_bps * factor // BPS**2, maximum)
        if takes_part(bot, config)
        else 0
        for bot, config in enumerate(bots)
    ]
