"""Closing a strike without a trade, when its market is broken: by the owner, as a loss."""

from __future__ import annotations

import pytest

from macrostrike.errors import NotOwner, StrikeNotOpen
from macrostrike.types import Closing, Signal, StrikeStatus

from ..readers import refuses
from ..scene import Scene, event

LONGS = [Signal.STRONG_LONG, Signal.LONG]
SHORTS = [Signal.SHORT, Signal.STRONG_SHORT]


def holdings(scene: Scene) -> tuple[int, ...]:
    return (
        *(scene.balance(token) for token in (scene.quote, scene.base)),
        *(scene.balance(token, scene.pool) for token in (scene.quote, scene.base)),
    )


@pytest.mark.parametrize("signal", Signal)
def test_the_bots_lose_the_whole_notional(scene: Scene, signal: Signal) -> None:
    opened = scene.strike(signal=signal)
    strike, held = scene.read("getStrike", 1), holdings(scene)
    equity = [bot.equity for bot in scene.read("getBots")]
    notional = opened["notional"]
    assert scene.owner.send("writeOffStrike", 1) == [
        event(
            "StrikeSettled",
            strike_id=1,
            by=scene.owner.address,
            market=0,
            signal=signal,
            model_id=1,
            confidence_bps=9500,
            how=Closing.WRITE_OFF,
            base_amount=strike.record.base_amount if signal.is_long else 0,
            quote_amount=0 if signal.is_long else 2 * notional,
            pnl=-notional,
            won=False,
        )
    ]
    assert holdings(scene) == held
    bots = scene.read("getBots")
    assert [bot.equity for bot in bots] == [
        old - lots * scene.lot_value for old, lots in zip(equity, strike.lots, strict=True)
    ]
    assert sum(bot.locked for bot in bots) == 0
    assert scene.read("getStrike", 1).status is StrikeStatus.SETTLED
    assert scene.read("getOpenStrikes") == ()
    assert scene.read("getMarket", 0).open_lots == 0
    stats = scene.read("getStrikeStats")
    assert (stats.settled, stats.losses, stats.loss, stats.worst) == (1, 1, notional, -notional)


@pytest.mark.parametrize("signal", LONGS)
def test_a_longs_base_becomes_inventory(scene: Scene, signal: Signal) -> None:
    inventory, reserve = scene.read("inventoryOf", scene.base), scene.read("getTreasury")[1]
    scene.strike(signal=signal)
    base = scene.read("getStrike", 1).record.base_amount
    scene.owner.send("writeOffStrike", 1)
    assert scene.read("inventoryOf", scene.base) == inventory + base
    assert scene.read("getTreasury")[1] == reserve
    assert scene.read("excessOf", scene.base) == scene.read("excessOf", scene.quote) == 0


@pytest.mark.parametrize("signal", SHORTS)
def test_a_shorts_proceeds_and_margin_become_reserve(scene: Scene, signal: Signal) -> None:
    reserve = scene.read("getTreasury")[1]
    notional = scene.strike(signal=signal)["notional"]
    inventory = scene.read("inventoryOf", scene.base)
    scene.owner.send("writeOffStrike", 1)
    assert scene.read("inventoryOf", scene.base) == inventory
    assert scene.read("getTreasury")[1] == reserve + 2 * notional
    assert scene.read("excessOf", scene.base) == scene.read("excessOf", scene.quote) == 0
    scene.owner.send("withdraw", reserve + 2 * notional, scene.owner.address)


@pytest.mark.parametrize("role", ["operator", "settler", "guardian", "keeper"])
def test_it_is_for_the_owner_even_when_due(scene: Scene, role: str) -> None:
    scene.strike(horizon=1)
    scene.wait(100)
    with refuses(scene, NotOwner(scene.people[role].address, scene.owner.address)):
        getattr(scene, role).send("writeOffStrike", 1)


def test_it_works_while_paused_and_halted(scene: Scene) -> None:
    ids = [scene.strike()["strike_id"] for _ in range(8)]
    scene.owner.send("pause")
    for strike_id in ids:
        scene.owner.send("writeOffStrike", strike_id)
    assert scene.read("getStrikeStats").halted


def test_it_works_where_the_oracle_does_not(scene: Scene) -> None:
    scene.strike()
    scene.lose_oracle()
    scene.owner.send("writeOffStrike", 1)


@pytest.mark.parametrize("strike_id", [0, 1, 64, (1 << 256) - 1])
def test_only_what_is_open_can_be_written_off(scene: Scene, strike_id: int) -> None:
    with refuses(scene, StrikeNotOpen(strike_id)):
        scene.owner.send("writeOffStrike", strike_id)


def test_nothing_is_written_off_twice(scene: Scene) -> None:
    scene.strike()
    scene.owner.send("writeOffStrike", 1)
    with refuses(scene, StrikeNotOpen(1)):
        scene.owner.send("writeOffStrike", 1)
    with refuses(scene, StrikeNotOpen(1)):
        scene.settle(1)
