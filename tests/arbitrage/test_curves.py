"""What the search believes of a pool, in floats, is what the pool pays in units."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from macrostrike.arbitrage import (
    AmountRefused,
    ConcentratedPool,
    ConstantProductPool,
    Pool,
    StablePool,
    WeightedPool,
)

from .states import magnitudes, pools, ways

_ANY = settings(max_examples=100, deadline=None)


def rounding(pool: Pool, token_out: str) -> float:
    """What a pool's own rounding may cost, in its output: generous."""
    if isinstance(pool, ConstantProductPool):
        return 1
    if isinstance(pool, ConcentratedPool):
        return 10_000
    # Balancer counts with 18 digits, and keeps a share of 1e-14 to be safe.
    assert isinstance(pool, (WeightedPool, StablePool))
    return 50 + pool.balances[pool.tokens.index(token_out)] * 3e-14


def draw_amount(data: st.DataObject, pool: Pool, way: tuple[str, str]) -> tuple[int, int]:
    """An amount that is worth trading, and what the pool pays for it."""
    amount_in = data.draw(magnitudes(1, 10**30))
    try:
        amount_out = pool.amount_out(*way, amount_in)
    except AmountRefused:
        assume(False)
    return amount_in, amount_out


@_ANY
@given(data=st.data(), pool=pools())
def test_a_curve_returns_what_the_pool_returns(data: st.DataObject, pool: Pool) -> None:
    way = data.draw(ways(pool))
    amount_in, amount_out = draw_amount(data, pool, way)
    curve = pool.curve(*way)
    out, rate, curvature = curve.at(float(amount_in))
    # Pools round what comes in too; concentrated ones in each word of ticks that they pass.
    lost_in = (10_000 if isinstance(pool, ConcentratedPool) else 50) * curve.at(0.0)[1]
    assert out == pytest.approx(amount_out, rel=1e-7, abs=rounding(pool, way[1]) + lost_in)
    assert rate >= 0
    assert curvature >= 0


@_ANY
@given(data=st.data(), pool=pools(), share=st.floats(1e-6, 1e-3))
def test_near_an_amount_a_curve_is_the_hyperbola_that_it_says(
    data: st.DataObject, pool: Pool, share: float
) -> None:
    way = data.draw(ways(pool))
    amount_in, _ = draw_amount(data, pool, way)
    curve = pool.curve(*way)
    out, rate, curvature = curve.at(float(amount_in))
    more = amount_in * share
    then, rate_then, curvature_then = curve.at(amount_in + more)
    # Where a range of ticks ends in between, another hyperbola begins.
    assume(curvature_then > 0)
    assume(curvature / curvature_then == pytest.approx(1, rel=0.01))
    said = rate * more / (1 + curvature * more)
    # Floats leave a share of what the pool holds, not of what is traded.
    holds = max(out, *(way_.max_out for way_ in pool.directions()))
    assert then - out == pytest.approx(said, rel=1e-3, abs=1e-12 * holds)
    assert rate_then <= rate * (1 + 1e-9)


@_ANY
@given(data=st.data(), pool=pools())
def test_no_amount_returns_more_than_the_bound_of_its_direction(
    data: st.DataObject, pool: Pool
) -> None:
    way = data.draw(ways(pool))
    amount_in, amount_out = draw_amount(data, pool, way)
    bounds = {(way.token_in, way.token_out): way for way in pool.directions()}
    if way not in bounds:
        assert amount_out == 0
        return
    bound = bounds[way]
    maximum = bound.rate * amount_in / (1 + bound.curvature * amount_in)
    assert amount_out <= maximum * (1 + 1e-9) + 1e-12 * bound.max_out
    assert amount_out <= bound.max_out * (1 + 1e-9)


@_ANY
@given(data=st.data(), pool=pools())
def test_a_first_unit_earns_the_rate_of_its_direction(data: st.DataObject, pool: Pool) -> None:
    for way in pool.directions():
        _, rate, _ = pool.curve(way.token_in, way.token_out).at(0.0)
        assert rate == pytest.approx(way.rate, rel=1e-9)


def test_a_weighted_pool_returns_nothing_over_three_tenths() -> None:
    pool = WeightedPool("w", ("0xA", "0xB"), (10**20, 10**20), (5 * 10**17,) * 2, (18, 18), 10**15)
    curve = pool.curve("0xA", "0xB")
    maximum = 3 * 10**19 / (1 - 1e-3)
    assert curve.at(maximum * 0.999)[1] > 0
    out, *rest = curve.at(maximum * 1.001)
    assert out == pytest.approx(curve.at(maximum * 0.9999)[0], rel=1e-3)
    assert rest == [0.0, 0.0]
