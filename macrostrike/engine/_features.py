"""Features from candles: what a minute looks like against the hours before it.

Each bar is taken in once and nothing looks ahead, so that what is computed of minute t can't
depend on what comes after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt

from macrostrike.market import Bar

LOOKBACK = 240
"""Bars before the first features."""

_KEPT = 8 * LOOKBACK  # sums are begun anew once there are so many: what is old is dropped


@dataclass(frozen=True, slots=True)
class Moment:
    """A minute's features.

    moves: returns over 1, 5, 15, 60 and 240 minutes, in units of what is usual for that span.
    offsets: distance from the mean price of 10, 60 and 240 minutes, in standard deviations.
    volatilities: of a minute's return over 15, 60 and 240 minutes, as shares.
    span: from low to high of this minute, in units of the usual move.
    """

    moves: tuple[float, float, float, float, float]
    offsets: tuple[float, float, float]
    volatilities: tuple[float, float, float]
    span: float

    def row(self, side: int) -> tuple[float, ...]:
        """As a model sees it that would trade `side` (+1 long, -1 short)."""
        short, middle, long = self.volatilities
        directed = [side * each for each in (*self.moves, *self.offsets)]
        return (*directed, log(middle), log(short / long), log(middle / long), self.span)


class Features:
    """Takes in bars; returns the time of the last."""

    def __init__(self) -> None:
        self._first: float | None = None
        self._prices: list[float] = []  # logarithms, against the first
        self._sums = _Sums()
        self._moves = _Sums()

    def see(self, bar: Bar) -> Moment | None:
        """The minute's features; None while there are too few, or nothing moved for an hour."""
        price = log(float(bar.close))
        if self._first is None:
            self._first = price
        price -= self._first
        self._moves.add(price - self._prices[-1] if self._prices else 0.0)
        self._sums.add(price)
        self._prices.append(price)
        if len(self._prices) > _KEPT:
            self._forget()
        if len(self._prices) <= LOOKBACK:
            return None
        return self._moment(log(float(bar.high)) - log(float(bar.low)))

    def _moment(self, span: float) -> Moment | None:
        moved = self._moves
        short, middle, long = moved.deviation(15), moved.deviation(60), moved.deviation(240)
        if min(short, middle, long) <= 0:
            return None
        moves = (self._move(1, middle), self._move(5, middle), self._move(15, middle))
        return Moment(
            moves=(*moves, self._move(60, middle), self._move(240, long)),
            offsets=(self._offset(10), self._offset(60), self._offset(240)),
            volatilities=(short, middle, long),
            span=span / middle,
        )

    def _move(self, minutes: int, volatility: float) -> float:
        moved = self._prices[-1] - self._prices[-1 - minutes]
        return moved / (volatility * sqrt(minutes))

    def _offset(self, minutes: int) -> float:
        mean, deviation = self._sums.spread(minutes)
        return (self._prices[-1] - mean) / deviation if deviation else 0.0

    def _forget(self) -> None:
        self._prices = self._prices[-LOOKBACK - 1 :]
        self._sums.forget(LOOKBACK + 1)
        self._moves.forget(LOOKBACK + 1)


class _Sums:
    """Mean and deviation of the last values, each in constant time."""

    def __init__(self) -> None:
        self._values: list[float] = []
        self._sums, self._squares = [0.0], [0.0]

    def add(self, value: float) -> None:
        self._values.append(value)
        self._sums.append(self._sums[-1] + value)
        self._squares.append(self._squares[-1] + value * value)

    def deviation(self, count: int) -> float:
        return self.spread(count)[1]

    def spread(self, count: int) -> tuple[float, float]:
        """Mean and deviation."""
        sums, squares = self._sums, self._squares
        mean = (sums[-1] - sums[-1 - count]) / count
        variance = (squares[-1] - squares[-1 - count]) / count - mean**2
        # What is left of equal values is rounding, far below any price's step.
        return mean, sqrt(variance) if variance > 1e-14 else 0.0

    def forget(self, kept: int) -> None:
        values, self._values = self._values[-kept:], []
        self._sums, self._squares = [0.0], [0.0]
        for value in values:
            self.add(value)
