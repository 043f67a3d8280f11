"""The intake: signed predictions of engines that are other people's processes.

What is taken is recorded as pending, and the loop strikes it. The intake holds no key at all.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from macrostrike.client import MacroStrike
from macrostrike.errors import (
    CooldownActive,
    GateError,
    PredictionExpired,
    PredictionNotYetValid,
    SigningError,
)
from macrostrike.errors.intake import (
    NonceTaken,
    NonceTooFar,
    QueueFull,
    SignatureInvalid,
    TooMany,
)
from macrostrike.journal import Decision, Journal, PredictionRow
from macrostrike.loop._desk import MAX_PENDING, causation_id
from macrostrike.signing import prediction_digest, recover_engine
from macrostrike.types import Prediction

SOURCE = "http"
"""What its predictions are recorded with as their source."""


MAX_ENGINES = 1024
"""Addresses whose rate is remembered: anyone can make keys and sign with them."""

STRANGERS_PER_SECOND, STRANGERS_BURST = 1.0, 5
"""What all addresses without a model send together, as of `Limits`: each asks the chain."""
_STRANGERS = ""
_MODELS_SECONDS = 10.0
"""How long an address without a model is believed to have none."""

AHEAD_SECONDS = 600
"""How long before it is valid a prediction is taken."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one engine may send.

    per_second: predictions, on average. burst: at once.
    waiting: predictions of one engine that may be undecided.
    """

    per_second: float = 20.0
    burst: int = 50
    waiting: int = MAX_PENDING


class Intake:
    """Takes predictions, or says at once why not. Safe for threads.

    client: asks the chain; its sender is an `Observer` with an operator's address.
    on_recorded: gets each prediction once, when it was recorded, as pending or as refused.
    """

    def __init__(
        self,
        client: MacroStrike,
        journal: Journal,
        limits: Limits | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        on_recorded: Callable[[PredictionRow], object] = lambda _: None,
    ) -> None:
        self.client, self.journal = client, journal
        self._limits, self._clock, self._on_recorded = limits or Limits(), clock, on_recorded
        self._chain_id = client.transport.chain_id
        self._tokens: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._with_models: frozenset[str] = frozenset()
        self._models_at = float("-inf")
        self._taking = threading.Lock()

    @property
    def chain_id(self) -> int:
        """The chain that predictions are signed for."""
        return self._chain_id

    def take(self, prediction: Prediction, signature: bytes) -> tuple[PredictionRow, bool]:
        """The prediction as it is recorded, and whether it is new.

        One that is known already is given as it is now, whatever became of it: sending it again
        does nothing. Raises an `IntakeError`, or the `GateError` that the chain would: that one is
        recorded as refused where the engine is one of the diamond's, as it is scored all the same.
        """
        domain = (self._chain_id, self.client.diamond)
        digest = prediction_digest(prediction, *domain)
        _require_signed(prediction, signature, domain)
        with self._taking:
            known = self.journal.predictions(
                engine=prediction.engine, engine_nonce=prediction.nonce
            )
            for row in known:
                if row.digest == digest:
                    return row, False
            if known:
                raise NonceTaken(prediction.nonce, known[0].digest)
            self._require_within_limits(prediction)
            try:
                self._require_open(prediction)
            except GateError as refused:
                if self._is_scored(prediction, refused):
                    self._record(prediction, digest, signature)
                    name = type(refused).__name__
                    self.journal.decide(digest, Decision.REFUSED, reason=name, detail=str(refused))
                    self._on_recorded(self.journal.prediction(digest))
                raise
            row = self._record(prediction, digest, signature)
            self._on_recorded(row)
            return row, True

    def _record(self, prediction: Prediction, digest: bytes, signature: bytes) -> PredictionRow:
        return self.journal.record_prediction(
            prediction, digest, signature, source=SOURCE, causation_id=causation_id(digest)
        )

    def _is_scored(self, prediction: Prediction, refused: GateError) -> bool:
        """Whether it counts against its engine: if that is one of the diamond's, and it was neither
        late nor early, when it may come again."""
        if isinstance(refused, (PredictionExpired, PredictionNotYetValid)):
            return False
        until = self.client.engine(prediction.engine).valid_until
        return until > self.client.transport.timestamp()

    def _require_within_limits(self, prediction: Prediction) -> None:
        engine = prediction.engine
        waiting = self.journal.predictions(decision=Decision.PENDING, engine=engine)
        if len(waiting) >= self._limits.waiting:
            raise QueueFull(len(waiting))
        lowest = min((row.engine_nonce for row in waiting), default=prediction.nonce)
        if prediction.nonce > lowest + MAX_PENDING:
            raise NonceTooFar(prediction.nonce, lowest + MAX_PENDING)
        self._require_token(engine if self.has_model(engine) else _STRANGERS)

    def has_model(self, engine: str) -> bool:
        """Whether the owner has registered a model for it. Keys are free: who has none shares the
        rate of all who have none, so that they take neither node nor time of the engines."""
        now = self._clock()
        if engine not in self._with_models and now - self._models_at >= _MODELS_SECONDS:
            self._with_models = frozenset(model.engine for model in self.client.models())
            self._models_at = now
        return engine in self._with_models

    def _require_token(self, engine: str) -> None:
        """One token a prediction; they come back `per_second`, up to `burst`."""
        limits, now = self._limits, self._clock()
        if engine == _STRANGERS:
            limits = Limits(STRANGERS_PER_SECOND, STRANGERS_BURST)
        tokens, at = self._tokens.get(engine, (float(limits.burst), now))
        tokens = min(limits.burst, tokens + (now - at) * limits.per_second)
        if tokens < 1:
            raise TooMany(limits.per_second, (1 - tokens) / limits.per_second)
        self._tokens[engine] = tokens - 1, now
        self._tokens.move_to_end(engine)
        if len(self._tokens) > MAX_ENGINES:
            self._tokens.popitem(last=False)

    def _require_open(self, prediction: Prediction) -> None:
        try:
            # A cooldown may end while the prediction is valid: the loop waits for it.
            with suppress(CooldownActive):
                self.client.pre_check(prediction)
        except PredictionNotYetValid:
            now = self.client.transport.timestamp(pending=True)
            if prediction.valid_from > now + AHEAD_SECONDS:
                raise


def _require_signed(prediction: Prediction, signature: bytes, domain: tuple[int, str]) -> None:
    """Of an account, as a contract's word can't be checked without a swap's gas."""
    try:
        signer = recover_engine(prediction, signature, *domain)
    except SigningError:
        signer = "no account"
    if signer != prediction.engine:
        raise SignatureInvalid(prediction.engine, signer)
