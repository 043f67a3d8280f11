"""The search against trying everything, and how its work grows with the pools."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import permutations
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike.arbitrage import (
    ConstantProductPool,
    Hop,
    Pool,
    read_auction,
    reference_prices,
    search,
)
from macrostrike.arbitrage._cycles import Terms, profitable_cycles
from macrostrike.arbitrage._graph import Graph

from ..bench.copies import multiplied
from .states import ONE, TOKENS

WETH = TOKENS[0]
AUCTION = Path(__file__).parents[3] / "shared/data/pools/cow_auction_7400681.json.gz"
ENDS = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
PRICES = dict.fromkeys(TOKENS, 1.0)
GWEI = 10**9
POOLS = st.lists(
    st.tuples(st.sampled_from(ENDS), st.integers(900, 1100), st.integers(1, 10**4)),
    min_size=2,
    max_size=10,
)


def pair(name: str, ends: tuple[int, int], *reserves: float) -> ConstantProductPool:
    first, second = sorted(zip((TOKENS[end] for end in ends), reserves, strict=True))
    return ConstantProductPool(
        name, (first[0], second[0]), (int(first[1] * ONE), int(second[1] * ONE))
    )


def pairs_of(reserves: Iterable[tuple[tuple[int, int], int, int]]) -> list[Pool]:
    return [
        pair(f"pair {n}", ends, 1000 * size, price * size)
        for n, (ends, price, size) in enumerate(reserves)
    ]


def cycles(pools: Sequence[Pool]) -> Iterator[tuple[Hop, ...]]:
    """Every way around through two or three pools, once from each of its tokens."""
    for hops in (2, 3):
        for chosen in permutations(pools, hops):
            for start in chosen[0].tokens:
                made, token = [], start
                for pool in chosen:
                    if token not in pool.tokens:
                        break
                    (other,) = (each for each in pool.tokens if each != token)
                    made.append(Hop(pool.id, token, other))
                    token = other
                seen = {hop.token_in for hop in made}
                if len(made) == len(seen) == hops and token == start:
                    yield tuple(made)


def gains(pools: Sequence[Pool], hops: Iterable[Hop]) -> bool:
    by_id, amount = {pool.id: pool for pool in pools}, 10**12
    for hop in hops:
        amount = by_id[hop.pool].amount_out(hop.token_in, hop.token_out, amount)
    return amount > 10**12


@settings(max_examples=40, deadline=None)
@given(reserves=POOLS)
def test_every_cycle_of_two_and_three_that_gains_is_found(
    reserves: list[tuple[tuple[int, int], int, int]],
) -> None:
    pools = pairs_of(reserves)
    every = search(pools, gas_price_wei=0, base_token=WETH, prices=PRICES, overlapping=True)
    found = {frozenset(each.hops) for each in every}
    assert len(found) == len(every)
    assert {frozenset(hops) for hops in cycles(pools) if gains(pools, hops)} <= found


@settings(max_examples=60, deadline=None)
@given(reserves=POOLS, gas_price=st.sampled_from([0, GWEI, 1000 * GWEI]))
def test_of_all_that_pay_the_best_that_share_no_pool_are_kept(
    reserves: list[tuple[tuple[int, int], int, int]], gas_price: int
) -> None:
    pools = pairs_of(reserves)
    terms = {"gas_price_wei": gas_price, "base_token": WETH, "prices": PRICES}
    left = search(pools, **terms, overlapping=True)  # type: ignore[arg-type]
    for found in search(pools, **terms):  # type: ignore[arg-type]
        # Of two that earn the same to rounding, either may be taken.
        assert found.net_profit_wei >= left[0].net_profit_wei * (1 - 1e-9)
        used = {hop.pool for hop in found.hops}
        left = [each for each in left if used.isdisjoint(hop.pool for hop in each.hops)]
    assert not left


def work(pools: Sequence[Pool], base_token: str, worth: dict[str, float], gas_price: int) -> int:
    """How many edges and beginnings of cycles a search looks at."""
    graph = Graph(pools, [base_token])
    terms = Terms(np.array([worth.get(token, 0.0) for token in graph.tokens]), 0, gas_price, 0)
    return sum(profitable_cycles(graph, hops, terms).looked_at for hops in (2, 3))


def made_up(count: int, seed: int = 1) -> list[Pool]:
    """Pairs of a few tokens, most of them shallow, at prices about as far apart as their fees."""
    chance = Random(seed)
    return [
        pair(
            f"pair {number}",
            chance.choice(ENDS),
            size := chance.lognormvariate(3, 2),
            size * chance.gauss(1, 0.003),
        )
        for number in range(count)
    ]


def test_the_work_on_four_times_the_pools_grows_less_than_their_cycles_do() -> None:
    """A cycle of three has 64 combinations for each of before."""
    few, many = (work(made_up(count), WETH, PRICES, 30 * GWEI) for count in (150, 600))
    assert few > 0
    assert many < 6 * few


@pytest.mark.skipif(not AUCTION.exists(), reason="the recorded pools are not there")
def test_the_work_on_four_times_the_recorded_pools_grows_about_as_they_do() -> None:
    auction = read_auction(AUCTION)
    known = {token.address: token.price for token in auction.tokens.values() if token.price}
    prices = reference_prices(auction.pools, auction.native_token, known)
    once, fourfold = (
        work(multiplied(auction.pools, times), auction.native_token, prices, auction.gas_price_wei)
        for times in (1, 4)
    )
    assert fourfold < 6 * once
