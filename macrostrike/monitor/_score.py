"""Wins, calibration and growth, from the journal's strikes and the chain's bins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from macrostrike._statistics import wilson
from macrostrike.journal import StrikeRow, StrikeState
from macrostrike.types import BPS, MIN_CONFIDENCE_BPS, CalibrationBin

WINDOW = 100
"""Strikes or transactions in a window of the last ones."""
DAY = 86_400
GROWTH = {"day": DAY, "week": 7 * DAY}


@dataclass(frozen=True, slots=True)
class Score:
    """Settled strikes of a model (None: of all), and how good the confidence was.

    brier: mean of (confidence - outcome)^2, 0 to 1; None while nothing has settled.
    """

    model: int | None
    window: int | None
    settled: int
    wins: int
    brier: float | None

    @property
    def win_rate(self) -> float | None:
        """Wins of settled, 0 to 1; None while nothing has settled."""
        return self.wins / self.settled if self.settled else None


@dataclass(frozen=True, slots=True)
class Bin:
    """A confidence bin: what was delivered, with its 95 % Wilson interval, 0 to 1.

    low_bps, high_bps: the confidences in it, both included.
    """

    model: int | None
    low_bps: int
    high_bps: int
    settled: int
    wins: int
    lower: float
    upper: float

    @property
    def ratio(self) -> float | None:
        """Wins of settled, 0 to 1; None while nothing has settled."""
        return self.wins / self.settled if self.settled else None


def closed_in_order(strikes: Sequence[StrikeRow]) -> list[StrikeRow]:
    """Strikes that are closed, in the order they were."""
    closed = [strike for strike in strikes if strike.status is not StrikeState.OPEN]
    return sorted(closed, key=lambda strike: (strike.settled_block or 0, strike.strike_id))


def scores_of(
    closed: Sequence[StrikeRow], models: Mapping[int, tuple[int, int, float]]
) -> tuple[Score, ...]:
    """The score of all and of each model: over the last strikes, and over all of them.

    models: settled, wins and the sum of squared errors, of all strikes.
    """
    settled, wins, errors = (
        sum(column) for column in zip((0, 0, 0.0), *models.values(), strict=True)
    )
    found = [_score(None, closed[-WINDOW:]), _sum(None, settled, wins, errors)]
    for model, sums in sorted(models.items()):
        own = [strike for strike in closed if strike.model_id == model]
        found += [_score(model, own[-WINDOW:]), _sum(model, *sums)]
    return tuple(found)


def _sum(model: int | None, settled: float, wins: float, errors: float) -> Score:
    return Score(model, None, int(settled), int(wins), errors / settled if settled else None)


def _score(model: int | None, strikes: Sequence[StrikeRow]) -> Score:
    misses = [strike.confidence_bps / BPS - bool(strike.won) for strike in strikes]
    brier = sum(miss * miss for miss in misses) / len(misses) if misses else None
    wins = sum(bool(strike.won) for strike in strikes)
    return Score(model, WINDOW, len(strikes), wins, brier)


def bins_of(calibration: Mapping[int, Sequence[CalibrationBin]]) -> tuple[Bin, ...]:
    """The chain's bins of each model, and of all models together."""
    together: list[tuple[int | None, list[tuple[int, int]]]] = [
        (model, [(each.settled, each.wins) for each in bins]) for model, bins in calibration.items()
    ]
    if together:
        sums = zip(*(counts for _, counts in together), strict=True)
        total = [(sum(s for s, _ in each), sum(w for _, w in each)) for each in sums]
        together.insert(0, (None, total))
    return tuple(
        _bin(model, index, settled, wins, last=index == len(counts) - 1)
        for model, counts in together
        for index, (settled, wins) in enumerate(counts)
    )


def _bin(model: int | None, index: int, settled: int, wins: int, *, last: bool) -> Bin:
    low = MIN_CONFIDENCE_BPS + 100 * index
    return Bin(model, low, BPS if last else low + 99, settled, wins, *wilson(wins, settled))


def growth_of(closed: Sequence[StrikeRow], equity: int, now: int) -> dict[str, float]:
    """P&L of the strikes closed in the last day and week, over the equity before them.

    Capital that was put in or taken out is not growth.
    """
    growth = {}
    for name, seconds in GROWTH.items():
        pnl = sum(s.pnl or 0 for s in closed if (s.settled_at or 0) > now - seconds)
        if equity - pnl > 0:
            growth[name] = pnl / (equity - pnl)
    return growth
