"""Uniswap V2 and its forks: two reserves a pair."""

from __future__ import annotations

from collections.abc import Sequence

from macrostrike.arbitrage._block import Block
from macrostrike.arbitrage._errors import Excluded, PoolInvalid
from macrostrike.arbitrage.pools._pool import Pool
from macrostrike.arbitrage.pools.constant_product import ConstantProductPool
from macrostrike.arbitrage.venues._spec import BY_ADDRESS, Ask, Scope, StrikeMarket, VenueSpec
from macrostrike.types import Pool as Registered
from macrostrike.types import Venue


def _read(block: Block, pools: Sequence[Registered], scope: Scope) -> list[Pool | Excluded]:
    made: list[Pool | Excluded] = []
    answers = block.ask([(pool.pool, "getReserves", ()) for pool in pools])
    for pool, reserves in zip(pools, answers, strict=True):
        try:
            tokens = (pool.token0, pool.token1)
            made.append(ConstantProductPool(pool.pool, tokens, reserves[:2], pool.fee))
        except PoolInvalid as invalid:
            made.append(Excluded(invalid.pool, invalid.fault, invalid.detail))
    return made


def _reserves(ask: Ask, pool: Registered) -> tuple[int, int]:
    reserve0, reserve1, *_ = ask("getReserves")
    return reserve0, reserve1


UNISWAP_V2 = VenueSpec(
    venue=Venue.UNISWAP_V2,
    model=ConstantProductPool,
    read=_read,
    naming=BY_ADDRESS,
    contracts=("IUniswapV2Pair",),
    leading={"getReserves": 2},
    market=StrikeMarket(
        contract="IUniswapV2Pair",
        ratio=_reserves,
        fee=lambda ask, pool: 3000,
        keeps_history=False,
    ),
    has_fixture=True,
)
