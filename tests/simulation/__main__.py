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
    stage, failed = Stage.built(), 0
    started = time.monotonic()
    for seed in range(given.first, given.first + given.seeds):
        play = Play(stage, seed)
        try:
            play.run()
        except Exception as failure:
            failed += 1
            print(f"seed {seed}: {type(failure).__name__}: {failure}", flush=True)
            if given.show:
                print(*play.events, sep="\n  ")
    taken = time.monotonic() - started
    print(f"{given.seeds} seeds in {taken:.1f} s: {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
