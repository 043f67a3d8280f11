"""What the search finds, and what it leaves."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike.arbitrage import (
    ConcentratedPool,
    ConstantProductPool,
    Find,
    Hop,
    Opportunity,
    Pool,
    StablePool,
    TickMap,
    WeightedPool,
    search,
)
from macrostrike.arbitrage.pools._ticks import sqrt_price_at
from macrostrike.errors import InvalidValue

from .execution import executed
from .states import ONE, TOKENS

WETH, USD, BTC, DAI = TOKENS[:4]
GWEI = 10**9


def pair(name: str, tokens: tuple[str, str], *reserves: int) -> ConstantProductPool:
    """A pair, its tokens in any order."""
    if int(tokens[0], 16) > int(tokens[1], 16):
        tokens, reserves = tokens[::-1], reserves[::-1]
    first, second = reserves
    return ConstantProductPool(name, tokens, (first * ONE, second * ONE))


CHEAP = pair("cheap", (WETH, USD), 1000, 1_600_000)
DEAR = pair("dear", (WETH, USD), 1000, 1_650_000)


def found_in(*pools: Pool, gas_price_wei: int = 0, **options: object) -> list[Opportunity]:
    return search(pools, gas_price_wei=gas_price_wei, base_token=WETH, **options)  # type: ignore[arg-type]


def test_two_prices_are_an_opportunity() -> None:
    (found,) = found_in(CHEAP, DEAR)
    assert found.hops == (Hop("dear", WETH, USD), Hop("cheap", USD, WETH))
    assert found.token == WETH
    assert found.amounts[0] == found.amount_in
    assert found.amounts[-1] == found.amount_out
    assert found.profit == found.amount_out - found.amount_in > 0
    first = DEAR.amount_out(WETH, USD, found.amount_in)
    assert found.amounts == (found.amount_in, first, CHEAP.amount_out(USD, WETH, first))


def test_what_is_paid_for_data_comes_off_each_find() -> None:
    (free,) = found_in(CHEAP, DEAR, gas_price_wei=GWEI)
    fee = free.net_profit_wei // 3
    (paid,) = found_in(CHEAP, DEAR, gas_price_wei=GWEI, data_cost_wei=fee)
    assert paid.net_profit_wei == pytest.approx(free.net_profit_wei - fee, rel=1e-6)
    assert found_in(CHEAP, DEAR, gas_price_wei=GWEI, data_cost_wei=free.net_profit_wei) == []
    find = Find(paid, (0, 1), GWEI, 7, data_cost_wei=fee)
    assert find.profit_wei == pytest.approx(free.net_profit_wei + free.gas * GWEI, rel=1e-6)
    assert find.min_profit > Find(free, (0, 1), GWEI, 7).min_profit


def test_prices_within_the_fees_are_none() -> None:
    assert found_in(CHEAP, pair("near", (WETH, USD), 1000, 1_609_000)) == []


def test_gas_is_taken_off_and_decides() -> None:
    (free,) = found_in(CHEAP, DEAR)
    (found,) = found_in(CHEAP, DEAR, gas_price_wei=GWEI)
    assert free.gas == found.gas == 21_000 + 2 * ConstantProductPool.swap_gas
    assert found.net_profit_wei == found.profit - found.gas * GWEI
    even = free.profit // free.gas
    assert len(found_in(CHEAP, DEAR, gas_price_wei=even)) == 1
    assert found_in(CHEAP, DEAR, gas_price_wei=even + 1) == []


def test_the_minimum_profit_is_net_of_gas() -> None:
    (found,) = found_in(CHEAP, DEAR, gas_price_wei=GWEI)
    net = found.net_profit_wei
    assert len(found_in(CHEAP, DEAR, gas_price_wei=GWEI, min_profit=net - 1000)) == 1
    assert found_in(CHEAP, DEAR, gas_price_wei=GWEI, min_profit=net) == []


def test_three_hops_are_found_either_way_round() -> None:
    # A bitcoin is 16.25 ether by way of dollars.
    other = pair("other", (USD, BTC), 2_600_000, 100)
    (dear,) = found_in(CHEAP, other, pair("last", (BTC, WETH), 100, 1700))
    assert [hop.token_in for hop in dear.hops] == [WETH, USD, BTC]
    (cheap,) = found_in(CHEAP, other, pair("last", (BTC, WETH), 100, 1500))
    assert [hop.token_in for hop in cheap.hops] == [WETH, BTC, USD]
    assert found_in(CHEAP, other, pair("last", (BTC, WETH), 100, 1700), max_hops=2) == []


def test_of_those_that_share_a_pool_the_best_alone_can_be_had() -> None:
    dearer = pair("dearer", (WETH, USD), 1000, 1_700_000)
    (best,) = found_in(CHEAP, DEAR, dearer)
    assert {hop.pool for hop in best.hops} == {"cheap", "dearer"}
    every = found_in(CHEAP, DEAR, dearer, overlapping=True)
    assert every[0] == best
    assert [{hop.pool for hop in each.hops} for each in every] == [
        {"cheap", "dearer"},
        {"cheap", "dear"},
        {"dear", "dearer"},
    ]
    assert [each.net_profit_wei for each in every] == sorted(
        (each.net_profit_wei for each in every), reverse=True
    )


def test_no_pool_is_passed_twice() -> None:
    """Its second swap would not be at the price that it has now."""
    odd = WeightedPool(
        "odd",
        (WETH, USD, BTC),
        (10**21, 10**24, 10**20),
        (ONE // 2, ONE // 4, ONE - ONE // 2 - ONE // 4),
        (18, 18, 18),
        10**15,
    )
    for found in found_in(odd, CHEAP, DEAR, overlapping=True):
        pools = [hop.pool for hop in found.hops]
        assert len(set(pools)) == len(pools)


def test_away_from_the_base_token_profit_is_valued_by_prices() -> None:
    stables = [pair("one", (USD, DAI), 10**6, 10**6), pair("two", (USD, DAI), 10**6, 11 * 10**5)]
    price = 1 / 1600
    (found,) = found_in(*stables, prices={USD: price, DAI: price})
    assert found.token in (USD, DAI)
    assert found.net_profit_wei == pytest.approx(found.profit * price)
    assert found_in(*stables, prices={}) == []
    # By default they are what the pools say.
    (linked,) = found_in(*stables, pair("link", (WETH, USD), 1000, 1_600_000))
    assert linked.net_profit_wei == pytest.approx(linked.profit * price, rel=0.1)


def test_a_cycle_begins_with_the_base_token_where_it_passes_it() -> None:
    (found,) = found_in(CHEAP, DEAR, pair("usd", (USD, DAI), 1, 1), pair("us", (USD, BTC), 1, 1))
    assert found.token == WETH


def test_a_cycle_begins_with_a_token_that_has_a_limit() -> None:
    (there,) = found_in(CHEAP, DEAR)
    (found,) = found_in(CHEAP, DEAR, limits={USD: 10**30}, prices={USD: 1 / 1600})
    assert [hop.token_in for hop in found.hops] == [USD, WETH]
    assert found.profit / 1600 == pytest.approx(there.profit, rel=0.02)
    assert found_in(CHEAP, DEAR, limits={USD: 10**30, WETH: 10**30}) == [there]
    for useless in ({}, {DAI: 10**30}, {WETH: 0}):
        assert found_in(CHEAP, DEAR, limits=useless) == []


def test_no_more_goes_in_than_the_limit() -> None:
    (free,) = found_in(CHEAP, DEAR)
    for limit in (1000, ONE, free.amount_in - 1):
        (found,) = found_in(CHEAP, DEAR, limits={WETH: limit})
        assert limit - 2 <= found.amount_in <= limit
        out = CHEAP.amount_out(USD, WETH, DEAR.amount_out(WETH, USD, limit))
        assert found.profit >= out - limit
    (found,) = found_in(CHEAP, DEAR, limits={WETH: free.amount_in})
    assert found == free
    even = free.net_profit_wei // free.gas
    assert found_in(CHEAP, DEAR, gas_price_wei=even, limits={WETH: ONE}) == []


def test_nothing_is_found_in_nothing() -> None:
    assert found_in() == []
    assert found_in(CHEAP) == []


@pytest.mark.parametrize(
    ("options", "field"),
    [({"max_hops": 4}, "max_hops"), ({"min_profit": -1}, "min_profit")],
)
def test_values_that_mean_nothing_are_refused(options: dict[str, int], field: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        found_in(CHEAP, DEAR, **options)
    assert refused.value.field == field


def test_a_negative_gas_price_is_refused() -> None:
    with pytest.raises(InvalidValue, match="gas_price_wei can't be -1"):
        found_in(CHEAP, DEAR, gas_price_wei=-1)


def mixed(shift: int) -> list[Pool]:
    """One pool of each venue between the same two tokens, and a stable pair of dollars."""
    tick = sqrt_price_at(73_700 + shift)
    ticks = TickMap({72_000: 4 * 10**22, 73_800: 10**22, 75_000: -5 * 10**22}, 60)
    liquidity = ticks.liquidity[ticks.range_of(73_700 + shift)]
    return [
        CHEAP,
        ConcentratedPool("v3", (WETH, USD), 3000, tick, 73_700 + shift, liquidity, ticks),
        WeightedPool(
            "weighted",
            (WETH, USD),
            (800 * ONE, 330_000 * ONE),
            (8 * ONE // 10, 2 * ONE // 10),
            (18, 18),
            10**15,
        ),
        StablePool("stable", (USD, DAI), (10**24, 12 * 10**23), (ONE, ONE), 200_000, 4 * 10**14),
        pair("dai", (WETH, DAI), 700, 1_130_000),
    ]


@settings(max_examples=15, deadline=None)
@given(shift=st.integers(-900, 900))
def test_what_is_found_is_what_the_contracts_give(shift: int) -> None:
    """Over all venues: each opportunity executed on the pools' own bytecode."""
    pools = mixed(shift)
    by_id = {pool.id: pool for pool in pools}
    for found in found_in(*pools, gas_price_wei=GWEI, overlapping=True):
        assert executed(found, by_id, {}) == found.amounts


