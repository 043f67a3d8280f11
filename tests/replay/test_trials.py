"""The registry of trials: all are counted, none can be taken out, and luck is discounted."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from macrostrike.replay import (
    Trial,
    TrialsBroken,
    deflated_sharpe,
    enter,
    overfitting,
    read_trials,
    register,
)

DATA = "aa" * 32


def daily(seed: int, days: int = 30, edge: float = 0.0) -> list[float]:
    chance = random.Random(seed)
    return [chance.gauss(edge, 1.0) for _ in range(days)]


def by_day(results: list[float]) -> dict[int, float]:
    return dict(enumerate(results, 19_000))


def entered(path: Path, count: int) -> None:
    for seed in range(count):
        enter(path, data=DATA, receipt=f"{seed:064x}", daily=by_day(daily(seed)))


def test_each_trial_counts_once(tmp_path: Path) -> None:
    path = tmp_path / "reports" / "trials.jsonl"
    entered(path, 4)
    assert len(read_trials(path)) == 4
    again = register(path, data=DATA, receipt=f"{2:064x}", daily=by_day(daily(2)))
    assert again.count == 4
    assert len(read_trials(path)) == 4
    other = register(path, data="bb" * 32, receipt="cc" * 32, daily=by_day(daily(9)))
    assert other.count == 1
    assert other.head != again.head


@pytest.mark.parametrize(
    "how",
    ["first removed", "middle removed", "last removed", "changed", "swapped", "torn", "unsealed"],
)
def test_a_registry_that_was_touched_makes_no_report(tmp_path: Path, how: str) -> None:
    path = tmp_path / "trials.jsonl"
    entered(path, 5)
    lines = path.read_text().splitlines()
    if how == "first removed":
        del lines[0]
    elif how == "middle removed":
        del lines[2]
    elif how == "unsealed":
        path.with_suffix(".seal").unlink()
    elif how == "last removed":
        del lines[-1]
    elif how == "changed":
        lines[1] = json.dumps(json.loads(lines[1]) | {"sharpe": -1.0})
    elif how == "swapped":
        lines[1], lines[2] = lines[2], lines[1]
    else:
        lines[3] = lines[3][:20]
    path.write_text("\n".join(lines) + "\n")
    before = path.read_text()
    with pytest.raises(TrialsBroken, match="the chain of trials is broken"):
        register(path, data=DATA, receipt="dd" * 32, daily=by_day(daily(7)))
    assert path.read_text() == before


def test_the_best_of_many_without_skill_is_not_believed() -> None:
    trials = [daily(seed) for seed in range(64)]
    sharpes = [sum(each) / len(each) for each in trials]
    best = trials[sharpes.index(max(sharpes))]
    alone = deflated_sharpe(best, [max(sharpes)])
    among = deflated_sharpe(best, sharpes)
    assert alone is not None
    assert among is not None
    assert alone > 0.95
    assert among < 0.8  # and so under any level that one would trust


def test_a_real_edge_is_still_seen_among_many() -> None:
    sharpes = [sum(daily(seed)) / 30 for seed in range(64)]
    found = deflated_sharpe(daily(1, days=200, edge=0.8), sharpes)
    assert found is not None
    assert found > 0.99


def test_too_few_days_say_nothing(tmp_path: Path) -> None:
    found = register(tmp_path / "trials.jsonl", data=DATA, receipt="ee", daily={0: 1.0, 1: 2.0})
    assert (found.sharpe, found.deflated) == (None, None)


def test_a_kill_between_the_line_and_its_seal_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "trials.jsonl"
    entered(path, 2)
    seal = path.with_suffix(".seal").read_text()
    entered(path, 3)
    path.with_suffix(".seal").write_text(seal)
    assert len(read_trials(path)) == 3
    entered(path, 4)
    assert len(read_trials(path)) == 4


def trials_of(*results: list[float]) -> list[Trial]:
    return [Trial(DATA, str(n), 1.0, "", 19_000, tuple(each)) for n, each in enumerate(results)]


def test_picking_the_best_of_chance_is_overfitting_and_of_an_edge_is_not() -> None:
    """By chance it is as likely as not; three markets, as one says little."""
    edge, found, without = daily(99, 60, edge=1.0), [], []
    for market in (0, 100, 200):
        chance = [daily(market + seed, 60) for seed in range(24)]
        without.append(overfitting(trials_of(*chance)) or 0)
        found.append(overfitting(trials_of(*chance, edge)))
    assert 0.4 < sum(without) / 3 < 0.6
    assert found == [0, 0, 0]


def test_trials_that_stop_trading_are_judged_too() -> None:
    """Days without a settlement earned nothing: where there are only such, the ratio is zero."""
    found = overfitting(trials_of(daily(1, 10), daily(2, 40), [0.0] * 20 + daily(3, 20)))
    assert found is not None
    assert 0 <= found <= 1
    assert overfitting(trials_of(daily(1, 40))) is None
    assert overfitting(trials_of(daily(1, 5), daily(2, 5))) is None
