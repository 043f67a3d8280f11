"""A past for a Uniswap V3 pool on a chain whose clock must not be moved.

The pool's oracle needs minutes of observations, and a node's owner wants the node's clock as it is.
So the observations that the pool would have made are written into its storage.
"""

from __future__ import annotations

from macrostrike.build import Contract, npm
from macrostrike.chain import AnvilTransport, BoundContract

_SLOT0 = 0
_LIQUIDITY = 4
_OBSERVATIONS = 8
# Of slot0, as Solidity packs it.
_TICK_BIT, _INDEX_BIT, _CARDINALITY_BIT, _NEXT_CARDINALITY_BIT = 160, 184, 200, 216
_OF_THE_FIRST_MINT = 1  # the newest observation's index, when liquidity was added and no more
_U16, _U32, _U56, _U160 = ((1 << bits) - 1 for bits in (16, 32, 56, 160))


def give_past(chain: AnvilTransport, pool: str, count: int, seconds: int) -> None:
    """Writes `count` observations to the pool, `seconds` apart, of the price that it has now.

    Does nothing where it remembers as long already, or has traded since it was created.
    """
    now = chain.timestamp()
    word = int.from_bytes(chain.storage(pool, _SLOT0), "big")
    oldest, *_ = BoundContract(chain, pool, _pool().abi).call("observations", 0)
    if now - oldest >= (count - 1) * seconds or word >> _INDEX_BIT & _U16 > _OF_THE_FIRST_MINT:
        return
    tick = _signed24(word >> _TICK_BIT)
    liquidity = int.from_bytes(chain.storage(pool, _LIQUIDITY)[16:], "big")
    for index in range(count):
        elapsed = index * seconds
        written = _observation(
            at=now - (count - 1) * seconds + elapsed,
            tick_cumulative=tick * elapsed,
            seconds_per_liquidity=(elapsed << 128) // liquidity,
        )
        chain.set_storage(pool, _OBSERVATIONS + index, written)
    cardinality = word >> _NEXT_CARDINALITY_BIT & _U16
    word &= ~(_U16 << _INDEX_BIT | _U16 << _CARDINALITY_BIT)
    word |= (count - 1) << _INDEX_BIT | cardinality << _CARDINALITY_BIT
    chain.set_storage(pool, _SLOT0, word.to_bytes(32, "big"))


def _observation(at: int, tick_cumulative: int, seconds_per_liquidity: int) -> bytes:
    word = at & _U32
    word |= (tick_cumulative & _U56) << 32
    word |= (seconds_per_liquidity & _U160) << 88
    word |= 1 << 248  # initialized
    return word.to_bytes(32, "big")


def _signed24(value: int) -> int:
    value &= (1 << 24) - 1
    return value - (1 << 24) if value >> 23 else value


def _pool() -> Contract:
    return npm("@uniswap/v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json")
