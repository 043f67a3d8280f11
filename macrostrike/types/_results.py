"""What transactions and view functions give, beyond the structs of the contracts."""

from __future__ import annotations

from dataclasses import dataclass

from macrostrike._generated import events
from macrostrike._generated.enums import Action
from macrostrike._generated.structs import StrikeRecord
from macrostrike._roots import Shown
from macrostrike.errors import ContractError


@dataclass(frozen=True, slots=True)
class OperatorGrant(Shown):
    """What an operator may do, until when, and its budgets in book units of quote.

    `available` is what is left of `daily_budget` now.
    """

    valid_until: int
    actions: Action
    daily_budget: int
    available: int


@dataclass(frozen=True, slots=True)
class EngineGrant(Shown):
    """Until when an engine's signatures count (0: never granted, or revoked), and its nonce."""

    valid_until: int
    highest_nonce: int


@dataclass(frozen=True, slots=True)
class Treasury(Shown):
    """The quote token, and what of it is not with the bots, raw units."""

    quote: str
    reserve: int
    amm_capital: int


@dataclass(frozen=True, slots=True)
class ArbitrageQuote(Shown):
    """What an arbitrage would do now, raw units of the token it starts in.

    profit: before gas; zero or less where executing would be refused.
    """

    amount_in: int
    profit: int


@dataclass(frozen=True, slots=True)
class Mined(Shown):
    """Where a result is on chain, and what it cost in gas: in a batch, all of it together."""

    transaction_hash: bytes
    block_number: int
    timestamp: int
    gas_used: int


@dataclass(frozen=True, slots=True)
class ArbitrageExecuted(events.ArbitrageExecuted):
    """An arbitrage, as measured. Amounts are raw units of `token_in`; `profit` is before gas."""

    mined: Mined


@dataclass(frozen=True, slots=True)
class ArbitrageMissed(Shown):
    """An arbitrage that was attempted, and counted as a miss: nothing else changed."""

    error: ContractError
    mined: Mined


@dataclass(frozen=True, slots=True)
class StrikeOpened(events.StrikeOpened):
    """A strike opened, as measured. `lots` are each bot's weight."""

    mined: Mined

    @property
    def record(self) -> StrikeRecord:
        """What the chain keeps of it."""
        return record_of(self, self.mined.timestamp)


@dataclass(frozen=True, slots=True)
class StrikeSettled(events.StrikeSettled):
    """A strike was closed. `pnl` is raw quote, after pool fees, as counted."""

    mined: Mined


@dataclass(frozen=True, slots=True)
class StrikeTaken(events.StrikeTaken):
    """A strike was taken over. `settled` has the amounts; the references are raw quote."""

    settled: StrikeSettled


@dataclass(frozen=True, slots=True)
class TakeoverQuote(Shown):
    """What taking a strike over would cost and give now, raw units; both 0 while it can't be.

    opens_at: Unix second from which on it can be taken, if nothing marks it as due before.
    """

    takeable: bool
    opens_at: int
    amount_in: int
    amount_out: int


@dataclass(frozen=True, slots=True)
class Unrealised(Shown):
    """Open strikes at the reference prices. `marked`: raw quote that they would add to equity.

    unpriced: how many of them have no price.
    overdue: how many can't be won any more, but by a takeover.
    """

    marked: int
    unpriced: int
    overdue: int


@dataclass(frozen=True, slots=True)
class MarkedToMarket(Shown):
    """Open strikes at the reference prices. `marked`: raw quote that they would add to equity.

    unpriced: how many of them have no price.
    halted: whether new strikes are halted.
    """

    marked: int
    unpriced: int
    halted: bool


@dataclass(frozen=True, slots=True)
class Rebalanced(events.Rebalanced):
    """Free equity moved between bots. `equity` is what each of the 25 has now, raw quote."""

    mined: Mined


@dataclass(frozen=True, slots=True)
class Skipped(Shown):
    """An entry of a batch that was left out: nothing of it is on chain.

    index: its place in the batch.
    error: what refused it.
    """

    index: int
    error: ContractError


def record_of(opened: events.StrikeOpened, opened_at: int) -> StrikeRecord:
    """What the chain keeps of a strike, by its event and its block's time."""
    return StrikeRecord(
        id=opened.strike_id,
        base_amount=opened.base_amount,
        opened_at=opened_at,
        horizon=opened.horizon,
        take_profit_bps=opened.take_profit_bps,
        stop_loss_bps=opened.stop_loss_bps,
        confidence_bps=opened.confidence_bps,
        market=opened.market,
        model_id=opened.model_id,
    )
