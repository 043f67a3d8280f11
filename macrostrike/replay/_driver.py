"""Market history on a stage: the pool at each minute's recorded price and liquidity."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from macrostrike.arbitrage import sqrt_price_at
from macrostrike.devchain import sqrt_price_x96
from macrostrike.market import Bar
from macrostrike.replay._stage import Stage

MINUTE = 60


@dataclass(slots=True)
class MarketDriver:
    """Follows bars.

    liquidity: what the pool has where none is recorded.
    liquidity_now: what it has since the last bar; no one else provides any.
    """

    stage: Stage
    liquidity: int
    liquidity_now: int = field(init=False)
    _base_is_token0: bool = field(init=False)

    def __post_init__(self) -> None:
        pool = self.stage.pool()
        self.liquidity_now, self._base_is_token0 = pool.liquidity, pool.base_is_token0

    def follow(self, bar: Bar, *, now: int = 0) -> int:
        """The pool as at the bar's end, at the bar's end. The price, as `sqrtPriceX96`.

        now: as of `Stage.follow`.
        """
        stage, liquidity = self.stage, bar.liquidity or self.liquidity
        price = pool_price(bar, base_is_token0=self._base_is_token0)
        seconds = bar.timestamp + MINUTE - stage.transport.timestamp()
        stage.follow(price, seconds=seconds, more=liquidity - self.liquidity_now, now=now)
        self.liquidity_now = liquidity
        return price


def pool_price(bar: Bar, *, base_is_token0: bool) -> int:
    """A bar's close as the pool has it: exactly the recorded tick's, where a tick is recorded."""
    if bar.tick is not None:
        return sqrt_price_at(-bar.tick if base_is_token0 else bar.tick)
    return _price(bar.close, base_is_token0)


def full_range_liquidity(depth: Decimal, price: Decimal) -> int:
    """The liquidity over all prices that `depth` of quote in the pool is, whole units.

    L² = quote × base, both raw.
    """
    return int((depth.scaleb(6) * (depth / price).scaleb(18)).sqrt())


@lru_cache(maxsize=1 << 16)
def _price(price: Decimal, base_is_token0: bool) -> int:
    return sqrt_price_x96(price, base_is_token0=base_is_token0)
