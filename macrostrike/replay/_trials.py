"""The registry of trials: every replay of some data is one, and a report says how many there were.

Who tries often enough finds something that looks good. Each line of the registry has the hash of
the line before, so that a trial that is taken out, changed or moved breaks the chain; a seal beside
it has the count and the newest hash, so that the newest can't be cut off. What neither can tell is
that both files were begun anew: reports carry the head.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isnan, sqrt
from pathlib import Path
from statistics import fmean, pvariance, variance
from typing import TYPE_CHECKING

from macrostrike.errors import MacroStrikeError

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped]

TRIALS = "trials.jsonl"
"""The registry's file among the reports."""

_MIN_DAYS = 5
_MAX_BLOCKS = 8  # of days, which the search is judged by: 70 ways to halve them


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
    """One replay. `sharpe` is of daily net results, not annualised; None with too few days.

    daily: the net result of each day, from the day `first_day` (since 1970) on, whole quote.
    """

    data: str
    receipt: str
    sharpe: float | None
    previous: str
    first_day: int = 0
    daily: tuple[float, ...] = ()

    @property
    def hash(self) -> str:
        """Of the trial and, by it, of all before."""
        entry = asdict(self)
        if not self.daily:  # as registries had it before they kept the days
            del entry["daily"], entry["first_day"]
        text = json.dumps(entry, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Trials:
    """What the registry says of one data set.

    count: different trials; the same run again is not a new one.
    head: the hash of the registry's newest line.
    deflated: probability that this trial's Sharpe ratio is over zero when it is the best of so many
        (Bailey and López de Prado 2014); None with too few days.
    overfitted: probability that the trial that is the best on half of the days is among the worse
        half on the others (Bailey et al. 2017), over all trials; None with too few.
    """

    count: int
    head: str
    sharpe: float | None
    deflated: float | None
    overfitted: float | None = None


def register(path: Path, *, data: str, receipt: str, daily: Mapping[int, float]) -> Trials:
    """Enters a trial unless it is there, and says what it is worth among those of the same data.

    As `enter` and `judged`.
    """
    enter(path, data=data, receipt=receipt, daily=daily)
    return judged(path, data=data, daily=daily)


def enter(path: Path, *, data: str, receipt: str, daily: Mapping[int, float]) -> None:
    """Enters a trial unless it is there.

    daily: net result of each day, by its number since 1970. Raises `TrialsBroken`.
    """
    results, first_day = list(daily.values()), min(daily, default=0)
    trials = read_trials(path)
    if all(trial.receipt != receipt for trial in trials):
        previous = trials[-1].hash if trials else ""
        trial = Trial(data, receipt, sharpe(results), previous, first_day, tuple(results))
        trials.append(trial)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(trial)) + "\n")
            file.flush()
            os.fsync(file.fileno())
        _seal(path).write_text(f"{len(trials)} {trial.hash}\n", encoding="utf-8")


def judged(path: Path, *, data: str, daily: Mapping[int, float]) -> Trials:
    """What a trial with these days is worth among all that were entered of the same data.

    Raises `TrialsBroken`.
    """
    trials, results = read_trials(path), list(daily.values())
    same = [trial for trial in trials if trial.data == data]
    sharpes = [trial.sharpe for trial in same if trial.sharpe is not None]
    return Trials(
        count=len(same),
        head=trials[-1].hash if trials else "",
        sharpe=sharpe(results),
        deflated=deflated_sharpe(results, sharpes),
        overfitted=overfitting(same),
    )


def read_trials(path: Path) -> list[Trial]:
    """All trials, oldest first; none where there is no registry. Raises `TrialsBroken`."""
    trials: list[Trial] = []
    previous = ""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
            trial = Trial(**entry | {"daily": tuple(entry.get("daily", ()))})
        except (ValueError, TypeError, AttributeError):
            raise TrialsBroken(path, number) from None
        if trial.previous != previous:
            raise TrialsBroken(path, number)
        trials.append(trial)
        previous = trial.hash
    _require_sealed(path, trials)
    return trials


def _require_sealed(path: Path, trials: Sequence[Trial]) -> None:
    """A killed process may have left the registry one line ahead of its seal, never behind."""
    seal = _seal(path)
    if not seal.exists():
        if len(trials) > 1:
            raise TrialsBroken(path, len(trials))
        return
    count, head = seal.read_text(encoding="utf-8").split()
    number = int(count)
    if not number <= len(trials) <= number + 1 or trials[number - 1].hash != head:
        raise TrialsBroken(path, len(trials) + 1)


def deflated_sharpe(daily: Sequence[float], sharpes: Sequence[float]) -> float | None:
    """The probability that the true Sharpe ratio is over zero, for the best of several trials.

    sharpes: of all trials, this one among them; of days, not annualised.
    """
    ratio = sharpe(daily)
    if ratio is None:
        return None
    import ffn  # type: ignore[import-untyped]
    import pandas as pd

    found = ffn.calc_deflated_sharpe_ratio(
        pd.Series(daily), sharpes or [ratio], nperiods=1, annualized_trials=False
    )
    return None if isnan(found) else float(found)


def overfitting(trials: Sequence[Trial]) -> float | None:
    """The probability of backtest overfitting over all these trials; None with too few."""
    of_use = [trial for trial in trials if trial.sharpe is not None]
    if len(of_use) < 2:
        return None
    first = min(trial.first_day for trial in of_use)
    days = max(trial.first_day + len(trial.daily) for trial in of_use) - first
    blocks = min(_MAX_BLOCKS, days // 4 * 2)
    if blocks < 4:
        return None
    import ffn
    import pandas as pd

    # A day without a settlement earned nothing.
    table = pd.DataFrame(0.0, index=range(days), columns=range(len(of_use)))
    for number, trial in enumerate(of_use):
        start = trial.first_day - first
        table.iloc[start : start + len(trial.daily), number] = trial.daily
    found = ffn.calc_prob_backtest_overfitting(table, n_blocks=blocks)
    if isnan(found):
        # In some halves a trial did not trade, and has no Sharpe ratio there: 0 is meant.
        found = ffn.calc_prob_backtest_overfitting(table, n_blocks=blocks, metric=_ratio)
    return float(found)


def _ratio(results: pd.Series) -> float:
    deviation = results.std()
    return float(results.mean() / deviation) if deviation > 0 else 0.0


def sharpe(daily: Sequence[float]) -> float | None:
    """A Sharpe ratio of days, not annualised; None with too few, or all of them alike."""
    if len(daily) < _MIN_DAYS or pvariance(daily) == 0:
        return None
    return fmean(daily) / sqrt(variance(daily))


def _seal(path: Path) -> Path:
    return path.with_suffix(".seal")
