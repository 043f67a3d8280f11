"""What the best of a sweep is worth, once it is known how many were tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any

from macrostrike._counts import counted
from macrostrike.market import Market
from macrostrike.replay._receipt import data_hash
from macrostrike.replay._trials import Trials, judged, sharpe
from macrostrike.replay._words import luck, may_be_luck, money, too_short, trials_words
from macrostrike.replay.sweep._plan import Plan, Settings
from macrostrike.replay.sweep._results import Result


@dataclass(frozen=True, slots=True)
class Fold:
    """Days of a market, and how the trial did on them that was the best on all days before.

    chosen: its number in the plan, from 1 on. net: whole quote.
    """

    first_day: int
    days: int
    chosen: int
    net: float


@dataclass(frozen=True, slots=True)
class Sweep:
    """A sweep with all that is said of it.

    best: the number of the best trial: by its Sharpe ratio, or by its net result where none has the
        days for one.
    trials: what the registry says of all trials of this market, and of the best one.
    """

    market: Market
    plan: Plan
    results: tuple[Result, ...]
    best: int | None
    trials: Trials | None
    folds: tuple[Fold, ...]

    @property
    def headline(self) -> tuple[str, ...]:
        """The first lines."""
        return tuple(_sentences(self))

    def settings(self, number: int) -> Settings:
        """A trial's."""
        return self.plan.trials[number - 1]


def judge(plan: Plan, market: Market, results: Sequence[Result], registry: Path) -> Sweep:
    """Judges the best trial by all that the registry has of this market. Raises `TrialsBroken`."""
    numbers = [n for n, each in enumerate(results, 1) if each.daily]
    best = max(numbers, key=lambda n: _merit(results[n - 1]), default=None)
    trials = None
    if best is not None:
        trials = judged(registry, data=data_hash(market.bars), daily=results[best - 1].by_day())
    return Sweep(market, plan, tuple(results), best, trials, tuple(_folds(plan, results)))


def sweep_document(sweep: Sweep) -> dict[str, Any]:
    """The sweep for programs; each trial's days are in the Parquet file alone."""
    return {
        "headline": list(sweep.headline),
        "market": sweep.market.source,
        "varied": list(sweep.plan.varied),
        "trials": len(sweep.results),
        "registered": None if sweep.trials is None else asdict(sweep.trials),
        "best": sweep.best,
        "deflated_sharpe": None if sweep.trials is None else sweep.trials.deflated,
        "overfitting": None if sweep.trials is None else sweep.trials.overfitted,
        "walk_forward": [asdict(fold) for fold in sweep.folds],
        "walk_forward_net": sum(fold.net for fold in sweep.folds),
        "results": [
            {"trial": number, **asdict(settings)}
            | {key: value for key, value in asdict(result).items() if key != "daily"}
            for number, (settings, result) in enumerate(
                zip(sweep.plan.trials, sweep.results, strict=True), 1
            )
        ],
    }


def _folds(plan: Plan, results: Sequence[Result]) -> list[Fold]:
    days = [result.by_day() for result in results]
    every = [day for each in days for day in each]
    if not every:
        return []
    first, last = min(every), max(every)
    starts = [first + (last + 1 - first) * n // plan.folds for n in range(plan.folds + 1)]
    folds = []
    for start, end in pairwise(starts[1:]):
        # What is picked was known before the first of these days.
        past = [[each.get(day, 0.0) for day in range(first, start)] for each in days]
        if start == end or not past[0]:
            continue
        chosen = max(range(len(past)), key=lambda n: _ratio(past[n]))
        net = sum(days[chosen].get(day, 0.0) for day in range(start, end))
        folds.append(Fold(start, end - start, chosen + 1, net))
    return folds


def _merit(result: Result) -> tuple[bool, float]:
    """What the best trial is the best by: any Sharpe ratio comes before none."""
    ratio = sharpe(result.daily)
    return (False, result.net) if ratio is None else (True, ratio)


def _ratio(daily: Sequence[float]) -> float:
    """A Sharpe ratio of days; of days that are all alike, by their sign."""
    mean, deviation = fmean(daily), pstdev(daily)
    return mean / deviation if deviation else mean * 1e9


def _sentences(sweep: Sweep) -> list[str]:
    count = len(sweep.results)
    if sweep.best is None or sweep.trials is None:
        lines = [f"None of {counted(count, 'trial')} settled a strike: there is nothing to tell."]
        return [*lines, *_why_nothing(sweep)]
    best = sweep.results[sweep.best - 1]
    verdict = "lost money" if best.net < 0 else "made money"
    assert best.expectancy is not None
    by = "net result, as all have too few days for a Sharpe ratio,"
    if sweep.trials.sharpe is not None:
        by = "Sharpe ratio"
    lines = [
        f"The best of {counted(count, 'trial')} by its {by} {verdict}: {money(best.expectancy)} a "
        f"strike, net of all, {money(best.net, 0)} in all. That it is the best says little of it."
    ]
    if may_be_luck(sweep.trials):
        lines.append(luck(sweep.trials))
    forward = sum(fold.net for fold in sweep.folds)
    steps = counted(len(sweep.folds), "step")
    lines.append(
        f"Picked on the days before, and looked at on the next, in {steps}: "
        f"{money(forward, 0)} in all."
        if sweep.folds
        else "Too few days to pick on some and look at the next."
    )
    if sweep.market.is_made_up:
        lines.append("The prices are made up: this says nothing about any market.")
    lines.append(trials_words(sweep.trials))
    return lines


def _why_nothing(sweep: Sweep) -> list[str]:
    engines = [settings.engine for settings in sweep.plan.trials]
    patient = max(engines, key=lambda each: each.warm_up)
    short = too_short(sweep.market, patient.name, patient.warm_up)
    return [short or "No engine made a forecast that its gates let through."]
