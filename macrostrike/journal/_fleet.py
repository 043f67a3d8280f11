"""The fleet and its score as the chain keeps them, in book units and the chain's own rounding."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace

from macrostrike._generated.events import StrikeOpened
from macrostrike.types import (
    BOTS,
    BPS,
    MIN_CONFIDENCE_BPS,
    STRIKE_SLOTS,
    BotConfig,
    Signal,
    StrikeRecord,
    record_of,
)
from macrostrike.types import BOTS_PER_STRATEGY as SIZE

STRATEGIES = BOTS // SIZE
BINS = 7
_EQUITY_LIMIT = (1 << 42) - 1
_COUNT_LIMIT = (1 << 23) - 1
_CELL_LIMIT = (1 << 24) - 1
_PNL_LIMIT = (1 << 56) - 1
_DUST_LIMIT = (1 << 8) - 1
_HIGH_WATER_LIMIT = (1 << 48) - 1
RECENT = 40
MIN_RECENT_WINS = 34
_PRIOR_STRIKES, _PRIOR_BPS = 20, 8700
_NONE_BPS, _FULL_BPS, _MIN_FACTOR_BPS = 8500, 9300, 500


@dataclass(slots=True)
class OpenStrike:
    """A strike as its two words give it, and whether it is open still."""

    record: StrikeRecord
    signal: Signal
    lots: tuple[int, ...]
    is_open: bool = True

    @classmethod
    def of(cls, opened: StrikeOpened, now: int) -> OpenStrike:
        """The strike of an event, at its block's time."""
        return cls(record_of(opened, now), opened.signal, opened.lots)


@dataclass(slots=True)
class Cell:
    """The score of one model, confidence bin and signal."""

    settled: int = 0
    wins: int = 0
    brier_sum: int = 0
    profit: int = 0
    loss: int = 0

    def add(self, confidence_bps: int, pnl: int, *, won: bool) -> None:
        """One more outcome."""
        self.settled += 1
        self.wins += won
        self.brier_sum += brier(confidence_bps, right=won)
        self.profit += max(pnl, 0)
        self.loss += max(-pnl, 0)

    @property
    def factor_bps(self) -> int:
        return factor_bps(self.wins, self.settled)


@dataclass(slots=True)
class Model:
    """A registered model: whose it is (zero: no one's), and its record over all cells."""

    engine: str
    settled: int = 0
    wins: int = 0

    @property
    def factor_bps(self) -> int:
        return factor_bps(self.wins, self.settled)


def factor_bps(wins: int, settled: int) -> int:
    """What a record lets a strike be sized at, in basis points of full size."""
    mean = posterior_bps(wins, settled)
    if mean >= _FULL_BPS:
        return BPS
    scaled = (mean - _NONE_BPS) * BPS // (_FULL_BPS - _NONE_BPS)
    return max(scaled, _MIN_FACTOR_BPS)


def posterior_bps(wins: int, settled: int) -> int:
    """The posterior mean of a win rate under the chain's prior, in basis points."""
    return (wins * BPS + _PRIOR_STRIKES * _PRIOR_BPS) // (settled + _PRIOR_STRIKES)


def brier(confidence_bps: int, *, right: bool) -> int:
    """(confidence - outcome)^2 in units of 1e-6."""
    miss = BPS - confidence_bps if right else confidence_bps
    return miss * miss // 100


