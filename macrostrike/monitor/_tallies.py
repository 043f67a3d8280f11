"""Sums over rows, so that rows need not be kept: the sum of two parts is the sum of the whole."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from macrostrike.journal import (
    Change,
    ChangeKind,
    Decision,
    IntentRow,
    IntentState,
    PredictionRow,
    StrikeRow,
    StrikeState,
    TransactionRow,
)
from macrostrike.manifest import Manifest
from macrostrike.types import BOTS, BPS, FEE_BASE

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60)
"""Upper bounds of the buckets of durations, in seconds."""
STAGES = ("broadcast", "included")
"""What a transaction goes through: until it is sent, and until it is mined."""
NO_DURATIONS: tuple[tuple[int, ...], int, float] = ((0,) * len(BOUNDS), 0, 0.0)
REORGANISATION = "reorganisation"
"""The cause in the journal's changes when blocks were replaced; their number begins the value."""
REPLAY = "replay"
"""The name of a check that found a transaction to come out otherwise; the value is the cause."""
FAILED = (IntentState.REJECTED, IntentState.FOREIGN, IntentState.UNKNOWN)
FINISHED = (*FAILED, IntentState.CONFIRMED)
BAD_LEVELS = ("error", "critical")
_ETHER = ("ETH", "WETH")
Prices = Mapping[int, tuple[int, int]]
"""Raw quote, and the wei that it was for, by the block of a strike."""


@dataclass(slots=True)
class StrikeTally:
    """Strikes. `models` has settled, wins and the sum of squared errors; `shares` is each bot's
    part of the P&L. Amounts are raw quote."""

    opened: Counter[str] = field(default_factory=Counter)
    results: Counter[str] = field(default_factory=Counter)
    models: dict[int, tuple[int, int, float]] = field(default_factory=dict)
    fees: int = 0
    pnl: int = 0
    shares: list[float] = field(default_factory=lambda: [0.0] * BOTS)

    def add(self, rows: Iterable[StrikeRow], fees: Mapping[int, int]) -> StrikeTally:
        """With more strikes. `fees` are the markets' pool fees."""
        for row in rows:
            self.opened[str(row.signal)] += 1
            self.fees += _fees(row, fees.get(row.market, 0))
            if row.status is not StrikeState.OPEN:
                self._close(row)
        return self

    def copy(self) -> StrikeTally:
        return StrikeTally(
            Counter(self.opened),
            Counter(self.results),
            dict(self.models),
            self.fees,
            self.pnl,
            list(self.shares),
        )

    def _close(self, row: StrikeRow) -> None:
        self.results[_result(row)] += 1
        pnl, total, miss = row.pnl or 0, sum(row.lots), row.confidence_bps / BPS - bool(row.won)
        self.pnl += pnl
        settled, wins, errors = self.models.get(row.model_id, (0, 0, 0.0))
        self.models[row.model_id] = settled + 1, wins + bool(row.won), errors + miss * miss
        for bot, lots in enumerate(row.lots):
            if lots:
                self.shares[bot] += pnl * lots / total


@dataclass(slots=True)
class IntentTally:
    """Own transactions. `stages` counts durations at or under each of `BOUNDS`, their number and
    their sum; `next_nonces` is by account."""

    outcomes: Counter[tuple[str, IntentState]] = field(default_factory=Counter)
    errors: int = 0
    finished: int = 0
    stages: dict[str, tuple[tuple[int, ...], int, float]] = field(default_factory=dict)
    next_nonces: dict[str, int] = field(default_factory=dict)

    def add(self, rows: Iterable[IntentRow]) -> IntentTally:
        """With more of them."""
        for row in rows:
            if row.state not in (IntentState.PREPARED, IntentState.SENT):
                self.outcomes[row.action, row.state] += 1
            if row.state in FINISHED:
                self.finished += 1
                self.errors += is_error(row)
            if row.state is not IntentState.REJECTED:
                known = self.next_nonces.get(row.account, 0)
                self.next_nonces[row.account] = max(known, row.account_nonce + 1)
            for stage, seconds in durations(row).items():
                counts, number, total = self.stages.get(stage, NO_DURATIONS)
                under = tuple(
                    count + (seconds <= bound) for count, bound in zip(counts, BOUNDS, strict=True)
                )
                self.stages[stage] = under, number + 1, total + seconds
        return self

    def copy(self) -> IntentTally:
        return IntentTally(
            Counter(self.outcomes),
            self.errors,
            self.finished,
            dict(self.stages),
            dict(self.next_nonces),
        )


