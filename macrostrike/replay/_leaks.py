"""Does a predictor know what comes later? A test that changes the future and compares the past.

All bars after some moment are permuted, replaced by noise, or shifted. What the predictor said up
to that moment must stay identical, byte for byte: it can't have known.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from decimal import Decimal

from macrostrike.engine import Forecast, Predictor
from macrostrike.market import Bar

Make = Callable[[Sequence[Bar]], Predictor]
"""Makes a predictor for a market. One that prepares features beforehand sees all bars here."""

_SHIFT = Decimal("1.05")
_NOISE = 0.01


@dataclass(frozen=True, slots=True)
class Leak:
    """What was said at bar `said_at` changed with bars from `changed_from` on."""

    how: str
    changed_from: int
    said_at: int


def find_leaks(
    make: Make, bars: Sequence[Bar], moments: Sequence[int], *, seed: int = 1
) -> list[Leak]:
    """One leak at most for each of `moments`, places in `bars`, and each way to change the future.

    An empty list proves nothing; a leak is one.
    """
    original = list(_said(make(bars), bars))
    found = []
    for moment in moments:
        for how, future in _futures(bars[moment:], random.Random(seed)):
            changed = [*bars[:moment], *future]
            said = _said(make(changed), changed[:moment])
            for at, (now, before) in enumerate(zip(said, original, strict=False)):
                if now != before:
                    found.append(Leak(how, moment, at))
                    break
    return found


def _futures(bars: Sequence[Bar], chance: random.Random) -> Iterator[tuple[str, list[Bar]]]:
    """The same times, other prices."""
    yield "permuted", _at_times(chance.sample(bars, len(bars)), bars)
    yield "noise", [_scaled(bar, Decimal(1 + chance.gauss(0, _NOISE))) for bar in bars]
    yield "shifted", [_scaled(bar, _SHIFT) for bar in bars]


def _at_times(prices: Sequence[Bar], times: Sequence[Bar]) -> list[Bar]:
    return [
        replace(price, timestamp=time.timestamp) for price, time in zip(prices, times, strict=True)
    ]


def _scaled(bar: Bar, factor: Decimal) -> Bar:
    return replace(
        bar,
        open=bar.open * factor,
        high=bar.high * factor,
        low=bar.low * factor,
        close=bar.close * factor,
        tick=None,
    )


def _said(predictor: Predictor, bars: Sequence[Bar]) -> Iterator[bytes]:
    """A digest of what was said at each bar."""
    for bar in bars:
        yield _digest(predictor.see(bar))


def _digest(forecasts: Sequence[Forecast]) -> bytes:
    text = repr([tuple(map(repr, astuple(each))) for each in forecasts])
    return hashlib.sha256(text.encode()).digest()
