"""Ticks of concentrated liquidity: prices, and which of them are in use."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from decimal import Decimal, localcontext
from functools import lru_cache
from itertools import accumulate, pairwise

MIN_TICK, MAX_TICK = -887272, 887272
MIN_SQRT_PRICE, MAX_SQRT_PRICE = 4295128739, 1461446703485210103287273052203988822378723970342
Q96 = 1 << 96

_WORD = 8  # bits: the contracts look for the next tick in words of 256 multiples of the spacing


def _powers() -> tuple[int, ...]:
    """1.0001^(-2^k / 2) for each bit k of a tick, times 2^128, to the nearest."""
    with localcontext() as context:
        context.prec = 80
        one = Decimal(2) ** 128
        return tuple(
            int((one / Decimal("1.0001") ** (Decimal(2) ** (bit - 1))).to_integral_value())
            for bit in range(20)
        )


_POWERS = _powers()


@lru_cache(maxsize=1 << 17)
def sqrt_price_at(tick: int) -> int:
    """The price at a tick as the contracts have it: sqrt(token1 / token0) × 2^96, rounded up."""
    ratio = 1 << 128
    magnitude = abs(tick)
    for bit, power in enumerate(_POWERS):
        if magnitude >> bit & 1:
            ratio = ratio * power >> 128
    if tick > 0:
        ratio = ((1 << 256) - 1) // ratio
    return -(-ratio >> 32)


class TickMap:
    """Where a pool's liquidity begins and ends: the same until someone adds or removes some.

    `net` has, for each initialised tick, the liquidity that a rising price gains there.
    """

    __slots__ = (
        "liquidity",
        "max_above",
        "max_below",
        "net",
        "spacing",
        "sqrt_prices",
        "ticks",
        "token0_above",
        "token1_below",
    )

    def __init__(self, net: Mapping[int, int], spacing: int) -> None:
        self.net = dict(net)
        self.spacing = spacing
        self.ticks = sorted(self.net)
        # Of the range that begins under the first tick, at the first, and so on.
        self.liquidity = [0, *accumulate(self.net[tick] for tick in self.ticks)]
        self.max_below = list(accumulate(self.liquidity, max))
        self.max_above = list(accumulate(reversed(self.liquidity), max))[::-1]
        prices = self.sqrt_prices = [sqrt_price_at(tick) / Q96 for tick in self.ticks]
        # What the ranges wholly under, and over, a tick would give if all of it were traded.
        ranges = list(zip(self.liquidity[1:], pairwise(prices), strict=False))
        self.token1_below = [
            0.0,
            *accumulate(depth * (high - low) for depth, (low, high) in ranges),
        ]
        above = (depth * (1 / low - 1 / high) for depth, (low, high) in reversed(ranges))
        self.token0_above = [0.0, *accumulate(above)][::-1]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TickMap):
            return NotImplemented
        return (self.spacing, self.net) == (other.spacing, other.net)

    def __hash__(self) -> int:
        return hash((self.spacing, *self.ticks))

    def __repr__(self) -> str:
        return f"TickMap({dict(sorted(self.net.items()))}, {self.spacing})"

    def range_of(self, tick: int) -> int:
        """Which range a tick is in: its liquidity is `liquidity[range]`."""
        return bisect_right(self.ticks, tick)

    def next(self, tick: int, *, down: bool, skip: bool) -> tuple[int, int | None]:
        """Where the contract's next step goes at most, and the liquidity gained when rising there.

        That is the next initialised tick, or the end of the word, which gains None. To `skip` the
        ends of words is right where there is no liquidity, as nothing is traded on the way.
        """
        word_bits = (1 << _WORD) - 1
        compressed = tick // self.spacing
        after = bisect_right(self.ticks, tick)
        if down:
            end = (compressed & ~word_bits) * self.spacing
            if after and ((known := self.ticks[after - 1]) >= end or skip):
                return known, self.net[known]
            return max(end, MIN_TICK), None
        end = ((compressed + 1) | word_bits) * self.spacing
        if after < len(self.ticks) and ((known := self.ticks[after]) <= end or skip):
            return known, self.net[known]
        return min(end, MAX_TICK), None
