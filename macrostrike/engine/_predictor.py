"""What an engine is to the rest of the product.

A new predictor needs no more than this:

    class Breakout:
        def __init__(self) -> None:
            self.highs: deque[Decimal] = deque(maxlen=60)

        def see(self, bar: Bar) -> Sequence[Forecast]:
            broken = len(self.highs) == 60 and bar.close > max(self.highs)
            self.highs.append(bar.high)
            return [BREAKOUT] if broken else []

        def learn(self, result: Result) -> None:
            print(result.pnl)

with `BREAKOUT = Forecast(signal=Signal.LONG, confidence_bps=9400, model_id=7, horizon=7200,
take_profit_bps=25, stop_loss_bps=300)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from macrostrike.market import Bar
from macrostrike.types import ALL_STRATEGIES, Prediction, Signal

VALID_SECONDS = 120
"""How long a forecast may be struck where it does not say otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What an engine says before anything is signed. Fields as of `Prediction`.

    valid_seconds: how long from the moment of signing it may be executed.
    """

    signal: Signal
    confidence_bps: int
    model_id: int
    horizon: int
    take_profit_bps: int
    stop_loss_bps: int
    strategies: int = ALL_STRATEGIES
    market: int = 0
    valid_seconds: int = VALID_SECONDS

    def prediction(self, *, engine: str, nonce: int, now: int) -> Prediction:
        """The statement to sign, valid from `now` by the chain's clock.

        Raises `InvalidPrediction` for what no chain would take.
        """
        return Prediction(
            engine=engine,
            nonce=nonce,
            market=self.market,
            signal=self.signal,
            confidence_bps=self.confidence_bps,
            strategies=self.strategies,
            model_id=self.model_id,
            valid_from=now,
            valid_until=now + self.valid_seconds,
            horizon=self.horizon,
            take_profit_bps=self.take_profit_bps,
            stop_loss_bps=self.stop_loss_bps,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a strike ended, as the chain measured it. `pnl` and `notional` are raw quote units."""

    strike_id: int
    nonce: int
    market: int
    model_id: int
    signal: Signal
    confidence_bps: int
    opened_at: int
    settled_at: int
    notional: int
    pnl: int
    won: bool


class Predictor(Protocol):
    """Sees bars and results, returns forecasts. It knows what it was shown, and no others."""

    def see(self, bar: Bar) -> Sequence[Forecast]:
        """Takes in one more finished bar; what is to be signed now, best first."""

    def learn(self, result: Result) -> None:
        """Takes in how one of its strikes ended."""
