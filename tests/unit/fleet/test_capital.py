"""Capital between the reserve and the bots."""

from __future__ import annotations

import pytest

from macrostrike.errors import EquityOverflow, InsufficientEquity, InsufficientFunds
from macrostrike.types import BOTS, Signal

from ..readers import refuses
from ..scene import Scene, event

LIMIT = (1 << 42) - 1


def reserve(scene: Scene) -> int:
    return int(scene.read("getTreasury")[1])


def equities(scene: Scene) -> list[int]:
    return [bot.equity for bot in scene.read("getBots")]


def deposit(scene: Scene, amount: int) -> None:
    scene.give(scene.owner.address, quote=amount)
    scene.owner.send("deposit", amount)


def only(bot: int, amount: int) -> list[int]:
    return [amount if each == bot else 0 for each in range(BOTS)]


def test_funding_moves_reserve_to_the_bots(any_scene: Scene) -> None:
    scene = any_scene
    amounts = [(bot + 1) * scene.unit * 1000 for bot in range(BOTS)]
    deposit(scene, sum(amounts) + 5)
    before, reserve_before = equities(scene), reserve(scene)
    assert scene.owner.send("fundBots", amounts) == [
        event("FleetFunded", total=sum(amounts), amounts=tuple(amounts))
    ]
    assert equities(scene) == [old + new for old, new in zip(before, amounts, strict=True)]
    assert reserve(scene) == reserve_before - sum(amounts)


def test_defunding_moves_it_back(any_scene: Scene) -> None:
    scene = any_scene
    amounts = [(bot + 1) * scene.unit * 1000 for bot in range(BOTS)]
    before, reserve_before = equities(scene), reserve(scene)
    assert scene.owner.send("defundBots", amounts) == [
        event("FleetDefunded", total=sum(amounts), amounts=tuple(amounts))
    ]
    assert equities(scene) == [old - new for old, new in zip(before, amounts, strict=True)]
    assert reserve(scene) == reserve_before + sum(amounts)


def test_amounts_are_rounded_down_to_book_units(any_scene: Scene) -> None:
    scene = any_scene
    deposit(scene, 1000 * scene.unit)
    more = 7 * scene.unit + scene.unit - 1
    rounded = tuple(only(3, more // scene.unit * scene.unit))
    assert scene.owner.send("fundBots", only(3, more)) == [
        event("FleetFunded", total=sum(rounded), amounts=rounded)
    ]
    assert scene.owner.send("defundBots", only(3, more)) == [
        event("FleetDefunded", total=sum(rounded), amounts=rounded)
    ]


def test_bots_are_funded_out_of_the_reserve_alone(scene: Scene) -> None:
    deposit(scene, 100)
    everything = reserve(scene)
    scene.give(scene.diamond, quote=10**9)
    with refuses(scene, InsufficientFunds(scene.quote, everything + 1, everything)):
        scene.owner.send("fundBots", only(0, everything + 1))
    scene.owner.send("fundBots", only(0, everything))
    assert reserve(scene) == 0


def test_dust_that_waits_can_fund_bots(scene: Scene) -> None:
    scene.strike()
    scene.settle(1)
    dust = reserve(scene)
    assert 0 < dust < 256
    scene.owner.send("fundBots", only(0, dust))
    assert reserve(scene) == 0


def test_a_bots_equity_fits_42_bits_of_book_units(any_scene: Scene) -> None:
    scene = any_scene
    held = scene.read("getBot", 7).equity
    room = LIMIT * scene.unit - held
    deposit(scene, room + scene.unit)
    with refuses(scene, EquityOverflow(7, LIMIT + 1)):
        scene.owner.send("fundBots", only(7, room + scene.unit))
    scene.owner.send("fundBots", only(7, room))
    assert scene.read("getBot", 7).equity == LIMIT * scene.unit


def test_a_full_bot_wins_no_more_and_settling_goes_on(scene: Scene) -> None:
    """What does not fit is dust, and the reserve's."""
    room = LIMIT - scene.read("getBot", 0).equity
    deposit(scene, room)
    scene.owner.send("fundBots", only(0, room))
    scene.strike()
    scene.price(1650)
    before, held = equities(scene), reserve(scene)
    settled = scene.settle(1)
    gained = [new - old for new, old in zip(equities(scene), before, strict=True)]
    assert gained[0] == 0 < min(gained[1:])
    assert reserve(scene) - held == settled["pnl"] - sum(gained)
    assert scene.read("excessOf", scene.quote) == 0


@pytest.mark.parametrize("bot", [0, 4, 5, 24])
def test_a_bot_gives_back_what_it_has_and_no_more(any_scene: Scene, bot: int) -> None:
    scene = any_scene
    held, unit = scene.read("getBot", bot).equity, scene.unit
    with refuses(scene, InsufficientEquity(bot, held + unit, held)):
        scene.owner.send("defundBots", only(bot, held + unit))
    scene.owner.send("defundBots", only(bot, held))
    assert scene.read("getBot", bot).equity == 0


@pytest.mark.parametrize("signal", Signal)
def test_what_open_strikes_hold_cannot_go(any_scene: Scene, signal: Signal) -> None:
    scene = any_scene
    scene.strike(signal=signal)
    bots, unit = scene.read("getBots"), scene.unit
    bot = max(range(BOTS), key=lambda each: bots[each].locked)
    free = bots[bot].free
    assert 0 < free < bots[bot].equity
    with refuses(scene, InsufficientEquity(bot, free + unit, free)):
        scene.owner.send("defundBots", only(bot, free + unit))
    scene.owner.send("defundBots", [each.free for each in bots])
    assert [each.equity for each in scene.read("getBots")] == [each.locked for each in bots]
    scene.settle(1)
    assert scene.read("excessOf", scene.quote) == 0


def test_capital_in_and_out_leaves_open_strikes_alone(scene: Scene) -> None:
    scene.strike()
    scene.strike(signal=Signal.SHORT)
    strikes = [scene.read("getStrike", each) for each in (1, 2)]
    locked = [bot.locked for bot in scene.read("getBots")]
    deposit(scene, 10**12)
    scene.owner.send("fundBots", [10**9] * BOTS)
    scene.owner.send("defundBots", [2 * 10**9] * BOTS)
    assert [scene.read("getStrike", each) for each in (1, 2)] == strikes
    assert [bot.locked for bot in scene.read("getBots")] == locked
    scene.settle(1)
    scene.settle(2)


def test_capital_in_and_out_is_no_performance(scene: Scene) -> None:
    scene.play(won=True)
    before = scene.read("getStrikeStats")
    strategies = [scene.read("getStrategyStats", each) for each in range(5)]
    deposit(scene, 10**12)
    scene.owner.send("fundBots", [10**9] * BOTS)
    scene.owner.send("defundBots", [3 * 10**9] * BOTS)
    after = scene.read("getStrikeStats")
    assert (after.profit, after.loss, after.pnl) == (before.profit, before.loss, before.pnl)
    for strategy, stats in enumerate(strategies):
        now = scene.read("getStrategyStats", strategy)
        assert now.pnl == stats.pnl
        assert now.equity == stats.equity - 5 * 2 * 10**9
    # The high-water mark has moved along.
    assert after.high_water - after.equity == before.high_water - before.equity


def test_nothing_moves_for_nobody(scene: Scene) -> None:
    before = equities(scene)
    for function in ("fundBots", "defundBots"):
        scene.owner.send(function, [0] * BOTS)
    assert equities(scene) == before
