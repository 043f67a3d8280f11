"""The registry of trials: every replay of some data is one, and a report says how many there were.

Who tries often enough finds something that looks good. Each line of the registry holds the hash of
the line before, so that a trial that is taken out, changed or moved breaks the chain. What it can't
tell is that the newest were cut off, or that it was begun anew: reports carry its head.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import e, sqrt
from pathlib import Path
from statistics import NormalDist, fmean, pvariance, variance

from macrostrike.errors import MacroStrikeError

_EULER = 0.5772156649015329
_MIN_DAYS = 5


class TrialsBroken(MacroStrikeError):
    """The registry of trials was changed by hand."""

    def __init__(self, path: Path, line: int) -> None:
        super().__init__(
            f"{path}, line {line}: the chain of trials is broken: a trial was removed, changed or "
            "moved. Put the file back as it was; a report needs the count of all trials"
        )
        self.path = path
        self.line = line


@dataclass(frozen=True, slots=True)
class Trial:
    """One replay. `sharpe` is of daily net results, not annualised; None with too few days."""

    data: str
    receipt: str
    sharpe: float | None
    previous: str

    @property
    def hash(self) -> str:
        """Of the trial and, by it, of all before."""
        text = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Trials:
    """What the registry says of one data set.

    count: different trials; the same run again is not a new one.
    head: the hash of the registry's newest line.
    deflated: probability that this trial's Sharpe ratio is over zero when it is the best of so many
        (Bailey and López de Prado 2014); None with too few days.
    """

    count: int
    head: str
    sharpe: float | None
    deflated: float | None


def register(path: Path, *, data: str, receipt: str, daily: Sequence[float]) -> Trials:
    """Enters a trial unless it is there, and counts those of the same data.

    daily: net result of each day. Raises `TrialsBroken`.
    """
    trials = read_trials(path)
    if all(trial.receipt != receipt for trial in trials):
        previous = trials[-1].hash if trials else ""
        trials.append(Trial(data, receipt, _sharpe(daily), previous))
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(trials[-1])) + "\n")
            file.flush()
            os.fsync(file.fileno())
    same = {trial.receipt: trial for trial in trials if trial.data == data}
    sharpes = [trial.sharpe for trial in same.values() if trial.sharpe is not None]
    return Trials(
        count=len(same),
        head=trials[-1].hash,
        sharpe=_sharpe(daily),
        deflated=deflated_sharpe(daily, sharpes),
    )


def read_trials(path: Path) -> list[Trial]:
    """All trials, oldest first; none where there is no registry. Raises `TrialsBroken`."""
    if not path.exists():
        return []
    trials: list[Trial] = []
    previous = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            trial = Trial(**json.loads(line))
        except (ValueError, TypeError):
            raise TrialsBroken(path, number) from None
        if trial.previous != previous:
            raise TrialsBroken(path, number)
        trials.append(trial)
        previous = trial.hash
    return trials


def deflated_sharpe(daily: Sequence[float], sharpes: Sequence[float]) -> float | None:
    """The probability that the true Sharpe ratio is over zero, for the best of several trials.

    sharpes: of all trials, this one among them.
    """
    ratio = _sharpe(daily)
    if ratio is None:
        return None
    best = _expected_best(sharpes)
    mean, deviation = fmean(daily), sqrt(pvariance(daily))
    skew = fmean(((value - mean) / deviation) ** 3 for value in daily)
    kurtosis = fmean(((value - mean) / deviation) ** 4 for value in daily)
    spread = 1 - skew * ratio + (kurtosis - 1) / 4 * ratio**2
    return NormalDist().cdf((ratio - best) * sqrt(len(daily) - 1) / sqrt(max(spread, 1e-12)))


def _expected_best(sharpes: Sequence[float]) -> float:
    """The Sharpe ratio that the best of so many trials without any skill is expected to have."""
    count = len(sharpes)
    if count < 2:
        return 0.0
    quantile = NormalDist().inv_cdf
    high = (1 - _EULER) * quantile(1 - 1 / count) + _EULER * quantile(1 - 1 / (count * e))
    return sqrt(variance(sharpes)) * high


def _sharpe(daily: Sequence[float]) -> float | None:
    if len(daily) < _MIN_DAYS or pvariance(daily) == 0:
        return None
    return fmean(daily) / sqrt(variance(daily))
