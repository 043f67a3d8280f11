"""Intervals and projections: block bootstraps by days of what was measured.

A day's trades are one observation, as trades of one day go together; runs of three days are drawn,
as days do too. What was never seen is in no draw: a crash, another regime, another size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from macrostrike.replay._figures import Group

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DRAWS = 2000
BLOCK_DAYS = 3
HORIZONS = (1, 7, 14)
MIN_DAYS = 5
"""Days with trades between, under which nothing is projected."""

ASSUMPTIONS = (
    f"Circular block bootstrap of {DRAWS:,} draws over the measured days, in blocks of "
    f"{BLOCK_DAYS} days; net of fees, impact and gas.",
    "Each future day is like one of the measured days: same market, size, engine and rules.",
    "Results are added up at the measured size, not compounded.",
)
_TAIL = 5  # percent on either side


@dataclass(frozen=True, slots=True)
class Interval:
    """The middle 90 % of what the draws gave, and their median."""

    low: float
    median: float
    high: float


@dataclass(frozen=True, slots=True)
class Projection:
    """Net result after so many days, quote, and the share of draws that lost."""

    days: int
    trades: float
    result: Interval
    loses: float


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """What the days say beyond their sums."""

    win_rate: Interval
    expectancy: Interval
    projections: tuple[Projection, ...]


def bootstrap(by_day: dict[int, Group], *, seed: int, quote: int) -> Bootstrap | None:
    """The same for the same seed; None under `MIN_DAYS` days. `quote`: raw units of one."""
    days = list(by_day.values())
    if len(days) < MIN_DAYS:
        return None
    import numpy as np

    table = np.array([(day.trades, day.wins, day.net / quote) for day in days], dtype=float)
    resampled = table[drawn_days(len(days), seed)]
    trades, wins, net = (resampled[:, :, column].sum(axis=1) for column in range(3))
    return Bootstrap(
        win_rate=_interval(wins / np.maximum(trades, 1)),
        expectancy=_interval(net / np.maximum(trades, 1)),
        projections=tuple(_projections(resampled, HORIZONS)),
    )


def drawn_days(days: int, seed: int) -> NDArray[np.int64]:
    """Which of the measured days each draw has: as many as were measured, in blocks that may begin
    with any day and go on with the first after the last."""
    import numpy as np

    blocks = -(-days // BLOCK_DAYS)
    starts = np.random.default_rng(seed).integers(days, size=(DRAWS, blocks, 1))
    drawn = (starts + np.arange(BLOCK_DAYS)) % days
    return drawn.reshape(DRAWS, blocks * BLOCK_DAYS)[:, :days]


def _projections(resampled: NDArray[np.float64], horizons: Sequence[int]) -> list[Projection]:
    projections = []
    for days in horizons:
        # As many as are needed, from the start of each draw; over again where days are too few.
        taken = resampled[:, [day % resampled.shape[1] for day in range(days)], :]
        net = taken[:, :, 2].sum(axis=1)
        projections.append(
            Projection(
                days=days,
                trades=float(taken[:, :, 0].sum(axis=1).mean()),
                result=_interval(net),
                loses=float((net < 0).mean()),
            )
        )
    return projections


def _interval(values: NDArray[np.float64]) -> Interval:
    import numpy as np

    low, median, high = np.percentile(values, (_TAIL, 50, 100 - _TAIL))
    return Interval(float(low), float(median), float(high))
