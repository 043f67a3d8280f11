"""Rows of the journal. Amounts are raw token units, times Unix seconds; hashes are bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from macrostrike._roots import Shown
from macrostrike.types import Signal


class _Word(str, Enum):
    def __str__(self) -> str:
        return str(self.value)


class RunState(_Word):
    """The state of a run. `QUARANTINED`: it must not go on until a person has looked at it."""

    RUNNING = "running"
    ENDED = "ended"
    CRASHED_RECOVERED = "crashed, recovered"
    QUARANTINED = "quarantined"


class Decision(_Word):
    """What became of a prediction. `REFUSED` by the chain or the client, `SKIPPED` by the loop."""

    PENDING = "pending"
    STRUCK = "struck"
    SKIPPED = "skipped"
    REFUSED = "refused"
    EXPIRED = "expired"


class IntentState(_Word):
    """Where a signed transaction is: two states before an outcome, five outcomes, and replaced."""

    PREPARED = "prepared"
    SENT = "sent"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    ALREADY_THERE = "already there"
    FOREIGN = "foreign"
    UNKNOWN = "unknown"
    REPLACED = "replaced"


LIVE = (
    IntentState.PREPARED,
    IntentState.SENT,
    IntentState.ALREADY_THERE,
    IntentState.UNKNOWN,
)
"""States in which a transaction may be mined still."""


class StrikeState(_Word):
    """Where a strike is in its life."""

    OPEN = "open"
    SETTLED = "settled"
    WRITTEN_OFF = "written off"


class ChangeKind(_Word):
    """What a change is about: the loop's state, an alert, a check, or a line of the log."""

    STATE = "state"
    ALERT = "alert"
    CHECK = "check"
    LOG = "log"


SILENT_SECONDS = 300.0
"""Without a beat, after which a run has ended as far as others can tell: killed, on whatever
machine. One that goes on after all says so with its next beat."""


@dataclass(frozen=True, slots=True)
class Run(Shown):
    """One process's work. `versions` by package; hashes of 32 bytes.

    beat_at: when it last said that it works, None where it never did.
    holder: which process it is; None in journals of earlier versions.
    """

    run_id: str
    parent_run_id: str | None
    kind: str
    state: RunState
    started_at: float
    ended_at: float | None
    versions: Mapping[str, str]
    bytecode_hash: bytes | None
    config_hash: bytes | None
    beat_at: float | None = None
    holder: str | None = None

    def is_silent(self, at: float) -> bool:
        """Whether it runs by its own word alone: `at`, in Unix seconds, it has not beaten, or begun
        where it never did, for `SILENT_SECONDS`."""
        heard_at = self.started_at if self.beat_at is None else self.beat_at
        return self.state is RunState.RUNNING and at - heard_at > SILENT_SECONDS


@dataclass(frozen=True, slots=True)
class PredictionRow(Shown):
    """A prediction that was seen, and what became of it.

    digest: EIP-712, of the prediction on this diamond.
    source: where it came from, such as `engine` or `http`.
    reason: the name of the error or rule that decided; `detail` its values, for people.
    """

    seq: int
    digest: bytes
    run_id: str | None
    causation_id: str | None
    seen_at: float
    source: str
    engine: str
    engine_nonce: int
    market: int
    signal: Signal
    confidence_bps: int
    strategies: int
    model_id: int
    valid_from: int
    valid_until: int
    horizon: int
    take_profit_bps: int
    stop_loss_bps: int
    signature: bytes
    decision: Decision
    reason: str | None
    detail: str | None
    strike_id: int | None
    decided_at: float | None


@dataclass(frozen=True, slots=True)
class IntentRow(Shown):
    """A signed transaction, written before it is sent.

    account, account_nonce: the sender's. engine, engine_nonce, digest: the prediction's, if any.
    created_at, sent_at, included_at: by the clock of this machine, all three. included_at: when the
        process that sent it saw it in a block; None where a later process found it there.
    gas_price: wei paid for a unit of gas; l1_fee: beside all gas, None before it is mined, and in
        journals of earlier versions. error: why it was not executed, for people.
    row_hash: SHA-256 of `previous_hash` and what never changes; state_hash: of the rest.
    """

    seq: int
    run_id: str | None
    causation_id: str | None
    action: str
    digest: bytes | None
    engine: str | None
    engine_nonce: int | None
    account: str
    account_nonce: int
    signed: bytes
    hash: bytes
    state: IntentState
    created_at: float
    sent_at: float | None
    included_at: float | None
    block_number: int | None
    block_hash: bytes | None
    gas_used: int | None
    gas_price: int | None
    error: str | None
    previous_hash: bytes
    row_hash: bytes
    state_hash: bytes
    l1_fee: int | None = None


