"""The amount that is found is the best there is."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from macrostrike.arbitrage import (
    AmountRefused,
    ConcentratedPool,
    ConstantProductPool,
    Opportunity,
    Pool,
    TickMap,
    WeightedPool,
    search,
)
from macrostrike.arbitrage.pools._ticks import sqrt_price_at

from .states import ONE, TOKENS, magnitudes

A, B, C = TOKENS[:3]


def best(pools: list[Pool]) -> Opportunity | None:
    """What costs nothing to take."""
    return next(iter(search(pools, gas_price_wei=0, base_token=A, prices={})), None)


def profit(pools: list[Pool], found: Opportunity, amount_in: int) -> int:
    """What the found cycle earns with another amount: less than nothing where it is refused."""
    by_id = {pool.id: pool for pool in pools}
    amount = amount_in
    try:
        for hop in found.hops:
            amount = by_id[hop.pool].amount_out(hop.token_in, hop.token_out, amount)
    except AmountRefused:
        return -amount_in
    return amount - amount_in


reserves = st.integers(20, 400)


@settings(max_examples=60, deadline=None)
@given(drawn=st.tuples(*[st.tuples(reserves, reserves)] * 3), three=st.booleans())
def test_it_is_the_best_of_all_amounts(drawn: list[tuple[int, int]], three: bool) -> None:
    ends = [(A, B), (B, C), (A, C)] if three else [(A, B), (A, B)]
    pools: list[Pool] = [
        ConstantProductPool(f"pair {n}", tokens, kept)
        for n, (tokens, kept) in enumerate(zip(ends, drawn, strict=False))
    ]
    found = best(pools)
    assume(found)
    assert found is not None
    first = next(pool for pool in pools if pool.id == found.hops[0].pool)
    assert isinstance(first, ConstantProductPool)
    every = range(1, first.reserves[first.tokens.index(A)] * 20)
    maximum = max(profit(pools, found, amount) for amount in every)
    assert found.profit == maximum
    minimum = min(amount for amount in every if profit(pools, found, amount) == maximum)
    assert found.amount_in == minimum


@st.composite
def venue(draw: st.DrawFn, number: int, tokens: tuple[str, str]) -> Pool:
    """A pool of any venue at a price near one, of any depth."""
    size = draw(magnitudes(10**9, 10**24))
    price = draw(st.integers(900, 1100))
    kept = (size, size * price // 1000)
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return ConstantProductPool(f"pair {number}", tokens, kept)
    if kind == 1:
        weights = draw(st.sampled_from(((ONE // 2, ONE // 2), (4 * ONE // 5, ONE // 5))))
        kept = (kept[0] * weights[0] // 10**9, kept[1] * weights[1] // 10**9)
        return WeightedPool(f"weighted {number}", tokens, kept, weights, (18, 18), 10**15)
    net: dict[int, int] = {}
    for _ in range(draw(st.integers(1, 4))):
        low = draw(st.integers(-40, 38)) * 60
        high = low + draw(st.integers(1, 40)) * 60
        net[low] = net.get(low, 0) + size
        net[high] = net.get(high, 0) - size
    ticks = TickMap(net, 60)
    tick = draw(st.integers(-1200, 1200))
    inside = ticks.liquidity[ticks.range_of(tick)]
    return ConcentratedPool(
        f"pool {number}", tokens, 3000, sqrt_price_at(tick), tick, inside, ticks
    )


@settings(max_examples=60, deadline=None)
@given(data=st.data(), three=st.booleans())
def test_no_other_amount_earns_more_than_rounding(data: st.DataObject, three: bool) -> None:
    ends = [(A, B), (B, C), (A, C)] if three else [(A, B), (A, B)]
    pools = [data.draw(venue(number, tokens)) for number, tokens in enumerate(ends)]
    found = best(pools)
    assume(found)
    assert found is not None
    # For what its power may be off by, Balancer keeps a 10^-14 of its balance, whatever the
    # amount. The search takes that for a part of the price, and stops short where it is large.
    slack = 10 + max(
        (max(pool.balances) // 10**14 for pool in pools if isinstance(pool, WeightedPool)),
        default=0,
    )
    for _ in range(20):
        factor = data.draw(st.one_of(st.floats(0.001, 3), st.floats(0.999999, 1.000001)))
        amount = max(int(found.amount_in * factor), 1)
        assert profit(pools, found, amount) <= found.profit + slack


@pytest.mark.parametrize("price", [880, 1130])
def test_the_last_that_a_pool_takes(price: int) -> None:
    """Where the best would be more than the pool takes, it is all that it takes."""
    weighted = WeightedPool(
        "weighted", (A, B), (10**20, 10**20), (ONE // 2, ONE // 2), (18, 18), 10**15
    )
    pair = ConstantProductPool("pair", (A, B), (10**25, 10**25 * price // 200))
    found = best([weighted, pair])
    assert found is not None
    assert [hop.pool for hop in found.hops] == ["pair", "weighted"]
    taken = found.amounts[1] * (1 - 1e-3)
    assert taken == pytest.approx(3 * 10**19, rel=1e-6)


@pytest.mark.parametrize("off_by_bps", [80, 100, 150])
def test_a_token_of_few_decimals_on_the_way_is_counted_to_the_unit(off_by_bps: int) -> None:
    """Its fee is rounded up there: a unit that is worth more than the next hundred of the input."""
    price, liquidity = -276_325, 10**15  # 10^-12 B for one A
    net = {-290_000: liquidity, -260_000: -liquidity}
    pools: list[Pool] = [
        ConstantProductPool("pair", (A, B), (10**21, 10**9 * (10_000 + off_by_bps) // 10_000)),
        ConcentratedPool(
            "pool", (A, B), 3000, sqrt_price_at(price), price, liquidity, TickMap(net, 1)
        ),
    ]
    found = best(pools)
    assert found is not None
    pair, into = pools[0], found.amounts[1]
    assert found.hops[0].pool == "pair"
    worth = pair.amount_out(B, A, into) // into
    around = [
        profit(pools, found, found.amount_in + units * worth // 4) for units in range(-800, 801)
    ]
    assert found.profit >= max(around)
