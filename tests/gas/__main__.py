"""Measures gas, prints tables and writes reports/gas.json.

python -m tests.gas             measures
python -m tests.gas --check     and fails when a figure differs from snapshots/gas.json
python -m tests.gas --write     and rewrites snapshots/gas.json
"""

from __future__ import annotations

import argparse
import sys

from rich.console import Console

from .figures import measure
from .report import (
    REPORT,
    ROOT,
    SNAPSHOT,
    difference_table,
    differences,
    show,
    write_report,
    write_snapshot,
)


def main() -> int:
    parser = argparse.ArgumentParser(description="Gas of every action.")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--check", action="store_true", help="fail when the snapshot differs")
    action.add_argument("--write", action="store_true", help="rewrite the snapshot")
    arguments = parser.parse_args()
    reported = Console(stderr=True)
    with reported.status("measuring ...") as status:
        figures = measure(lambda doing: status.update(f"measuring: {doing} ..."))
    # Wide where there is no terminal: a table that is cut off is of no use in a log.
    show(figures, Console() if sys.stdout.isatty() else Console(width=160))
    write_report(figures)
    reported.print(f"Written to {REPORT.relative_to(ROOT)}")
    if arguments.write:
        write_snapshot(figures)
        reported.print(f"Written to {SNAPSHOT.relative_to(ROOT)}")
    if arguments.check and (found := differences(figures)):
        reported.print(difference_table(found))
        reported.print("If that is meant, run: make snapshots")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
