"""Runs a sweep's trials on Dask: processes of this machine, or a cluster's by its scheduler.

A trial depends on its settings and the market alone: wherever it runs, its receipt is the same.
"""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from macrostrike.build import ROOT
from macrostrike.market import Market
from macrostrike.replay._engines import EngineSettings
from macrostrike.replay._receipt import code_hash, data_hash
from macrostrike.replay._replay import Replay, replay
from macrostrike.replay._trials import enter, read_trials
from macrostrike.replay.sweep._plan import Plan, Settings
from macrostrike.replay.sweep._results import Kept, Result

IN_PROCESS = 0
"""As a number of workers: one trial after the other, here."""

_SHOWN = 12  # digits of the name of a sweep's file


def run_sweep(
    market: Market,
    plan: Plan,
    folder: Path,
    *,
    registry: Path,
    scheduler: str | None = None,
    workers: int | None = None,
    on_done: Callable[[int, int], None] | None = None,
) -> list[Result]:
    """Every trial's result, in the plan's order.

    Each is entered in the registry of trials and kept in `folder` as soon as it is done: where
    there are some of the same plan, market and code, only the others are run.

    scheduler: a Dask scheduler's address; by default a cluster of this machine.
    workers: how many processes that has; by default one a core.
    on_done: called with how many of how many are done.

    Raises `TrialsBroken`.
    """
    read_trials(registry)
    data = data_hash(market.bars)
    name = f"sweep-{plan.key[:_SHOWN]}-{data[:_SHOWN]}-{code_hash()[:_SHOWN]}.jsonl"
    kept = Kept(folder / name)
    results = kept.read()
    for result in results.values():
        _enter(registry, data, result)
    missing = [each for each in plan.trials if each.key not in results]
    if on_done is not None:
        on_done(len(results), len(plan.trials))
    with _source(market, missing, scheduler, workers) as done:
        for result in done:
            _enter(registry, data, result)
            kept.add(result)
            results[result.key] = result
            if on_done is not None:
                on_done(len(results), len(plan.trials))
    return [results[each.key] for each in plan.trials]


def run_trial(market: Market, settings: Settings) -> Result:
    """One trial, where it is called."""
    try:
        return Result.of(settings, _replayed(market, settings))
    finally:
        # A chain is in circles, and the collector, which counts objects, takes it for a small one.
        gc.collect()


def _replayed(market: Market, settings: Settings) -> Replay:
    engine: EngineSettings = settings.engine
    return replay(
        market,
        engine.make(),
        name=engine.name,
        engine=engine.plain(),
        policy=settings.policy,
        gas=settings.gas,
    )


def _enter(registry: Path, data: str, result: Result) -> None:
    enter(registry, data=data, receipt=result.receipt, daily=result.by_day())


@contextmanager
def _source(
    market: Market, trials: Sequence[Settings], scheduler: str | None, workers: int | None
) -> Iterator[Iterator[Result]]:
    """Yields results in the order in which they are done."""
    if not trials:
        yield iter(())
    elif workers == IN_PROCESS:
        yield (run_trial(market, each) for each in trials)
    else:
        with _client(scheduler, workers) as client:
            yield _completed(client, market, trials)


def _completed(client: Any, market: Market, trials: Sequence[Settings]) -> Iterator[Result]:
    from distributed import as_completed

    shared = client.scatter(market, broadcast=True)
    futures = [client.submit(run_trial, shared, each, key=f"trial-{each.key}") for each in trials]
    for future in as_completed(futures):  # type: ignore[no-untyped-call]
        yield future.result()
        future.release()


@contextmanager
def _client(scheduler: str | None, workers: int | None) -> Iterator[Any]:
    from distributed import Client, LocalCluster

    if scheduler is not None:
        with Client(scheduler) as client:  # type: ignore[no-untyped-call]
            yield client
        return
    with (
        _importable(),
        LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            memory_limit=None,
            silence_logs=logging.ERROR,
            dashboard_address=":0",  # any free port: several may run
        ) as cluster,
        Client(cluster) as client,  # type: ignore[no-untyped-call]
    ):
        yield client


@contextmanager
def _importable() -> Iterator[None]:
    """This package on the path that new processes are given: Ape takes it off for its scripts."""
    path = str(ROOT)
    missing = path not in sys.path
    if missing:
        sys.path.append(path)
    try:
        yield
    finally:
        if missing:
            sys.path.remove(path)
