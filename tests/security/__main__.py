"""What the best push of a stranger earns over his plain take, by rule: `python -m tests.security`.

Over all recorded depths; both sides; USDC. Takes half a minute.
"""

from __future__ import annotations

import sys

from .depths import DOLLAR, POOLS, recorded_depths
from .pushes import by_a_sale, by_the_spot, by_the_start, survey
from .test_stranger import LAGS, SIZES

RULES = {
    "the pool's price at the second's beginning (the rule)": by_the_start,
    "the pool's price of the moment": by_the_spot,
    "a sale by the diamond at a stranger's call (first edition)": by_a_sale,
}


def main() -> int:
    depths = recorded_depths()
    if not depths:
        print(f"{POOLS} is not there", file=sys.stderr)
        return 1
    print(f"{len(depths)} recorded pools. Where the best push pays, and its most:\n")
    for name, rule in RULES.items():
        found = survey(rule, depths, SIZES, LAGS)
        print(name)
        print("".join(f"{f'means lag {lag} %':>20}" for lag in LAGS).rjust(10 + 20 * len(LAGS)))
        for size in SIZES:
            cells = [found[size, lag] for lag in LAGS]
            row = "".join(f"{f'{c.pools} pools, ${c.most / DOLLAR:,.0f}':>20}" for c in cells)
            print(f"${size / DOLLAR:>9,.0f}{row}")
        print()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
