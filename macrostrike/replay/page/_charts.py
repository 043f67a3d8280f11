"""Charts as inline SVG and HTML.

Lines and bars are SVG that stretches with the page; words are in HTML beside it, so that they
keep their size on a phone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from html import escape
from math import ceil, floor, log10

_WIDTH, _HEIGHT = 1000.0, 100.0
_POINTS = 600  # of a line at most: more can't be seen
_TICKS = 4
_TENTH = 0.001  # of a percent, as a share: finer steps need another digit


@dataclass(frozen=True, slots=True)
class Bar:
    """One horizontal bar: from `start` to `end` on the chart's scale, and its words.

    mark: where a line stands; claim: where a ring stands.
    """

    name: str
    start: float
    end: float
    value: str
    kind: str = ""
    mark: float | None = None
    claim: float | None = None
    is_total: bool = False


def line_chart(
    points: Sequence[tuple[int, float]], *, height: int, unit: str = "$", label: str
) -> str:
    """A quantity over time, filled down to the lowest grid line."""
    low, high = min(y for _, y in points), max(y for _, y in points)
    ticks = _ticks(low, high)
    place = _placed(_thinned(points), points, ticks[0], ticks[-1])
    line = " ".join(f"{x:.1f},{y:.2f}" for x, y in place)
    area = f"0,{_HEIGHT:g} {line} {_WIDTH:g},{_HEIGHT:g}"
    return _plot(
        height,
        label,
        f'<polygon class="under" points="{area}"/><polyline class="curve" points="{line}"/>',
        _y_labels(ticks, unit),
        _dates(points),
        _grid(ticks),
    )


def drawdown_chart(points: Sequence[tuple[int, float]], *, height: int, label: str) -> str:
    """How far under its high a quantity is, as a share, over time."""
    high, falls = points[0][1], []
    for at, value in points:
        high = max(high, value)
        falls.append((at, (value - high) / high))
    ticks = _ticks(min(y for _, y in falls), 0.0)
    place = _placed(_thinned(falls), falls, ticks[0], ticks[-1])
    line = " ".join(f"{x:.1f},{y:.2f}" for x, y in place)
    top = _HEIGHT - _HEIGHT * (0 - ticks[0]) / ((ticks[-1] - ticks[0]) or 1)
    shape = f'<polygon class="deep" points="0,{top:.2f} {line} {_WIDTH:g},{top:.2f}"/>'
    decimals = 1 if ticks[1] - ticks[0] >= _TENTH else 2
    labels = [(100 * _share(tick, ticks), f"{100 * tick:.{decimals}f} %") for tick in ticks]
    return _plot(height, label, shape, labels, _dates(points), _grid(ticks))


def columns(
    values: Sequence[float], names: Sequence[tuple[int, str]], *, height: int, label: str, unit: str
) -> str:
    """Columns up and down from zero. `names`: some columns' places and words."""
    ticks = _ticks(min(0.0, *values), max(0.0, *values))
    span = (ticks[-1] - ticks[0]) or 1
    width = _WIDTH / len(values)
    zero = _HEIGHT * (1 - (0 - ticks[0]) / span)
    shapes = [f'<line class="zero" x1="0" x2="{_WIDTH:g}" y1="{zero:.2f}" y2="{zero:.2f}"/>']
    for place, value in enumerate(values):
        tall = _HEIGHT * abs(value) / span
        top = zero - tall if value > 0 else zero
        kind = "bar-gain" if value > 0 else "bar-loss"
        shapes.append(
            f'<rect class="{kind}" x="{place * width + width * 0.1:.2f}" y="{top:.2f}" '
            f'width="{width * 0.8:.2f}" height="{tall:.2f}"/>'
        )
    along = [(100 * (place + 0.5) / len(values), name) for place, name in names]
    return _plot(height, label, "".join(shapes), _y_labels(ticks, unit), along, _grid(ticks))


def histogram(
    values: Sequence[float], *, bins: int, height: int, label: str, unit: str = "$"
) -> str:
    """How often values fall in each of about `bins` equal bins, those under zero in the loss
    colour. Heights are logarithms, so that a tail of few is seen beside a mass of many."""
    low, high = min(values), max(values)
    step = _nice((high - low) / bins or 1.0)
    first = floor(low / step)
    counts = [0] * (floor(high / step) - first + 1)
    for value in values:
        counts[floor(value / step) - first] += 1
    ticks = [float(power) for power in range(-1, ceil(log10(max(counts))) + 1)]
    width = _WIDTH / len(counts)
    shapes = []
    for place, count in enumerate(counts):
        if not count:
            continue
        tall = _HEIGHT * _share(log10(count), ticks)
        kind = "bar-loss" if first + place < 0 else "bar-gain"
        shapes.append(
            f'<rect class="{kind}" x="{place * width + width * 0.06:.2f}" '
            f'y="{_HEIGHT - tall:.2f}" width="{width * 0.88:.2f}" height="{tall:.2f}"/>'
        )
    edges = range(len(counts) + 1)
    wanted = max(1, ceil(len(counts) / 5))
    along = [
        (100 * edge / len(counts), _short((first + edge) * step, unit))
        for edge in edges
        if (first + edge) % wanted == 0
    ]
    labels = [(100 * _share(tick, ticks), f"{10**tick:,.0f}") for tick in ticks[1:]]
    return _plot(height, label, "".join(shapes), labels, along, _grid(ticks))


