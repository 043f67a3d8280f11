"""Many seeds, on all cores."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

from .play import Play, Stage


def simulate(first: int, seeds: int, *, show: bool = False) -> list[int]:
    """Plays so many seeds on all cores, and returns those that fail."""
    cores = min(os.cpu_count() or 1, seeds)
    parts = [range(first + core, first + seeds, cores) for core in range(cores)]
    with ProcessPoolExecutor(cores, get_context("spawn")) as processes:
        found = list(processes.map(partial(_played, show=show), parts))
    return sorted(seed for failed in found for seed in failed)


def _played(seeds: range, *, show: bool) -> list[int]:
    stage, failed = Stage.built(), []
    for seed in seeds:
        play = Play(stage, seed)
        try:
            play.run()
        except Exception as failure:
            failed.append(seed)
            print(f"seed {seed}: {type(failure).__name__}: {failure}", flush=True)
            if show:
                print(*play.events, sep="\n  ")
    return failed