@settings(max_examples=40, deadline=None)
@given(
    reserves=st.lists(
        st.tuples(st.integers(0, 5), st.integers(900, 1100), st.integers(1, 10**4)),
        min_size=2,
        max_size=12,
    )
)
def test_nothing_that_pays_is_left_out(reserves: list[tuple[int, int, int]]) -> None:
    """Against trying every cycle: the bounds that prune never cost an opportunity."""
    ends = [(WETH, USD), (WETH, BTC), (WETH, DAI), (USD, BTC), (USD, DAI), (BTC, DAI)]
    pools = [
        pair(f"pair {n}", ends[end], 1000 * size, price * size)
        for n, (end, price, size) in enumerate(reserves)
    ]
    prices = dict.fromkeys(TOKENS, 1.0)
    minimum = 10**17
    pruned = found_in(*pools, min_profit=minimum, overlapping=True, prices=prices)
    every = found_in(*pools, overlapping=True, prices=prices)
    paying = {each.hops for each in every if each.net_profit_wei > minimum}
    assert {each.hops for each in pruned} == paying
    gaining = {hops for hops in _two_hops(pools) if _gains(pools, hops)}
    assert gaining <= {each.hops for each in every}


def _two_hops(pools: list[ConstantProductPool]) -> set[tuple[Hop, ...]]:
    """Every way there and back that begins with the token of most pools."""
    return {
        (Hop(out.id, WETH, token), Hop(back.id, token, WETH))
        for out in pools
        for back in pools
        if out is not back and out.tokens == back.tokens and WETH in out.tokens
        for token in out.tokens
        if token != WETH
    }


def _gains(pools: list[ConstantProductPool], hops: tuple[Hop, ...]) -> bool:
    by_id = {pool.id: pool for pool in pools}
    amount = 10**12
    for hop in hops:
        amount = by_id[hop.pool].amount_out(hop.token_in, hop.token_out, amount)
    return amount > 10**12


def test_where_no_pool_lends_first_the_capital_is_the_maximum() -> None:
    tokens = tuple(sorted((WETH, USD), key=lambda token: int(token, 16)))
    cheap, dear = (
        WeightedPool(
            name,
            tokens,
            tuple({WETH: 1000 * ONE, USD: dollars * ONE}[token] for token in tokens),
            (ONE // 2, ONE // 2),
            (18, 18),
            3 * ONE // 1000,
        )
        for name, dollars in (("cheap weighted", 1_600_000), ("dear weighted", 1_650_000))
    )
    (free,) = found_in(cheap, dear)
    (kept,) = found_in(cheap, dear, capital={WETH: ONE})
    assert kept.amount_in <= ONE < free.amount_in
    for capital in ({}, {WETH: 0}, {USD: ONE}):
        assert found_in(cheap, dear, capital=capital) == []
        # One pool that lends first is enough.
        assert found_in(cheap, DEAR, capital=capital)
