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

from ..readers import refuses
from ..scene import Scene

ANY_BOT = BotConfig(risk_bps=1000)


def lots(scene: Scene, **changes: Any) -> tuple[int, ...]:
    """Each bot's weight in such a strike, which is taken back."""
    with scene.undone():
        opened = scene.strike(**changes)
        return tuple(scene.read("getStrike", opened["strike_id"]).lots)


def configure(scene: Scene, bot: int, **changes: Any) -> None:
    config = replace(scene.read("getBot", bot).config, **changes)
    scene.owner.send("configureBot", bot, config)


def taking_part(weights: tuple[int, ...]) -> set[int]:
    return {bot for bot, weight in enumerate(weights) if weight}


def test_all_25_bots_take_part(scene: Scene) -> None:
    assert taking_part(lots(scene)) == set(range(BOTS))


@pytest.mark.parametrize("bot", [0, 8, 9, 17, 18, 24])
def test_a_bot_that_is_off_takes_no_part(scene: Scene, bot: int) -> None:
    configure(scene, bot, active=False)
    assert taking_part(lots(scene)) == set(range(BOTS)) - {bot}


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("bot", [3, 13])
def test_a_bot_takes_its_sides_alone(scene: Scene, bot: int, signal: Signal) -> None:
    side = "longs" if signal.is_long else "shorts"
    configure(scene, bot, **{side: False})
    for other in Signal:
        part = bot in taking_part(lots(scene, signal=other))
        assert part == (other.is_long != signal.is_long)


@pytest.mark.parametrize("bot", [0, 24])
def test_a_bot_has_a_minimum_of_its_own(scene: Scene, bot: int) -> None:
    configure(scene, bot, min_confidence_bps=9600)
    assert bot not in taking_part(lots(scene, confidence_bps=9599))
    assert bot in taking_part(lots(scene, confidence_bps=9600))


@pytest.mark.parametrize("over", [1 << bit for bit in range(10)])
def test_a_minimum_counts_to_its_last_bit(scene: Scene, over: int) -> None:
    configure(scene, 7, min_confidence_bps=9300 + over)
    assert 7 not in taking_part(lots(scene, confidence_bps=9300 + over - 1))
    assert 7 in taking_part(lots(scene, confidence_bps=9300 + over))


def test_a_bot_can_demand_certainty(scene: Scene) -> None:
    configure(scene, 0, min_confidence_bps=BPS)
    assert 0 not in taking_part(lots(scene, confidence_bps=BPS - 1))
    assert 0 in taking_part(lots(scene, confidence_bps=BPS))


