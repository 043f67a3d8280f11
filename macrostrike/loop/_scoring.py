"""Every prediction is scored by the market, struck or not, and each day is committed to.

So that no calibration is of a choice: what was skipped or refused counts as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from macrostrike.journal import (
    CommitmentKind,
    Journal,
    MarketOutcome,
    MinuteRow,
    PredictionRow,
    ScoreRow,
)
from macrostrike.journal.rows import PRICE_UNIT
from macrostrike.loop._feed import MINUTE
from macrostrike.loop._spot import Spot
from macrostrike.types import BPS

MAX_GAP = 5 * MINUTE
"""Seconds without a sample, after which it is not known what the market did."""
KEPT = 35 * 86_400
"""Seconds for which minutes are kept; a strike's longest horizon is 30 days."""
_AT_ONCE = 500
_MILLION = 10**6
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class _Ended:
    """Where a prediction's position would have ended."""

    price: int
    gain: int


def ended(
    entered: ScoreRow, row: PredictionRow, minutes: Sequence[MinuteRow], fee_millionths: int
) -> ScoreRow:
    """How a prediction's position would have ended.

    minutes: of its market, in order, that began after it was entered and before its horizon's end.
    fee_millionths: of the market's pool, paid twice.

    By the first barrier that a minute's range reaches, the stop-loss where both are; else at the
    last minute's close.
    """
    entry = entered.entry
    if entry is None or not _covers(minutes, entered):
        return replace(entered, outcome=MarketOutcome.UNPRICED, entry=None)
    end = _ended(row, entry, minutes)
    net = end.gain * _MILLION // entry - 2 * fee_millionths
    outcome = MarketOutcome.WON if net > 0 else MarketOutcome.LOST
    return replace(entered, outcome=outcome, exit=end.price, net_millionths=net)


def _covers(minutes: Sequence[MinuteRow], entered: ScoreRow) -> bool:
    times = [entered.entered_at, *(each.timestamp for each in minutes), entered.ends_at]
    return all(later - sooner <= MAX_GAP for sooner, later in pairwise(times))


def _ended(row: PredictionRow, entry: int, minutes: Sequence[MinuteRow]) -> _Ended:
    side = 1 if row.signal.is_long else -1
    for each in minutes:
        worst, best = (each.low, each.high) if row.signal.is_long else (each.high, each.low)
        if row.stop_loss_bps and -side * (worst - entry) * BPS >= row.stop_loss_bps * entry:
            return _at(entry, -row.stop_loss_bps, side)
        if row.take_profit_bps and side * (best - entry) * BPS >= row.take_profit_bps * entry:
            return _at(entry, row.take_profit_bps, side)
    last = minutes[-1].close if minutes else entry
    return _Ended(last, side * (last - entry))


def _at(entry: int, bps: int, side: int) -> _Ended:
    gain = entry * bps // BPS
    return _Ended(entry + side * gain, gain)


class Scorer:
    """Samples the markets, scores what has ended, commits to days that are over.

    A prediction is entered at the pool's price when it is first looked at, so that nothing is
    gained by sending it late. wall: Unix time: days are of when predictions were seen. All else is
    by the chain's clock.
    """

    def __init__(
        self, journal: Journal, spot: Spot, *, wall: Callable[[], float] = time.time
    ) -> None:
        self._journal, self._spot, self._wall = journal, spot, wall
        self._minutes: dict[int, MinuteRow] = {}
        self._last = journal.last_scored()
        self._days: dict[CommitmentKind, int] = {}
        for each in journal.commitments():
            self._days[each.kind] = each.day + 1

    def run(self, markets: Sequence[int], now: int) -> None:
        """One look at the chain's time `now`. Raises `ChainError`."""
        finished = [row for market in markets for row in self._sample(market, now)]
        self._enter(now)
        if not finished:
            return
        self._journal.record_minutes(finished)
        self._end(now)
        self._commit()
        if now // _DAY != finished[0].timestamp // _DAY:
            self._journal.forget_minutes(now - KEPT)

    def _sample(self, market: int, now: int) -> list[MinuteRow]:
        """The minute that has just ended, if one has."""
        quote, base = self._spot.ratio(market)
        price, begins = quote * PRICE_UNIT // base, now // MINUTE * MINUTE
        known = self._minutes.get(market)
        if known is not None and known.timestamp == begins:
            high, low = max(known.high, price), min(known.low, price)
            self._minutes[market] = replace(known, high=high, low=low, close=price)
            return []
        self._minutes[market] = MinuteRow(market, begins, price, price, price, price)
        return [] if known is None else [known]

    def _enter(self, now: int) -> None:
        """Follows predictions that are new, each from the price now."""
        rows = self._journal.predictions(after=self._last, limit=_AT_ONCE)
        if not rows:
            return
        self._journal.enter_scores([self._entered(row, now) for row in rows])
        self._last = rows[-1].seq

    def _entered(self, row: PredictionRow, now: int) -> ScoreRow:
        minute = self._minutes.get(row.market)
        # What was over before it was looked at tells nothing of what the engine knew.
        is_late = now > row.valid_until or minute is None
        return ScoreRow(
            seq=row.seq,
            digest=row.digest,
            outcome=MarketOutcome.UNPRICED if is_late else MarketOutcome.OPEN,
            entered_at=now,
            ends_at=now + row.horizon,
            entry=None if is_late or minute is None else minute.close,
        )

    def _end(self, now: int) -> None:
        # What ends in the minute that is not over yet waits.
        by = now // MINUTE * MINUTE
        while found := self._journal.scores_that_ended(by, limit=_AT_ONCE):
            self._journal.end_scores([self._ended(*each) for each in found])

    def _ended(self, entered: ScoreRow, row: PredictionRow) -> ScoreRow:
        path = self._journal.minutes(
            market=row.market, after=entered.entered_at, limit=row.horizon // MINUTE + 1
        )
        within = [each for each in path if each.timestamp < entered.ends_at]
        return ended(entered, row, within, self._spot.fee_millionths(row.market))

    def _commit(self) -> None:
        """To each day that is over, once: as predictions came in, and when all are scored."""
        today = int(self._wall()) // _DAY
        for kind in CommitmentKind:
            day = self._days.get(kind)
            if day is None:
                first = self._journal.predictions(limit=1)
                day = int(first[0].seen_at) // _DAY if first else today
            while day < today and self._journal.commit(day, kind) is not None:
                day += 1
            self._days[kind] = day
