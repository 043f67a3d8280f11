"""What callers make and send. Every field is checked on construction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from macrostrike.errors import InvalidPrediction
from macrostrike.types._checked import U8, U16, U32, U40, U64, Address, Checked, Length, Range
from macrostrike.types._enums import (
    ALL_STRATEGIES,
    BOTS,
    BPS,
    DYNAMIC_FEE,
    MAX_HOPS,
    MAX_LOTS,
    MIN_CONFIDENCE_BPS,
    MIN_HOPS,
    FacetCutAction,
    OracleKind,
    Signal,
)

ZERO_ADDRESS = "0x" + "00" * 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction(Checked):
    """What an engine signs (EIP-712, primary type `Prediction`).

    engine: the signer, an account or an ERC-1271 contract.
    nonce: used once by each engine; those over 127 behind its highest are dead.
    confidence_bps: probability of a net profit at the barriers.
    strategies: bit s set: strategy s may take part; see `strategy_mask`.
    model_id: the engine's model, for calibration.
    valid_from, valid_until: first and last second at which it may be executed.
    horizon: seconds after opening at which the strike is due whatever the price.
    take_profit_bps, stop_loss_bps: price moves at which it is due, of the entry price; 0 = none.
    """

    _error = InvalidPrediction

    engine: Address
    nonce: U64
    market: U8
    signal: Signal
    confidence_bps: Annotated[int, Range(0, BPS)]
    strategies: Annotated[int, Range(1, ALL_STRATEGIES)] = ALL_STRATEGIES
    model_id: U16 = 0
    valid_from: U40
    valid_until: U40
    horizon: Annotated[int, Range(1, (1 << 24) - 1)]
    take_profit_bps: U16 = 0
    stop_loss_bps: Annotated[int, Range(0, BPS - 1)] = 0

    def __post_init__(self) -> None:
        # Not super(): a dataclass with slots is another class than the one it was written as.
        Checked.__post_init__(self)
        if self.valid_until < self.valid_from:
            allowed = f"it must not be before valid_from, which is {self.valid_from}"
            raise InvalidPrediction("valid_until", self.valid_until, allowed)


@dataclass(frozen=True, slots=True, kw_only=True)
class StrikeOrder(Checked):
    """One strike of a batch; the limit is as of `MacroStrike.strike`."""

    prediction: Prediction
    signature: bytes
    limit_amount: Annotated[int, Range(0, (1 << 256) - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class BotConfig(Checked):
    """How one bot trades.

    risk_bps: share of its free equity that it puts into a full-strength strike.
    min_confidence_bps: its own minimum.
    longs, shorts: the sides it takes.
    active: on or off.
    """

    risk_bps: Annotated[int, Range(1, BPS)]
    min_confidence_bps: Annotated[int, Range(MIN_CONFIDENCE_BPS, BPS)] = MIN_CONFIDENCE_BPS
    longs: bool = True
    shorts: bool = True
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetConfig(Checked):
    """The fleet's settings at initialisation.

    quote: the ERC-20 in which capital, P&L and limits are counted.
    unit_exponent: a book unit is 10^unit_exponent raw quote units.
    lot: book units in one lot, the step of every allocation.
    bots: the 25 bots, strategy by strategy.
    """

    quote: Address
    unit_exponent: Annotated[int, Range(0, 16)]
    lot: Annotated[int, Range(1, (1 << 32) - 1)]
    bots: Annotated[tuple[BotConfig, ...], Length(BOTS, BOTS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketRules(Checked):
    """What one market may do.

    max_bot_lots, max_strike_lots, max_open_lots: most lots of one bot in one strike, of one
        strike, and open at once.
    max_day_lots: lots that may open a day; what is used drains evenly over the day.
    cooldown: seconds between two strikes.
    max_deviation_bps: farthest that the price obtained may be from the oracle's.
    oracle_window: seconds, the least length of the mean price, or the age at which a feed's answer
        is stale.
    """

    oracle: OracleKind = OracleKind.POOL_TWAP
    longs: bool = True
    shorts: bool = True
    max_bot_lots: Annotated[int, Range(1, MAX_LOTS)]
    max_strike_lots: Annotated[int, Range(1, BOTS * MAX_LOTS)]
    max_open_lots: Annotated[int, Range(1, (1 << 16) - 1)]
    max_day_lots: Annotated[int, Range(1, (1 << 24) - 1)]
    cooldown: U16
    max_deviation_bps: Annotated[int, Range(1, BPS - 1)]
    oracle_window: Annotated[int, Range(1, (1 << 32) - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketConfig(Checked):
    """A market at registration: base token, pool, the pool's factory, rules.

    feed: a Chainlink-style feed of quote per base; zero where the rules say `POOL_TWAP`.
    """

    base: Address
    pool: Address
    factory: Address
    feed: Address = ZERO_ADDRESS
    rules: MarketRules


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolConfig(Checked):
    """A pool at registration for arbitrages, and the factory that vouches for it. A pool of more
    than two tokens is registered by pairs of them.

    factory: V4: the manager.
    pool: V4: the manager again, which holds all pools.
    fee: in hundredths of a basis point, 3000 is 0.3 %; a V3 pool's own, or what a V2 pair takes;
        V4: as in the pool's key, `DYNAMIC_FEE` where its hooks set it. Not looked at for Balancer.
    token0, token1: V4: as in the pool's key, zero for ether. Balancer: two of the pool's tokens,
        the lesser first. Not looked at for V2 and V3.
    tick_spacing, hooks: V4: as in the pool's key.
    """

    factory: Address
    pool: Address
    fee: Annotated[int, Range(0, DYNAMIC_FEE)]
    token0: Address = ZERO_ADDRESS
    token1: Address = ZERO_ADDRESS
    tick_spacing: Annotated[int, Range(-(1 << 23), (1 << 23) - 1)] = 0
    hooks: Address = ZERO_ADDRESS


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCap(Checked):
    """What one arbitrage may put in of a token, raw units; 0: none starts in it."""

    token: Address
    max_amount_in: Annotated[int, Range(0, (1 << 128) - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArbitrageOrder(Checked):
    """A cycle of swaps that starts and ends in `token_in`. Amounts are raw units of it.

    pools: 2 to 4 pool ids, none twice, in the order of the hops.
    amount_in: what the first hop takes; the most of it where `resize` is set.
    min_profit: what must be left at the least; 0 means 1.
    confidence_bps: probability of success, held to the threshold.
    deadline: last second at which it may be executed.
    resize: whether the chain takes the best amount up to `amount_in`, by the state it finds.
    """

    pools: Annotated[tuple[U32, ...], Length(MIN_HOPS, MAX_HOPS)]
    token_in: Address
    amount_in: Annotated[int, Range(1, (1 << 128) - 1)]
    min_profit: Annotated[int, Range(0, (1 << 128) - 1)] = 0
    confidence_bps: Annotated[int, Range(0, BPS)]
    deadline: U40
    resize: bool = False


@dataclass(frozen=True, slots=True)
class FacetCut(Checked):
    """One entry of a cut; the zero address when removing."""

    facet_address: Address
    action: FacetCutAction
    function_selectors: tuple[bytes, ...]
