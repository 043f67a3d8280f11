"""Concentrated liquidity: Uniswap V3 and its forks, and Uniswap V4 without hooks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from macrostrike.arbitrage._errors import AmountRefused, Fault, PoolInvalid, TokenNotInPool
from macrostrike.arbitrage.pools._pool import Direction
from macrostrike.arbitrage.pools._ticks import (
    MAX_SQRT_PRICE,
    MAX_TICK,
    MIN_SQRT_PRICE,
    Q96,
    TickMap,
    sqrt_price_at,
)

_FEE_UNITS = 10**6
_MAX_IN = (1 << 255) - 1


@dataclass(frozen=True, slots=True)
class ConcentratedPool:
    """A Uniswap V3 pool, or a V4 pool without hooks.

    tokens: token0 first. The zero address is V4's native ether.
    fee: millionths of what comes in, for those who provide the liquidity.
    protocol_fees: millionths that V4's protocol takes first, of token0 coming in and of token1.
    sqrt_price: sqrt(token1 / token0) × 2^96.
    liquidity: in range now.
    ticks: all of the pool's initialised ticks.
    swap_gas: by default that of V3.
    """

    id: str
    tokens: tuple[str, str]
    fee: int
    sqrt_price: int
    tick: int
    liquidity: int
    ticks: TickMap = field(repr=False)
    protocol_fees: tuple[int, int] = (0, 0)
    swap_gas: int = field(default=108_163, compare=False, repr=False)

    lends_first: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not MIN_SQRT_PRICE <= self.sqrt_price < MAX_SQRT_PRICE:
            raise PoolInvalid(self.id, Fault.TICKS, f"no price is {self.sqrt_price}")
        # On a tick's price exactly, a falling price has crossed it already.
        low, high = sqrt_price_at(self.tick), sqrt_price_at(min(self.tick + 1, MAX_TICK))
        if not low <= self.sqrt_price <= high:
            raise PoolInvalid(
                self.id, Fault.TICKS, f"the price {self.sqrt_price} is not at tick {self.tick}"
            )
        mapped = self.ticks.liquidity[self.ticks.range_of(self.tick)]
        if mapped != self.liquidity:
            raise PoolInvalid(
                self.id,
                Fault.TICKS,
                f"its ticks add up to a liquidity of {mapped} in range, not {self.liquidity}",
            )
        if min(self.ticks.liquidity) < 0 or self.ticks.liquidity[-1] != 0:
            raise PoolInvalid(
                self.id, Fault.TICKS, "its ticks take away liquidity that is not there"
            )

    def amount_out(self, token_in: str, token_out: str, amount_in: int) -> int:
        down = self._is_down(token_in, token_out)
        if not 0 < amount_in <= _MAX_IN:
            raise AmountRefused(self.id, amount_in, f"1 to {_MAX_IN} are allowed")
        price, tick, liquidity = self.sqrt_price, self.tick, self.liquidity
        left, out, fee = amount_in, 0, self.fee_of(down=down)
        while left:
            if price in (MIN_SQRT_PRICE + 1, MAX_SQRT_PRICE - 1):
                raise AmountRefused(self.id, amount_in, f"prices end with {left} left over")
            step_to, gained = self.ticks.next(tick, down=down, skip=not liquidity)
            if not liquidity and gained is None:
                raise AmountRefused(self.id, amount_in, f"liquidity ends with {left} left over")
            target = min(max(sqrt_price_at(step_to), MIN_SQRT_PRICE + 1), MAX_SQRT_PRICE - 1)
            price, used, given = _step(price, target, liquidity, left, fee)
            left -= used
            out += given
            if gained is not None:
                liquidity += -gained if down else gained
            tick = step_to - 1 if down else step_to
        return out

    def directions(self) -> Iterator[Direction]:
        (token0, token1), ticks = self.tokens, self.ticks
        inside = ticks.range_of(self.tick)
        now = self.sqrt_price / Q96
        if inside > 0:
            edge = ticks.sqrt_prices[inside - 1]
            out = ticks.token1_below[inside - 1] + self.liquidity * (now - edge)
            if out > 0:
                price = self._first_price(inside, down=True)
                kept = 1 - self.fee_of(down=True) / _FEE_UNITS
                bend = kept * price / ticks.max_below[inside]
                yield Direction(token0, token1, kept * price * price, bend, out)
        if inside < len(ticks.ticks):
            edge = ticks.sqrt_prices[inside]
            out = ticks.token0_above[inside] + self.liquidity * (1 / now - 1 / edge)
            if out > 0:
                price = self._first_price(inside, down=False)
                kept = 1 - self.fee_of(down=False) / _FEE_UNITS
                bend = kept / (price * ticks.max_above[inside])
                yield Direction(token1, token0, kept / (price * price), bend, out)

    def fee_of(self, *, down: bool) -> int:
        """Both fees, in millionths: that of the liquidity is of what the protocol's leaves."""
        protocol = self.protocol_fees[0 if down else 1]
        return protocol + self.fee - protocol * self.fee // _FEE_UNITS

    def curve(self, token_in: str, token_out: str) -> _Curve:
        return _Curve(self, self._is_down(token_in, token_out))

    def _is_down(self, token_in: str, token_out: str) -> bool:
        if (token_in, token_out) == self.tokens:
            return True
        if (token_out, token_in) == self.tokens:
            return False
        raise TokenNotInPool(self.id, token_in, token_out)

    def _first_price(self, inside: int, *, down: bool) -> float:
        """Where the first unit trades, which is further on where there is no liquidity here."""
        ticks, price = self.ticks, self.sqrt_price / Q96
        while True:
            edge = ticks.sqrt_prices[inside - 1 if down else inside]
            if ticks.liquidity[inside] and edge != price:
                return price
            price, inside = edge, inside + (-1 if down else 1)


