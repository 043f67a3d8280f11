"""`python -m tests.simulation [--first SEED] [--seeds N]`: exit code 1 where one fails."""

from __future__ import annotations

import argparse
import time

from .play import Play, Stage


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=500)
    parser.add_argument("--show", action="store_true", help="what happened in seeds that fail")
    given = parser.parse_args()
    started = time.monotonic()
    failed = simulate(given.first, given.seeds, show=given.show)
    print(f"{given.seeds} seeds in {time.monotonic() - started:.1f} s: {len(failed)} failed")
    return 1 if failed else 0


def simulate(first: int, seeds: int, *, show: bool = False) -> list[int]:
    """Plays so many seeds, and gives those that fail."""
    stage, failed = Stage.built(), []
    for seed in range(first, first + seeds):
        play = Play(stage, seed)
        try:
            play.run()
        except Exception as failure:
            failed.append(seed)
            print(f"seed {seed}: {type(failure).__name__}: {failure}", flush=True)
            if show:
                print(*play.events, sep="\n  ")
    return failed


if __name__ == "__main__":
    raise SystemExit(main())
