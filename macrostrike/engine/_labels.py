"""What counts as a win: triple-barrier labels, net of fees and of the fleet's own impact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from macrostrike.types import BPS, MIN_CONFIDENCE_BPS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What a swap of the fleet costs, one way.

    fee_bps: the pool's fee.
    notional: quote that one strike of one strategy trades, whole tokens.
    depth: quote that moves the pool's price by 1 %, whole tokens.
    """

    fee_bps: float = 5.0
    notional: float = 14_000.0
    depth: float = 281_000.0

    @property
    def impact_bps(self) -> float:
        """Own impact on the price obtained: half of what the swap moves the price."""
        return 100 * self.notional / self.depth / 2

    @property
    def one_way(self) -> float:
        """Share of the amount that a swap loses to fee and impact."""
        return (self.fee_bps + self.impact_bps) / BPS


@dataclass(frozen=True, slots=True)
class Barriers:
    """Where a strike closes: at a gain, at a loss, or after so many minutes.

    Both barriers are moves against the price *obtained*, as the chain counts them.
    """

    take_profit_bps: int
    stop_loss_bps: int
    minutes: int

    @property
    def horizon(self) -> int:
        """Seconds."""
        return self.minutes * 60

    @property
    def min_confidence_bps(self) -> int:
        """The lowest confidence with which these barriers gain by the claim's own arithmetic.

        confidence × take-profit > (1 - confidence) × stop-loss, and never under the gate.
        """
        both = self.take_profit_bps + self.stop_loss_bps
        return max(MIN_CONFIDENCE_BPS, BPS * self.stop_loss_bps // both + 1)

    def returns(
        self,
        closes: NDArray[np.float64],
        starts: NDArray[np.int64],
        sides: NDArray[np.int64],
        costs: Costs,
    ) -> NDArray[np.float64]:
        """Net return of a strike opened at each of `starts`, on `sides` +1 or -1, as a share.

        A barrier is met when a minute closes beyond it, as that is when the loop looks. All starts
        must have `minutes` closes behind them.
        """
        import numpy as np

        cost = costs.one_way
        entries = closes[starts] * (1 + sides * cost)
        net = np.empty(len(starts))
        waiting = np.arange(len(starts))
        for minute in range(1, self.minutes + 1):
            prices = closes[starts[waiting] + minute]
            side, entry = sides[waiting], entries[waiting]
            gain = side * (prices / entry - 1)
            met = (gain >= self.take_profit_bps / BPS) | (gain <= -self.stop_loss_bps / BPS)
            if minute == self.minutes:
                met[:] = True
            exits = prices[met] * (1 - side[met] * cost)
            net[waiting[met]] = side[met] * (exits / entry[met] - 1)
            waiting = waiting[~met]
        return net
