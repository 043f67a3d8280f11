"""What strangers and thieves can take at most: `make thefts`.

    python -m tests.security                 500 tries a role, and all recorded depths
    python -m tests.security --tries 50      fewer

The best push of a stranger over his plain take, by rule, over all recorded depths; and the worst
that a search finds for each role against the limit that the specification gives. Writes
reports/thefts.json, and fails where a limit is passed.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from .. import long_runs
from ..unit.deployed import deploy_env
from .depths import DOLLAR, POOLS, recorded_depths
from .pushes import Paid, by_a_sale, by_the_spot, by_the_start, survey
from .search import ROLES, Loss, search
from .test_stranger import LAGS, SIZES

THE_RULE = "the pool's price at the second's beginning (the rule)"
RULES = {
    THE_RULE: by_the_start,
    "the pool's price of the moment": by_the_spot,
    "a sale by the diamond at a stranger's call (first edition)": by_a_sale,
}


# Pools in which the best push pays, and how many whole dollars more than the plain take at most.
_Cell = tuple[int, int]


@dataclass(frozen=True)
class Found:
    """The worst loss of a role; amounts in whole quote tokens."""

    role: str
    lost: float
    limit: float
    moves: list[tuple[str, int]]

    @staticmethod
    def of(role: str, loss: Loss) -> Found:
        lost, limit = (round(float(each) / DOLLAR, 2) for each in (loss.lost, loss.limit))
        return Found(role, lost, limit, [(move.kind, move.number) for move in loss.moves])

    @property
    def share(self) -> str:
        return f"{100 * self.lost / self.limit:.1f} %"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.security")
    parser.add_argument("--tries", type=int, default=500, help="sequences of moves, by role")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    console = Console() if sys.stdout.isatty() else Console(width=130)
    started, pushes = long_runs.begin(), _pushes()
    for title, rows in pushes.items():
        console.print(_push_table(title, rows))
    found, within, env = [], True, deploy_env()
    for role in ROLES:
        console.print(f"{role}: {given.tries:,} tries ...")
        worst = search(env, role, given.tries, given.seed)
        within &= worst.lost <= worst.limit
        found.append(Found.of(role, worst))
    console.print(_role_table(found))
    kept = all(pools == 0 for row in pushes.get(THE_RULE, []) for pools, _ in row)
    passed = within and kept
    summary = {each.role: f"${each.lost:,.2f} of ${each.limit:,.2f}" for each in found}
    long_runs.save(
        "thefts",
        started,
        passed=passed,
        summary={"tries a role": given.tries} | summary,
        roles=[vars(each) for each in found],
        pushes=pushes,
    )
    console.print("Written to reports/thefts.json")
    return 0 if passed else 1


def _pushes() -> dict[str, list[list[_Cell]]]:
    """By rule: a row a size, a cell a lag."""
    depths = recorded_depths()
    if not depths:
        print(f"{POOLS} is not there: no recorded depths", file=sys.stderr)
        return {}
    found = {name: survey(rule, depths, SIZES, LAGS) for name, rule in RULES.items()}
    return {
        name: [[_cell(paid[size, lag]) for lag in LAGS] for size in SIZES]
        for name, paid in found.items()
    }


def _cell(paid: Paid) -> _Cell:
    return paid.pools, round(paid.maximum / DOLLAR)


def _push_table(title: str, rows: list[list[_Cell]]) -> Table:
    table = Table("strike", *(f"means lag {lag} %" for lag in LAGS), title=f"At {title}")
    for size, cells in zip(SIZES, rows, strict=True):
        table.add_row(
            f"${size // DOLLAR:,}", *(f"{pools} pools, ${more:,}" for pools, more in cells)
        )
    return table


def _role_table(found: list[Found]) -> Table:
    table = Table("role", "worst found", "limit", "share", title="Against the specification")
    for each in found:
        table.add_row(each.role, f"${each.lost:,.2f}", f"${each.limit:,.2f}", each.share)
    return table


if __name__ == "__main__":
    raise SystemExit(main())