@dataclass(frozen=True, slots=True)
class BlockRow(Shown):
    """A block: each with an event, and the last 256."""

    number: int
    hash: bytes
    parent_hash: bytes
    timestamp: int


@dataclass(frozen=True, slots=True)
class EventRow(Shown):
    """An event of the diamond.

    name: empty where the ABI does not know it.
    args: as JSON; integers beyond 2^53 are strings, bytes 0x strings, enums their names.
    topics: joined, 32 bytes each; with `data` the log as the chain gave it.
    """

    block_number: int
    log_index: int
    transaction_hash: bytes
    transaction_index: int | None
    address: str
    name: str
    args: Mapping[str, Any]
    timestamp: int
    topics: bytes
    data: bytes
    previous_hash: bytes
    row_hash: bytes


@dataclass(frozen=True, slots=True)
class StrikeRow(Shown):
    """A strike, made of its events.

    strategies: mask of those that took part. lots: each of the 25 bots' weight.
    notional, quote_amount, pnl: raw quote; base_amount: raw base.
    """

    strike_id: int
    market: int
    engine: str
    engine_nonce: int
    model_id: int
    signal: Signal
    confidence_bps: int
    strategies: int
    operator: str
    notional: int
    base_amount: int
    horizon: int
    take_profit_bps: int
    stop_loss_bps: int
    opened_at: int
    opened_block: int
    opened_tx: bytes
    lots: tuple[int, ...]
    status: StrikeState
    settled_at: int | None
    settled_block: int | None
    settled_tx: bytes | None
    quote_amount: int | None
    pnl: int | None
    won: bool | None
    settled_by: str | None


@dataclass(frozen=True, slots=True)
class ArbitrageRow(Shown):
    """An arbitrage, raw units of `token_in`."""

    block_number: int
    log_index: int
    operator: str
    token_in: str
    amount_in: int
    profit: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class EquityRow(Shown):
    """The books after a block that changed them, raw quote units."""

    block_number: int
    timestamp: int
    equity: int
    high_water: int
    reserve: int


@dataclass(frozen=True, slots=True)
class TransactionRow(Shown):
    """A mined transaction of ours or of the diamond. `action`: the function, or its selector.

    l1_fee: wei paid beside all gas; None in journals of earlier versions.
    """

    hash: bytes
    block_number: int
    gas_used: int
    gas_price: int | None
    account: str
    action: str
    l1_fee: int | None = None


@dataclass(frozen=True, slots=True)
class Change(Shown):
    """Something that changed, and why."""

    seq: int
    run_id: str | None
    at: float
    kind: ChangeKind
    name: str
    value: str
    cause: str
    causation_id: str | None


PRICE_UNIT = 10**36
"""Prices of minutes are raw quote for so much raw base."""


class MarketOutcome(_Word):
    """How a prediction did by the market alone. `UNPRICED`: the market was not watched then."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"
    UNPRICED = "unpriced"


class CommitmentKind(_Word):
    """What a day's root is over: predictions as they came in, or what became of them."""

    PREDICTIONS = "predictions"
    SCORES = "scores"


@dataclass(frozen=True, slots=True)
class MinuteRow(Shown):
    """A market's pool in one minute, by the chain's clock. Prices per `PRICE_UNIT` of base."""

    market: int
    timestamp: int
    open: int
    high: int
    low: int
    close: int


@dataclass(frozen=True, slots=True)
class ScoreRow(Shown):
    """What the market made of a prediction, struck or not.

    seq, digest: the prediction's. entry, exit: prices as of `MinuteRow`.
    entered_at: when it was first looked at, by the chain's clock; ends_at: its horizon later.
    net_millionths: of what would have been put in, after the pool's fees and before impact.
    """

    seq: int
    digest: bytes
    outcome: MarketOutcome
    entered_at: int
    ends_at: int
    entry: int | None
    exit: int | None = None
    net_millionths: int | None = None


@dataclass(frozen=True, slots=True)
class CommitmentRow(Shown):
    """A day's Merkle root, as of `macrostrike.journal.merkle`. `day`: since 1970, in UTC."""

    day: int
    kind: CommitmentKind
    leaves: int
    root: bytes
    at: float
