"""Sweeps: the same results wherever they run, none lost by a kill, and luck is called luck."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from distributed import Client

from macrostrike.build import ROOT
from macrostrike.chain.revm import RevmTransport
from macrostrike.replay import TRIALS, read_trials
from macrostrike.replay.sweep import (
    IN_PROCESS,
    Plan,
    PlanInvalid,
    Result,
    judge,
    parse_plan,
    read_plan,
    run_sweep,
    sweep_document,
    write_parquet,
)

from .sweeping import noise, short_market

MARKET = short_market()
TRIALS_RUN = 5


def swept(folder: Path, plan: Plan, **where: Any) -> list[Result]:
    return run_sweep(MARKET, plan, folder, registry=folder / TRIALS, **where)


def table(folder: Path, plan: Plan, results: list[Result]) -> bytes:
    write_parquet(folder / "sweep.parquet", plan.trials, results)
    return (folder / "sweep.parquet").read_bytes()


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a sweep that ran without interruption, in this process."""
    folder, plan = tmp_path_factory.mktemp("straight"), noise(TRIALS_RUN)
    table(folder, plan, swept(folder, plan, workers=IN_PROCESS))
    return folder


def test_a_trial_leaves_no_chain_in_memory(tmp_path: Path) -> None:
    """Sixty-four of them were five gigabytes."""
    gc.collect()
    before = chains()
    gc.disable()
    try:
        swept(tmp_path, noise(2), workers=IN_PROCESS)
        assert chains() == before
    finally:
        gc.enable()


def chains() -> int:
    return sum(isinstance(each, RevmTransport) for each in gc.get_objects())


# What is tried


def test_a_list_is_tried_value_by_value() -> None:
    plan = parse_plan(
        {"engine": {"take_profit_bps": [None, 30]}, "policy": {"size": [0.5, 1, 2], "strikes": 9}}
    )
    assert plan.varied == ("engine.take_profit_bps", "policy.size")
    tried = [(each.engine.take_profit_bps, each.policy.size) for each in plan.trials]
    assert tried == [(take, size) for take in (None, 30) for size in (0.5, 1, 2)]
    assert {each.policy.strikes for each in plan.trials} == {9}


def test_draws_are_the_same_by_seed() -> None:
    given = {"policy": {"size": [n / 10 for n in range(1, 50)]}, "draws": 8}
    first, again, other = (parse_plan(given | {"seed": seed}) for seed in (1, 1, 2))
    assert len(first.trials) == 8
    assert first == again
    assert first.key != other.key


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"polcy": {}}, "a sweep has no polcy: is policy meant"),
        ({"policy": {"sizes": [1]}}, "policy has no sizes: is size meant"),
        ({"engine": {"kind": "oracle"}}, "engine: 'oracle' is not a valid Kind"),
        ({"policy": {"size": ["big"]}}, "policy.size must be a number, not 'big'"),
        ({"policy": {"size": [1, 1]}}, "the same values are there twice"),
        ({"folds": 1}, "folds at least 2"),
    ],
)
def test_what_is_wrong_in_a_file_is_said(given: dict[str, Any], said: str) -> None:
    with pytest.raises(PlanInvalid, match=said):
        parse_plan(given)


@pytest.mark.parametrize(("name", "trials"), [("noise", 64), ("reference", 24)])
def test_the_plans_that_ship_can_be_read(name: str, trials: int) -> None:
    plan = read_plan(ROOT / "macrostrike" / "replay" / "sweep" / f"{name}.yaml")
    assert len(plan.trials) == trials


# Running it


def test_every_trial_is_a_row_and_an_entry_of_the_registry(straight: Path) -> None:
    rows = pq.read_table(straight / "sweep.parquet").to_pylist()
    assert [row["trial"] for row in rows] == list(range(1, TRIALS_RUN + 1))
    assert [row["engine.seed"] for row in rows] == list(range(1, TRIALS_RUN + 1))
    entered = {trial.receipt: trial.daily for trial in read_trials(straight / TRIALS)}
    assert entered == {row["receipt"]: tuple(row["daily"]) for row in rows}
    assert all(sum(row["daily"]) == pytest.approx(row["net"]) for row in rows)


