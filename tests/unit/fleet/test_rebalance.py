"""Equity between the bots: by weights, or by what their strategies have delivered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike.errors import EquityOverflow, NoWeights
from macrostrike.types import BOTS, BOTS_PER_STRATEGY, Signal

from ..environment import Env, event
from ..readers import refuses

LIMIT = (1 << 42) - 1
EVEN = [1] * BOTS


def spread(env: Env, weights: list[int]) -> list[int]:
    """What each bot should have: what is locked, and its part of what is free. What the division
    leaves is the first one's."""
    bots, unit = env.read("getBots"), env.unit
    free, total = sum(bot.free for bot in bots) // unit, sum(weights)
    shares = [free * weight // total for weight in weights]
    shares[next(i for i, weight in enumerate(weights) if weight)] += free - sum(shares)
    return [bot.locked + share * unit for bot, share in zip(bots, shares, strict=True)]


def equities(env: Env) -> list[int]:
    return [bot.equity for bot in env.read("getBots")]


@pytest.mark.parametrize("role", ["owner", "operator", "rebalancer"])
def test_equity_is_spread_by_weights(env: Env, role: str) -> None:
    weights = [bot + 1 for bot in range(BOTS)]
    expected = spread(env, weights)
    by = getattr(env, role)
    assert by.send("rebalance", weights) == [
        event("Rebalanced", by=by.address, equity=tuple(expected))
    ]
    assert equities(env) == expected
    assert expected[24] > 20 * expected[0]


def test_what_the_division_leaves_is_the_first_weighted_bots(env: Env) -> None:
    total = sum(equities(env))
    assert total % 7 != 0
    env.owner.send("rebalance", [0, 0, *[1] * 7, *[0] * 16])
    assert equities(env)[2] == total // 7 + total % 7
    assert equities(env)[3:9] == [total // 7] * 6


def test_a_bot_without_weight_keeps_what_is_locked(env: Env) -> None:
    env.strike()
    locked = env.read("getBot", 0).locked
    env.owner.send("rebalance", [0, *[1] * 24])
    assert env.read("getBot", 0).equity == env.read("getBot", 0).locked == locked > 0


def test_some_bot_must_have_a_weight(env: Env) -> None:
    with refuses(env, NoWeights()):
        env.owner.send("rebalance", [0] * BOTS)


def test_a_bot_gets_no_more_than_its_42_bits(env: Env) -> None:
    for _ in range(5):
        amount = sum(equities(env))
        env.give(env.owner.address, quote=amount)
        env.owner.send("deposit", amount)
        env.owner.send("fundBots", [amount // BOTS] * BOTS)
    total = sum(equities(env))
    assert total > LIMIT
    with refuses(env, EquityOverflow(24, total)):
        env.owner.send("rebalance", [0] * 24 + [1])


def test_weights_are_relative_and_as_large_as_64_bits(env: Env) -> None:
    huge = (1 << 64) - 1
    expected = spread(env, [huge] * BOTS)
    env.owner.send("rebalance", [huge] * BOTS)
    assert equities(env) == expected == spread(env, EVEN)


def test_it_works_while_paused_and_halted(env: Env) -> None:
    for _ in range(7):
        env.owner.send("writeOffStrike", env.strike()["strike_id"])
    env.owner.send("pause")
    env.rebalancer.send("rebalance", EVEN)
    env.rebalancer.send("rebalanceByPerformance")


def test_it_is_not_a_performance(env: Env) -> None:
    env.play(won=True)
    before = env.read("getStrikeStats")
    strategies = [env.read("getStrategyStats", each) for each in range(5)]
    env.owner.send("rebalance", [bot * bot for bot in range(BOTS)])
    assert env.read("getStrikeStats") == before
    for strategy, stats in enumerate(strategies):
        now = env.read("getStrategyStats", strategy)
        assert (now.pnl, now.wins, now.settled) == (stats.pnl, stats.wins, stats.settled)
        assert now.equity != stats.equity


weights_of_bots = st.lists(
    st.one_of(st.integers(0, 5), st.integers(0, (1 << 64) - 1)), min_size=BOTS, max_size=BOTS
).filter(any)


@settings(max_examples=15)
@given(weights_of_bots, weights_of_bots, st.lists(st.sampled_from(Signal), max_size=3))
def test_the_total_is_conserved_and_open_strikes_left_alone(
    any_env: Env, first: list[int], second: list[int], signals: list[Signal]
) -> None:
    env = any_env
    with env.undone():
        for signal in signals:
            env.strike(signal=signal)
        strikes = [env.read("getStrike", each) for each in env.read("getOpenStrikes")]
        locked = [bot.locked for bot in env.read("getBots")]
        for weights in (first, second):
            total, expected = sum(equities(env)), spread(env, weights)
            env.rebalancer.send("rebalance", weights)
            assert equities(env) == expected
            assert sum(expected) == total
        assert [bot.locked for bot in env.read("getBots")] == locked
        assert [env.read("getStrike", strike.record.id) for strike in strikes] == strikes
        for strike in strikes:
            env.settle(strike.record.id, by="owner")


def performance_weights(env: Env) -> list[int]:
    """The posterior mean of the win rate over 80 %, from 3 % to 15 %, shared by active bots."""
    weights = []
    for strategy in range(5):
        stats = env.read("getStrategyStats", strategy)
        mean = (stats.wins * 10_000 + 20 * 8700) // (stats.settled + 20)
        weight = 60 * min(max(mean - 8000, 300), 1500)
        first = strategy * BOTS_PER_STRATEGY
        active = [
            env.read("getBot", bot).config.active for bot in range(first, first + BOTS_PER_STRATEGY)
        ]
        weights += [weight // sum(active) if on else 0 for on in active]
    return weights


@pytest.mark.parametrize("role", ["owner", "operator", "rebalancer"])
def test_new_strategies_share_evenly(env: Env, role: str) -> None:
    getattr(env, role).send("rebalanceByPerformance")
    assert len(set(equities(env)[1:])) == 1


def test_those_that_delivered_get_more(env: Env) -> None:
    for _ in range(3):
        env.play(won=True, strategies=0b00001)
        env.play(won=False, strategies=0b10000)
    expected = spread(env, performance_weights(env))
    assert env.rebalancer.send("rebalanceByPerformance") == [
        event("Rebalanced", by=env.rebalancer.address, equity=tuple(expected))
    ]
    assert expected[4] > expected[5] > expected[24]


def test_floor_and_ceiling(env: Env) -> None:
    """30 wins of 30 would be 1,480 basis points over 80 %; 12 losses of 12, far under."""
    for _ in range(35):
        env.play(won=True, strategies=0b00001)
    for _ in range(5):
        env.play(won=False, strategies=0b10000)
    env.owner.send("rebalanceByPerformance")
    weights = performance_weights(env)
    assert (weights[0], weights[24]) == (60 * 1500 // 5, 60 * 300 // 5)
    now = equities(env)
    assert 4.99 < now[1] / now[24] < 5.01


def test_a_strategys_active_bots_share_its_part(env: Env) -> None:
    for bot in (0, 1, 5, 6, 7, 8, 9):
        config = replace(env.read("getBot", bot).config, active=False)
        env.owner.send("configureBot", bot, config)
    expected = spread(env, performance_weights(env))
    env.owner.send("rebalanceByPerformance")
    now = equities(env)
    assert now == expected
    assert now[0] == now[1] == sum(now[5:10]) == 0
    # Three bots share what five do elsewhere, but for a unit of the division.
    assert abs(3 * now[3] - 5 * now[10]) < 100


def test_without_an_active_bot_there_is_not_a_one_to_share(env: Env) -> None:
    for bot in range(BOTS):
        config: Any = replace(env.read("getBot", bot).config, active=False)
        env.owner.send("configureBot", bot, config)
    with refuses(env, NoWeights()):
        env.owner.send("rebalanceByPerformance")
