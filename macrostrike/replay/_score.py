"""What the chain's own view functions say of a run, read once."""

from __future__ import annotations

from dataclasses import dataclass

from macrostrike.client import MacroStrike
from macrostrike.types import (
    CalibrationBin,
    Signal,
    SignalStats,
    Strategy,
    StrategyStats,
    StrikeStats,
)

STRONG = (Signal.STRONG_LONG, Signal.STRONG_SHORT)
REGULAR = (Signal.LONG, Signal.SHORT)


@dataclass(frozen=True, slots=True)
class Score:
    """The chain's answers at one moment. Amounts in raw quote units.

    reserve: capital that is not with the bots, the dust of divisions among it.
    calibration: a model's bins, by model id.
    """

    stats: StrikeStats
    signals: dict[Signal, SignalStats]
    strategies: dict[Strategy, StrategyStats]
    calibration: dict[int, tuple[CalibrationBin, ...]]
    reserve: int

    @property
    def capital(self) -> int:
        """Equity of the bots and what is in the reserve."""
        return self.stats.equity + self.reserve

    def rate_of(self, *signals: Signal) -> tuple[int, int]:
        """Wins and settled strikes of these signals together."""
        parts = [self.signals[signal] for signal in signals]
        return sum(part.wins for part in parts), sum(part.settled for part in parts)


def read_score(client: MacroStrike, models: tuple[int, ...] = ()) -> Score:
    """Asks the chain for the whole score, and for the calibration of `models`."""
    return Score(
        stats=client.stats(),
        signals=client.signal_stats(),
        strategies=client.strategy_stats(),
        calibration={model: client.calibration(model) for model in models},
        reserve=client.treasury().reserve,
    )
