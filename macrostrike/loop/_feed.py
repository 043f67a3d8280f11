"""Where a loop's bars come from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Protocol

from macrostrike.errors import MacroStrikeError
from macrostrike.market import Bar

MINUTE = 60
"""Seconds of a bar."""


class FeedEnded(MacroStrikeError):
    """There are no more bars, and there never will be."""


class Feed(Protocol):
    """One market's minutes, by the chain's clock."""

    def history(self) -> Sequence[Bar]:
        """The finished bars before now, oldest first, for a predictor to warm up on."""

    def next(self) -> Bar | None:
        """The next finished bar; None while there is none. Raises `FeedEnded`, `ChainError`."""


class PoolFeed:
    """Bars of a pool's own price, sampled whenever it is asked.

    price: the pool's price now, in any unit that stays the same.
    now: the chain's clock.
    before: bars that were recorded elsewhere, to warm up on.
    """

    def __init__(
        self, price: Callable[[], Decimal], now: Callable[[], int], before: Sequence[Bar] = ()
    ) -> None:
        self._price, self._now, self._before = price, now, before
        self._open: Bar | None = None

    def history(self) -> Sequence[Bar]:
        """As of `Feed`."""
        return self._before

    def next(self) -> Bar | None:
        """As of `Feed`. A minute without a sample has no bar."""
        price, minute = self._price(), self._now() // MINUTE * MINUTE
        last, done = self._open, None
        if last is not None and last.timestamp == minute:
            high, low = max(last.high, price), min(last.low, price)
            self._open = Bar(minute, last.open, high, low, price)
        else:
            self._open, done = Bar(minute, price, price, price, price), last
        return done
