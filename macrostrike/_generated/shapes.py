"""Structs that callers make, or that hold one: `macrostrike.types` checks them.

Written by `make build` from the contracts: change those, not this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from macrostrike._generated.enums import FacetCutAction, OracleKind, Signal, Strategy, Venue
from macrostrike._roots import Address, BotBase, Length, Range, Struct

__all__ = [
    "I24",
    "U8",
    "U16",
    "U24",
    "U32",
    "U40",
    "U64",
    "U128",
    "U256",
    "ArbitrageOrder",
    "Bot",
    "BotConfig",
    "FacetCut",
    "FleetConfig",
    "Market",
    "MarketConfig",
    "MarketRules",
    "PoolConfig",
    "Prediction",
    "StrikeOrder",
    "TokenCap",
]

U8 = Annotated[int, Range(0, (1 << 8) - 1)]
U16 = Annotated[int, Range(0, (1 << 16) - 1)]
I24 = Annotated[int, Range(-(1 << 23), (1 << 23) - 1)]
U24 = Annotated[int, Range(0, (1 << 24) - 1)]
U32 = Annotated[int, Range(0, (1 << 32) - 1)]
U40 = Annotated[int, Range(0, (1 << 40) - 1)]
U64 = Annotated[int, Range(0, (1 << 64) - 1)]
U128 = Annotated[int, Range(0, (1 << 128) - 1)]
U256 = Annotated[int, Range(0, (1 << 256) - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolConfig(Struct):
    """A pool at registration. A pool of more than two tokens is registered by pairs of them.

    factory: A factory that the owner has allowed; it must have created the pool. V4: the
        manager.
    pool: The pool. V4: the manager again, which holds all pools.
    fee: Hundredths of a basis point: 3000 is 0.3 %. A V3 pool's own; a V2 pair does not know
        it, so the owner says it; V4: as in the pool's key, `DYNAMIC_FEE` where its hooks set
        it. Not looked at for Balancer.
    token0: V4: as in the key, zero for ether. Balancer: one of the pool's tokens. Not looked at
        for V2 and V3.
    token1: As `token0`, and the greater of the two.
    tick_spacing: V4: as in the key.
    hooks: V4: as in the key; zero, or an address that the owner has allowed.
    """

    abi_name: ClassVar[str] = "PoolConfig"
    factory: Address
    pool: Address
    fee: U24
    token0: Address
    token1: Address
    tick_spacing: I24
    hooks: Address


@dataclass(frozen=True, slots=True)
class TokenCap(Struct):
    """What one arbitrage may put in of a token.

    max_amount_in: Raw units; 0: no arbitrage starts in it.
    """

    abi_name: ClassVar[str] = "TokenCap"
    token: Address
    max_amount_in: U128


@dataclass(frozen=True, slots=True, kw_only=True)
class ArbitrageOrder(Struct):
    """What an operator asks for.

    pools: Pool ids in the order of the hops, 2 to 4, none twice. Every hop swaps what the one
        before gave.
    token_in: What the first hop takes and the last one pays.
    amount_in: Raw units of `token_in` that the first hop takes; the maximum where `resize` is
        set.
    min_profit: Raw units of `token_in`, measured, that it must leave at the least. 0 means 1:
        none is not enough.
    confidence_bps: The operator's probability of success, in basis points; under the threshold
        it is refused.
    deadline: Last Unix second at which it may be executed.
    resize: Whether the chain takes the best amount up to `amount_in`, by the state it finds,
        rather than that very amount.
    model_id: The model that found it, for calibration.
    """

    abi_name: ClassVar[str] = "ArbitrageOrder"
    pools: tuple[U32, ...]
    token_in: Address
    amount_in: U256
    min_profit: U256
    confidence_bps: U16
    deadline: U40
    resize: bool
    model_id: U16


@dataclass(frozen=True, slots=True)
class FacetCut(Struct):
    """One entry of a cut: what to do with some selectors of one facet.

    facet_address: The facet that will answer; the zero address when removing.
    action: What to do with the selectors.
    function_selectors: The selectors, at least one, none twice.
    """

    abi_name: ClassVar[str] = "FacetCut"
    facet_address: Address
    action: FacetCutAction
    function_selectors: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketRules(Struct):
    """What one market may do. Lots are the fleet's lots. Two storage words: 248 bits that
    strikes and settlements read, and 56 that takeovers alone read.

    oracle: Where the reference price comes from.
    longs: Whether longs may open.
    shorts: Whether shorts may open.
    max_bot_lots: Most lots of one bot in one strike.
    max_strike_lots: Most lots of one strike.
    max_open_lots: Most lots open on this market at once.
    max_day_lots: Lots that may open a day; what is used drains evenly over the day.
    cooldown: Seconds between two strikes.
    max_deviation_bps: Opening: farthest that the price obtained, pool fee and impact included,
        may be from the oracle's. At most 1000.
    oracle_window: Seconds: the minimum length of the TWAP, which is at most twice as long, or
        the age at which a feed's answer is stale.
    exit_window: Seconds, 30 to `oracle_window`: the mean of the pool that bounds exits, marks
        strikes as due and limits what is counted.
    exit_deviation_bps: Closing by an operator: farthest that the price obtained may be worse
        than the exit price. At most 1000.
    max_horizon: Seconds: the longest horizon of a strike. At most 30 days.
    max_stop_loss_bps: The widest stop-loss of a strike; every strike must have one. Under
        10000.
    keeper_delay: Seconds after a strike is due during which only operators and the owner close
        it. At most 86400.
    premium_bps: Where a takeover's price starts, above the best reference price for the fleet.
        At most 1000.
    discount_bps: Where it ends, below that price. At most 1000.
    auction_seconds: Seconds from one to the other, 300 to 86400.
    """

    abi_name: ClassVar[str] = "MarketRules"
    oracle: OracleKind
    longs: bool
    shorts: bool
    max_bot_lots: U16
    max_strike_lots: U16
    max_open_lots: U16
    max_day_lots: U24
    cooldown: U16
    max_deviation_bps: U16
    oracle_window: U24
    exit_window: U16
    exit_deviation_bps: U16
    max_horizon: U24
    max_stop_loss_bps: U16
    keeper_delay: U24
    premium_bps: U16
    discount_bps: U16
    auction_seconds: U24


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction(Struct):
    """What an engine signs (EIP-712, primary type `Prediction`).

    engine: The signer: an EOA (ECDSA) or a contract (ERC-1271).
    nonce: Used once by each engine.
    market: Market id.
    signal: Direction and strength.
    confidence_bps: Probability of a net profit at the barriers, in basis points, at most 10000.
    strategies: Bit s set: strategy s may take part.
    model_id: The engine's model, for calibration.
    valid_from: First Unix second at which it may be executed.
    valid_until: Last Unix second at which it may be executed.
    horizon: Seconds after opening at which the strike is due whatever the price.
    take_profit_bps: Favourable price move at which it is due, in basis points of the entry
        price; 0 = none.
    stop_loss_bps: Adverse price move at which it is due, in basis points of the entry price;
        not 0.
    """

    abi_name: ClassVar[str] = "Prediction"
    engine: Address
    nonce: U64
    market: U8
    signal: Signal
    confidence_bps: U16
    strategies: U8
    model_id: U16
    valid_from: U40
    valid_until: U40
    horizon: U24
    take_profit_bps: U16
    stop_loss_bps: U16


@dataclass(frozen=True, slots=True, kw_only=True)
class BotConfig(Struct):
    """How one bot trades.

    risk_bps: Share of its free equity that it puts into a full-strength strike, in basis
        points, at most 10000.
    min_confidence_bps: Its own minimum, 9300 to 10000.
    longs: Whether it takes Long and StrongLong.
    shorts: Whether it takes Short and StrongShort.
    active: On or off.
    """

    abi_name: ClassVar[str] = "BotConfig"
    risk_bps: U16
    min_confidence_bps: U16
    longs: bool
    shorts: bool
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketConfig(Struct):
    """A market at registration.

    base: The token traded against the fleet's quote token.
    pool: The pool, which its factory must have created. V4: the manager, which holds all pools.
    factory: A factory that the owner has allowed. V4: the manager again.
    feed: Chainlink-style feed of quote per base; zero where the rules say `PoolTwap`.
    uptime_feed: Chainlink's sequencer uptime feed, for a market with a feed on an L2; zero for
        none.
    uptime_grace: Seconds after the sequencer's restart in which the feed is not believed; zero
        exactly where `uptime_feed` is zero. At most a day.
    min_block_seconds: Fewest seconds between two blocks of the chain, by which the pool's
        memory is judged: 12 on Ethereum, 1 where blocks are faster than that. Not looked at for
        a pool that keeps no price history.
    fee: V4: as in the pool's key, `DYNAMIC_FEE` where its hooks set it. Not looked at for
        others, as the next two.
    tick_spacing: V4: as in the key.
    hooks: V4: as in the key; zero, or an address that the owner has allowed.
    """

    abi_name: ClassVar[str] = "MarketConfig"
    base: Address
    pool: Address
    factory: Address
    feed: Address
    uptime_feed: Address
    uptime_grace: U24
    min_block_seconds: U8
    fee: U24
    tick_spacing: I24
    hooks: Address
    rules: MarketRules


@dataclass(frozen=True, slots=True)
class Market(Struct):
    """A market as view functions return it.

    used_day_lots: Lots of the day cap in use now.
    """

    abi_name: ClassVar[str] = "MarketView"
    base: str
    pool: str
    factory: str
    feed: str
    uptime_feed: str
    uptime_grace: int
    min_block_seconds: int
    fee: int
    tick_spacing: int
    hooks: str
    venue: Venue
    enabled: bool
    rules: MarketRules
    open_lots: int
    used_day_lots: int
    last_strike_at: int


@dataclass(frozen=True, slots=True)
class StrikeOrder(Struct):
    """One strike of a batch, as the arguments of `executeStrike`."""

    abi_name: ClassVar[str] = "StrikeOrder"
    prediction: Prediction
    signature: bytes
    limit_amount: U256


@dataclass(frozen=True, slots=True)
class Bot(BotBase):
    """One bot as view functions return it. Amounts are raw quote units."""

    abi_name: ClassVar[str] = "BotView"
    strategy: Strategy
    config: BotConfig
    equity: int
    locked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetConfig(Struct):
    """The fleet's settings at initialisation.

    quote: The ERC-20 in which capital, P&L and limits are counted.
    unit_exponent: A book unit is 10^unitExponent raw quote units (0 for USDC; 10 for an
        18-decimal token, say), so that a bot's equity fits 42 bits.
    lot: Book units in one lot, the step of every allocation.
    bots: The 25 bots, strategy by strategy.
    """

    abi_name: ClassVar[str] = "FleetConfig"
    quote: Address
    unit_exponent: U8
    lot: U32
    bots: Annotated[tuple[BotConfig, ...], Length(25, 25)]
