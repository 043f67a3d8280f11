"""What callers make and send. Every field is checked on construction.

The fields, their order and their documentation are the generated ones. Here are what a type alone
does not say: ranges that the chain accepts, and defaults.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from macrostrike._generated import shapes
from macrostrike._generated.constants import (
    BOTS,
    BPS,
    DYNAMIC_FEE,
    MAX_AUCTION_SECONDS,
    MAX_DEVIATION_BPS,
    MAX_DISCOUNT_BPS,
    MAX_HOPS,
    MAX_HORIZON,
    MAX_KEEPER_DELAY,
    MAX_LOTS,
    MAX_PREMIUM_BPS,
    MAX_UPTIME_GRACE,
    MIN_AUCTION_SECONDS,
    MIN_CONFIDENCE_BPS,
    MIN_EXIT_WINDOW,
    MIN_HOPS,
)
from macrostrike._generated.enums import OracleKind
from macrostrike._generated.shapes import I24, U16, U32
from macrostrike._roots import Address, Length, Range
from macrostrike.errors import InvalidPrediction, InvalidValue
from macrostrike.types._checked import ZERO_ADDRESS, Checked
from macrostrike.types._strategies import ALL_STRATEGIES


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction(Checked, shapes.Prediction):
    """What an engine signs (EIP-712). All strategies may take part where none are named."""

    _error = InvalidPrediction

    confidence_bps: Annotated[int, Range(0, BPS)]
    strategies: Annotated[int, Range(1, ALL_STRATEGIES)] = ALL_STRATEGIES
    model_id: U16 = 0
    horizon: Annotated[int, Range(1, (1 << 24) - 1)]
    take_profit_bps: U16 = 0
    stop_loss_bps: Annotated[int, Range(1, BPS - 1)]

    def __post_init__(self) -> None:
        # Not super(): a dataclass with slots is another class than the one it was written as.
        Checked.__post_init__(self)
        if self.valid_until < self.valid_from:
            allowed = f"it must not be before valid_from, which is {self.valid_from}"
            raise InvalidPrediction("valid_until", self.valid_until, allowed)


@dataclass(frozen=True, slots=True)
class StrikeOrder(Checked, shapes.StrikeOrder):
    """One strike of a batch; the limit is as of `MacroStrike.strike`."""

    prediction: Prediction


@dataclass(frozen=True, slots=True, kw_only=True)
class BotConfig(Checked, shapes.BotConfig):
    """How one bot trades: by default both sides, switched on."""

    risk_bps: Annotated[int, Range(1, BPS)]
    min_confidence_bps: Annotated[int, Range(MIN_CONFIDENCE_BPS, BPS)] = MIN_CONFIDENCE_BPS
    longs: bool = True
    shorts: bool = True
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetConfig(Checked, shapes.FleetConfig):
    """The fleet's settings at initialization."""

    unit_exponent: Annotated[int, Range(0, 16)]
    lot: Annotated[int, Range(1, (1 << 32) - 1)]
    bots: Annotated[tuple[BotConfig, ...], Length(BOTS, BOTS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketRules(Checked, shapes.MarketRules):
    """What one market may do: by default both sides, priced by the pool's own history."""

    oracle: OracleKind = OracleKind.POOL_TWAP
    longs: bool = True
    shorts: bool = True
    max_bot_lots: Annotated[int, Range(1, MAX_LOTS)]
    max_strike_lots: Annotated[int, Range(1, BOTS * MAX_LOTS)]
    max_open_lots: Annotated[int, Range(1, (1 << 16) - 1)]
    max_day_lots: Annotated[int, Range(1, (1 << 24) - 1)]
    max_deviation_bps: Annotated[int, Range(1, MAX_DEVIATION_BPS)]
    oracle_window: Annotated[int, Range(MIN_EXIT_WINDOW, (1 << 24) - 1)]
    exit_window: Annotated[int, Range(MIN_EXIT_WINDOW, (1 << 16) - 1)]
    exit_deviation_bps: Annotated[int, Range(1, MAX_DEVIATION_BPS)]
    max_horizon: Annotated[int, Range(1, MAX_HORIZON)]
    max_stop_loss_bps: Annotated[int, Range(1, BPS - 1)]
    keeper_delay: Annotated[int, Range(0, MAX_KEEPER_DELAY)]
    premium_bps: Annotated[int, Range(0, MAX_PREMIUM_BPS)]
    discount_bps: Annotated[int, Range(0, MAX_DISCOUNT_BPS)]
    auction_seconds: Annotated[int, Range(MIN_AUCTION_SECONDS, MAX_AUCTION_SECONDS)]

    def __post_init__(self) -> None:
        Checked.__post_init__(self)
        if self.exit_window > self.oracle_window:
            allowed = f"it must not exceed oracle_window, which is {self.oracle_window}"
            raise InvalidValue("exit_window", self.exit_window, allowed)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketConfig(Checked, shapes.MarketConfig):
    """A market at registration, without a feed where none is named. V2 and V3 have no key."""

    feed: Address = ZERO_ADDRESS
    uptime_feed: Address = ZERO_ADDRESS
    uptime_grace: Annotated[int, Range(0, MAX_UPTIME_GRACE)] = 0
    min_block_seconds: Annotated[int, Range(0, 255)] = 12
    fee: Annotated[int, Range(0, DYNAMIC_FEE)] = 0
    tick_spacing: I24 = 0
    hooks: Address = ZERO_ADDRESS
    rules: MarketRules


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolConfig(Checked, shapes.PoolConfig):
    """A pool at registration for arbitrages. V2 and V3 need the first three fields only."""

    fee: Annotated[int, Range(0, DYNAMIC_FEE)]
    token0: Address = ZERO_ADDRESS
    token1: Address = ZERO_ADDRESS
    tick_spacing: I24 = 0
    hooks: Address = ZERO_ADDRESS


@dataclass(frozen=True, slots=True)
class TokenCap(Checked, shapes.TokenCap):
    """The maximum of a token that one arbitrage may start with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArbitrageOrder(Checked, shapes.ArbitrageOrder):
    """A cycle of swaps that starts and ends in `token_in`. Amounts are raw units of it."""

    pools: Annotated[tuple[U32, ...], Length(MIN_HOPS, MAX_HOPS)]
    amount_in: Annotated[int, Range(1, (1 << 128) - 1)]
    min_profit: Annotated[int, Range(0, (1 << 128) - 1)] = 0
    confidence_bps: Annotated[int, Range(0, BPS)]
    resize: bool = False
    model_id: U16 = 0


@dataclass(frozen=True, slots=True)
class FacetCut(Checked, shapes.FacetCut):
    """One entry of a cut."""


# What the chain returns with one of these inside. It is taken as it is.


@dataclass(frozen=True, slots=True)
class Bot(shapes.Bot):
    """One bot. Amounts are raw quote units; `locked` is in open strikes."""

    config: BotConfig


@dataclass(frozen=True, slots=True)
class Market(shapes.Market):
    """A market as the chain has it."""

    rules: MarketRules