@pytest.mark.parametrize("mask", [1, 2, 4, 8, 16, 0b10101, 0b01010, ALL_STRATEGIES])
def test_the_prediction_names_the_strategies(scene: Scene, mask: int) -> None:
    named = {bot for bot in range(BOTS) if mask >> bot // BOTS_PER_STRATEGY & 1}
    assert taking_part(lots(scene, strategies=mask)) == named


def test_bits_beyond_the_five_strategies_name_nobody(scene: Scene) -> None:
    with refuses(scene, NoParticipants()):
        scene.strike(strategies=0b1110_0000)
    assert lots(scene, strategies=0xFF) == lots(scene)


def test_a_strike_without_strategies_has_no_participants(scene: Scene) -> None:
    with refuses(scene, NoParticipants()):
        scene.strike(strategies=0)


def test_a_strike_that_nobody_wants_is_refused(scene: Scene) -> None:
    mask = strategy_mask(Strategy.MOMENTUM)
    for bot in range(10, 15):
        configure(scene, bot, shorts=False)
    with refuses(scene, NoParticipants()):
        scene.strike(strategies=mask, signal=Signal.SHORT)
    scene.strike(strategies=mask, signal=Signal.LONG)


def test_bots_that_have_no_lot_to_put_in_are_no_participants(scene: Scene) -> None:
    free = [bot.equity for bot in scene.read("getBots")]
    scene.owner.send("defundBots", free)
    with refuses(scene, NoParticipants()):
        scene.strike()


def test_less_than_a_lot_is_not_put_in(scene: Scene) -> None:
    # A quarter of full strength: 4 of its lots at a risk of 100 % are one.
    configure(scene, 0, risk_bps=BPS)
    equity, lot = scene.read("getBot", 0).equity, scene.lot_value
    with scene.undone():
        scene.owner.send("defundBots", [equity - 4 * lot, *[0] * 24])
        assert lots(scene)[0] == 1
    scene.owner.send("defundBots", [equity - 4 * lot + 1, *[0] * 24])
    assert lots(scene)[0] == 0


def test_regular_signals_are_half_as_strong(scene: Scene) -> None:
    configure(scene, 0, risk_bps=BPS)
    strong = lots(scene, signal=Signal.STRONG_LONG)[0]
    assert strong == 200 == 800 * 2500 // BPS
    assert lots(scene, signal=Signal.LONG)[0] == strong // 2
    assert lots(scene, signal=Signal.SHORT)[0] == strong // 2
    assert lots(scene, signal=Signal.STRONG_SHORT)[0] == strong


def test_no_bot_puts_in_more_than_the_markets_cap(scene: Scene) -> None:
    configure(scene, 0, risk_bps=BPS)
    free = lots(scene)
    scene.rule(max_bot_lots=199)
    assert lots(scene)[0] == 199
    scene.rule(max_bot_lots=10)
    assert lots(scene) == tuple(min(weight, 10) for weight in free)


def test_what_is_locked_is_not_put_in_again(scene: Scene) -> None:
    configure(scene, 0, risk_bps=BPS)
    assert lots(scene)[0] == 200
    scene.strike()
    assert lots(scene)[0] == (800 - 200) * 2500 // BPS


def test_a_bot_trades_with_1023_lots_at_most(scene: Scene) -> None:
    scene.rule(max_bot_lots=MAX_LOTS, max_strike_lots=BOTS * MAX_LOTS)
    configure(scene, 0, risk_bps=BPS)
    scene.owner.send("setLot", 10_000_000)
    assert scene.read("getBot", 0).equity // scene.lot_value == 3200
    assert lots(scene)[0] == MAX_LOTS * 2500 // BPS


def test_changing_a_bot_leaves_its_open_strikes_alone(scene: Scene) -> None:
    scene.strike()
    strike, bot = scene.read("getStrike", 1), scene.read("getBot", 0)
    configure(scene, 0, active=False, risk_bps=1, min_confidence_bps=BPS)
    assert scene.read("getStrike", 1) == strike
    assert scene.read("getBot", 0).locked == bot.locked
    settled = scene.settle(1)
    assert scene.read("getBot", 0).locked == 0
    share = settled["pnl"] * strike.lots[0] // sum(strike.lots)
    assert scene.read("getBot", 0).equity == bot.equity + share


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
    most=st.integers(1, MAX_LOTS),
    strikes=st.lists(asked, min_size=1, max_size=5),
)
def test_sizes_follow_the_formula(
    scene: Scene,
    bots: list[BotConfig],
    shares: list[int],
    lot: int,
    most: int,
    strikes: list[dict[str, Any]],
) -> None:
    with scene.undone():
        for bot, config in enumerate(bots):
            scene.owner.send("configureBot", bot, config)
        scene.owner.send("rebalance", [share + 1 for share in shares])
        scene.owner.send("setLot", lot)
        scene.rule(max_bot_lots=most, max_strike_lots=25_000, max_open_lots=65_000)
        free = [min(bot.equity // lot, MAX_LOTS) for bot in scene.read("getBots")]
        for changes in strikes:
            prediction = scene.prediction(**changes)
            sizes = sized(scene, prediction, bots, free, most)
            if not any(sizes):
                with refuses(scene, NoParticipants()):
                    scene.execute(prediction)
                continue
            opened = scene.execute(prediction)
            assert scene.read("getStrike", opened["strike_id"]).lots == tuple(sizes)
            assert opened["notional"] == sum(sizes) * lot
            free = [left - size for left, size in zip(free, sizes, strict=True)]


def sized(
    scene: Scene, prediction: Prediction, bots: list[BotConfig], free: list[int], most: int
) -> list[int]:
    """Free lots × risk × strength × calibration, rounded down, at most the market's cap."""
    bin_ = min((prediction.confidence_bps - 9300) // 100, 6)
    calibration = scene.read("getCalibration", prediction.model_id)[bin_]
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
        min(free[bot] * config.risk_bps * factor // BPS**2, most) if takes_part(bot, config) else 0
        for bot, config in enumerate(bots)
    ]
