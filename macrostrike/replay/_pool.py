"""Exact amounts of a swap on a Uniswap V3 pool whose liquidity covers all prices.

A replay has such a pool: its maker and its driver provide over the whole range alone. Amounts are
raw units; `sqrt_price` is sqrt(token1 / token0) × 2^96. Rounded as the contracts round.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import floor, log

from macrostrike.arbitrage import sqrt_price_at

_Q96 = 1 << 96
_FEE_UNITS = 10**6
_TICK = log(1.0001) / 2
_TRIES = 128
_CLOSE = 2  # raw units
_WORD = 256  # tick spacings that the pool searches at once; a swap over its end is two steps


class NoSuchPrice(ValueError):
    """At no price does the pool pay that amount."""


@dataclass(frozen=True, slots=True)
class FullRange:
    """A pool's constants. `fee` in millionths of what comes in."""

    liquidity: int
    fee: int
    tick_spacing: int
    base_is_token0: bool

    def worth(self, sqrt_price: int, base: int) -> int:
        """Quote that much base is worth at a price, rounded down: no fee, no impact."""
        square = sqrt_price * sqrt_price
        return base * square >> 192 if self.base_is_token0 else (base << 192) // square

    def quote_received(self, sqrt_price: int, base: int) -> int:
        """Quote for selling that much base."""
        left, received, price = base, 0, sqrt_price
        for end in self._ends(sqrt_price, down=self.base_is_token0):
            kept = left * (_FEE_UNITS - self.fee) // _FEE_UNITS
            needed = self._base(price, end, up=True)
            after = end if kept >= needed else self._after_selling(price, kept)
            received += self._quote(price, after, up=False)
            if kept < needed:
                break
            left -= needed + self._fee(needed)
            price = after
        return received

    def quote_spent(self, sqrt_price: int, base: int) -> int:
        """Quote for buying that much base, the pool's fee included."""
        left, spent, price = base, 0, sqrt_price
        for end in self._ends(sqrt_price, down=not self.base_is_token0):
            there = self._base(price, end, up=False)
            after = end if left >= there else self._after_buying(price, left)
            kept = self._quote(price, after, up=True)
            spent += kept + self._fee(kept)
            if left < there:
                break
            left -= there
            price = after
        return spent

    def price_after(self, sqrt_price: int, quote: int) -> int:
        """The price once others have put so much quote in for base, or, negative, taken it out.

        Their fee is not in `quote`; the price stays within what is possible.
        """
        scaled = self.liquidity << 96
        if self.base_is_token0:
            return max(sqrt_price + (quote << 96) // self.liquidity, sqrt_price // 2)
        return scaled * sqrt_price // max(scaled + quote * sqrt_price, scaled // 2)

    def price_for(self, quote: int, base: int, *, selling: bool, near: int) -> int:
        """The sqrt price at which selling `base` receives, or buying it spends, exactly `quote`.

        `near` is where to begin looking. Raises `NoSuchPrice`: of what is spent, about one amount
        in 2,000 can't be.
        """
        amount = self.quote_received if selling else self.quote_spent
        around: dict[bool, int] = {}
        price = near
        for _ in range(_TRIES):
            measured = amount(price, base)
            if measured == quote:
                return price
            around[measured < quote] = price
            if abs(quote - measured) <= _CLOSE and len(around) == 2:
                # A step for one unit can be of two.
                price = sum(around.values()) // 2
                continue
            # Quote for base goes with the square of the price, or with that of its inverse.
            change = price * (quote - measured) // (2 * measured)
            price += change if self.base_is_token0 else -change
        raise NoSuchPrice(f"no price at which {base} base are {quote} quote")

    def _ends(self, sqrt_price: int, *, down: bool) -> Iterator[int]:
        """Where the pool's steps end: at words of ticks, as no tick within is in use."""
        spacing = self.tick_spacing
        at = _tick_at(sqrt_price) // spacing
        # Upwards the pool looks from the next tick on, so that words end one tick lower.
        end = at & -_WORD if down else (at + 1) | (_WORD - 1)
        while True:
            yield sqrt_price_at(end * spacing)
            end += -_WORD if down else _WORD

    def _fee(self, kept: int) -> int:
        return _ceil_div(kept * self.fee, _FEE_UNITS - self.fee)

    def _after_selling(self, price: int, kept: int) -> int:
        liquidity = self.liquidity
        if self.base_is_token0:
            return _ceil_div((liquidity << 96) * price, (liquidity << 96) + kept * price)
        return price + (kept << 96) // liquidity

    def _after_buying(self, price: int, base: int) -> int:
        liquidity = self.liquidity
        if self.base_is_token0:
            return _ceil_div((liquidity << 96) * price, (liquidity << 96) - base * price)
        return price - _ceil_div(base << 96, liquidity)

    def _base(self, price: int, after: int, *, up: bool) -> int:
        return self._amount(price, after, token0=self.base_is_token0, up=up)

    def _quote(self, price: int, after: int, *, up: bool) -> int:
        return self._amount(price, after, token0=not self.base_is_token0, up=up)

    def _amount(self, price: int, after: int, *, token0: bool, up: bool) -> int:
        """What lies between two prices of a token, rounded up or down."""
        low, high = min(price, after), max(price, after)
        if not token0:
            moved = self.liquidity * (high - low)
            return _ceil_div(moved, _Q96) if up else moved >> 96
        moved = (self.liquidity << 96) * (high - low)
        return _ceil_div(_ceil_div(moved, high), low) if up else moved // high // low


def _tick_at(sqrt_price: int) -> int:
    """The tick that a price is in."""
    tick = floor(log(sqrt_price / _Q96) / _TICK)
    while sqrt_price_at(tick) > sqrt_price:
        tick -= 1
    while sqrt_price_at(tick + 1) <= sqrt_price:
        tick += 1
    return tick


def _ceil_div(value: int, divisor: int) -> int:
    return -(-value // divisor)
