"""The score that the chain tells, against an own count of what was settled, and against itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from macrostrike.abi import diamond_abi
from macrostrike.journal import Books
from macrostrike.types import Signal, Strategy

from .invariants import Invariants
from .wire import word

MODELS = (0, 1, 7, 9)
_BIN_WORDS = 7
_BINS = 7
_abi = diamond_abi()
_TOTALS = _abi.encode_call("getStrikeStats")
_SIGNALS = [_abi.encode_call("getSignalStats", signal) for signal in Signal]
_STRATEGIES = [_abi.encode_call("getStrategyStats", strategy) for strategy in Strategy]
_MODELS = [_abi.encode_call("getCalibration", model) for model in MODELS]
Read = Callable[[bytes], bytes]


class Score:
    """Counts every settlement, and those that won, by itself."""

    def __init__(self, invariants: Invariants, read: Read, books: Books) -> None:
        self._require, self._read = invariants.require, read
        stats = books.stats()
        self._settled, self._wins, self._pnl = stats.settled, stats.wins, stats.pnl

    def check(self, unit: int, closed: Sequence[tuple[int, bool]]) -> None:
        """After strikes were closed with these P&Ls, raw, and won or not."""
        self._settled += len(closed)
        self._wins += sum(won for _, won in closed)
        # The score is kept in book units, each P&L rounded down.
        self._pnl += sum(pnl // unit * unit for pnl, _ in closed)
        totals = self._read(_TOTALS)
        settled, wins, losses, profit, loss, pnl = (word(totals, each) for each in range(2, 8))
        signed = pnl - (1 << 256) if pnl >> 255 else pnl
        reported = (settled, wins, losses, signed)
        known = (self._settled, self._wins, self._settled - self._wins, self._pnl)
        self._require("score", reported == known, "totals", reported, "counted", known)
        signals = [self._read(each) for each in _SIGNALS]
        by_signal = [sum(word(each, field) for each in signals) for field in range(4)]
        agree = by_signal == [settled, wins, profit, loss]
        self._require("score", agree, "signals", by_signal, "totals", reported)
        by_model = self._sums_by_model()
        self._require("score", by_model == (settled, wins), "models", by_model, "totals", reported)
        for strategy in map(self._read, _STRATEGIES):
            took_part, won = word(strategy, 0), word(strategy, 1)
            within = won <= took_part <= settled and won <= wins
            within = within and took_part - won <= losses
            self._require("score", within, "a strategy", took_part, won, "totals", reported)

    def _sums_by_model(self) -> tuple[int, int]:
        tables = [self._read(each) for each in _MODELS]
        bins = [(table, _BIN_WORDS * each) for table in tables for each in range(_BINS)]
        settled = sum(word(table, at) for table, at in bins)
        return settled, sum(word(table, at + 1) for table, at in bins)
