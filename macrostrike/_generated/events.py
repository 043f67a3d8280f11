"""Events of the diamond.

Written by `make build` from the contracts: change those, not this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from macrostrike._generated.enums import Closing, Due, Signal, Venue
from macrostrike._generated.shapes import BotConfig, FacetCut, MarketConfig, MarketRules
from macrostrike._roots import EventStruct, Part

__all__ = [
    "AMMCapSet",
    "AMMDefunded",
    "AMMFunded",
    "AMMInitialized",
    "ArbitrageExecuted",
    "ArbitrageScored",
    "BotConfigured",
    "Deposited",
    "DiamondCut",
    "EngineRevoked",
    "EngineSet",
    "FactorySet",
    "FleetDefunded",
    "FleetFunded",
    "FleetInitialized",
    "GuardianSet",
    "Halted",
    "HooksSet",
    "InventoryDeposited",
    "InventoryWithdrawn",
    "LotSet",
    "MarketDisabled",
    "MarketEnabled",
    "MarketFeedsSet",
    "MarketRegistered",
    "MarketUpdated",
    "ModelRevoked",
    "ModelSet",
    "OperatorRevoked",
    "OperatorSet",
    "OwnershipTransferStarted",
    "OwnershipTransferred",
    "Paused",
    "PoolRegistered",
    "PoolUnregistered",
    "Rebalanced",
    "Resumed",
    "SettlementSkipped",
    "Skimmed",
    "Skipped",
    "StrikeDue",
    "StrikeOpened",
    "StrikeSettled",
    "StrikeTaken",
    "TakeoversAllowed",
    "TakeoversStopped",
    "ThresholdSet",
    "Unpaused",
    "Withdrawn",
    "WrappedNativeSet",
]


@dataclass(frozen=True, slots=True)
class DiamondCut(EventStruct):
    """Emitted by every cut, that of the constructor included. Applying all of these events in
    order returns the diamond's functions.
    """

    diamond_cut: tuple[FacetCut, ...]
    init: str
    calldata: bytes


@dataclass(frozen=True, slots=True)
class OwnershipTransferred(EventStruct):
    """The owner changed (ERC-173)."""

    previous_owner: str
    new_owner: str


@dataclass(frozen=True, slots=True)
class OwnershipTransferStarted(EventStruct):
    """The owner named a successor, who must accept."""

    owner: str
    pending_owner: str


@dataclass(frozen=True, slots=True)
class OperatorSet(EventStruct):
    """An operator was granted or changed. `daily_budget` in book units of quote."""

    operator: str
    valid_until: int
    actions: int
    daily_budget: int


@dataclass(frozen=True, slots=True)
class OperatorRevoked(EventStruct):
    """An operator was revoked."""

    operator: str
    by: str


@dataclass(frozen=True, slots=True)
class EngineSet(EventStruct):
    """An engine was granted or changed."""

    engine: str
    valid_until: int


@dataclass(frozen=True, slots=True)
class EngineRevoked(EventStruct):
    """An engine was revoked."""

    engine: str
    by: str


@dataclass(frozen=True, slots=True)
class ModelSet(EventStruct):
    """A model was given to an engine."""

    model_id: int
    engine: str


@dataclass(frozen=True, slots=True)
class ModelRevoked(EventStruct):
    """No engine may predict by a model any more."""

    model_id: int
    by: str


@dataclass(frozen=True, slots=True)
class GuardianSet(EventStruct):
    """A guardian was named or dismissed."""

    guardian: str
    active: bool


@dataclass(frozen=True, slots=True)
class Paused(EventStruct):
    """Opening risk is stopped."""

    by: str


@dataclass(frozen=True, slots=True)
class Unpaused(EventStruct):
    """Opening risk is allowed again."""

    by: str


@dataclass(frozen=True, slots=True)
class TakeoversStopped(EventStruct):
    """Takers can't take strikes over any more."""

    by: str


@dataclass(frozen=True, slots=True)
class TakeoversAllowed(EventStruct):
    """Takers can take strikes over again."""

    by: str


@dataclass(frozen=True, slots=True)
class ThresholdSet(EventStruct):
    """The minimum confidence changed, in basis points."""

    threshold_bps: int
    by: str


@dataclass(frozen=True, slots=True)
class Deposited(EventStruct):
    """Quote came into the reserve. `amount` is what arrived, measured."""

    from_: str
    amount: int


