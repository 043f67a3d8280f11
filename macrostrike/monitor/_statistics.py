"""The few statistics that the monitor shows."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least this share of them doesn't exceed; None of no values."""
    return sorted(values)[max(ceil(len(values) * share) - 1, 0)] if values else None
