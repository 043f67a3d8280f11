"""How much a market may hold, at once and a day, and how often it may be struck."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike.errors import CapExceeded, CooldownActive, SideNotAllowed
from macrostrike.types import Signal

from ..readers import refuses
from ..scene import DAY, Scene, reverts
from .markets import config


def lots_of(scene: Scene, **changes: Any) -> int:
    """The size of the next such strike."""
    with scene.undone():
        return int(scene.strike(**changes)["notional"]) // scene.lot_value


@pytest.mark.parametrize("signal", Signal)
def test_a_market_has_its_sides(scene: Scene, signal: Signal) -> None:
    scene.rule(**{"longs" if signal.is_long else "shorts": False})
    with refuses(scene, SideNotAllowed(0, signal.is_long)):
        scene.strike(signal=signal)
    scene.strike(signal=Signal(3 - signal))


def test_the_cap_of_one_strike(scene: Scene) -> None:
    size = lots_of(scene)
    scene.rule(max_strike_lots=size - 1)
    with refuses(scene, CapExceeded("strike", size, size - 1)):
        scene.strike()
    scene.rule(max_strike_lots=size)
    scene.strike()


def test_the_cap_of_what_is_open(scene: Scene) -> None:
    first = lots_of(scene)
    scene.strike()
    second = lots_of(scene, signal=Signal.STRONG_SHORT)
    scene.rule(max_open_lots=first + second - 1)
    with refuses(scene, CapExceeded("open", second, second - 1)):
        scene.strike(signal=Signal.STRONG_SHORT)
    scene.rule(max_open_lots=first + second)
    scene.strike(signal=Signal.STRONG_SHORT)
    assert scene.read("getMarket", 0).open_lots == first + second
    third = lots_uncapped(scene)
    with refuses(scene, CapExceeded("open", third, 0)):
        scene.strike()
    scene.settle(1)
    assert scene.read("getMarket", 0).open_lots == second


def lots_uncapped(scene: Scene) -> int:
    with scene.undone():
        scene.rule(max_open_lots=65_535, max_day_lots=10**7)
        return lots_of(scene)


def test_a_cap_under_what_is_open_leaves_nothing(scene: Scene) -> None:
    scene.strike()
    scene.rule(max_open_lots=1)
    with pytest.raises(CapExceeded) as refused:
        scene.strike()
    assert (refused.value.cap, refused.value.available) == ("open", 0)


def test_each_market_has_caps_of_its_own(scene: Scene) -> None:
    scene.owner.send("registerMarket", config(scene))
    size = lots_of(scene)
    scene.rule(max_open_lots=size)
    scene.strike()
    with reverts(CapExceeded("open", lots_uncapped(scene), 0)):
        scene.strike()
    scene.strike(market=1)
    assert scene.read("getMarket", 0).open_lots == size


def test_the_cap_of_a_day_drains_evenly(scene: Scene) -> None:
    size = lots_of(scene)
    scene.rule(max_day_lots=size)
    scene.strike()
    struck_at = scene.chain.timestamp()
    assert scene.read("getMarket", 0).used_day_lots == size
    for seconds in (1, 3600, DAY // 2, DAY - 1, DAY, 2 * DAY):
        with scene.undone():
            scene.wait(struck_at + seconds - scene.chain.timestamp())
            drained = min(size * seconds // DAY, size)
            assert scene.read("getMarket", 0).used_day_lots == size - drained


def test_the_cap_of_a_day_to_the_lot_and_the_second(scene: Scene) -> None:
    first = lots_of(scene)
    scene.rule(max_day_lots=2 * first)
    scene.strike()
    scene.strike(strategies=0b00001)
    struck_at = scene.chain.timestamp()
    used = scene.read("getMarket", 0).used_day_lots
    prediction = scene.prediction(valid_until=scene.now + 3 * DAY)
    with scene.undone():
        scene.wait(DAY)
        size = int(scene.execute(prediction)["notional"]) // scene.lot_value
    needed = used + size - 2 * first
    assert needed > 0
    enough = -(-needed * DAY // (2 * first))
    scene.at(struck_at + enough - 1)
    left = 2 * first - (used - 2 * first * (enough - 1) // DAY)
    with refuses(scene, CapExceeded("day", size, left)):
        scene.execute(prediction)
    scene.at(struck_at + enough)
    scene.execute(prediction)


def test_settling_gives_nothing_of_the_day_back(scene: Scene) -> None:
    size = lots_of(scene)
    scene.strike()
    scene.settle(1)
    assert size - 10 < scene.read("getMarket", 0).used_day_lots <= size


@settings(max_examples=25)
@given(
    waits=st.lists(st.one_of(st.integers(0, 1000), st.integers(0, DAY)), min_size=2, max_size=12),
    tenths=st.integers(10, 30),
)
def test_a_day_has_no_edge(scene: Scene, waits: list[int], tenths: int) -> None:
    """In any time t, at most the day's lots × (1 + t / day) open, whenever it begins."""
    with scene.undone():
        cap = lots_of(scene) * tenths // 10
        scene.rule(max_day_lots=cap)
        opened: list[tuple[int, int]] = []
        for seconds in waits:
            scene.wait(seconds)
            size = lots_uncapped(scene)
            room = cap - scene.keeper.call("getMarket", 0).used_day_lots
            if size > room:
                with reverts(CapExceeded("day", size, room)):
                    scene.strike()
                continue
            strike = scene.strike()
            opened.append((scene.chain.timestamp(), strike["notional"] // scene.lot_value))
            scene.settle(strike["strike_id"], by="owner")
            if scene.read("getStrikeStats").halted:
                scene.owner.send("resume")
        for first, (start, _) in enumerate(opened):
            for last in range(first, len(opened)):
                spent = sum(size for _, size in opened[first : last + 1])
                assert spent * DAY <= cap * (DAY + opened[last][0] - start)


@pytest.mark.parametrize("cooldown", [1, 60, 65_535])
def test_a_market_rests_between_strikes_to_the_second(scene: Scene, cooldown: int) -> None:
    scene.rule(cooldown=cooldown)
    scene.strike()
    struck_at = scene.chain.timestamp()
    prediction = scene.prediction()
    scene.at(struck_at + cooldown - 1 or struck_at)
    if cooldown > 1:
        with refuses(scene, CooldownActive(0, struck_at + cooldown)):
            scene.execute(prediction)
    scene.at(struck_at + cooldown)
    scene.execute(prediction)


def test_two_strikes_in_one_second_are_none_after_the_first(scene: Scene) -> None:
    scene.rule(cooldown=1)
    scene.strike()
    with scene.frozen(), refuses(scene, CooldownActive(0, scene.chain.timestamp() + 1)):
        scene.strike()


def test_a_market_at_rest_still_settles(scene: Scene) -> None:
    scene.rule(cooldown=1000)
    scene.strike()
    scene.settle(1)


def test_a_market_rests_alone(scene: Scene) -> None:
    scene.owner.send("registerMarket", config(scene))
    scene.rule(cooldown=1000)
    scene.strike()
    scene.strike(market=1)
