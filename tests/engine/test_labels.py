"""What counts as a win: barriers and horizon, net of fee and own impact."""

from __future__ import annotations

import numpy as np
import pytest

from macrostrike.engine import MODELS, Barriers, Costs

BARRIERS = Barriers(take_profit_bps=50, stop_loss_bps=100, minutes=3)
FREE = Costs(fee_bps=0, notional=0, depth=1)


def returned(closes: list[float], side: int, costs: Costs = FREE) -> float:
    starts, sides = np.array([0]), np.array([side])
    return float(BARRIERS.returns(np.array(closes), starts, sides, costs)[0])


def test_the_first_barrier_met_closes_it() -> None:
    assert returned([100, 100.4, 100.6, 90], +1) == pytest.approx(0.006)
    assert returned([100, 98.9, 103, 103], +1) == pytest.approx(-0.011)
    assert returned([100, 99.4, 120, 120], -1) == pytest.approx(0.006)


def test_without_a_barrier_met_the_horizon_closes_it() -> None:
    assert returned([100, 100.1, 100.2, 100.3], +1) == pytest.approx(0.003)
    assert returned([100, 100.1, 100.2, 100.3], -1) == pytest.approx(-0.003)


def test_fee_and_own_impact_are_paid_twice() -> None:
    costs = Costs(fee_bps=5, notional=28_100, depth=281_000)
    assert costs.impact_bps == pytest.approx(5)
    # Entry at 100.1, exit 10 bps under the price: a move of 20 bps earns nothing.
    assert returned([100, 100.1, 100.2, 100.2], +1, costs) == pytest.approx(0, abs=1e-5)
    assert returned([100, 99.9, 99.8, 99.8], -1, costs) == pytest.approx(0, abs=1e-5)


def test_barriers_count_from_the_price_obtained() -> None:
    costs = Costs(fee_bps=10, notional=0, depth=1)
    # 55 bps over the market are 45 over the price obtained: the take-profit is not met yet.
    assert returned([100, 100.55, 100.55, 99.5], +1, costs) == pytest.approx(-0.007, abs=1e-4)


def test_the_minimum_confidence_makes_the_claim_gain() -> None:
    for model in MODELS:
        barriers, minimum = model.barriers, model.barriers.min_confidence_bps
        gain, loss = barriers.take_profit_bps, barriers.stop_loss_bps
        assert minimum >= 9300
        assert minimum * gain > (10_000 - minimum) * loss
        assert 0 < loss <= 300
        assert barriers.horizon <= 4 * 3600
