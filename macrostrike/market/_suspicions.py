"""What looks suspicious in a market though it can be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from decimal import Decimal
from itertools import pairwise
from statistics import mode

from macrostrike._counts import counted
from macrostrike.market._bars import Bar

_MINUTE = 60
_JUMP = Decimal("0.2")
_NAMED = 10  # lines
_LOW, _HIGH = Decimal("0.01"), Decimal(10_000_000)


def suspicions(bars: Sequence[Bar], lines: Sequence[int]) -> Iterator[str]:
    """One sentence each. `lines`: where in its file each bar is."""
    yield from _length_and_gaps(bars, lines)
    yield from _jumps(bars, lines)
    prices = (bars[0].close, bars[-1].close)
    if max(prices) < _LOW or min(prices) > _HIGH:
        yield (
            f"the price is {bars[-1].close:.3g} quote for one base: "
            "is the order of the tokens swapped?"
        )


def _length_and_gaps(bars: Sequence[Bar], lines: Sequence[int]) -> Iterator[str]:
    steps = [after.timestamp - before.timestamp for before, after in pairwise(bars)]
    if not steps:
        return
    usual = mode(steps)
    if usual != _MINUTE:
        yield f"bars are {usual} s apart, not a minute: they are taken as they are"
    gaps = [(step, place) for place, step in enumerate(steps) if step > usual]
    if gaps:
        missing = sum(step // usual - 1 for step, _ in gaps)
        longest, place = max(gaps, key=lambda gap: gap[0])
        yield (
            f"{missing:,} of {missing + len(bars):,} bars {'is' if missing == 1 else 'are'} "
            f"missing, in {counted(len(gaps), 'gap')} not filled, behind "
            f"{_named([lines[at] for _, at in gaps])}; the longest is "
            f"{longest // usual - 1:,} after {_time(bars[place])}"
        )


def _jumps(bars: Sequence[Bar], lines: Sequence[int]) -> Iterator[str]:
    jumps = [
        (place, after.close / before.close - 1)
        for place, (before, after) in enumerate(pairwise(bars), 1)
        if abs(after.close - before.close) > _JUMP * before.close
    ]
    if jumps:
        place, moved = max(jumps, key=lambda jump: abs(jump[1]))
        yield (
            f"the price jumps by over 20 % from one bar to the next, "
            f"{counted(len(jumps), 'time')}, in {_named([lines[at] for at, _ in jumps])}; most, by "
            f"{100 * moved:+.0f} %, at "
            f"{_time(bars[place])}"
        )


def _named(lines: Sequence[int]) -> str:
    """Lines by their numbers, the first few of many."""
    more = f" and {len(lines) - _NAMED:,} more" if len(lines) > _NAMED else ""
    word = "line" if len(lines) == 1 else "lines"
    return f"{word} {', '.join(map(str, lines[:_NAMED]))}{more}"


def _time(bar: Bar) -> str:
    return f"{datetime.fromtimestamp(bar.timestamp, timezone.utc):%Y-%m-%d %H:%M}"
