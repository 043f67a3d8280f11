"""Features from candles: what a minute looks like against the hours before it.

Each bar is taken in once and nothing looks ahead, so that what is computed of minute t can't
depend on what comes after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log, sqrt
from typing import NamedTuple

from macrostrike.market import Bar

LOOKBACK = 240
"""Bars before the first features."""

_KEPT = 8 * LOOKBACK  # sums are begun anew once there are so many: what is old is dropped

# Minutes that are looked back on.
_OFFSETS = (10, 60, 240)
_VOLATILITIES = (15, 60, 240)
# With what the usual minute's move grows by over so many.
_SHORT_MOVES = tuple((minutes, sqrt(minutes)) for minutes in (1, 5, 15, 60))
_LONG_MOVES = tuple((minutes, sqrt(minutes)) for minutes in (240,))


class Moment(NamedTuple):
    """A minute's features.

    moves: returns over 1, 5, 15, 60 and 240 minutes, in units of what is usual for that span.
    offsets: distance from the mean price of 10, 60 and 240 minutes, in standard deviations.
    volatilities: of a minute's return over 15, 60 and 240 minutes, as shares.
    span: from low to high of this minute, in units of the usual move.
    """

    moves: Sequence[float]
    offsets: Sequence[float]
    volatilities: Sequence[float]
    span: float

    def row(self, side: int) -> tuple[float, ...]:
        """As a model sees it that would trade `side` (+1 long, -1 short)."""
        short, middle, long = self.volatilities
        directed = [side * each for each in (*self.moves, *self.offsets)]
        return (*directed, log(middle), log(short / long), log(middle / long), self.span)


class Features:
    """Takes in bars; returns the features of the last."""

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
        volatilities = [deviation for _, deviation in self._moves.spreads(_VOLATILITIES)]
        if min(volatilities) <= 0:
            return None
        _, middle, long = volatilities
        prices, price = self._prices, self._prices[-1]
        moves = [(price - prices[-1 - each]) / (middle * root) for each, root in _SHORT_MOVES]
        moves += [(price - prices[-1 - each]) / (long * root) for each, root in _LONG_MOVES]
        offsets = [
            (price - mean) / deviation if deviation else 0.0
            for mean, deviation in self._sums.spreads(_OFFSETS)
        ]
        return Moment(moves, offsets, volatilities, span / middle)

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
        sums, squares = self._sums, self._squares
        self._values.append(value)
        sums.append(sums[-1] + value)
        squares.append(squares[-1] + value * value)

    def spreads(self, counts: Sequence[int]) -> list[tuple[float, float]]:
        """Mean and deviation of so many."""
        sums, squares = self._sums, self._squares
        total, square = sums[-1], squares[-1]
        found = []
        for count in counts:
            mean = (total - sums[-1 - count]) / count
            variance = (square - squares[-1 - count]) / count - mean**2
            # What is left of equal values is rounding, far below any price's step.
            found.append((mean, sqrt(variance) if variance > 1e-14 else 0.0))
        return found

    def forget(self, kept: int) -> None:
        values, self._values = self._values[-kept:], []
        self._sums, self._squares = [0.0], [0.0]
        for value in values:
            self.add(value)
