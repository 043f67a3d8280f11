"""Engines of a replay by their settings: the reference engine, and one of pure chance.

What a sweep varies must be plain data: it is in the receipt, and goes to other machines.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from enum import Enum
from typing import Any

from macrostrike.engine import MODELS, Barriers, Forecast, Model, Predictor, ReferenceEngine, Result
from macrostrike.market import Bar
from macrostrike.types import MIN_CONFIDENCE_BPS, Signal

_NOISE_BARRIERS = Barriers(take_profit_bps=50, stop_loss_bps=50, minutes=60)
_HIGHEST_BPS = 9900


class Kind(str, Enum):
    """Which engine."""

    REFERENCE = "reference"
    NOISE = "noise"


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """An engine, and where it is not to be as it is by itself.

    seed: of the noise engine's chance.
    every: bars between two forecasts of the noise engine, and of each model of the reference one.
    take_profit_bps, stop_loss_bps, minutes: barriers, of all models; None: the engine's own.
    """

    kind: Kind = Kind.REFERENCE
    seed: int = 1
    every: int = 3
    take_profit_bps: int | None = None
    stop_loss_bps: int | None = None
    minutes: int | None = None

    @property
    def name(self) -> str:
        """In words."""
        return f"the {self.kind.value} engine"

    @property
    def warm_up(self) -> int:
        """Bars that it sees before its first forecast."""
        return ReferenceEngine.warm_up if self.kind is Kind.REFERENCE else 0

    def plain(self) -> dict[str, Any]:
        """For a receipt."""
        return asdict(self) | {"kind": self.kind.value}

    def make(self) -> Predictor:
        """A new engine."""
        if self.kind is Kind.NOISE:
            return NoiseEngine(self.seed, self._barriers(_NOISE_BARRIERS), every=self.every)
        models = [Model(each.strategy, self._barriers(each.barriers), each.rule) for each in MODELS]
        return ReferenceEngine(spacing=self.every, models=models)

    def _barriers(self, own: Barriers) -> Barriers:
        changed = {
            name: value
            for name in ("take_profit_bps", "stop_loss_bps", "minutes")
            if (value := getattr(self, name)) is not None
        }
        return replace(own, **changed)


class NoiseEngine:
    """Draws signal, model and confidence by chance: whatever it earns is luck. A `Predictor`."""

    def __init__(self, seed: int, barriers: Barriers = _NOISE_BARRIERS, *, every: int = 3) -> None:
        self._chance, self._barriers, self._every = random.Random(seed), barriers, every
        self._seen = 0

    def see(self, bar: Bar) -> Sequence[Forecast]:
        """As of `Predictor`."""
        self._seen += 1
        if self._seen % self._every:
            return ()
        chance = self._chance
        model = chance.choice(MODELS)
        return [
            Forecast(
                signal=chance.choice(tuple(Signal)),
                confidence_bps=chance.randint(MIN_CONFIDENCE_BPS, _HIGHEST_BPS),
                model_id=model.id,
                horizon=self._barriers.horizon,
                take_profit_bps=self._barriers.take_profit_bps,
                stop_loss_bps=self._barriers.stop_loss_bps,
                strategies=model.mask,
            )
        ]

    def learn(self, result: Result) -> None:
        """As of `Predictor`: nothing is learned."""
