"""Intervals of shares."""

from __future__ import annotations

from math import sqrt

_Z95 = 1.959963984540054


def wilson(wins: int, settled: int) -> tuple[float, float]:
    """The 95 % Wilson interval of a win rate; 0 to 1 while nothing has settled."""
    if not settled:
        return 0.0, 1.0
    z2 = _Z95 * _Z95
    center = (wins + z2 / 2) / (settled + z2)
    half = _Z95 * sqrt(wins * (settled - wins) / settled + z2 / 4) / (settled + z2)
    return max(center - half, 0.0), min(center + half, 1.0)
