"""What transactions and view functions give, beyond the structs of the contracts."""

from __future__ import annotations

from dataclasses import dataclass

from macrostrike._generated import events
from macrostrike._generated.enums import Action
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
class StrikeOpened(events.StrikeOpened):
    """A strike opened, as measured. `lots` are each bot's weight."""

    mined: Mined


@dataclass(frozen=True, slots=True)
class StrikeSettled(events.StrikeSettled):
    """A strike settled, as measured. `pnl` is raw quote, after pool fees."""

    mined: Mined

    @property
    def won(self) -> bool:
        return self.pnl > 0


@dataclass(frozen=True, slots=True)
class StrikeWrittenOff(events.StrikeWrittenOff):
    """A strike closed by the owner without a swap. `notional` is raw quote, all of it lost."""

    mined: Mined


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
