"""Breakers: what stops new strikes, and who lets them go on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from macrostrike.abi import Event
from macrostrike.errors import FleetHalted, NotHalted
from macrostrike.types import BOTS, BPS

from ..environment import Env, event
from ..readers import refuses

MASK = 0b00001


def halts(events: list[Event]) -> list[Event]:
    return [each for each in events if each.name == "Halted"]


def write_off(env: Env) -> list[Event]:
    """The halts of a small strike that is lost. Of a new model, whose sizes no record has cut."""
    model_id = env.register(100 + env.nonce)
    strike_id = env.strike(strategies=MASK, model_id=model_id)["strike_id"]
    return halts(env.owner.send("writeOffStrike", strike_id))


def is_halted(env: Env) -> bool:
    return bool(env.read("getStrikeStats").halted)


@pytest.fixture
def small(env: Env) -> Env:
    """An environment in which strikes are so small that their losses hardly draw down."""
    for bot in range(5):
        config = replace(env.read("getBot", bot).config, risk_bps=100)
        env.owner.send("configureBot", bot, config)
    return env


def test_the_last_40_are_wins_at_first(env: Env) -> None:
    assert env.read("getStrikeStats").recent_wins == 40


def test_six_losses_of_40_are_borne_and_seven_are_not(small: Env) -> None:
    for losses in range(1, 7):
        assert write_off(small) == []
        assert small.read("getStrikeStats").recent_wins == 40 - losses
    equity = small.read("getStrikeStats").equity
    assert not is_halted(small)
    (halted,) = write_off(small)
    stats = small.read("getStrikeStats")
    assert halted == event(
        "Halted",
        reason=b"winrate".ljust(32, b"\0"),
        equity=stats.equity,
        high_water=stats.high_water,
        recent_wins=33,
    )
    assert equity - stats.equity > 0
    with refuses(small, FleetHalted()):
        small.strike()


def test_losses_of_more_than_40_strikes_ago_are_forgotten(small: Env) -> None:
    """Six, 34 wins, and one more: of the last 40, six are lost. A win less, and it halts."""
    for _ in range(6):
        write_off(small)
    for wins in range(34):
        if wins == 33:
            with small.undone():
                write_off(small)
                assert is_halted(small)
        small.play(won=True, strategies=MASK)
    assert small.read("getStrikeStats").recent_wins == 34
    assert write_off(small) == []
    assert small.read("getStrikeStats").recent_wins == 34
    assert write_off(small) == []
    assert small.read("getStrikeStats").recent_wins == 34


def test_settling_at_no_gain_is_a_loss(small: Env) -> None:
    """A win is a profit after the pool's fees, and nothing else is."""
    small.strike(strategies=MASK)
    assert small.settle(1)["pnl"] < 0
    assert small.read("getStrikeStats").recent_wins == 39


def drawn_down(env: Env, more: int) -> int:
    """A loss of a tenth of all equity, and what it is: so much `more` than a tenth, in book units.

    One strike of the first five bots, and the others' equity such that it is that part of all.
    """
    for bot in range(5):
        config = replace(env.read("getBot", bot).config, risk_bps=BPS)
        env.owner.send("configureBot", bot, config)
    opened = env.strike(strategies=MASK)
    loss = int(opened["notional"])
    bots = env.read("getBots")
    total = sum(bot.equity for bot in bots)
    keep = loss * 10 - more
    take = total - keep
    amounts = [0] * BOTS
    for bot in range(5, BOTS):
        amounts[bot] = min(take - sum(amounts), bots[bot].equity)
    env.owner.send("defundBots", amounts)
    assert env.read("getStrikeStats").high_water == keep
    return loss


def test_a_loss_of_ten_percent_is_borne(env: Env) -> None:
    loss = drawn_down(env, more=0)
    assert halts(env.owner.send("writeOffStrike", 1)) == []
    stats = env.read("getStrikeStats")
    assert (stats.halted, stats.equity) == (False, stats.high_water - loss)
    assert stats.equity * 10 == stats.high_water * 9
    env.strike()


def test_and_a_unit_more_is_not(env: Env) -> None:
    loss = drawn_down(env, more=1)
    (halted,) = halts(env.owner.send("writeOffStrike", 1))
    stats = env.read("getStrikeStats")
    assert halted == event(
        "Halted",
        reason=b"drawdown".ljust(32, b"\0"),
        equity=stats.high_water - loss,
        high_water=stats.high_water,
        recent_wins=39,
    )
    with refuses(env, FleetHalted()):
        env.strike()


def test_it_is_counted_from_the_highest_equity_so_far(env: Env) -> None:
    start = env.read("getStrikeStats").high_water
    won = env.play(won=True)
    high = env.read("getStrikeStats").high_water
    assert start < high <= start + won["pnl"]
    env.play(won=False)
    stats = env.read("getStrikeStats")
    assert stats.high_water == high > stats.equity


def test_halts_are_said_once(small: Env) -> None:
    for _ in range(8):
        small.strike(strategies=MASK)
    reported = [halts(small.owner.send("writeOffStrike", each)) for each in range(1, 9)]
    assert [len(each) for each in reported] == [0] * 6 + [1, 0]


def test_wins_do_not_lift_a_halt(small: Env) -> None:
    for _ in range(9):
        small.strike(strategies=MASK)
    for strike_id in range(1, 8):
        small.owner.send("writeOffStrike", strike_id)
    small.price(1700)
    assert small.settle(8)["pnl"] > 0
    assert is_halted(small)


def test_the_owner_resumes_afresh(small: Env) -> None:
    for _ in range(7):
        write_off(small)
    equity = small.read("getStrikeStats").equity
    assert small.owner.send("resume") == [event("Resumed", high_water=equity)]
    stats = small.read("getStrikeStats")
    assert (stats.halted, stats.recent_wins, stats.high_water) == (False, 40, equity)
    for _ in range(6):
        write_off(small)
    assert not is_halted(small)
    write_off(small)
    assert is_halted(small)


def test_there_is_nothing_to_resume_without_a_halt(env: Env) -> None:
    with refuses(env, NotHalted()):
        env.owner.send("resume")


def test_halt_and_pause_are_two_things(small: Env) -> None:
    for _ in range(7):
        write_off(small)
    small.owner.send("pause")
    small.owner.send("resume")
    assert small.read("paused") is True
    small.owner.send("unpause")
    small.strike()


def test_amounts_in_events_are_raw(any_env: Env) -> None:
    """Whatever a book unit is."""
    env = any_env
    events: list[Event] = []
    while not events:
        strike_id = env.strike(model_id=env.register(100 + env.nonce))["strike_id"]
        events = halts(env.owner.send("writeOffStrike", strike_id))
    stats = env.read("getStrikeStats")
    assert events[0].args["equity"] == stats.equity
    assert events[0].args["high_water"] == stats.high_water
    assert env.owner.send("resume") == [event("Resumed", high_water=stats.equity)]
