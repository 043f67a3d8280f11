"""What the chain answers, taken as it is."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from macrostrike.errors import ContractError
from macrostrike.types._enums import BOTS, Action, Signal, Strategy, StrikeStatus, Venue
from macrostrike.types._inputs import ZERO_ADDRESS, BotConfig, MarketRules

_RECORD_BITS = (32, 96, 32, 24, 16, 16, 16, 8, 16)
_LOT_BITS = 10


@dataclass(frozen=True, slots=True)
class Market:
    """A market as the chain has it.

    feed: the price feed; zero where the pool's own mean price is the reference.
    used_day_lots: what of the day cap is in use now.
    """

    base: str
    pool: str
    factory: str
    feed: str
    venue: Venue
    enabled: bool
    rules: MarketRules
    open_lots: int
    used_day_lots: int
    last_strike_at: int


@dataclass(frozen=True, slots=True)
class Bot:
    """One bot. Amounts are raw quote units; `locked` is in open strikes."""

    strategy: Strategy
    config: BotConfig
    equity: int
    locked: int

    @property
    def free(self) -> int:
        return self.equity - self.locked


@dataclass(frozen=True, slots=True)
class StrikeRecord:
    """What the chain keeps of a strike. `base_amount`: received by a long, sold by a short."""

    id: int
    base_amount: int
    opened_at: int
    horizon: int
    take_profit_bps: int
    stop_loss_bps: int
    confidence_bps: int
    market: int
    model_id: int

    @classmethod
    def from_word(cls, word: int) -> StrikeRecord:
        """The record in the word that events give it in, its first field lowest."""
        values = []
        for bits in _RECORD_BITS:
            values.append(word & ((1 << bits) - 1))
            word >>= bits
        return cls(*values)

    @property
    def due_at(self) -> int:
        """When the strike is due whatever the price."""
        return self.opened_at + self.horizon


@dataclass(frozen=True, slots=True)
class Strike:
    """A strike. `notional` is in raw quote units, 0 once settled; `lots` are each bot's weight."""

    status: StrikeStatus
    signal: Signal
    record: StrikeRecord
    notional: int
    lots: tuple[int, ...]

    @property
    def is_open(self) -> bool:
        return self.status is StrikeStatus.OPEN


class _Counted:
    """What has settled strikes, and wins among them."""

    __slots__ = ()
    settled: int
    wins: int

    @property
    def win_rate(self) -> Decimal | None:
        """Wins of settled, 0 to 1; None while nothing has settled."""
        return Decimal(self.wins) / self.settled if self.settled else None


@dataclass(frozen=True, slots=True)
class StrikeStats(_Counted):
    """The score in totals, raw quote units. `recent_wins` is of the last 40 outcomes."""

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
class SignalStats(_Counted):
    """One signal's score, raw quote units."""

    settled: int
    wins: int
    profit: int
    loss: int


@dataclass(frozen=True, slots=True)
class StrategyStats(_Counted):
    """One strategy's score, raw quote units. `settled` are the strikes it took part in."""

    settled: int
    wins: int
    pnl: int
    equity: int


@dataclass(frozen=True, slots=True)
class CalibrationBin(_Counted):
    """One of a model's seven confidence bins.

    brier_sum: sum of (confidence - outcome)^2, in units of 1e-6.
    factor_bps: what sizes the bin's next strike, by signal.
    """

    settled: int
    wins: int
    brier_sum: int
    factor_bps: tuple[int, ...]

    @property
    def brier_score(self) -> Decimal | None:
        """Mean of (confidence - outcome)^2, 0 to 1; None while nothing has settled."""
        return Decimal(self.brier_sum).scaleb(-6) / self.settled if self.settled else None


@dataclass(frozen=True, slots=True)
class OperatorGrant:
    """What an operator may do, until when, and its budgets in book units of quote.

    `available` is what is left of `daily_budget` now.
    """

    valid_until: int
    actions: Action
    daily_budget: int
    available: int


@dataclass(frozen=True, slots=True)
class EngineGrant:
    """Until when an engine's signatures count (0: never granted, or revoked), and its nonce."""

    valid_until: int
    highest_nonce: int


