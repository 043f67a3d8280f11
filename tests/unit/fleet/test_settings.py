"""The fleet's settings, and each bot's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from macrostrike.errors import (
    AlreadyInitialized,
    ContractError,
    InvalidConfig,
    NotInitialized,
    StrikesOpen,
    UnknownBot,
    ZeroAddress,
)
from macrostrike.types import BOTS, BPS, MAX_LOTS, Bot, BotConfig, FleetConfig, Strategy

from ..environment import DAY, ZERO, Env, altered, event, unchecked
from ..readers import refuses

BOT = BotConfig(risk_bps=1000)
FIVES = [Strategy(bot // 5) for bot in range(BOTS)]


def fleet(env: Env, **changes: Any) -> FleetConfig:
    bots = tuple(
        BotConfig(
            risk_bps=1 + bot,
            min_confidence_bps=9300 + bot,
            longs=bot % 2 == 0,
            shorts=bot % 3 == 0,
            active=bot % 5 != 4,
        )
        for bot in range(BOTS)
    )
    values = {"quote": env.quote, "unit_exponent": 3, "lot": 77, "bots": bots}
    return unchecked(FleetConfig, **(values | changes))


@pytest.fixture
def bare(env: Env) -> Env:
    return env.bare()


def test_initialising_sets_quote_units_lot_and_bots(bare: Env) -> None:
    config = fleet(bare)
    assert bare.owner.send("initializeStrikeBots", config) == [
        event("FleetInitialized", quote=bare.quote, unit_exponent=3, lot=77, bots=config.bots)
    ]
    assert bare.read("getTreasury") == (bare.quote, 0, 0)
    assert bare.read("getLot") == 77
    assert bare.read("getBots") == tuple(
        Bot(strategy, bot, 0, 0) for strategy, bot in zip(FIVES, config.bots, strict=True)
    )


def test_it_is_done_once(bare: Env) -> None:
    bare.owner.send("initializeStrikeBots", fleet(bare))
    with refuses(bare, AlreadyInitialized()):
        bare.owner.send("initializeStrikeBots", fleet(bare, lot=78))


WRONG: list[tuple[dict[str, Any], ContractError]] = [
    ({"lot": 0}, InvalidConfig("lot", 0)),
    ({"unit_exponent": 17}, InvalidConfig("unitExponent", 17)),
    ({"unit_exponent": 255}, InvalidConfig("unitExponent", 255)),
    ({"quote": ZERO}, ZeroAddress()),
]


@pytest.mark.parametrize(("changes", "error"), WRONG)
def test_settings_out_of_range(bare: Env, changes: dict[str, Any], error: ContractError) -> None:
    with refuses(bare, error):
        bare.owner.send("initializeStrikeBots", fleet(bare, **changes))


@pytest.mark.parametrize("changes", [{"lot": 1}, {"lot": (1 << 32) - 1}, {"unit_exponent": 16}])
def test_settings_at_their_ends(bare: Env, changes: dict[str, Any]) -> None:
    bare.owner.send("initializeStrikeBots", fleet(bare, **changes))
    assert bare.read("getLot") == changes.get("lot", 77)


WRONG_BOT = {
    "risk_bps": ("riskBps", (0, BPS + 1, 65_535)),
    "min_confidence_bps": ("minConfidenceBps", (0, 9299, BPS + 1, 65_535)),
}
CASES = [(name, said, value) for name, (said, values) in WRONG_BOT.items() for value in values]


@pytest.mark.parametrize(("name", "said", "value"), CASES)
def test_a_bots_settings_out_of_range(env: Env, name: str, said: str, value: int) -> None:
    error, bad = InvalidConfig(said, value), altered(BOT, **{name: value})
    with refuses(env, error):
        env.owner.send("configureBot", 0, bad)
    bare = env.bare()
    config = fleet(bare)
    with refuses(bare, error):
        bare.owner.send("initializeStrikeBots", altered(config, bots=(*config.bots[:24], bad)))


@pytest.mark.parametrize("bot", [0, 8, 9, 17, 18, 24])
@pytest.mark.parametrize(
    "config",
    [
        BotConfig(risk_bps=1, min_confidence_bps=9300, longs=False, shorts=False, active=False),
        BotConfig(risk_bps=BPS, min_confidence_bps=BPS),
        BotConfig(risk_bps=777, min_confidence_bps=9555, longs=True, shorts=False),
    ],
)
def test_a_bot_is_configured_and_no_other(env: Env, bot: int, config: BotConfig) -> None:
    before = env.read("getBots")
    assert env.owner.send("configureBot", bot, config) == [
        event("BotConfigured", bot=bot, config=config)
    ]
    expected = [*before]
    expected[bot] = replace(before[bot], config=config)
    assert env.read("getBots") == tuple(expected)
    assert env.read("getBot", bot) == expected[bot]


@pytest.mark.parametrize("bot", [BOTS, 26, 255, (1 << 256) - 1])
def test_bots_that_there_are_not(env: Env, bot: int) -> None:
    with refuses(env, UnknownBot(bot)):
        env.owner.send("configureBot", bot, BOT)
    with refuses(env, UnknownBot(bot)):
        env.read("getBot", bot)


BEFORE: dict[str, tuple[Any, ...]] = {
    "configureBot": (0, BOT),
    "fundBots": ([0] * BOTS,),
    "defundBots": ([0] * BOTS,),
    "rebalance": ([1] * BOTS,),
    "rebalanceByPerformance": (),
    "setLot": (1,),
}


@pytest.mark.parametrize("function", BEFORE)
def test_before_it_is_initialised_there_is_not_a_fleet(bare: Env, function: str) -> None:
    with refuses(bare, NotInitialized()):
        bare.owner.send(function, *BEFORE[function])


def test_nor_are_there_strikes(bare: Env) -> None:
    bare.owner.send("setOperator", bare.operator.address, bare.now + DAY, 15, 10**12)
    with refuses(bare, NotInitialized()):
        bare.execute(bare.prediction())


def test_roles_pause_and_threshold_can_be_set_beforehand(bare: Env) -> None:
    bare.owner.send("setThreshold", 9500)
    bare.owner.send("pause")
    bare.owner.send("initializeStrikeBots", fleet(bare))
    assert (bare.read("threshold"), bare.read("paused")) == (9500, True)


def test_the_lot_is_the_step_of_allocations(env: Env) -> None:
    with env.undone():
        before = env.strike()
        lots = env.read("getStrike", 1).lots
    assert env.owner.send("setLot", 80_000_000) == [event("LotSet", lot=80_000_000)]
    assert env.read("getLot") == 80_000_000
    env.strike()
    # Half as many lots, twice as large.
    now = env.read("getStrike", 1)
    assert all(a // 2 - 1 <= b <= a // 2 for a, b in zip(lots, now.lots, strict=True))
    assert before["notional"] * 9 // 10 < now.notional <= before["notional"]


def test_equity_in_lots_is_counted_anew(env: Env) -> None:
    env.rule(max_bot_lots=MAX_LOTS, max_strike_lots=25 * MAX_LOTS)
    env.owner.send("configureBot", 0, replace(BOT, risk_bps=BPS))
    for lot, free in ((1_000_000, MAX_LOTS), (100_000_000, 320), (40_000_000, 800)):
        env.owner.send("setLot", lot)
        with env.undone():
            env.strike()
            assert env.read("getStrike", 1).lots[0] == free * 2500 // BPS


def test_the_lot_stays_while_strikes_are_open(env: Env) -> None:
    env.strike()
    env.strike()
    with refuses(env, StrikesOpen(2)):
        env.owner.send("setLot", 1)
    env.settle(1)
    with refuses(env, StrikesOpen(1)):
        env.owner.send("setLot", 1)
    env.settle(2)
    env.owner.send("setLot", 1)


def test_a_lot_of_nothing_is_none(env: Env) -> None:
    with refuses(env, InvalidConfig("lot", 0)):
        env.owner.send("setLot", 0)


def test_the_same_lot_again_changes_nothing(env: Env) -> None:
    lot = env.read("getLot")
    with env.undone():
        expected = env.strike()["weights"]
    env.owner.send("setLot", lot)
    assert env.strike()["weights"] == expected
