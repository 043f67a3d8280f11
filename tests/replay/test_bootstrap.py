"""Intervals and projections from the measured days, against another bootstrap."""

from __future__ import annotations

import random

import numpy as np
import pytest
from arch.bootstrap import CircularBlockBootstrap

from macrostrike.replay._bootstrap import (
    BLOCK_DAYS,
    DRAWS,
    MIN_DAYS,
    bootstrap,
    drawn_days,
)
from macrostrike.replay._figures import Group

QUOTE = 10**6


def days(count: int, seed: int = 1) -> dict[int, Group]:
    chance = random.Random(seed)
    trades = [chance.randint(20, 60) for _ in range(count)]
    return {
        day: Group(
            trades=each,
            wins=chance.randint(each // 2, each),
            pnl=0,
            net=chance.randint(-900, 600) * QUOTE,
            notional=each * 10_000 * QUOTE,
        )
        for day, each in enumerate(trades, 19_000)
    }


@pytest.mark.parametrize("count", [5, 6, 7, 34])
def test_a_draw_is_blocks_of_days_that_follow_each_other(count: int) -> None:
    drawn = drawn_days(count, 1)
    assert drawn.shape == (DRAWS, count)
    places = np.arange(1, count)
    within = places[places % BLOCK_DAYS > 0]
    assert ((drawn[:, within - 1] + 1) % count == drawn[:, within]).all()
    # Every day is as likely as any other.
    share = np.bincount(drawn.ravel()) / drawn.size
    assert share == pytest.approx(np.full(count, 1 / count), rel=0.1)


def test_the_intervals_are_those_of_another_bootstrap() -> None:
    measured = days(34)
    found = bootstrap(measured, seed=1, quote=QUOTE)
    assert found is not None
    table = np.array([(day.trades, day.wins, day.net / QUOTE) for day in measured.values()])
    other = CircularBlockBootstrap(BLOCK_DAYS, table, seed=2)
    drawn = np.array([positional[0] for positional, _ in other.bootstrap(DRAWS)])
    trades, wins, net = (drawn[:, :, column].sum(axis=1) for column in range(3))
    for interval, values in ((found.win_rate, wins / trades), (found.expectancy, net / trades)):
        low, median, high = np.percentile(values, (5, 50, 95))
        spread = high - low
        assert interval.low == pytest.approx(low, abs=spread / 20)
        assert interval.median == pytest.approx(median, abs=spread / 20)
        assert interval.high == pytest.approx(high, abs=spread / 20)


def test_projections_add_up_days_at_the_measured_size() -> None:
    found = bootstrap(days(34), seed=1, quote=QUOTE)
    assert found is not None
    one, seven, fourteen = found.projections
    assert seven.trades == pytest.approx(7 * one.trades, rel=0.05)
    assert fourteen.trades == pytest.approx(14 * one.trades, rel=0.05)
    # Days of one block go together: a week of them varies by more than one and less than seven.
    assert 1 < (seven.result.high - seven.result.low) / (one.result.high - one.result.low) < 7


def test_too_few_days_project_nothing() -> None:
    assert bootstrap(days(MIN_DAYS - 1), seed=1, quote=QUOTE) is None
    assert bootstrap(days(MIN_DAYS), seed=1, quote=QUOTE) is not None


def test_the_same_seed_returns_the_same() -> None:
    assert bootstrap(days(9), seed=3, quote=QUOTE) == bootstrap(days(9), seed=3, quote=QUOTE)
    assert bootstrap(days(9), seed=3, quote=QUOTE) != bootstrap(days(9), seed=4, quote=QUOTE)
