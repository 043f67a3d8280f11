"""`python -m tests.chaos [--strikes N --kills N --seeds N]`: a table, and reports/chaos.json."""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import asdict
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from macrostrike.chain import AnvilTransport, start_anvil
from macrostrike.testing import deploy_world
from tests.simulation.seeds import simulate

from .. import long_runs
from .run import Chaos, Result, results


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strikes", type=int, default=2_000, help="under faults")
    parser.add_argument("--kills", type=int, default=5, help="at each kill point")
    parser.add_argument("--seeds", type=int, default=500, help="of the simulation")
    parser.add_argument("--seed", type=int, default=1, help="of the faults")
    given = parser.parse_args()
    console, rows, started = Console(), [], long_runs.begin()
    with tempfile.TemporaryDirectory() as folder, start_anvil() as url:
        chaos = Chaos(deploy_world(AnvilTransport(url)), Path(folder), given.seed)
        for row in results(chaos, given.strikes, given.kills):
            rows.append(row)
            console.print(f"{row.kind}: {row.strikes} strikes in {row.seconds:.0f} s")
        failed = simulate(0, given.seeds)
        report = {"rows": [asdict(row) for row in rows], "failed_seeds": failed}
        summary = {
            "strikes": sum(row.strikes for row in rows),
            "lost": sum(row.lost for row in rows),
            "doubled": sum(row.doubled for row in rows),
            "rows other than the chain's": sum(row.differing for row in rows),
            "failures met": len(chaos.said),
            "simulated seeds": given.seeds,
            "failed seeds": len(failed),
        }
        bad = sum(row.lost + row.doubled + row.differing for row in rows)
        save = partial(long_runs.save, "chaos", started, summary=summary, **report)
        # The report itself is searched for secrets too.
        leaks = chaos.leaks(save(passed=False))
        passed = not bad and not failed and not leaks
        save(passed=passed)
        chaos.close()
    console.print(table_of(rows))
    console.print(f"{len(chaos.said)} failures met; secrets found in {len(leaks)} places")
    console.print(f"{given.seeds} seeds of the simulation, failed: {failed or 'none'}")
    console.print("Written to reports/chaos.json")
    return 0 if passed else 1


def table_of(rows: list[Result]) -> Table:
    """For people, with a row of sums."""
    names = ("strikes", "lost", "doubled", "differing")
    table = Table("fault", *names)
    for row in rows:
        table.add_row(row.kind, *(str(getattr(row, name)) for name in names))
    table.add_section()
    table.add_row("all", *(str(sum(getattr(row, name) for row in rows)) for name in names))
    return table


if __name__ == "__main__":
    raise SystemExit(main())