@dataclass(frozen=True, slots=True)
class Withdrawn(EventStruct):
    """Quote left the reserve. `amount` is what left, measured: a token may charge its sender
    beyond what it sends.
    """

    to: str
    amount: int


@dataclass(frozen=True, slots=True)
class InventoryDeposited(EventStruct):
    """Base came into the inventory. `amount` is what arrived, measured."""

    token: str
    from_: str
    amount: int


@dataclass(frozen=True, slots=True)
class InventoryWithdrawn(EventStruct):
    """Base left the inventory. `amount` is what left, measured."""

    token: str
    to: str
    amount: int


@dataclass(frozen=True, slots=True)
class Skimmed(EventStruct):
    """What no book accounts for was sent to the owner."""

    token: str
    to: str
    amount: int


@dataclass(frozen=True, slots=True)
class FactorySet(EventStruct):
    """A factory's pools may, or may no longer, be registered."""

    factory: str
    venue: Venue
    allowed: bool


@dataclass(frozen=True, slots=True)
class MarketRegistered(EventStruct):
    """A market was registered, enabled."""

    market: int
    base: str
    pool: str
    config: MarketConfig


@dataclass(frozen=True, slots=True)
class MarketUpdated(EventStruct):
    """A market's rules changed."""

    market: int
    rules: MarketRules


@dataclass(frozen=True, slots=True)
class MarketFeedsSet(EventStruct):
    """A market's feeds changed."""

    market: int
    feed: str
    uptime_feed: str
    uptime_grace: int


@dataclass(frozen=True, slots=True)
class MarketEnabled(EventStruct):
    """A market was enabled."""

    market: int


@dataclass(frozen=True, slots=True)
class MarketDisabled(EventStruct):
    """A market was disabled: nothing opens there; what is open can settle."""

    market: int
    by: str


@dataclass(frozen=True, slots=True)
class FleetInitialized(EventStruct):
    """The fleet was initialised."""

    quote: str
    unit_exponent: int
    lot: int
    bots: tuple[BotConfig, ...]


@dataclass(frozen=True, slots=True)
class BotConfigured(EventStruct):
    """A bot's settings changed."""

    bot: int
    config: BotConfig


@dataclass(frozen=True, slots=True)
class FleetFunded(EventStruct):
    """Quote moved from the reserve to the bots' equity, by bot, in raw units."""

    total: int
    amounts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FleetDefunded(EventStruct):
    """Quote moved from the bots' free equity to the reserve, by bot, in raw units."""

    total: int
    amounts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rebalanced(EventStruct):
    """Free equity moved between bots. `equity` is what each has now, in raw units."""

    by: str
    equity: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LotSet(EventStruct):
    """The lot changed, in book units."""

    lot: int


@dataclass(frozen=True, slots=True)
class Resumed(EventStruct):
    """The owner let strikes go on; the breakers start afresh. `high_water` in raw units."""

    high_water: int


@dataclass(frozen=True, slots=True)
class StrikeOpened(EventStruct):
    """A strike opened: what the engine said, and what was measured.

    nonce: The prediction's.
    base_amount: Raw base, measured: received by a long, sold by a short.
    notional: Raw quote, measured: spent by a long, received by a short.
    weights: Each bot's lots, bot 0 lowest; `decodeWeights` tells them apart.
    """

    words: ClassVar[Mapping[str, tuple[Part, ...]]] = {
        "weights": (Part("lots", int, 10, 25),),
    }
    strike_id: int
    engine: str
    operator: str
    nonce: int
    market: int
    signal: Signal
    confidence_bps: int
    model_id: int
    horizon: int
    take_profit_bps: int
    stop_loss_bps: int
    base_amount: int
    notional: int
    lots: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StrikeSettled(EventStruct):
    """A strike was closed. By a swap or a taker, amounts are measured; else the reserve was the
    other side.

    how: Swap, takeover, or without a trade: at the oracle's price, or written off as a loss of
        its notional.
    base_amount: Raw base: sold by a long, bought back by a short. Without a trade: what a long
        moved to the inventory.
    quote_amount: Raw quote: received by a long, spent by a short. Without a trade: from the
        reserve, or to it.
    pnl: Raw quote, after pool fees, as counted: at most what the reference prices allow. The
        bots' shares follow from the opening weights, rounded down; the rest went to the
        reserve.
    won: Whether it counts as won: a profit, by a price that agrees, in time.
    """

    strike_id: int
    by: str
    market: int
    signal: Signal
    model_id: int
    confidence_bps: int
    how: Closing
    base_amount: int
    quote_amount: int
    pnl: int
    won: bool


