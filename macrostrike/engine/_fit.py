"""A calibrated classifier: logistic regression, and isotonic calibration on what came after.

Walk-forward and purged: the classifier is fitted on outcomes that were known before the first
calibration sample began, the calibration on outcomes that are known now.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from macrostrike.types import BPS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MIN_SAMPLES = 60
"""Outcomes of each part, without which nothing is fitted."""

MAX_CONFIDENCE_BPS = 9900
"""No claim over this: a calibration sample of a day can't support more."""

_REGULARISATION = 0.1


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was fitted, in plain numbers: a row's score, and the share won at such scores."""

    means: tuple[float, ...]
    weights: tuple[float, ...]
    scores: tuple[float, ...]
    shares: tuple[float, ...]

    def confidence_bps(self, row: tuple[float, ...]) -> int:
        """The calibrated probability of a win."""
        score = 0.0
        for value, mean, weight in zip(row, self.means, self.weights, strict=True):
            score += (value - mean) * weight
        return min(int(self._share(score) * BPS), MAX_CONFIDENCE_BPS)

    def _share(self, score: float) -> float:
        """Interpolated between the calibration's points, and flat beyond them."""
        scores, shares = self.scores, self.shares
        place = bisect_right(scores, score)
        if place == 0:
            return shares[0]
        if place == len(scores):
            return shares[-1]
        low, from_ = scores[place - 1], shares[place - 1]
        return (shares[place] - from_) / (scores[place] - low) * (score - low) + from_


@cache
def _threads() -> Any:
    """What sets the threads of BLAS: looking for its libraries takes milliseconds."""
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

    return ThreadpoolController()


def fit(
    rows: NDArray[np.float64],
    wins: NDArray[np.bool_],
    calibration_rows: NDArray[np.float64],
    calibration_wins: NDArray[np.bool_],
) -> Fitted | None:
    """The classifier; None where there are too few outcomes, or all are alike."""
    if min(len(wins), len(calibration_wins)) < MIN_SAMPLES or wins.all() or not wins.any():
        return None
    from sklearn import config_context  # type: ignore[import-untyped]
    from sklearn.isotonic import IsotonicRegression  # type: ignore[import-untyped]
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    means, scales = rows.mean(axis=0), rows.std(axis=0)
    scales[scales == 0] = 1.0
    classifier = LogisticRegression(C=_REGULARISATION)
    calibrator = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
    # On so few rows, looking through them for what is not finite takes as long as a tenth of the
    # fit, and threads of BLAS cost more than they save.
    quick = config_context(assume_finite=True, skip_parameter_validation=True)
    with quick, _threads().limit(limits=1):
        classifier.fit((rows - means) / scales, wins)
        weights = classifier.coef_[0] / scales
        calibrator.fit((calibration_rows - means) @ weights, calibration_wins)
    return Fitted(
        means=tuple(means.tolist()),
        weights=tuple(weights.tolist()),
        scores=tuple(calibrator.X_thresholds_.tolist()),
        shares=tuple(calibrator.y_thresholds_.tolist()),
    )