def _step(price: int, target: int, liquidity: int, left: int, fee: int) -> tuple[int, int, int]:
    """Trades until the target's price or the end of the input: new price, used, given.

    Rounds as the contracts do: what comes in up, what goes out down, the price so that the pool
    loses nothing.
    """
    kept = left * (_FEE_UNITS - fee) // _FEE_UNITS
    down = target <= price
    low, high = (target, price) if down else (price, target)
    if down:
        needed = -(-_mul_div_up(liquidity << 96, high - low, high) // low)
    else:
        needed = _mul_div_up(liquidity, high - low, Q96)
    if kept >= needed:
        reached, used = target, needed + _mul_div_up(needed, fee, _FEE_UNITS - fee)
    else:
        used = left
        if down:
            reached = low = _price_after_token0(price, liquidity << 96, kept)
        else:
            reached = high = price + (kept << 96) // liquidity
    if down:
        return reached, used, liquidity * (high - low) // Q96
    return reached, used, (liquidity << 96) * (high - low) // high // low


def _price_after_token0(price: int, scaled: int, kept: int) -> int:
    depth = scaled + kept * price
    if depth >> 256:
        # The contract's word overflows there, and it takes a coarser way.
        return -(-scaled // (scaled // price + kept))
    return _mul_div_up(scaled, price, depth)


def _mul_div_up(a: int, b: int, divisor: int) -> int:
    return -(-a * b // divisor)


class _Curve:
    """The price moves through ranges, each with a constant liquidity. Ranges are laid out as far as
    they were asked for."""

    __slots__ = ("_at", "_down", "_edge", "_in", "_kept", "_out", "_segments", "_ticks")

    def __init__(self, pool: ConcentratedPool, down: bool) -> None:
        self._ticks, self._down = pool.ticks, down
        self._kept = 1 - pool.fee_of(down=down) / _FEE_UNITS
        self._edge = pool.ticks.range_of(pool.tick)
        self._at = pool.sqrt_price / Q96
        # What has come in at a segment's end; what has gone out at its start, price, liquidity.
        self._in: list[float] = [0.0]
        self._segments: list[tuple[float, float, float]] = []
        self._out = 0.0

    def at(self, amount_in: float) -> tuple[float, float, float]:
        while self._in[-1] < amount_in or not self._segments:
            if not self._extend():
                return self._out, 0.0, 0.0
        index = max(bisect_left(self._in, amount_in) - 1, 0)
        out, start, liquidity = self._segments[index]
        kept = (amount_in - self._in[index]) * self._kept
        if self._down:
            price = start / (1 + kept * start / liquidity)
            return (
                out + kept * start * price,
                self._kept * price * price,
                self._kept * price / liquidity,
            )
        price = start + kept / liquidity
        return (
            out + kept / (price * start),
            self._kept / (price * price),
            self._kept / (price * liquidity),
        )

    def _extend(self) -> bool:
        """Lays out the next range; False when there is none."""
        ticks, down = self._ticks, self._down
        if not (self._edge > 0 if down else self._edge < len(ticks.ticks)):
            return False
        liquidity = float(ticks.liquidity[self._edge])
        start, end = self._at, ticks.sqrt_prices[self._edge - 1 if down else self._edge]
        self._at, self._edge = end, self._edge + (-1 if down else 1)
        moved = abs(end - start)
        if liquidity and moved:
            self._segments.append((self._out, start, liquidity))
            inverse = liquidity * moved / (start * end)
            amount_in, out = (inverse, liquidity * moved) if down else (liquidity * moved, inverse)
            self._in.append(self._in[-1] + amount_in / self._kept)
            self._out += out
        return True
