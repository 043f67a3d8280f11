"""Uniswap V3 and its forks: each pool keeps its state in itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from macrostrike.arbitrage._block import Block, Question
from macrostrike.arbitrage.pools.concentrated import ConcentratedPool
from macrostrike.arbitrage.venues._ranged import RangedReader, State
from macrostrike.arbitrage.venues._spec import BY_ADDRESS, StrikeMarket, VenueSpec
from macrostrike.types import Pool as Registered
from macrostrike.types import Venue

_GAS = 108_163
_Q192 = 1 << 192


class _InItself:
    def states(self, block: Block, pools: Sequence[Registered]) -> list[State]:
        asked = block.ask(
            [
                (pool.pool, function, ())
                for pool in pools
                for function in ("slot0", "liquidity", "tickSpacing")
            ]
        )
        return [
            State(price, tick, liquidity, spacing, pool.fee)
            for pool, (price, tick, *_), liquidity, spacing in zip(
                pools, asked[::3], asked[1::3], asked[2::3], strict=True
            )
        ]

    def swap_gas(self, pool: Registered) -> int:
        return _GAS

    def bitmap(self, pool: Registered, word: int) -> Question:
        return pool.pool, "tickBitmap", (word,)

    def tick(self, pool: Registered, tick: int) -> Question:
        return pool.pool, "ticks", (tick,)

    def bits(self, answer: Any) -> int:
        return int(answer)

    def net(self, answer: Any) -> int:
        _, net, *_ = answer
        return int(net)


UNISWAP_V3 = VenueSpec(
    venue=Venue.UNISWAP_V3,
    model=ConcentratedPool,
    read=RangedReader(_InItself()),
    naming=BY_ADDRESS,
    contracts=("IUniswapV3Pool",),
    # PancakeSwap's last value of `slot0` is wider.
    leading={"slot0": 2, "ticks": 2},
    market=StrikeMarket(
        contract="IUniswapV3Pool",
        ratio=lambda ask, pool: (_Q192, ask("slot0")[0] ** 2),
        fee=lambda ask, pool: int(ask("fee")),
        keeps_history=True,
    ),
    has_fixture=True,
)