def bin_of(confidence_bps: int) -> int:
    """The confidence bin, 0 to 6; 10000 belongs to the last."""
    return min((confidence_bps - MIN_CONFIDENCE_BPS) // 100, BINS - 1)


@dataclass(slots=True)
class Fleet:
    """Bots, strikes and score, built up event by event. Amounts in book units, dust in raw."""

    unit: int = 1
    lot: int = 0
    configs: list[BotConfig] = field(default_factory=list)
    equity: list[int] = field(default_factory=lambda: [0] * BOTS)
    funded: list[int] = field(default_factory=lambda: [0] * STRATEGIES)
    settled: list[int] = field(default_factory=lambda: [0] * STRATEGIES)
    wins: list[int] = field(default_factory=lambda: [0] * STRATEGIES)
    slots: dict[int, OpenStrike] = field(default_factory=dict)
    cells: defaultdict[tuple[int, int, Signal], Cell] = field(
        default_factory=lambda: defaultdict(Cell)
    )
    models: dict[int, Model] = field(default_factory=dict)
    recent: list[bool] = field(default_factory=lambda: [True] * RECENT)
    high_water: int = 0
    best: int = 0
    worst: int = 0
    halted: bool = False
    dust: int = 0

    @property
    def lot_value(self) -> int:
        """Raw quote units in a lot."""
        return self.lot * self.unit

    def open_strikes(self) -> list[OpenStrike]:
        """In the order of their slots, as the chain lists them."""
        return [self.slots[slot] for slot in sorted(self.slots) if self.slots[slot].is_open]

    def locked_lots(self) -> list[int]:
        """What open strikes hold of each bot."""
        open_lots = [strike.lots for strike in self.open_strikes()]
        return [sum(lots[bot] for lots in open_lots) for bot in range(BOTS)]

    def change_equity(self, amounts: list[int]) -> None:
        """Money in, or out where negative; the high-water mark moves in proportion."""
        had = sum(self.equity)
        for bot, amount in enumerate(amounts):
            self.equity[bot] += amount
            self.funded[bot // SIZE] += amount
        has = sum(self.equity)
        high = -(-self.high_water * has // had) if had else has
        self.high_water = min(high, _HIGH_WATER_LIMIT)

    def set_equity(self, equity: list[int]) -> None:
        """Equity moved between bots: put in, not earned."""
        for bot, amount in enumerate(equity):
            self.funded[bot // SIZE] += amount - self.equity[bot]
            self.equity[bot] = amount

    def resume(self, high_water: int) -> None:
        self.halted = False
        self.recent = [True] * RECENT
        self.high_water = high_water

    def open(self, strike: OpenStrike) -> None:
        self.slots[strike.record.id % STRIKE_SLOTS] = strike

    def make_due(self, strike_id: int, now: int) -> None:
        strike = self.slots[strike_id % STRIKE_SLOTS]
        strike.record = replace(strike.record, horizon=now - strike.record.opened_at)

    def close(self, strike_id: int, pnl: int, *, won: bool) -> int:
        """Books a strike's P&L, raw quote. Answers what of the dust went to the reserve."""
        strike = self.slots[strike_id % STRIKE_SLOTS]
        strike.is_open = False
        units = min(pnl // self.unit, _PNL_LIMIT)
        shared = self._share(strike, units, won=won)
        cell = self.cells[
            strike.record.model_id, bin_of(strike.record.confidence_bps), strike.signal
        ]
        # A full cell stops, and the model with it, as on the chain.
        if cell.settled < _CELL_LIMIT:
            cell.add(strike.record.confidence_bps, units, won=won)
            model = self.models[strike.record.model_id]
            model.settled += 1
            model.wins += won
        self._mark(units, won=won)
        dust = pnl - shared * self.unit + self.dust
        self.dust = dust if dust <= _DUST_LIMIT else 0
        return dust - self.dust

    def _share(self, strike: OpenStrike, units: int, *, won: bool) -> int:
        total = sum(strike.lots)
        before = sum(self.equity)
        for bot, weight in enumerate(strike.lots):
            # Floor division rounds down for gains and losses alike, as the chain does.
            share = units * weight // total
            self.equity[bot] = min(self.equity[bot] + share, _EQUITY_LIMIT)
        for strategy in range(STRATEGIES):
            takes_part = any(strike.lots[strategy * SIZE : (strategy + 1) * SIZE])
            if takes_part and self.settled[strategy] < _COUNT_LIMIT:
                self.settled[strategy] += 1
                self.wins[strategy] += won
        return sum(self.equity) - before

    def _mark(self, units: int, *, won: bool) -> None:
        self.recent = [won, *self.recent[:-1]]
        equity = sum(self.equity)
        self.high_water = max(self.high_water, equity)
        self.best = max(self.best, units)
        self.worst = max(self.worst, -units)
        drawdown = equity * BPS < self.high_water * (BPS - BPS // 10)
        self.halted |= drawdown or sum(self.recent) < MIN_RECENT_WINS
