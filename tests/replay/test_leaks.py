"""A zoo of leaks: each of the usual ways to look into the future is found, none where none is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from macrostrike.engine import Forecast, ReferenceEngine, Result
from macrostrike.market import Bar, synthetic_market
from macrostrike.replay import find_leaks
from macrostrike.types import Signal

Prices = NDArray[np.float64]
BARS = synthetic_market(11, 600).bars
FOLD, HORIZON, RESAMPLED, DAY = 300, 30, 15, 120
MOMENTS = (247, FOLD + 5, 431)


class Prepared:
    """Has a score for each bar beforehand, as research code does, and says it bar by bar."""

    def __init__(self, scores: Prices) -> None:
        self.scores, self.seen = scores, 0

    def see(self, bar: Bar) -> Sequence[Forecast]:
        score = float(np.nan_to_num(self.scores[self.seen]))
        self.seen += 1
        return [
            Forecast(
                signal=Signal.LONG if score > 0 else Signal.SHORT,
                confidence_bps=9300 + int(min(abs(score), 1) * 699),
                model_id=1,
                horizon=1800,
                take_profit_bps=20,
                stop_loss_bps=200,
            )
        ]

    def learn(self, result: Result) -> None:
        pass


def returns(closes: Prices, span: int) -> Prices:
    """What was gained over the last `span` bars, in units that suit a confidence."""
    moved = np.zeros(len(closes))
    moved[span:] = closes[span:] / closes[:-span] - 1
    return 100 * moved


def labels(closes: Prices) -> Prices:
    """Whether the price is higher a horizon later."""
    won = np.zeros(len(closes))
    won[:-HORIZON] = closes[HORIZON:] > closes[:-HORIZON]
    return won


def fitted(closes: Prices, train: slice) -> Prices:
    """Scores from the mean outcome by sign of the last return, over the training rows."""
    feature, won = returns(closes, 10), labels(closes)
    ups = feature[train] > 0
    up = won[train][ups].mean() if ups.any() else 0.5
    down = won[train][~ups].mean() if (~ups).any() else 0.5
    return np.where(feature > 0, up - 0.5, down - 0.5)


def clean(closes: Prices) -> Prices:
    return returns(closes, 10)


def clean_fold(closes: Prices) -> Prices:
    """Fitted on outcomes that are known at the fold's border, and said after it alone."""
    scores = fitted(closes, slice(10, FOLD - HORIZON))
    scores[:FOLD] = 0
    return scores


def centred_window(closes: Prices) -> Prices:
    return closes - np.convolve(closes, np.ones(5) / 5, mode="same")


def scaler_fitted_on_all(closes: Prices) -> Prices:
    moved = returns(closes, 10)
    return (moved - moved.mean()) / moved.std()


def label_over_the_folds_border(closes: Prices) -> Prices:
    scores = fitted(closes, slice(10, FOLD))  # the last outcomes lie beyond the border
    scores[:FOLD] = 0
    return scores


def calibrator_fitted_on_the_test_fold(closes: Prices) -> Prices:
    scores = clean_fold(closes)
    test = slice(FOLD, len(closes))
    scores[test] *= labels(closes)[test].mean()
    return scores


def back_fill(closes: Prices) -> Prices:
    known = closes.copy()
    known[np.arange(len(known)) % 7 != 0] = np.nan
    for at in range(len(known) - 2, -1, -1):
        if np.isnan(known[at]):
            known[at] = known[at + 1]
    return returns(known, 3)


def left_labelled_resample(closes: Prices) -> Prices:
    last = (np.arange(len(closes)) // RESAMPLED + 1) * RESAMPLED - 1
    return returns(closes[np.minimum(last, len(closes) - 1)], RESAMPLED)


def shift_by_one(closes: Prices) -> Prices:
    return np.append(returns(closes, 3)[1:], 0)


def future_through_a_join(closes: Prices) -> Prices:
    """The day's close, joined to all of its minutes."""
    day = np.arange(len(closes)) // DAY
    day_close = np.array([closes[day == each][-1] for each in range(day[-1] + 1)])
    return 100 * (day_close[day] / closes - 1)


def highest_of_all(closes: Prices) -> Prices:
    return closes / closes.max() - 0.99


ZOO = (
    centred_window,
    scaler_fitted_on_all,
    label_over_the_folds_border,
    calibrator_fitted_on_the_test_fold,
    back_fill,
    left_labelled_resample,
    shift_by_one,
    future_through_a_join,
    highest_of_all,
)


def made(scores: Callable[[Prices], Prices]) -> Callable[[Sequence[Bar]], Prepared]:
    return lambda bars: Prepared(scores(np.array([float(bar.close) for bar in bars])))


@pytest.mark.parametrize("leak", ZOO, ids=lambda leak: leak.__name__)
def test_each_leak_is_found(leak: Callable[[Prices], Prices]) -> None:
    found = find_leaks(made(leak), BARS, MOMENTS)
    assert found
    assert all(each.said_at < each.changed_from for each in found)


@pytest.mark.parametrize("honest", [clean, clean_fold], ids=lambda honest: honest.__name__)
def test_no_alarm_where_there_is_none(honest: Callable[[Prices], Prices]) -> None:
    assert find_leaks(made(honest), BARS, MOMENTS) == []


def test_the_reference_engine_does_not_know_the_future() -> None:
    bars = synthetic_market(4, ReferenceEngine.warm_up + 600).bars
    engine = ReferenceEngine()
    assert any(engine.see(bar) for bar in bars), "it must say something to be tested"
    assert find_leaks(lambda _: ReferenceEngine(), bars, [ReferenceEngine.warm_up + 450]) == []