@dataclass(frozen=True, slots=True)
class Skipped(EventStruct):
    """A strike of a batch was skipped; nothing of it remains. Only for operators and the owner.

    index: Its place in the batch.
    nonce: The prediction's.
    reason: The revert data.
    """

    index: int
    engine: str
    nonce: int
    reason: bytes


@dataclass(frozen=True, slots=True)
class SettlementSkipped(EventStruct):
    """A settlement of a batch was skipped; nothing of it remains. As `Skipped`."""

    index: int
    strike_id: int
    reason: bytes


@dataclass(frozen=True, slots=True)
class Halted(EventStruct):
    """A breaker stopped new strikes. `reason` is "drawdown", "winrate", or "marked" for a
    drawdown with open strikes at the reference prices; amounts are raw quote.
    """

    texts: ClassVar[tuple[str, ...]] = ("reason",)
    reason: str
    equity: int
    high_water: int
    recent_wins: int


@dataclass(frozen=True, slots=True)
class StrikeDue(EventStruct):
    """A strike was marked as due before its horizon. `worth`: raw quote that its base is worth
    by the mean since the opening.
    """

    strike_id: int
    reason: Due
    by: str
    worth: int


@dataclass(frozen=True, slots=True)
class StrikeTaken(EventStruct):
    """A strike was taken over. The amounts are in its `StrikeSettled`.

    off_bps: The price against the best of the three references for the fleet, in basis points:
        over it where positive.
    oracle_quote: Raw quote that the base is worth by the market's oracle.
    mean_quote: By the pool's mean over the exit window.
    start_quote: By the pool when the second began.
    """

    strike_id: int
    taker: str
    off_bps: int
    oracle_quote: int
    mean_quote: int
    start_quote: int


@dataclass(frozen=True, slots=True)
class PoolRegistered(EventStruct):
    """A pool was registered."""

    id: int
    pool: str
    factory: str
    venue: Venue
    token0: str
    token1: str
    fee: int
    pool_id: bytes
    tick_spacing: int
    hooks: str


@dataclass(frozen=True, slots=True)
class HooksSet(EventStruct):
    """V4 pools with these hooks may, or may no longer, be registered, for arbitrages and
    markets.
    """

    hooks: str
    allowed: bool


@dataclass(frozen=True, slots=True)
class WrappedNativeSet(EventStruct):
    """The token that ether counts as in a cycle."""

    token: str


@dataclass(frozen=True, slots=True)
class PoolUnregistered(EventStruct):
    """A pool was unregistered."""

    id: int
    pool: str


@dataclass(frozen=True, slots=True)
class AMMInitialized(EventStruct):
    """The AMM bots were initialised."""


@dataclass(frozen=True, slots=True)
class AMMCapSet(EventStruct):
    """The maximum of a token that one arbitrage may put in changed. Raw units."""

    token: str
    max_amount_in: int


@dataclass(frozen=True, slots=True)
class AMMFunded(EventStruct):
    """Capital came to the AMM bots: quote from the reserve, any other token from the inventory.
    Raw units.
    """

    token: str
    amount: int


@dataclass(frozen=True, slots=True)
class AMMDefunded(EventStruct):
    """Capital of the AMM bots went back to where `AMMFunded` says. Raw units."""

    token: str
    amount: int


@dataclass(frozen=True, slots=True)
class ArbitrageExecuted(EventStruct):
    """An arbitrage was executed. Amounts in raw units of `token_in`; the operator's budget was
    charged with `amount_in` where that is the quote token.

    pools: Pool ids, 32 bits each, the first hop's lowest.
    """

    words: ClassVar[Mapping[str, tuple[Part, ...]]] = {
        "pools": (Part("pools", int, 32, -1),),
    }
    operator: str
    token_in: str
    amount_in: int
    profit: int
    model_id: int
    confidence_bps: int
    pools: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ArbitrageScored(EventStruct):
    """An attempt was counted: a hit, which `ArbitrageExecuted` stands before, or a miss, which
    `reason` says why.
    """

    operator: str
    model_id: int
    confidence_bps: int
    hit: bool
    reason: bytes
