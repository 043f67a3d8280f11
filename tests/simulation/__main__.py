"""`python -m tests.simulation [--first SEED] [--seeds N]`: exit code 1 where one fails."""

from __future__ import annotations

import argparse
import time

from .seeds import simulate


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


if __name__ == "__main__":
    raise SystemExit(main())
