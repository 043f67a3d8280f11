"""A handful of seeds, and planted bugs that some seed must find. More: `make chaos`."""

from __future__ import annotations

import pytest

from .bugs import BUGS
from .play import Bug, Play, Stage

SEEDS = 2
TRIES = 8


@pytest.fixture(scope="module")
def stage() -> Stage:
    return Stage.built()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_nothing_is_lost_doubled_or_other_than_the_journal_says(stage: Stage, seed: int) -> None:
    Play(stage, seed).run()


def test_a_seed_is_the_same_run_again(stage: Stage) -> None:
    first, again = Play(stage, 4), Play(stage, 4)
    first.run()
    again.run()
    assert first.events == again.events
    assert first.scheduler.now == again.scheduler.now


@pytest.mark.parametrize("bug", BUGS, ids=[each.name for each in BUGS])
def test_a_planted_bug_is_found(stage: Stage, bug: Bug) -> None:
    assert any(_is_found(stage, bug, seed) for seed in range(bug.first, bug.first + TRIES))


def _is_found(stage: Stage, bug: Bug, seed: int) -> bool:
    try:
        Play(stage, seed, bug).run()
    except Exception:
        return True
    return False
