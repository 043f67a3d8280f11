"""What an engine claimed, against what its strikes delivered."""

from __future__ import annotations

from dataclasses import dataclass

from macrostrike._statistics import wilson
from macrostrike.engine._predictor import Result
from macrostrike.types import BPS


@dataclass(slots=True)
class Claims:
    """Sums over results. `pnl` and `notional` are raw quote units."""

    settled: int = 0
    wins: int = 0
    claimed_bps: int = 0
    squares: float = 0.0
    pnl: int = 0
    notional: int = 0

    def add(self, result: Result) -> None:
        """Counts one more."""
        self.settled += 1
        self.wins += result.won
        self.claimed_bps += result.confidence_bps
        self.squares += (result.confidence_bps / BPS - result.won) ** 2
        self.pnl += result.pnl
        self.notional += result.notional

    def __str__(self) -> str:
        if not self.settled:
            return "nothing settled yet: no claim was tested"
        claimed = self.claimed_bps / self.settled / 100
        won = 100 * self.wins / self.settled
        per_trade = BPS * self.pnl / self.notional if self.notional else 0.0
        return (
            f"claimed {claimed:.1f} %, won {won:.1f} % of {self.settled}: {self._verdict}; "
            f"{per_trade:+.1f} bps of notional a strike, "
            f"{'a profit' if self.pnl > 0 else 'no profit'}; "
            f"Brier score {self.squares / self.settled:.3f}, "
            f"the base rate alone {self._base_brier:.3f}"
        )

    @property
    def _verdict(self) -> str:
        """By the 95 % Wilson interval of the share won."""
        low, high = wilson(self.wins, self.settled)
        claimed = self.claimed_bps / self.settled / BPS
        if claimed > high:
            return "not kept"
        return "kept" if claimed <= low else "too few to tell"

    @property
    def _base_brier(self) -> float:
        rate = self.wins / self.settled
        return rate * (1 - rate)
