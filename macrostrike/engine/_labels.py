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

        if not len(starts):
            return np.empty(0)
        cost = costs.one_way
        side = sides[:, None]
        entries = (closes[starts] * (1 + sides * cost))[:, None]
        # A row for each start: the closes of its minutes.
        paths = np.lib.stride_tricks.sliding_window_view(closes, self.minutes)[starts + 1]
        gains = side * (paths / entries - 1)
        met = (gains >= self.take_profit_bps / BPS) | (gains <= -self.stop_loss_bps / BPS)
        met[:, -1] = True
        first = met.argmax(axis=1)
        exits = paths[np.arange(len(starts)), first] * (1 - sides * cost)
        net: NDArray[np.float64] = sides * (exits / entries[:, 0] - 1)
        return net
