"""Closing a strike without a trade, when its market is broken: by the owner, as a loss."""

from __future__ import annotations

import pytest

from macrostrike.errors import NotOwner, StrikeNotOpen
from macrostrike.types import Closing, Signal, StrikeStatus

from ..environment import Env, event
from ..readers import refuses

LONGS = [Signal.STRONG_LONG, Signal.LONG]
SHORTS = [Signal.SHORT, Signal.STRONG_SHORT]


def holdings(env: Env) -> tuple[int, ...]:
    return (
        *(env.balance(token) for token in (env.quote, env.base)),
        *(env.balance(token, env.pool) for token in (env.quote, env.base)),
    )


@pytest.mark.parametrize("signal", Signal)
def test_the_bots_lose_the_whole_notional(env: Env, signal: Signal) -> None:
    opened = env.strike(signal=signal)
    strike, kept = env.read("getStrike", 1), holdings(env)
    equity = [bot.equity for bot in env.read("getBots")]
    notional = opened["notional"]
    assert env.owner.send("writeOffStrike", 1) == [
        event(
            "StrikeSettled",
            strike_id=1,
            by=env.owner.address,
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
    assert holdings(env) == kept
    bots = env.read("getBots")
    assert [bot.equity for bot in bots] == [
        old - lots * env.lot_value for old, lots in zip(equity, strike.lots, strict=True)
    ]
    assert sum(bot.locked for bot in bots) == 0
    assert env.read("getStrike", 1).status is StrikeStatus.SETTLED
    assert env.read("getOpenStrikes") == ()
    assert env.read("getMarket", 0).open_lots == 0
    stats = env.read("getStrikeStats")
    assert (stats.settled, stats.losses, stats.loss, stats.worst) == (1, 1, notional, -notional)


@pytest.mark.parametrize("signal", LONGS)
def test_a_longs_base_becomes_inventory(env: Env, signal: Signal) -> None:
    inventory, reserve = env.read("inventoryOf", env.base), env.read("getTreasury")[1]
    env.strike(signal=signal)
    base = env.read("getStrike", 1).record.base_amount
    env.owner.send("writeOffStrike", 1)
    assert env.read("inventoryOf", env.base) == inventory + base
    assert env.read("getTreasury")[1] == reserve
    assert env.read("excessOf", env.base) == env.read("excessOf", env.quote) == 0


@pytest.mark.parametrize("signal", SHORTS)
def test_a_shorts_proceeds_and_margin_become_reserve(env: Env, signal: Signal) -> None:
    reserve = env.read("getTreasury")[1]
    notional = env.strike(signal=signal)["notional"]
    inventory = env.read("inventoryOf", env.base)
    env.owner.send("writeOffStrike", 1)
    assert env.read("inventoryOf", env.base) == inventory
    assert env.read("getTreasury")[1] == reserve + 2 * notional
    assert env.read("excessOf", env.base) == env.read("excessOf", env.quote) == 0
    env.owner.send("withdraw", reserve + 2 * notional, env.owner.address)


@pytest.mark.parametrize("role", ["operator", "settler", "guardian", "keeper"])
def test_it_is_for_the_owner_even_when_due(env: Env, role: str) -> None:
    env.strike(horizon=1)
    env.wait(100)
    with refuses(env, NotOwner(env.people[role].address, env.owner.address)):
        getattr(env, role).send("writeOffStrike", 1)


def test_it_works_while_paused_and_halted(env: Env) -> None:
    ids = [env.strike()["strike_id"] for _ in range(8)]
    env.owner.send("pause")
    for strike_id in ids:
        env.owner.send("writeOffStrike", strike_id)
    assert env.read("getStrikeStats").halted


def test_it_works_where_the_oracle_does_not(env: Env) -> None:
    env.strike()
    env.lose_oracle()
    env.owner.send("writeOffStrike", 1)


@pytest.mark.parametrize("strike_id", [0, 1, 64, (1 << 256) - 1])
def test_only_what_is_open_can_be_written_off(env: Env, strike_id: int) -> None:
    with refuses(env, StrikeNotOpen(strike_id)):
        env.owner.send("writeOffStrike", strike_id)


def test_nothing_is_written_off_twice(env: Env) -> None:
    env.strike()
    env.owner.send("writeOffStrike", 1)
    with refuses(env, StrikeNotOpen(1)):
        env.owner.send("writeOffStrike", 1)
    with refuses(env, StrikeNotOpen(1)):
        env.settle(1)
