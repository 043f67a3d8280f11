"""The reference engine: honest about what it is worth.

On the data at hand, 35 days of one pool, no model beats the base rate. Symmetric barriers give no
prediction of 93 % at all. Such confidence comes only from a small take-profit beside a wide stop,
and from calibrating on the last day alone, which takes a quiet day's luck for skill: most of these
strikes win a little, the others lose ten times as much, and together they lose about their costs.
The engine is here so that everything behind it can be shown to work. Don't trade on it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from macrostrike.engine._features import Features, Moment
from macrostrike.engine._fit import Fitted, fit
from macrostrike.engine._labels import Costs
from macrostrike.engine._models import MODELS, Model
from macrostrike.engine._predictor import VALID_SECONDS, Forecast, Result
from macrostrike.engine._record import Claims
from macrostrike.engine._samples import Samples
from macrostrike.market import Bar
from macrostrike.types import Signal

NO_EDGE = (
    "The reference engine has no edge: on the 35 days it was tried on, no model beat the base "
    "rate, and a confidence of 93 % comes only from a small take-profit beside a wide stop, which "
    "wins often and loses money after costs."
)
"""The sentence that reports of this engine begin with."""

DAY = 1440
"""Bars between two fits."""

TRAINED, CALIBRATED = 2 * DAY, DAY
"""Bars that the classifier and the calibration look back on."""

_KEPT = TRAINED + CALIBRATED + DAY
_SPACING = 3  # bars between two forecasts of one model


@dataclass(slots=True)
class _State:
    """What one model knows so far. floor_bps: the lowest confidence that it says."""

    samples: Samples
    floor_bps: int
    fitted: Fitted | None = None
    spoke_at: int = -DAY


class ReferenceEngine:
    """Five models over one market's minutes; a `Predictor`.

    Each model has its strategy's rule, label and bots; a day's outcomes make the next day's fit.
    Of two sides at once only the surer is said, and none against what was said in the last
    `VALID_SECONDS`. Nothing is said before `warm_up` bars.

    market: the id that its forecasts carry.
    costs: one swap's, of which its labels are net.
    spacing: bars between two forecasts of one model.
    models: one for each strategy, in their order, with other barriers for example.

    Needs scikit-learn, the extra `research`.
    """

    warm_up = TRAINED + CALIBRATED
    """Bars to see before the first forecast can come."""

    def __init__(
        self,
        *,
        market: int = 0,
        costs: Costs | None = None,
        spacing: int = _SPACING,
        models: Sequence[Model] = MODELS,
    ) -> None:
        self.market = market
        self.models = tuple(models)
        self.claims: defaultdict[int, Claims] = defaultdict(Claims)
        self._costs = costs or Costs()
        self._spacing = spacing
        self._features = Features()
        self._closes: list[float] = []
        self._dropped = 0  # bars that were forgotten
        self._states = {
            model: _State(Samples(model.barriers), model.barriers.min_confidence_bps)
            for model in self.models
        }
        self._side, self._side_until = 0, 0

    def see(self, bar: Bar) -> Sequence[Forecast]:
        """As of `Predictor`."""
        self._closes.append(float(bar.close))
        moment = self._features.see(bar)
        number = self._dropped + len(self._closes) - 1
        said = [] if moment is None else self._consider(moment, number)
        if (number + 1) % DAY == 0 and number + 1 >= self.warm_up:
            self._fit(number)
        return self._one_side(said, bar.timestamp)

    def learn(self, result: Result) -> None:
        """As of `Predictor`: counts what was claimed against what came, by model id."""
        self.claims[result.model_id].add(result)

    def report(self) -> str:
        """`NO_EDGE`, then each model's claim against its results."""
        lines = [NO_EDGE]
        for model in self.models:
            lines.append(f"model {model.id}, {model.strategy}: {self.claims[model.id]}")
        return "\n".join(lines)

    def _consider(self, moment: Moment, number: int) -> list[Forecast]:
        said = []
        rows: dict[int, tuple[float, ...]] = {}  # by side: several models may want the same
        for model, state in self._states.items():
            strength = model.rule(moment)
            if strength == 0:
                continue
            side = 1 if strength > 0 else -1
            row = rows.get(side) or rows.setdefault(side, moment.row(side))
            state.samples.add(number, side, row)
            if state.fitted is None or number - state.spoke_at < self._spacing:
                continue
            confidence = state.fitted.confidence_bps(row)
            if confidence >= state.floor_bps:
                said.append(self._forecast(model, strength, confidence))
        return said

    def _forecast(self, model: Model, strength: float, confidence_bps: int) -> Forecast:
        if strength > 0:
            signal = Signal.STRONG_LONG if strength >= 1 else Signal.LONG
        else:
            signal = Signal.STRONG_SHORT if strength <= -1 else Signal.SHORT
        return Forecast(
            signal=signal,
            confidence_bps=confidence_bps,
            model_id=model.id,
            horizon=model.barriers.horizon,
            take_profit_bps=model.barriers.take_profit_bps,
            stop_loss_bps=model.barriers.stop_loss_bps,
            strategies=model.mask,
            market=self.market,
        )

    def _one_side(self, said: list[Forecast], now: int) -> Sequence[Forecast]:
        """The surest first, and those that agree with it and with what may still be struck."""
        if not said:
            return ()
        said.sort(key=lambda forecast: -forecast.confidence_bps)
        side = 1 if said[0].signal.is_long else -1
        if now <= self._side_until and side != self._side:
            return ()
        self._side, self._side_until = side, now + VALID_SECONDS
        number = self._dropped + len(self._closes) - 1
        agreed = [forecast for forecast in said if forecast.signal.is_long == (side > 0)]
        for forecast in agreed:
            self._states[self.models[forecast.model_id - 1]].spoke_at = number
        return agreed

    def _fit(self, number: int) -> None:
        """A new fit of each model, on outcomes that are known at this bar."""
        import numpy as np

        closes = np.array(self._closes)
        calibrated_from = number + 1 - CALIBRATED
        for state in self._states.values():
            samples = state.samples
            samples.label(closes, first_bar=self._dropped, last_bar=number, costs=self._costs)
            trained, tested = samples.parts(calibrated_from)
            state.fitted = fit(*trained, *tested)
            samples.forget(calibrated_from - TRAINED)
        surplus = len(self._closes) - _KEPT
        if surplus > 0:
            del self._closes[:surplus]
            self._dropped += surplus
