"""The demo's engine: a naive rule, so that no one reads more into its outcome than it is."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from decimal import Decimal
from statistics import fmean, pstdev

from macrostrike.types import MIN_CONFIDENCE_BPS, Signal

LOOKBACK = 15
MEMORY = 120
_STRONG, _REGULAR = 1.5, 0.5
_MAX_BPS = 9900


@dataclass(frozen=True, slots=True)
class Opinion:
    """A direction, and the confidence that is claimed for it, in basis points."""

    signal: Signal
    confidence_bps: int


class MomentumRule:
    """What has moved goes on moving: the last 15 minutes against the spread of the 2 hours before.

    It knows the prices it was shown, and no others. Its confidence grows with the move; nothing was
    fitted.
    """

    def __init__(self) -> None:
        self._prices: deque[Decimal] = deque(maxlen=LOOKBACK + 1)
        self._moves: deque[float] = deque(maxlen=MEMORY)

    def see(self, price: Decimal) -> None:
        """Takes in the price of one more minute."""
        self._prices.append(price)
        if len(self._prices) > LOOKBACK:
            self._moves.append(float(self._prices[-1] / self._prices[0]) - 1)

    def opinion(self) -> Opinion | None:
        """What it thinks now; None while it knows too little, or when little has moved."""
        if len(self._moves) < MEMORY:
            return None
        spread = pstdev(self._moves)
        size = (self._moves[-1] - fmean(self._moves)) / spread if spread else 0.0
        if abs(size) < _REGULAR:
            return None
        strong = abs(size) >= _STRONG
        if size > 0:
            signal = Signal.STRONG_LONG if strong else Signal.LONG
        else:
            signal = Signal.STRONG_SHORT if strong else Signal.SHORT
        return Opinion(signal, min(_MAX_BPS, MIN_CONFIDENCE_BPS + int(200 * abs(size))))
