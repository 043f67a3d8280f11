"""The diamond's books, rebuilt from its events alone.

What anybody can do to check the score: apply every event of the diamond in order, and every view
function must answer the same. No call is made, no storage read.
"""

from __future__ import annotations

from macrostrike.journal._fleet import (
    BINS,
    MIN_RECENT_WINS,
    RECENT,
    Cell,
    Model,
    posterior_bps,
)
from macrostrike.journal._ledger import ZERO, Ledger
from macrostrike.journal.balances import Position, required_balances
from macrostrike.types import (
    BOTS,
    AMMTokenStats,
    Bot,
    CalibrationBin,
    Pool,
    Signal,
    SignalStats,
    Strategy,
    StrategyStats,
    StrikeStats,
    Treasury,
)
from macrostrike.types import BOTS_PER_STRATEGY as SIZE
from macrostrike.types import Model as ModelView

__all__ = ["MIN_RECENT_WINS", "RECENT", "Books", "posterior_bps"]


class Books(Ledger):
    """Apply events in chain order with `apply` or `apply_logs`; then ask.

    Amounts are raw quote units, as the view functions return them.
    """

    def stats(self) -> StrikeStats:
        """As `getStrikeStats`."""
        fleet, parts = self.fleet, [self.signal_stats(signal) for signal in Signal]
        settled, wins = sum(part.settled for part in parts), sum(part.wins for part in parts)
        profit, loss = sum(part.profit for part in parts), sum(part.loss for part in parts)
        open_ = len(fleet.open_strikes())
        return StrikeStats(
            opened=settled + open_,
            open=open_,
            settled=settled,
            wins=wins,
            losses=settled - wins,
            profit=profit,
            loss=loss,
            pnl=profit - loss,
            best=fleet.best * fleet.unit,
            worst=-fleet.worst * fleet.unit,
            equity=sum(fleet.equity) * fleet.unit,
            high_water=fleet.high_water * fleet.unit,
            recent_wins=sum(fleet.recent),
            halted=fleet.halted,
        )

    def signal_stats(self, signal: Signal) -> SignalStats:
        """As `getSignalStats`."""
        cells = [cell for (_, _, of), cell in self.fleet.cells.items() if of == signal]
        unit = self.fleet.unit
        return SignalStats(
            settled=sum(cell.settled for cell in cells),
            wins=sum(cell.wins for cell in cells),
            profit=sum(cell.profit for cell in cells) * unit,
            loss=sum(cell.loss for cell in cells) * unit,
        )

    def strategy_stats(self, strategy: Strategy) -> StrategyStats:
        """As `getStrategyStats`."""
        fleet = self.fleet
        equity = sum(fleet.equity[strategy * SIZE : (strategy + 1) * SIZE])
        return StrategyStats(
            settled=fleet.settled[strategy],
            wins=fleet.wins[strategy],
            pnl=(equity - fleet.funded[strategy]) * fleet.unit,
            equity=equity * fleet.unit,
        )

    def bots(self) -> tuple[Bot, ...]:
        """As `getBots`."""
        fleet, locked = self.fleet, self.fleet.locked_lots()
        return tuple(
            Bot(
                strategy=Strategy(bot // SIZE),
                config=fleet.configs[bot],
                equity=fleet.equity[bot] * fleet.unit,
                locked=locked[bot] * fleet.lot_value,
            )
            for bot in range(BOTS)
        )

    def calibration(self, model_id: int) -> tuple[CalibrationBin, ...]:
        """As `getCalibration`."""
        return tuple(self._bin(model_id, index) for index in range(BINS))

    def models(self) -> tuple[ModelView, ...]:
        """As `getModels`."""
        return tuple(
            ModelView(model_id, model.engine, model.settled, model.wins, model.factor_bps)
            for model_id, model in self.fleet.models.items()
        )

    def treasury(self) -> Treasury:
        """As `getTreasury`."""
        capital = self.amm.books[self._quote].capital
        return Treasury(self._quote, self._reserve + self.fleet.dust, capital)

    def pools(self) -> tuple[Pool, ...]:
        """As `getPools`, all of them."""
        return tuple(self.amm.pools)

    def amm_stats(self) -> tuple[AMMTokenStats, ...]:
        """As `getAMMStats`."""
        return tuple(self.amm.books[token].view(token) for token in self.amm.tokens)

    def open_strike_ids(self) -> tuple[int, ...]:
        """As `getOpenStrikes`."""
        return tuple(strike.record.id for strike in self.fleet.open_strikes())

    def booked(self, token: str) -> int:
        """What the diamond must hold of a token at the least, raw units."""
        fleet = self.fleet
        positions = (
            Position(
                base=self.markets[strike.record.market].config.base,
                is_long=strike.signal.is_long,
                notional=sum(strike.lots) * fleet.lot_value,
                base_amount=strike.record.base_amount,
            )
            for strike in fleet.open_strikes()
        )
        required = required_balances(
            quote=self._quote,
            reserve=self._reserve + fleet.dust,
            equity=sum(fleet.equity) * fleet.unit,
            positions=positions,
            inventory=self.inventory,
            amm_capital={each: book.capital for each, book in self.amm.books.items()},
        )
        return required.get(token, 0)

    def _bin(self, model_id: int, index: int) -> CalibrationBin:
        cells = [self.fleet.cells.get((model_id, index, signal), Cell()) for signal in Signal]
        whole = self.fleet.models.get(model_id, Model(ZERO))
        return CalibrationBin(
            settled=sum(cell.settled for cell in cells),
            wins=sum(cell.wins for cell in cells),
            brier_sum=sum(cell.brier_sum for cell in cells),
            factor_bps=tuple(min(cell.factor_bps, whole.factor_bps) for cell in cells),
        )
