"""The best push of a stranger, searched with the exact arithmetic of a Uniswap V3 pool.

Within one second he trades the pool away from its price, closes a strike by some rule, and trades
until he has as much base as before. What he has more of quote then is his gain, in raw units.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import NamedTuple

from .depths import Depth

Q96 = 1 << 96
_FEES = 10**6
_STEPS = 10  # of the search between the three best pushes
# To a multiple of the price: from a basis point to a factor of four, both ways.
SHARES = sorted(
    share
    for size in (1, 3, 10, 30, 100, 200, 400, 800, 2000, 5000, 30_000)
    for share in (1 + size / 10_000, 1 / (1 + size / 10_000))
)


@dataclass
class Pool:
    """Liquidity over the whole range. Base is token0; `root` is sqrt(quote / base) x 2^96."""

    root: int
    liquidity: int
    fee: int

    @staticmethod
    def of(depth: Depth, price: Fraction) -> Pool:
        """At that price, raw quote for raw base."""
        root = root_of(price)
        return Pool(root, (depth.quote << 96) // root, depth.fee)

    @property
    def price(self) -> Fraction:
        return Fraction(self.root**2, Q96**2)

    def copy(self) -> Pool:
        return Pool(self.root, self.liquidity, self.fee)

    def sell(self, base: int) -> int:
        """Quote received."""
        kept = base * (_FEES - self.fee) // _FEES
        scaled = self.liquidity << 96
        reached = _up(scaled * self.root, scaled + kept * self.root)
        out = self.liquidity * (self.root - reached) // Q96
        self.root = reached
        return out

    def buy(self, base: int) -> int:
        """Quote paid for exactly that much."""
        scaled = self.liquidity << 96
        return self.move(_up(scaled * self.root, scaled - base * self.root))[0]

    def move(self, root: int) -> tuple[int, int]:
        """Trades to that price: paid, received. Up, quote is paid; down, base."""
        low, high = sorted((self.root, root))
        quote, base = self.liquidity * (high - low), (self.liquidity << 96) * (high - low)
        up = root > self.root
        paid = _up(quote, Q96) if up else _up(_up(base, high), low)
        out = base // high // low if up else quote // Q96
        self.root = root
        return paid + _up(paid * self.fee, _FEES - self.fee), out


def root_of(price: Fraction) -> int:
    return isqrt((price.numerator << 192) // price.denominator)


# What a closing leaves him with, (quote, base), at a pool that he has pushed; None: it is refused.
Rule = Callable[[Pool], tuple[int, int] | None]


def gain(pool: Pool, rule: Rule, share: float = 1) -> int | None:
    """By a push to that share of the price; None where the rule refuses after it."""
    pool, quote, base = pool.copy(), 0, 0
    root = int(pool.root * share**0.5)
    if share != 1:
        paid, got = pool.move(root)
        quote, base = (-paid, got) if share > 1 else (got, -paid)
    closed = rule(pool)
    if closed is None:
        return None
    quote, base = quote + closed[0], base + closed[1]
    return quote + (pool.sell(base) if base > 0 else -pool.buy(-base) if base else 0)


def best_push(pool: Pool, rule: Rule, shares: Iterable[float] = SHARES) -> tuple[int, float]:
    """The greatest gain, and the push for it: over all shares, then between the neighbours."""

    def tried(share: float) -> tuple[int, float]:
        found = gain(pool, rule, share)
        return (-(1 << 255) if found is None else found, share)

    shares = list(shares)
    best = max(map(tried, shares))
    at = shares.index(best[1])
    low, high = shares[max(at - 1, 0)], shares[min(at + 1, len(shares) - 1)]
    for _ in range(_STEPS):
        third = (high - low) / 3
        left, right = tried(low + third), tried(high - third)
        best = max(best, left, right)
        low, high = (low, high - third) if left > right else (low + third, high)
    return best


@dataclass(frozen=True)
class Case:
    """A due strike in a market that runs ahead of its means.

    notional: raw quote. lag: share by which the pool's price is over the means; under them for a
    short. off_bps: what the auction adds to the price.
    """

    depth: Depth
    notional: int
    long: bool
    lag: Fraction
    off_bps: int = 0
    mean: Fraction = Fraction(1600, 10**12)

    @property
    def market(self) -> Fraction:
        return self.mean * (1 + (self.lag if self.long else -self.lag))

    @property
    def base(self) -> int:
        return int(self.notional / self.mean)

    @property
    def pool(self) -> Pool:
        return Pool.of(self.depth, self.market)

    def takeover(self, pool_price: Fraction) -> tuple[int, int]:
        """At the best for the fleet of the means and a price of the pool."""
        better = max if self.long else min
        worth = int(better(self.mean, pool_price) * self.base)
        if self.long:
            return -_up(worth * (10_000 + self.off_bps), 10_000), self.base
        return worth * (10_000 - self.off_bps) // 10_000, -self.base


OfCase = Callable[[Case], Rule]


def by_the_start(case: Case) -> Rule:
    """The rule: the pool's price is that of the second's beginning."""
    terms = case.takeover(case.market)
    return lambda pool: terms


def by_the_spot(case: Case) -> Rule:
    """A weaker one: the pool's price of the moment."""
    return lambda pool: case.takeover(pool.price)


def by_a_sale(case: Case, deviation_bps: int = 150) -> Rule:
    """The first edition's: a stranger has the diamond trade, within a deviation from the mean."""
    fair = int(case.mean * case.base)

    def close(pool: Pool) -> tuple[int, int] | None:
        if case.long:
            ok = pool.sell(case.base) * 10_000 >= fair * (10_000 - deviation_bps)
        else:
            ok = pool.buy(case.base) * 10_000 <= fair * (10_000 + deviation_bps)
        return (0, 0) if ok else None

    return close


def cases(
    depths: Iterable[Depth], sizes: Iterable[int], lags: Iterable[int], off_bps: int = 0
) -> Iterator[Case]:
    """Sizes in raw quote, lags in percent; both sides."""
    for notional in sizes:
        for lag in lags:
            for depth in depths:
                for long in (True, False):
                    yield Case(depth, notional, long, Fraction(lag, 100), off_bps)


class Paid(NamedTuple):
    """In how many pools the best push pays more than none, and how much more in the worst."""

    pools: int
    maximum: int


def survey(
    rule: OfCase, depths: Iterable[Depth], sizes: Iterable[int], lags: Iterable[int]
) -> dict[tuple[int, int], Paid]:
    """By size (raw quote) and lag (percent)."""
    depths, found = list(depths), {}
    for size in sizes:
        for lag in lags:
            more = defaultdict[Depth, int](int)
            for case in cases(depths, [size], [lag]):
                closes = rule(case)
                plain = max(gain(case.pool, closes) or 0, 0)
                best, _ = best_push(case.pool, closes)
                more[case.depth] = max(more[case.depth], best - plain)
            found[size, lag] = Paid(sum(each > 0 for each in more.values()), max(more.values()))
    return found


def _up(value: int, divisor: int) -> int:
    return -(-value // divisor)