def test_a_killed_sweep_goes_on_and_comes_to_the_same(straight: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.replay.sweeping", str(tmp_path), str(TRIALS_RUN)]
    process = subprocess.Popen(command, cwd=ROOT)
    while not (done := list(tmp_path.glob("sweep-*.jsonl"))) or not done[0].stat().st_size:
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with done[0].open("a") as file:  # as if the kill had come within a line
        file.write('{"key": "cut o')
    counted: list[int] = []
    plan = noise(TRIALS_RUN)
    results = swept(
        tmp_path, plan, workers=IN_PROCESS, on_done=lambda count, _: counted.append(count)
    )
    assert 1 <= counted[0] < TRIALS_RUN
    assert counted == list(range(counted[0], TRIALS_RUN + 1))
    assert table(tmp_path, plan, results) == (straight / "sweep.parquet").read_bytes()
    assert len(read_trials(tmp_path / TRIALS)) == TRIALS_RUN


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[str]:
    """A Dask scheduler and two workers, each a process of its own."""
    found = tmp_path / "scheduler.json"
    given = {"env": {**os.environ, "PYTHONPATH": str(ROOT)}, "stderr": subprocess.DEVNULL}
    file = ["--scheduler-file", str(found), "--no-dashboard"]
    python = [sys.executable, "-m", "distributed.cli.dask_scheduler", *file, "--port", "0"]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", *file, "--no-nanny"]
    commands = [python, *2 * [[*worker, "--nthreads", "1", "--death-timeout", "60"]]]
    with ExitStack() as stack:
        for command in commands:
            process = stack.enter_context(subprocess.Popen(command, **given))
            stack.callback(process.kill)
        while not found.exists():
            time.sleep(0.02)
        with Client(scheduler_file=str(found)) as client:
            client.wait_for_workers(2, timeout=60)
            yield client.scheduler.address


def test_a_cluster_comes_to_the_same(straight: Path, tmp_path: Path, scheduler: str) -> None:
    plan = noise(TRIALS_RUN)
    results = swept(tmp_path, plan, scheduler=scheduler)
    assert table(tmp_path, plan, results) == (straight / "sweep.parquet").read_bytes()


# What it is worth


def test_the_best_of_sixty_four_engines_of_chance_is_called_luck(tmp_path: Path) -> None:
    """On processes of this machine, as by default."""
    plan = noise(64)
    found = judge(plan, MARKET, swept(tmp_path, plan, workers=2), tmp_path / TRIALS)
    document = sweep_document(found)
    assert document["registered"]["count"] == document["trials"] == 64
    assert document["deflated_sharpe"] < 0.5
    assert document["overfitting"] > 0.4
    assert "The best of 64 trials" in found.headline[0]
    assert found.headline[1].startswith("Luck among 64 trials of this data explains it as well")


def result(key: str, daily: tuple[float, ...]) -> Result:
    kept = {"strikes": 1, "wins": 1, "halts": 0, "expectancy": 1.0, "brier": 0.1, "drawdown": 0.0}
    return Result(key=key, receipt=key * 8, net=sum(daily), first_day=19_000, daily=daily, **kept)  # type: ignore[arg-type]


def test_walk_forward_picks_by_days_before_alone(tmp_path: Path) -> None:
    """The first trial is the best until the day on which it turns; what comes then is its own."""
    turns, steady = (9.0, 8.0, 9.0, 8.0, -50.0, -51.0), (1.0, 2.0, 1.0, 2.0, 1.0, 2.0)
    plan = parse_plan({"policy": {"size": [1, 2]}, "folds": 3})
    results = [result("a", turns), result("b", steady)]
    found = judge(plan, MARKET, results, tmp_path / TRIALS)
    assert [(fold.chosen, fold.net) for fold in found.folds] == [(1, 17.0), (1, -101.0)]
    assert found.best == 2
    assert sweep_document(found)["walk_forward_net"] == -84.0


def test_with_too_few_days_for_a_sharpe_ratio_the_best_is_by_net_result(tmp_path: Path) -> None:
    plan = parse_plan({"policy": {"size": [1, 2]}, "folds": 3})
    results = [result("a", (1.0, 1.1)), result("b", (90.0, -10.0))]
    found = judge(plan, MARKET, results, tmp_path / TRIALS)
    assert found.best == 2
    text = " ".join(found.headline)
    assert "by its net result, as all have too few days for a Sharpe ratio, made money" in text
    assert "by its Sharpe ratio" not in text
    longer = [*results[1:], result("a", (1.0, 1.1, 1.0, 1.2, 1.0))]
    assert judge(plan, MARKET, longer, tmp_path / TRIALS).best == 2


def test_a_market_shorter_than_the_engines_warm_up_is_named_as_the_reason(tmp_path: Path) -> None:
    plan = parse_plan({"policy": {"size": [1]}})
    found = judge(plan, MARKET, [result("a", ())], tmp_path / TRIALS)
    nothing, reason = found.headline
    assert nothing == "None of 1 trial settled a strike: there is nothing to tell."
    assert reason == (
        "The market has 128 minutes, and the reference engine forecasts nothing before it has "
        "seen 4,320: give it a longer file."
    )
    (_, other) = judge(noise(1), MARKET, [result("a", ())], tmp_path / TRIALS).headline
    assert other == "No engine made a forecast that its gates let through."
