"""Made-up markets, for where no data is."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal

from macrostrike.market._bars import Bar, Market

_MINUTE = 60
_START = 1_660_000_000
_CENTS = Decimal("0.0001")
_VOLATILITY = 0.0008  # of a minute's logarithmic return: about that of ether
_REGIME_MINUTES = 90
_REGIME_DRIFT = 0.00015


def synthetic_market(seed: int, minutes: int, price: Decimal | int = 1600) -> Market:
    """A made-up market, the same for the same seed: a random walk whose drift changes at times."""
    source = f"made up: a random walk from seed {seed}, {minutes} minutes; no real market"
    return Market(source, True, tuple(_walk(random.Random(seed), minutes, Decimal(price))))


def _walk(chance: random.Random, minutes: int, price: Decimal) -> Iterator[Bar]:
    drift = 0.0
    for minute in range(minutes):
        if minute % _REGIME_MINUTES == 0:
            drift = chance.uniform(-_REGIME_DRIFT, _REGIME_DRIFT)
        moved = price * Decimal(1 + chance.gauss(drift, _VOLATILITY))
        close = moved.quantize(_CENTS)
        high, low = max(price, close), min(price, close)
        yield Bar(_START + minute * _MINUTE, price, high, low, close)
        price = close
