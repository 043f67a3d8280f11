"""More pools than there are: each real one several times, at slightly other prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import floor, log
from random import Random

from macrostrike.arbitrage import (
    ConcentratedPool,
    ConstantProductPool,
    Pool,
    PoolInvalid,
    StablePool,
    WeightedPool,
)
from macrostrike.arbitrage.pools._ticks import Q96, sqrt_price_at

_SPREAD = 0.0005  # standard deviation of prices: within most fees, not within all


def multiplied(pools: Sequence[Pool], times: int, seed: int = 1) -> list[Pool]:
    """The pools, and `times - 1` copies of each with its own size and price."""
    random = Random(seed)
    made = list(pools)
    for copy in range(1, times):
        for pool in pools:
            try:
                made.append(_moved(pool, f"{pool.id} copy {copy}", random))
            except PoolInvalid:
                made.append(replace(pool, id=f"{pool.id} copy {copy}"))  # type: ignore[type-var]
    return made


def _moved(pool: Pool, name: str, random: Random) -> Pool:
    shift = random.gauss(0, _SPREAD)
    if isinstance(pool, ConcentratedPool):
        price = int(pool.sqrt_price * (1 + shift / 2))
        tick = floor(2 * log(price / Q96) / log(1.0001))
        tick += (sqrt_price_at(tick + 1) <= price) - (sqrt_price_at(tick) > price)
        inside = pool.ticks.liquidity[pool.ticks.range_of(tick)]
        return replace(pool, id=name, sqrt_price=price, tick=tick, liquidity=inside)
    size = random.lognormvariate(0, 1)
    if isinstance(pool, ConstantProductPool):
        reserve0, reserve1 = pool.reserves
        moved = (_scaled(reserve0, size), _scaled(reserve1, size * (1 + shift)))
        return replace(pool, id=name, reserves=moved)
    assert isinstance(pool, (WeightedPool, StablePool))
    balances = tuple(
        _scaled(balance, size * (1 + random.gauss(0, _SPREAD))) for balance in pool.balances
    )
    return replace(pool, id=name, balances=balances)


def _scaled(amount: int, by: float) -> int:
    return max(int(amount * by), 1)
