"""Equity between the bots: by weights, or by what their strategies have delivered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike.errors import EquityOverflow, NoWeights
from macrostrike.types import BOTS, BOTS_PER_STRATEGY, Signal

from ..readers import refuses
from ..scene import Scene, event

LIMIT = (1 << 42) - 1
EVEN = [1] * BOTS


def spread(scene: Scene, weights: list[int]) -> list[int]:
    """What each bot should have: what is locked, and its part of what is free. What the division
    leaves is the first one's."""
    bots, unit = scene.read("getBots"), scene.unit
    free, total = sum(bot.free for bot in bots) // unit, sum(weights)
    shares = [free * weight // total for weight in weights]
    shares[next(i for i, weight in enumerate(weights) if weight)] += free - sum(shares)
    return [bot.locked + share * unit for bot, share in zip(bots, shares, strict=True)]


def equities(scene: Scene) -> list[int]:
    return [bot.equity for bot in scene.read("getBots")]


@pytest.mark.parametrize("role", ["owner", "operator", "rebalancer"])
def test_equity_is_spread_by_weights(scene: Scene, role: str) -> None:
    weights = [bot + 1 for bot in range(BOTS)]
    expected = spread(scene, weights)
    by = getattr(scene, role)
    assert by.send("rebalance", weights) == [
        event("Rebalanced", by=by.address, equity=tuple(expected))
    ]
    assert equities(scene) == expected
    assert expected[24] > 20 * expected[0]


def test_what_the_division_leaves_is_the_first_weighted_bots(scene: Scene) -> None:
    total = sum(equities(scene))
    assert total % 7 != 0
    scene.owner.send("rebalance", [0, 0, *[1] * 7, *[0] * 16])
    assert equities(scene)[2] == total // 7 + total % 7
    assert equities(scene)[3:9] == [total // 7] * 6


def test_a_bot_without_weight_keeps_what_is_locked(scene: Scene) -> None:
    scene.strike()
    locked = scene.read("getBot", 0).locked
    scene.owner.send("rebalance", [0, *[1] * 24])
    assert scene.read("getBot", 0).equity == scene.read("getBot", 0).locked == locked > 0


def test_some_bot_must_have_a_weight(scene: Scene) -> None:
    with refuses(scene, NoWeights()):
        scene.owner.send("rebalance", [0] * BOTS)


def test_a_bot_gets_no_more_than_its_42_bits(scene: Scene) -> None:
    for _ in range(5):
        amount = sum(equities(scene))
        scene.give(scene.owner.address, quote=amount)
        scene.owner.send("deposit", amount)
        scene.owner.send("fundBots", [amount // BOTS] * BOTS)
    total = sum(equities(scene))
    assert total > LIMIT
    with refuses(scene, EquityOverflow(24, total)):
        scene.owner.send("rebalance", [0] * 24 + [1])


def test_weights_are_relative_and_as_large_as_64_bits(scene: Scene) -> None:
    huge = (1 << 64) - 1
    expected = spread(scene, [huge] * BOTS)
    scene.owner.send("rebalance", [huge] * BOTS)
    assert equities(scene) == expected == spread(scene, EVEN)


def test_it_works_while_paused_and_halted(scene: Scene) -> None:
    for _ in range(7):
        scene.owner.send("writeOffStrike", scene.strike()["strike_id"])
    scene.owner.send("pause")
    scene.rebalancer.send("rebalance", EVEN)
    scene.rebalancer.send("rebalanceByPerformance")


def test_it_is_no_performance(scene: Scene) -> None:
    scene.play(won=True)
    before = scene.read("getStrikeStats")
    strategies = [scene.read("getStrategyStats", each) for each in range(5)]
    scene.owner.send("rebalance", [bot * bot for bot in range(BOTS)])
    assert scene.read("getStrikeStats") == before
    for strategy, stats in enumerate(strategies):
        now = scene.read("getStrategyStats", strategy)
        assert (now.pnl, now.wins, now.settled) == (stats.pnl, stats.wins, stats.settled)
        assert now.equity != stats.equity


weights_of_bots = st.lists(
    st.one_of(st.integers(0, 5), st.integers(0, (1 << 64) - 1)), min_size=BOTS, max_size=BOTS
).filter(any)


@settings(max_examples=15)
@given(weights_of_bots, weights_of_bots, st.lists(st.sampled_from(Signal), max_size=3))
def test_the_total_is_conserved_and_open_strikes_left_alone(
    any_scene: Scene, first: list[int], second: list[int], signals: list[Signal]
) -> None:
    scene = any_scene
    with scene.undone():
        for signal in signals:
            scene.strike(signal=signal)
        strikes = [scene.read("getStrike", each) for each in scene.read("getOpenStrikes")]
        locked = [bot.locked for bot in scene.read("getBots")]
        for weights in (first, second):
            total, expected = sum(equities(scene)), spread(scene, weights)
            scene.rebalancer.send("rebalance", weights)
            assert equities(scene) == expected
            assert sum(expected) == total
        assert [bot.locked for bot in scene.read("getBots")] == locked
        assert [scene.read("getStrike", strike.record.id) for strike in strikes] == strikes
        for strike in strikes:
            scene.settle(strike.record.id, by="owner")


def performance_weights(scene: Scene) -> list[int]:
    """The posterior mean of the win rate over 80 %, from 3 % to 15 %, shared by active bots."""
    weights = []
    for strategy in range(5):
        stats = scene.read("getStrategyStats", strategy)
        mean = (stats.wins * 10_000 + 20 * 8700) // (stats.settled + 20)
        weight = 60 * min(max(mean - 8000, 300), 1500)
        first = strategy * BOTS_PER_STRATEGY
        active = [
            scene.read("getBot", bot).config.active
            for bot in range(first, first + BOTS_PER_STRATEGY)
        ]
        weights += [weight // sum(active) if on else 0 for on in active]
    return weights


@pytest.mark.parametrize("role", ["owner", "operator", "rebalancer"])
def test_new_strategies_share_evenly(scene: Scene, role: str) -> None:
    getattr(scene, role).send("rebalanceByPerformance")
    assert len(set(equities(scene)[1:])) == 1


def test_those_that_delivered_get_more(scene: Scene) -> None:
    for _ in range(3):
        scene.play(won=True, strategies=0b00001)
        scene.play(won=False, strategies=0b10000)
    expected = spread(scene, performance_weights(scene))
    assert scene.rebalancer.send("rebalanceByPerformance") == [
        event("Rebalanced", by=scene.rebalancer.address, equity=tuple(expected))
    ]
    assert expected[4] > expected[5] > expected[24]


def test_floor_and_ceiling(scene: Scene) -> None:
    """30 wins of 30 would be 1,480 basis points over 80 %; 12 losses of 12, far under."""
    for _ in range(35):
        scene.play(won=True, strategies=0b00001)
    for _ in range(5):
        scene.play(won=False, strategies=0b10000)
    scene.owner.send("rebalanceByPerformance")
    weights = performance_weights(scene)
    assert (weights[0], weights[24]) == (60 * 1500 // 5, 60 * 300 // 5)
    now = equities(scene)
    assert 4.99 < now[1] / now[24] < 5.01


def test_a_strategys_active_bots_share_its_part(scene: Scene) -> None:
    for bot in (0, 1, 5, 6, 7, 8, 9):
        config = replace(scene.read("getBot", bot).config, active=False)
        scene.owner.send("configureBot", bot, config)
    expected = spread(scene, performance_weights(scene))
    scene.owner.send("rebalanceByPerformance")
    now = equities(scene)
    assert now == expected
    assert now[0] == now[1] == sum(now[5:10]) == 0
    # Three bots share what five do elsewhere, but for a unit of the division.
    assert abs(3 * now[3] - 5 * now[10]) < 100


def test_without_an_active_bot_there_is_nobody_to_share(scene: Scene) -> None:
    for bot in range(BOTS):
        config: Any = replace(scene.read("getBot", bot).config, active=False)
        scene.owner.send("configureBot", bot, config)
    with refuses(scene, NoWeights()):
        scene.owner.send("rebalanceByPerformance")
