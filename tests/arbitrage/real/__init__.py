"""Real pools in this process, brought to a given state by their own functions.

A pool's tokens are plain ERC-20s laid where the pool has them, so that each pool keeps the order
of its tokens and their decimals. Everything else is what was deployed on mainnet: Uniswap's and
Balancer's own bytecode, brought to its state by deposits, `sync`, `initialize`, `mint` and joins.
Nothing is written into a pool's storage.
"""

from __future__ import annotations

from collections.abc import Sequence

from macrostrike.arbitrage import (
    ConcentratedPool,
    ConstantProductPool,
    Pool,
    StablePool,
    WeightedPool,
)

from .balancer import RealBalancerPool, Vault
from .chain import Chain, NotTaken, RealPool, contract, trader_code
from .uniswap import RealPair, RealV3Pool, RealV4Pool, with_fee


def rebuilt(chain: Chain, vault: Vault, pool: Pool, decimals: Sequence[int]) -> RealPool:
    """The real pool in a model's state."""
    if isinstance(pool, ConstantProductPool):
        return RealPair(chain, pool)
    if isinstance(pool, ConcentratedPool):
        return RealV3Pool(chain, pool)
    if isinstance(pool, WeightedPool):
        return vault.weighted(pool)
    assert isinstance(pool, StablePool)
    return vault.stable(pool, decimals)


__all__ = [
    "Chain",
    "NotTaken",
    "RealBalancerPool",
    "RealPair",
    "RealPool",
    "RealV3Pool",
    "RealV4Pool",
    "Vault",
    "contract",
    "rebuilt",
    "trader_code",
    "with_fee",
]
