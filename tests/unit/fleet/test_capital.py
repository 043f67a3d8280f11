"""Capital between the reserve and the bots."""

from __future__ import annotations

import pytest

from macrostrike.errors import EquityOverflow, InsufficientEquity, InsufficientFunds
from macrostrike.types import BOTS, Signal

from ..environment import Env, event
from ..readers import refuses

LIMIT = (1 << 42) - 1


def reserve(env: Env) -> int:
    return int(env.read("getTreasury")[1])


def equities(env: Env) -> list[int]:
    return [bot.equity for bot in env.read("getBots")]


def deposit(env: Env, amount: int) -> None:
    env.give(env.owner.address, quote=amount)
    env.owner.send("deposit", amount)


def only(bot: int, amount: int) -> list[int]:
    return [amount if each == bot else 0 for each in range(BOTS)]


def test_funding_moves_reserve_to_the_bots(any_env: Env) -> None:
    env = any_env
    amounts = [(bot + 1) * env.unit * 1000 for bot in range(BOTS)]
    deposit(env, sum(amounts) + 5)
    before, reserve_before = equities(env), reserve(env)
    assert env.owner.send("fundBots", amounts) == [
        event("FleetFunded", total=sum(amounts), amounts=tuple(amounts))
    ]
    assert equities(env) == [old + new for old, new in zip(before, amounts, strict=True)]
    assert reserve(env) == reserve_before - sum(amounts)


def test_defunding_moves_it_back(any_env: Env) -> None:
    env = any_env
    amounts = [(bot + 1) * env.unit * 1000 for bot in range(BOTS)]
    before, reserve_before = equities(env), reserve(env)
    assert env.owner.send("defundBots", amounts) == [
        event("FleetDefunded", total=sum(amounts), amounts=tuple(amounts))
    ]
    assert equities(env) == [old - new for old, new in zip(before, amounts, strict=True)]
    assert reserve(env) == reserve_before + sum(amounts)


def test_amounts_are_rounded_down_to_book_units(any_env: Env) -> None:
    env = any_env
    deposit(env, 1000 * env.unit)
    more = 7 * env.unit + env.unit - 1
    rounded = tuple(only(3, more // env.unit * env.unit))
    assert env.owner.send("fundBots", only(3, more)) == [
        event("FleetFunded", total=sum(rounded), amounts=rounded)
    ]
    assert env.owner.send("defundBots", only(3, more)) == [
        event("FleetDefunded", total=sum(rounded), amounts=rounded)
    ]


def test_bots_are_funded_out_of_the_reserve_alone(env: Env) -> None:
    deposit(env, 100)
    everything = reserve(env)
    env.give(env.diamond, quote=10**9)
    with refuses(env, InsufficientFunds(env.quote, everything + 1, everything)):
        env.owner.send("fundBots", only(0, everything + 1))
    env.owner.send("fundBots", only(0, everything))
    assert reserve(env) == 0


def test_dust_that_waits_can_fund_bots(env: Env) -> None:
    env.strike()
    env.settle(1)
    dust = reserve(env)
    assert 0 < dust < 256
    env.owner.send("fundBots", only(0, dust))
    assert reserve(env) == 0


def test_a_bots_equity_fits_42_bits_of_book_units(any_env: Env) -> None:
    env = any_env
    kept = env.read("getBot", 7).equity
    room = LIMIT * env.unit - kept
    deposit(env, room + env.unit)
    with refuses(env, EquityOverflow(7, LIMIT + 1)):
        env.owner.send("fundBots", only(7, room + env.unit))
    env.owner.send("fundBots", only(7, room))
    assert env.read("getBot", 7).equity == LIMIT * env.unit


def test_a_full_bot_wins_no_more_and_settling_goes_on(env: Env) -> None:
    """What does not fit is dust, and the reserve's."""
    room = LIMIT - env.read("getBot", 0).equity
    deposit(env, room)
    env.owner.send("fundBots", only(0, room))
    env.strike()
    env.price(1650)
    before, kept = equities(env), reserve(env)
    settled = env.settle(1)
    gained = [new - old for new, old in zip(equities(env), before, strict=True)]
    assert gained[0] == 0 < min(gained[1:])
    assert reserve(env) - kept == settled["pnl"] - sum(gained)
    assert env.read("excessOf", env.quote) == 0


@pytest.mark.parametrize("bot", [0, 4, 5, 24])
def test_a_bot_returns_back_what_it_has_and_no_more(any_env: Env, bot: int) -> None:
    env = any_env
    kept, unit = env.read("getBot", bot).equity, env.unit
    with refuses(env, InsufficientEquity(bot, kept + unit, kept)):
        env.owner.send("defundBots", only(bot, kept + unit))
    env.owner.send("defundBots", only(bot, kept))
    assert env.read("getBot", bot).equity == 0


@pytest.mark.parametrize("signal", Signal)
def test_what_open_strikes_hold_cannot_go(any_env: Env, signal: Signal) -> None:
    env = any_env
    env.strike(signal=signal)
    bots, unit = env.read("getBots"), env.unit
    bot = max(range(BOTS), key=lambda each: bots[each].locked)
    free = bots[bot].free
    assert 0 < free < bots[bot].equity
    with refuses(env, InsufficientEquity(bot, free + unit, free)):
        env.owner.send("defundBots", only(bot, free + unit))
    env.owner.send("defundBots", [each.free for each in bots])
    assert [each.equity for each in env.read("getBots")] == [each.locked for each in bots]
    env.settle(1)
    assert env.read("excessOf", env.quote) == 0


def test_capital_in_and_out_leaves_open_strikes_alone(env: Env) -> None:
    env.strike()
    env.strike(signal=Signal.SHORT)
    strikes = [env.read("getStrike", each) for each in (1, 2)]
    locked = [bot.locked for bot in env.read("getBots")]
    deposit(env, 10**12)
    env.owner.send("fundBots", [10**9] * BOTS)
    env.owner.send("defundBots", [2 * 10**9] * BOTS)
    assert [env.read("getStrike", each) for each in (1, 2)] == strikes
    assert [bot.locked for bot in env.read("getBots")] == locked
    env.settle(1)
    env.settle(2)


def test_capital_in_and_out_is_not_a_performance(env: Env) -> None:
    env.play(won=True)
    before = env.read("getStrikeStats")
    strategies = [env.read("getStrategyStats", each) for each in range(5)]
    deposit(env, 10**12)
    env.owner.send("fundBots", [10**9] * BOTS)
    env.owner.send("defundBots", [3 * 10**9] * BOTS)
    after = env.read("getStrikeStats")
    assert (after.profit, after.loss, after.pnl) == (before.profit, before.loss, before.pnl)
    for strategy, stats in enumerate(strategies):
        now = env.read("getStrategyStats", strategy)
        assert now.pnl == stats.pnl
        assert now.equity == stats.equity - 5 * 2 * 10**9
    # The high-water mark has moved along.
    assert after.high_water - after.equity == before.high_water - before.equity


def test_nothing_moves_for_no_one(env: Env) -> None:
    before = equities(env)
    for function in ("fundBots", "defundBots"):
        env.owner.send(function, [0] * BOTS)
    assert equities(env) == before