@dataclass(frozen=True, slots=True)
class Treasury:
    """The quote token, and what of it is not with the bots, raw units."""

    quote: str
    reserve: int
    amm_capital: int


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool that arbitrages may use, or could while it was registered.

    token0: zero where it is ether, which cycles take for its wrapped token.
    fee: in hundredths of a basis point; Balancer: as it was at registration, rounded down.
    pool_id: what V4's manager or Balancer's vault knows the pool as, 32 bytes; else zeros.
    """

    id: int
    registered: bool
    venue: Venue
    pool: str
    factory: str
    token0: str
    token1: str
    fee: int
    pool_id: bytes = bytes(32)
    tick_spacing: int = 0
    hooks: str = ZERO_ADDRESS


@dataclass(frozen=True, slots=True)
class AMMTokenStats:
    """The AMM bots' score and capital in one token, its raw units.

    volume: all that first hops took.
    capital: what the books hold for the AMM bots, profit included.
    max_amount_in: the most that one arbitrage may put in.
    """

    token: str
    executed: int
    profit: int
    best: int
    volume: int
    capital: int
    max_amount_in: int


@dataclass(frozen=True, slots=True)
class ArbitrageQuote:
    """What an arbitrage would do now, raw units of the token it starts in.

    profit: before gas; zero or less where executing would be refused.
    """

    amount_in: int
    profit: int


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet and the selectors it answers."""

    facet_address: str
    function_selectors: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Mined:
    """Where a result is on chain, and what it cost in gas: in a batch, all of it together."""

    transaction_hash: bytes
    block_number: int
    timestamp: int
    gas_used: int


@dataclass(frozen=True, slots=True)
class ArbitrageExecuted:
    """An arbitrage, as measured. Amounts are raw units of `token_in`.

    profit: what was left, before gas.
    pools: their ids, in the order of the hops.
    """

    operator: str
    token_in: str
    amount_in: int
    profit: int
    pools: tuple[int, ...]
    mined: Mined


@dataclass(frozen=True, slots=True)
class StrikeOpened:
    """A strike opened, as measured.

    nonce: the prediction's.
    record: `record.base_amount` is raw base, received by a long, sold by a short.
    lots: each bot's weight.
    notional: raw quote, spent by a long, received by a short.
    """

    strike_id: int
    engine: str
    operator: str
    nonce: int
    signal: Signal
    record: StrikeRecord
    lots: tuple[int, ...]
    notional: int
    mined: Mined


@dataclass(frozen=True, slots=True)
class StrikeSettled:
    """A strike settled, as measured.

    base_amount: raw base, sold by a long, bought back by a short.
    quote_amount: raw quote, received by a long, spent by a short to buy back.
    pnl: raw quote, after pool fees.
    """

    strike_id: int
    by: str
    base_amount: int
    quote_amount: int
    pnl: int
    mined: Mined

    @property
    def won(self) -> bool:
        return self.pnl > 0


@dataclass(frozen=True, slots=True)
class StrikeWrittenOff:
    """A strike closed by the owner without a swap. `notional` is raw quote, all of it lost."""

    strike_id: int
    notional: int
    mined: Mined


@dataclass(frozen=True, slots=True)
class Skipped:
    """An entry of a batch that was left out: nothing of it is on chain.

    index: its place in the batch.
    error: what refused it.
    """

    index: int
    error: ContractError


@dataclass(frozen=True, slots=True)
class Rebalanced:
    """Free equity moved between bots. `equity` is what each of the 25 has now, raw quote."""

    by: str
    equity: tuple[int, ...]
    mined: Mined


def split_weights(word: int) -> tuple[Signal, tuple[int, ...]]:
    """The signal and each bot's lots, in the word that events give them in."""
    mask = (1 << _LOT_BITS) - 1
    lots = tuple((word >> (bot * _LOT_BITS)) & mask for bot in range(BOTS))
    return Signal(word >> (BOTS * _LOT_BITS) & 3), lots
