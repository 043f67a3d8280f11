"""How much a market may hold, at once and a day, and how often it may be struck."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike.errors import CapExceeded, CooldownActive, SideNotAllowed
from macrostrike.types import Signal

from ..environment import DAY, Env, reverts
from ..readers import refuses
from .markets import config


def lots_of(env: Env, **changes: Any) -> int:
    """The size of the next such strike."""
    with env.undone():
        return int(env.strike(**changes)["notional"]) // env.lot_value


@pytest.mark.parametrize("signal", Signal)
def test_a_market_has_its_sides(env: Env, signal: Signal) -> None:
    env.rule(**{"longs" if signal.is_long else "shorts": False})
    with refuses(env, SideNotAllowed(0, signal.is_long)):
        env.strike(signal=signal)
    env.strike(signal=Signal(3 - signal))


def test_the_cap_of_one_strike(env: Env) -> None:
    size = lots_of(env)
    env.rule(max_strike_lots=size - 1)
    with refuses(env, CapExceeded("strike", size, size - 1)):
        env.strike()
    env.rule(max_strike_lots=size)
    env.strike()


def test_the_cap_of_what_is_open(env: Env) -> None:
    first = lots_of(env)
    env.strike()
    second = lots_of(env, signal=Signal.STRONG_SHORT)
    env.rule(max_open_lots=first + second - 1)
    with refuses(env, CapExceeded("open", second, second - 1)):
        env.strike(signal=Signal.STRONG_SHORT)
    env.rule(max_open_lots=first + second)
    env.strike(signal=Signal.STRONG_SHORT)
    assert env.read("getMarket", 0).open_lots == first + second
    third = lots_uncapped(env)
    with refuses(env, CapExceeded("open", third, 0)):
        env.strike()
    env.settle(1)
    assert env.read("getMarket", 0).open_lots == second


def lots_uncapped(env: Env) -> int:
    with env.undone():
        env.rule(max_open_lots=65_535, max_day_lots=10**7)
        return lots_of(env)


def test_a_cap_under_what_is_open_leaves_nothing(env: Env) -> None:
    env.strike()
    env.rule(max_open_lots=1)
    with pytest.raises(CapExceeded) as refused:
        env.strike()
    assert (refused.value.cap, refused.value.available) == ("open", 0)


def test_each_market_has_caps_of_its_own(env: Env) -> None:
    env.owner.send("registerMarket", config(env))
    size = lots_of(env)
    env.rule(max_open_lots=size)
    env.strike()
    with reverts(CapExceeded("open", lots_uncapped(env), 0)):
        env.strike()
    env.strike(market=1)
    assert env.read("getMarket", 0).open_lots == size


def test_the_cap_of_a_day_drains_evenly(env: Env) -> None:
    size = lots_of(env)
    env.rule(max_day_lots=size)
    env.strike()
    struck_at = env.chain.timestamp()
    assert env.read("getMarket", 0).used_day_lots == size
    for seconds in (1, 3600, DAY // 2, DAY - 1, DAY, 2 * DAY):
        with env.undone():
            env.wait(struck_at + seconds - env.chain.timestamp())
            drained = min(size * seconds // DAY, size)
            assert env.read("getMarket", 0).used_day_lots == size - drained


def test_the_cap_of_a_day_to_the_lot_and_the_second(env: Env) -> None:
    first = lots_of(env)
    env.rule(max_day_lots=2 * first)
    env.strike()
    env.strike(strategies=0b00001)
    struck_at = env.chain.timestamp()
    used = env.read("getMarket", 0).used_day_lots
    prediction = env.prediction(valid_until=env.now + 3 * DAY)
    with env.undone():
        env.wait(DAY)
        size = int(env.execute(prediction)["notional"]) // env.lot_value
    needed = used + size - 2 * first
    assert needed > 0
    enough = -(-needed * DAY // (2 * first))
    env.at(struck_at + enough - 1)
    left = 2 * first - (used - 2 * first * (enough - 1) // DAY)
    with refuses(env, CapExceeded("day", size, left)):
        env.execute(prediction)
    env.at(struck_at + enough)
    env.execute(prediction)


def test_settling_returns_nothing_of_the_day_back(env: Env) -> None:
    size = lots_of(env)
    env.strike()
    env.settle(1)
    assert size - 10 < env.read("getMarket", 0).used_day_lots <= size


@settings(max_examples=25)
@given(
    waits=st.lists(st.one_of(st.integers(0, 1000), st.integers(0, DAY)), min_size=2, max_size=12),
    tenths=st.integers(10, 30),
)
def test_a_day_has_no_edge(env: Env, waits: list[int], tenths: int) -> None:
    """In any time t, at most the day's lots × (1 + t / day) open, whenever it begins."""
    with env.undone():
        cap = lots_of(env) * tenths // 10
        env.rule(max_day_lots=cap)
        opened: list[tuple[int, int]] = []
        for seconds in waits:
            env.wait(seconds)
            size = lots_uncapped(env)
            room = cap - env.keeper.call("getMarket", 0).used_day_lots
            if size > room:
                with reverts(CapExceeded("day", size, room)):
                    env.strike()
                continue
            strike = env.strike()
            opened.append((env.chain.timestamp(), strike["notional"] // env.lot_value))
            env.settle(strike["strike_id"], by="owner")
            if env.read("getStrikeStats").halted:
                env.owner.send("resume")
        for first, (start, _) in enumerate(opened):
            for last in range(first, len(opened)):
                spent = sum(size for _, size in opened[first : last + 1])
                assert spent * DAY <= cap * (DAY + opened[last][0] - start)


@pytest.mark.parametrize("cooldown", [1, 60, 65_535])
def test_a_market_rests_between_strikes_to_the_second(env: Env, cooldown: int) -> None:
    env.rule(cooldown=cooldown)
    env.strike()
    struck_at = env.chain.timestamp()
    prediction = env.prediction()
    env.at(struck_at + cooldown - 1 or struck_at)
    if cooldown > 1:
        with refuses(env, CooldownActive(0, struck_at + cooldown)):
            env.execute(prediction)
    env.at(struck_at + cooldown)
    env.execute(prediction)


def test_two_strikes_in_one_second_are_none_after_the_first(env: Env) -> None:
    env.rule(cooldown=1)
    env.strike()
    with env.frozen(), refuses(env, CooldownActive(0, env.chain.timestamp() + 1)):
        env.strike()


def test_a_market_at_rest_still_settles(env: Env) -> None:
    env.rule(cooldown=1000)
    env.strike()
    env.settle(1)


def test_a_market_rests_alone(env: Env) -> None:
    env.owner.send("registerMarket", config(env))
    env.rule(cooldown=1000)
    env.strike()
    env.strike(market=1)
