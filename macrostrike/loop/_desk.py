"""Predictions: signed, recorded, struck. Each is accounted for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from macrostrike.client import MacroStrike
from macrostrike.engine import EngineSigner, Forecast
from macrostrike.errors import (
    ContractError,
    CooldownActive,
    InvalidPrediction,
    MacroStrikeError,
    NonceUsed,
    PredictionNotYetValid,
    TransactionNotMined,
)
from macrostrike.errors.predicting import ForecastStale, RefusedToSign
from macrostrike.executor import NonceJump
from macrostrike.journal import (
    LIVE,
    ChangeKind,
    Decision,
    Journal,
    PredictionRow,
    StrikeRow,
)
from macrostrike.signing import prediction_digest
from macrostrike.types import NONCE_WINDOW, Prediction, Skipped, StrikeOpened, StrikeSettled

SOURCE = "engine"
"""What predictions of an engine in this process are recorded with as their source."""

MAX_PENDING = NONCE_WINDOW - 1
"""Predictions of one engine that may wait: of more, one would be too old once another is used."""

_SAID = (
    "market",
    "signal",
    "confidence_bps",
    "model_id",
    "horizon",
    "take_profit_bps",
    "stop_loss_bps",
)
_LATER = (CooldownActive, PredictionNotYetValid, NonceJump)


@dataclass(frozen=True, slots=True)
class Decided:
    """A prediction's end, as the journal has it. `opened`: the strike, where one was opened now."""

    at: int
    row: PredictionRow
    opened: StrikeOpened | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A forecast that is to be signed, and when it was made, by the chain's clock."""

    forecast: Forecast
    signer: EngineSigner
    made_at: int


@dataclass(frozen=True, slots=True)
class Predicted:
    """A forecast was signed: it is a prediction now, and waits for its decision."""

    at: int
    row: PredictionRow


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A forecast that the engine's signer refused: there is no prediction."""

    at: int
    forecast: Forecast
    error: MacroStrikeError


def causation_id(digest: bytes) -> str:
    """The one id that follows a prediction through journal and log."""
    return digest.hex()[:16]


def prediction_of(row: PredictionRow) -> Prediction:
    """The signed statement of a journal's row."""
    return Prediction(
        engine=row.engine,
        nonce=row.engine_nonce,
        market=row.market,
        signal=row.signal,
        confidence_bps=row.confidence_bps,
        strategies=row.strategies,
        model_id=row.model_id,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        horizon=row.horizon,
        take_profit_bps=row.take_profit_bps,
        stop_loss_bps=row.stop_loss_bps,
    )