def bars(rows: Sequence[Bar], low: float, high: float, axes: Sequence[tuple[float, str]]) -> str:
    """Horizontal bars on one scale. `axes`: places on it that get a line, and their words."""
    span = (high - low) or 1

    def at(value: float) -> float:
        return 100 * (min(max(value, low), high) - low) / span

    lines = "".join(f'<i class="axis" style="left:{at(place):.2f}%"></i>' for place, _ in axes)
    parts = []
    for row in rows:
        start, end = sorted((at(row.start), at(row.end)))
        track = (
            f'{lines}<i class="{row.kind}" style="left:{start:.2f}%;right:{100 - end:.2f}%"></i>'
        )
        if row.mark is not None:
            track += f'<i class="at" style="left:{at(row.mark):.2f}%"></i>'
        if row.claim is not None:
            track += f'<i class="claim" style="left:{at(row.claim):.2f}%"></i>'
        total = " total" if row.is_total else ""
        parts.append(
            f'<span class="name{total}">{escape(row.name)}</span><span class="track">{track}</span>'
            f'<span class="value{total}">{escape(row.value)}</span>'
        )
    words = "".join(
        f'<span style="left:{at(place):.2f}%">{escape(word)}</span>' for place, word in axes
    )
    scale = f'<span></span><span class="scale">{words}</span><span></span>'
    return f'<div class="bars">{"".join(parts)}{scale}</div>'


def _plot(
    height: int,
    label: str,
    shapes: str,
    up: Sequence[tuple[float, str]],
    along: Sequence[tuple[float, str]],
    grid: str,
) -> str:
    words = "".join(f'<span class="y" style="bottom:{y:.2f}%">{escape(w)}</span>' for y, w in up)
    for x, word in along:
        edge = " first" if x < 3 else " last" if x > 97 else ""
        words += f'<span class="x{edge}" style="left:{x:.2f}%">{escape(word)}</span>'
    return (
        f'<div class="plot" style="height:{height}px" role="img" aria-label="{escape(label)}">'
        f'<svg viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" preserveAspectRatio="none" '
        f'aria-hidden="true">{grid}{shapes}</svg>{words}</div>'
    )


def _grid(ticks: Sequence[float]) -> str:
    heights = (_HEIGHT * (1 - _share(tick, ticks)) for tick in ticks)
    return "".join(
        f'<line class="grid" x1="0" x2="{_WIDTH:g}" y1="{y:.2f}" y2="{y:.2f}"/>' for y in heights
    )


def _share(tick: float, ticks: Sequence[float]) -> float:
    return (tick - ticks[0]) / ((ticks[-1] - ticks[0]) or 1)


def _y_labels(ticks: Sequence[float], unit: str) -> list[tuple[float, str]]:
    return [(100 * _share(tick, ticks), _short(tick, unit)) for tick in ticks]


def _placed(
    shown: Sequence[tuple[int, float]],
    points: Sequence[tuple[int, float]],
    low: float,
    high: float,
) -> list[tuple[float, float]]:
    start, end = points[0][0], points[-1][0]
    across, up = (end - start) or 1, (high - low) or 1
    return [
        (_WIDTH * (at - start) / across, _HEIGHT * (1 - (value - low) / up)) for at, value in shown
    ]


def _thinned(points: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    step = ceil(len(points) / _POINTS)
    shown = list(points[::step])
    return shown if shown[-1] == points[-1] else [*shown, points[-1]]


def _dates(points: Sequence[tuple[int, float]]) -> list[tuple[float, str]]:
    start, end = points[0][0], points[-1][0]
    times = (start + (end - start) * part // 3 for part in range(4))
    return [
        (100 * part / 3, f"{datetime.fromtimestamp(at, timezone.utc):%-d %b}")
        for part, at in enumerate(times)
    ]


def _ticks(low: float, high: float) -> list[float]:
    """Round values from under the lowest to over the highest."""
    if high <= low:
        low, high = low - 1, high + 1
    step = _nice((high - low) / _TICKS)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [number * step for number in range(first, last + 1)]


def _nice(step: float) -> float:
    """The next 1, 2, 2.5 or 5 with zeros."""
    power = 10.0 ** floor(log10(step))
    return next(power * each for each in (1, 2, 2.5, 5, 10) if power * each >= step * 0.999)


def _short(value: float, unit: str) -> str:
    sign, size = ("-" if value < 0 else ""), abs(value)
    if size >= 10_000:
        decimals = 0 if size >= 1_000_000 or size % 1000 == 0 else 1
        return f"{sign}{unit}{size / 1000:,.{decimals}f}k"
    return f"{sign}{unit}{size:,.0f}" if size == round(size) else f"{sign}{unit}{size:,.2f}"
