"""A calibrated classifier: logistic regression, and isotonic calibration on what came after.

Walk-forward and purged: the classifier is fitted on outcomes that were known before the first
calibration sample began, the calibration on outcomes that are known now.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    scores: NDArray[np.float64]
    shares: NDArray[np.float64]

    def confidence_bps(self, row: tuple[float, ...]) -> int:
        """The calibrated probability of a win."""
        import numpy as np

        score = sum(
            (value - mean) * weight
            for value, mean, weight in zip(row, self.means, self.weights, strict=True)
        )
        share = float(np.interp(score, self.scores, self.shares))
        return min(int(share * BPS), MAX_CONFIDENCE_BPS)


def fit(
    rows: NDArray[np.float64],
    wins: NDArray[np.bool_],
    calibration_rows: NDArray[np.float64],
    calibration_wins: NDArray[np.bool_],
) -> Fitted | None:
    """The classifier; None where there are too few outcomes, or all are alike."""
    if min(len(wins), len(calibration_wins)) < MIN_SAMPLES or wins.all() or not wins.any():
        return None
    import numpy as np
    from sklearn.isotonic import IsotonicRegression  # type: ignore[import-untyped]
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    means, scales = rows.mean(axis=0), rows.std(axis=0)
    scales[scales == 0] = 1.0
    with threadpool_limits(limits=1):  # threads of BLAS cost more than they save on so few rows
        classifier = LogisticRegression(C=_REGULARISATION).fit((rows - means) / scales, wins)
    weights = classifier.coef_[0] / scales
    calibrator = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
    calibrator.fit((calibration_rows - means) @ weights, calibration_wins)
    return Fitted(
        means=tuple(means.tolist()),
        weights=tuple(weights.tolist()),
        scores=np.asarray(calibrator.X_thresholds_),
        shares=np.asarray(calibrator.y_thresholds_),
    )