class Desk:
    """Takes forecasts in, and strikes what is pending in the journal, oldest first.

    The journal is the queue: what an intake records there is struck too, and what was pending
    when a process was killed is taken up by the next.
    """

    def __init__(self, client: MacroStrike, journal: Journal, *, dry_run: bool = False) -> None:
        self._client, self._journal, self._dry_run = client, journal, dry_run

    def sign(self, said: Said, source: str = SOURCE) -> Iterator[Predicted | Unsigned]:
        """Has a forecast signed, and records it as pending. Raises `ChainError`."""
        now, signer = self._client.transport.timestamp(pending=True), said.signer
        nonce = signer.next_nonce(self._client.engine(signer.address).highest_nonce)
        try:
            _require_fresh(said, now)
            made = said.forecast.prediction(engine=signer.address, nonce=nonce, now=now)
            signature = signer.sign(made)
        except (RefusedToSign, InvalidPrediction) as error:
            self._journal.record_change(ChangeKind.LOG, "warning", str(error), cause="signer")
            yield Unsigned(now, said.forecast, error)
            return
        digest = prediction_digest(made, self._client.transport.chain_id, self._client.diamond)
        row = self._journal.record_prediction(
            made, digest, signature, source=source, causation_id=causation_id(digest)
        )
        yield Predicted(now, row)

    def run(self, closed_by: tuple[str, str] | None) -> Iterator[Decided]:
        """Decides what can be decided. `closed_by`: why nothing may be opened, name and cause.

        Raises `ChainError`; what was not decided by then stays pending.
        """
        waiting = self._journal.predictions(decision=Decision.PENDING)
        # Oldest first, whatever the order they came in: a later one would end those before it.
        for row in sorted(waiting, key=lambda each: (each.engine, each.engine_nonce)):
            yield from self.decide(row, closed_by)

    def decide(self, row: PredictionRow, closed_by: tuple[str, str] | None) -> Iterator[Decided]:
        """Decides one that is pending, if it can be. As `run`."""
        # Before anything else: a process that was killed may have struck it already.
        strike = self._journal.strike_of(row.engine, row.engine_nonce)
        now = self._client.transport.timestamp(pending=True)
        if strike is not None and self._is_of(strike, row):
            yield self._end(row, now, Decision.STRUCK, strike_id=strike.strike_id)
        elif strike is not None:
            other = f"nonce {row.engine_nonce} opened strike #{strike.strike_id}"
            yield self._end(row, now, Decision.REFUSED, NonceUsed.__name__, other)
        elif self.in_flight(row.digest):
            return
        elif now > row.valid_until:
            late = f"valid until {row.valid_until}, the next block is {now}"
            yield self._end(row, now, Decision.EXPIRED, "PredictionExpired", late)
        elif closed_by is not None:
            yield self._end(row, now, Decision.SKIPPED, *closed_by)
        else:
            yield from self._strike(row, now)

    def next(self, market: int) -> PredictionRow | None:
        """The prediction of a market that would be struck next; None where none can be now."""
        now = self._client.transport.timestamp(pending=True)
        waiting = self._journal.predictions(decision=Decision.PENDING)
        for row in sorted(waiting, key=lambda each: (each.engine, each.engine_nonce)):
            if row.market == market and row.valid_from <= now <= row.valid_until:
                is_free = self._journal.strike_of(row.engine, row.engine_nonce) is None
                return row if is_free and not self.in_flight(row.digest) else None
        return None

    def roll(
        self, row: PredictionRow, strike_id: int
    ) -> tuple[StrikeSettled, Decided | None] | None:
        """Settles a strike and strikes a prediction in one transaction, which saves gas.

        None where the chain would refuse one of both: each is then tried by itself. Raises
        `ChainError`; after `TransactionNotMined` neither is tried before the next round.
        """
        prediction = prediction_of(row)
        try:
            settled, opened = self._client.roll(
                strike_id, prediction, row.signature, open_may_fail=True
            )
        except (ContractError, *_LATER):
            return None
        at = settled.mined.timestamp
        if not isinstance(opened, Skipped):
            number = opened.strike_id
            return settled, self._end(row, at, Decision.STRUCK, strike_id=number, opened=opened)
        if isinstance(opened.error, _LATER):
            return settled, None
        reason = type(opened.error).__name__
        return settled, self._end(row, at, Decision.REFUSED, reason, str(opened.error))

    def in_flight(self, digest: bytes) -> bool:
        """Whether a transaction of that prediction may still be mined."""
        return any(each.state in LIVE for each in self._journal.intents(digest=digest))

    def _is_of(self, strike: StrikeRow, row: PredictionRow) -> bool:
        """Whether a strike with the prediction's nonce is the prediction's."""
        intents = self._journal.intents(digest=row.digest)
        if intents:
            return any(each.hash == strike.opened_tx for each in intents)
        # Another operator's: what its event says must be what was signed.
        return all(getattr(strike, name) == getattr(row, name) for name in _SAID)

    def _strike(self, row: PredictionRow, now: int) -> Iterator[Decided]:
        prediction = prediction_of(row)
        try:
            if self._dry_run:
                quoted = self._client.quote_strike(prediction, row.signature)
                would = f"would be struck with {quoted} raw base"
                yield self._end(row, now, Decision.SKIPPED, "DryRun", would)
                return
            opened = self._client.strike(prediction, row.signature)
        except _LATER:
            return
        except ContractError as refused:
            reason = type(refused).__name__
            yield self._end(row, now, Decision.REFUSED, reason, str(refused))
        except TransactionNotMined:
            return  # its intent says so, and it is not sent again while that is not resolved
        else:
            at = opened.mined.timestamp
            yield self._end(row, at, Decision.STRUCK, strike_id=opened.strike_id, opened=opened)

    def _end(
        self,
        row: PredictionRow,
        at: int,
        decision: Decision,
        reason: str | None = None,
        detail: str | None = None,
        *,
        strike_id: int | None = None,
        opened: StrikeOpened | None = None,
    ) -> Decided:
        self._journal.decide(
            row.digest, decision, reason=reason, detail=detail, strike_id=strike_id
        )
        return Decided(at, self._journal.prediction(row.digest), opened)


def _require_fresh(said: Said, now: int) -> None:
    age = now - said.made_at
    if age > said.forecast.valid_seconds:
        raise ForecastStale(age, said.forecast.valid_seconds)
