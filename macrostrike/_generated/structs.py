"""Structs that the chain returns.

Written by `make build` from the contracts: change those, not this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from macrostrike._generated.enums import Signal, StrikeStatus, Venue
from macrostrike._roots import (
    CalibrationBinBase,
    Counted,
    StrikeBase,
    StrikeRecordBase,
    Struct,
)

__all__ = [
    "AMMTokenStats",
    "AttemptBin",
    "CalibrationBin",
    "Facet",
    "Model",
    "Pool",
    "SignalStats",
    "StrategyStats",
    "Strike",
    "StrikeRecord",
    "StrikeStats",
]


@dataclass(frozen=True, slots=True)
class Pool(Struct):
    """A pool as view functions return it.

    registered: Whether arbitrages may use it.
    token0: Zero where it is ether, which cycles treat as its wrapped token.
    fee: Balancer: as it was at registration, rounded down.
    pool_id: What the V4 manager, or the Balancer vault, knows the pool as; zero for others.
    """

    abi_name: ClassVar[str] = "PoolView"
    id: int
    registered: bool
    venue: Venue
    pool: str
    factory: str
    token0: str
    token1: str
    fee: int
    pool_id: bytes
    tick_spacing: int
    hooks: str


@dataclass(frozen=True, slots=True)
class AMMTokenStats(Struct):
    """The AMM bots' score and capital in one token. Amounts in its raw units.

    executed: Arbitrages that started in it.
    profit: All of them made.
    best: The maximum that one of them made.
    volume: All that first hops took; at most 2**112 - 1, where it stays.
    capital: What the books hold of it for the AMM bots, profit included.
    max_amount_in: The maximum that one arbitrage may put in.
    """

    abi_name: ClassVar[str] = "AMMTokenStats"
    token: str
    executed: int
    profit: int
    best: int
    volume: int
    capital: int
    max_amount_in: int


@dataclass(frozen=True, slots=True)
class AttemptBin(Struct):
    """One confidence bin of a model's arbitrages: those that were attempted by
    `attemptArbitrage`, misses included.

    brier_sum: Sum over them of (confidence - outcome)^2, in units of 1e-6.
    """

    abi_name: ClassVar[str] = "AttemptBin"
    attempts: int
    hits: int
    brier_sum: int


@dataclass(frozen=True, slots=True)
class Facet(Struct):
    """A facet and the selectors it answers, as the loupe reports them."""

    abi_name: ClassVar[str] = "Facet"
    facet_address: str
    function_selectors: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class StrikeRecord(StrikeRecordBase):
    """An open strike's record. One storage word; its weights are a second one.

    id: Strike id; the slot is `id % 64`.
    base_amount: Raw base units: received by a long, sold by a short.
    opened_at: Unix second.
    horizon: Seconds from the opening to when it is due. Marking it as due shortens it.
    """

    abi_name: ClassVar[str] = "StrikeRecord"
    id: int
    base_amount: int
    opened_at: int
    horizon: int
    take_profit_bps: int
    stop_loss_bps: int
    confidence_bps: int
    market: int
    model_id: int


@dataclass(frozen=True, slots=True)
class StrikeStats(Counted):
    """The score in totals, rebuilt by anyone from `StrikeSettled` events. Amounts in raw quote
    units.

    best: Greatest P&L of one strike; 0 until one has won.
    worst: Smallest P&L of one strike; 0 until one has lost.
    """

    abi_name: ClassVar[str] = "StrikeStats"
    opened: int
    open: int
    settled: int
    wins: int
    losses: int
    profit: int
    loss: int
    pnl: int
    best: int
    worst: int
    equity: int
    high_water: int
    recent_wins: int
    halted: bool


@dataclass(frozen=True, slots=True)
class SignalStats(Counted):
    """Score of one signal. Amounts in raw quote units."""

    abi_name: ClassVar[str] = "SignalStats"
    settled: int
    wins: int
    profit: int
    loss: int


@dataclass(frozen=True, slots=True)
class StrategyStats(Counted):
    """Score of one strategy. Amounts in raw quote units.

    settled: Settled strikes in which it took part.
    pnl: What trading added to or took from its bots since they were funded.
    """

    abi_name: ClassVar[str] = "StrategyStats"
    settled: int
    wins: int
    pnl: int
    equity: int


@dataclass(frozen=True, slots=True)
class CalibrationBin(CalibrationBinBase):
    """One confidence bin of a model.

    settled: Predictions settled in the bin.
    brier_sum: Sum over them of (confidence - outcome)^2, in units of 1e-6.
    factor_bps: The calibration factor that sizes the bin's next strike, by signal, in basis
        points: at most that of the whole model.
    """

    abi_name: ClassVar[str] = "CalibrationBin"
    settled: int
    wins: int
    brier_sum: int
    factor_bps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Model(Struct):
    """A model as view functions return it.

    engine: The engine that may predict by it; zero: none may.
    settled: Predictions settled, over all signals and bins.
    factor_bps: The maximum that any of its strikes is sized at, in basis points of full size.
    """

    abi_name: ClassVar[str] = "ModelView"
    model_id: int
    engine: str
    settled: int
    wins: int
    factor_bps: int


@dataclass(frozen=True, slots=True)
class Strike(StrikeBase):
    """A strike as view functions return it. Amounts are raw units.

    notional: Quote put in by a long, or received (and matched by an equal margin) by a short; 0
        once settled.
    lots: Each bot's weight, in lots.
    """

    abi_name: ClassVar[str] = "StrikeView"
    status: StrikeStatus
    signal: Signal
    record: StrikeRecord
    notional: int
    lots: tuple[int, ...]