@dataclass(slots=True)
class OtherTally:
    """Mined transactions by action, decisions, arbitrages, reorganisations and the last one's
    depth, bad lines of the log, replays that came out otherwise by cause.

    gas_quote: what operators paid for gas, and for data on a chain below, in raw quote; None while
        nothing prices ether. l1_quote: of that, for such data where it is paid beside gas.
    """

    mined: Counter[str] = field(default_factory=Counter)
    gas_quote: int | None = None
    l1_quote: int = 0
    decisions: Counter[tuple[str, Decision]] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    arbitrages: int = 0
    reorganisations: int = 0
    reorg_depth: int = 0
    bad_lines: int = 0
    divergences: Counter[str] = field(default_factory=Counter)

    def add_transactions(
        self, rows: Iterable[TransactionRow], prices: Prices, operators: Iterable[str]
    ) -> OtherTally:
        """With more mined transactions. What others than the operators paid is not counted."""
        blocks, paying = sorted(prices), set(operators)
        for row in rows:
            self.mined[action_of(row)] += 1
            if blocks and row.account in paying:
                nearest = blocks[max(bisect_right(blocks, row.block_number) - 1, 0)]
                quote, wei = prices[nearest]
                beside = (row.l1_fee or 0) * quote // wei
                cost = row.gas_used * (row.gas_price or 0) * quote // wei + beside
                self.gas_quote = (self.gas_quote or 0) + cost
                self.l1_quote += beside
        return self

    def add_predictions(self, rows: Iterable[PredictionRow]) -> OtherTally:
        """With more predictions."""
        for row in rows:
            self.decisions[str(row.signal), row.decision] += 1
            if row.decision in (Decision.SKIPPED, Decision.REFUSED):
                self.reasons[row.reason or "unknown"] += 1
        return self

    def add_changes(self, rows: Iterable[Change]) -> OtherTally:
        """With more changes."""
        for row in rows:
            if row.cause == REORGANISATION:
                self.reorganisations += 1
                self.reorg_depth = int(row.value.partition(" ")[0])
            if row.kind is ChangeKind.CHECK and row.name == REPLAY:
                self.divergences[row.value] += 1
            self.bad_lines += row.kind is ChangeKind.LOG and row.name in BAD_LEVELS
        return self

    def copy(self) -> OtherTally:
        return OtherTally(
            Counter(self.mined),
            self.gas_quote,
            self.l1_quote,
            Counter(self.decisions),
            Counter(self.reasons),
            self.arbitrages,
            self.reorganisations,
            self.reorg_depth,
            self.bad_lines,
            Counter(self.divergences),
        )


@dataclass(frozen=True, slots=True)
class Tallies:
    """All sums."""

    strikes: StrikeTally = field(default_factory=StrikeTally)
    intents: IntentTally = field(default_factory=IntentTally)
    others: OtherTally = field(default_factory=OtherTally)

    def copy(self) -> Tallies:
        """One that can be added to."""
        return Tallies(self.strikes.copy(), self.intents.copy(), self.others.copy())


def is_error(intent: IntentRow) -> bool:
    """Mined and reverted counts too: it cost gas for nothing."""
    return intent.state in FAILED or intent.error is not None


def durations(intent: IntentRow) -> dict[str, float]:
    """Seconds that each stage of a transaction took, as far as it has come."""
    if intent.sent_at is None:
        return {}
    found = {"broadcast": intent.sent_at - intent.created_at}
    if intent.included_at is not None:
        found["included"] = intent.included_at - intent.sent_at
    return found


def action_of(row: TransactionRow) -> str:
    """The diamond's function. What other contracts were called for is `other`: anyone can make up
    selectors, and each would be a series of its own."""
    return "other" if row.action.startswith("0x") else row.action


def prices_of(strikes: Sequence[StrikeRow], manifest: Manifest) -> Prices:
    """What ether was worth, from the strikes of markets that trade it."""
    ether = {market.id for market in manifest.markets if market.base.symbol in _ETHER}
    own = (strike for strike in strikes if strike.market in ether and strike.base_amount)
    return {strike.opened_block: (strike.notional, strike.base_amount) for strike in own}


def _fees(strike: StrikeRow, fee: int) -> int:
    """Of both swaps. A pool takes its fee from what goes in, quote or the quote's worth of base."""
    received, spent = strike.quote_amount or 0, strike.notional
    if not strike.signal.is_long:
        received, spent = spent, received
    return spent * fee // FEE_BASE + received * fee // (FEE_BASE - fee)


def _result(row: StrikeRow) -> str:
    if row.status is StrikeState.WRITTEN_OFF:
        return "written_off"
    return "win" if row.won else "loss"
