"""The runs that CI has no time for: what each found last, at which commit, and how old that is.

    python -m tests.long_runs                       a table; fails where a summary is not a good one
    python -m tests.long_runs --keep fuzz chaos     takes over what reports/ has of these

A run writes reports/NAME.json. Its summary goes into snapshots/long-runs.json, committed with the
commit that ran.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
SNAPSHOT = ROOT / "snapshots" / "long-runs.json"
# By run, in the order of the table: what it is about. A change there makes its summary older.
# Probes pass functions on to unit tests alone.
_CONTRACTS = ("contracts", ":(exclude)contracts/mocks/*Probe*.sol", "package.json")
RUNS: dict[str, tuple[str, ...]] = {
    "fuzz": (*_CONTRACTS, "tests/stateful"),
    "prove": (*_CONTRACTS, "tests/prove"),
    "mutants": (*_CONTRACTS, "monitoring", "tests"),
    "reach": (*_CONTRACTS, "tests/unit", "tests/security"),
    "thefts": (*_CONTRACTS, "tests/security"),
    "chaos": ("macrostrike", "contracts", "tests/chaos", "tests/simulation"),
}


@dataclass(frozen=True)
class Started:
    """The tree that a run is of. commit: with "+" where files differ from it."""

    commit: str
    at: datetime


def begin() -> Started:
    """Call it before the run: afterwards the tree may be another."""
    changed = _git("status", "--porcelain", "--untracked-files=no")
    return Started(_git("rev-parse", "HEAD") + ("+" if changed else ""), _now())


def save(
    name: str, started: Started, *, passed: bool, summary: Mapping[str, Any], **details: Any
) -> Path:
    """Writes reports/NAME.json: the summary, what it is of, and the details. Answers its path."""
    path = ROOT / "reports" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    origin = {
        "commit": started.commit,
        "date": f"{started.at:%Y-%m-%d}",
        "seconds": round((_now() - started.at).total_seconds()),
        "passed": passed,
    }
    content = {"run": origin | {"summary": dict(summary)}, **details}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return path


def faults(kept: Mapping[str, Any]) -> list[str]:
    """Why these summaries are not evidence."""
    found = [f"{name}: there is no such run" for name in kept if name not in RUNS]
    for name, run in kept.items():
        if not run["passed"]:
            found.append(f"{name}: it failed")
        if run["commit"].endswith("+"):
            found.append(f"{name}: it ran on files that are in no commit")
    return found


def age(name: str, commit: str) -> str:
    """How many commits since then changed what the run is about."""
    try:
        _git("merge-base", "--is-ancestor", commit, "HEAD")
    except subprocess.CalledProcessError:
        return "of a commit that is not in this history"
    count = int(_git("rev-list", "--count", f"{commit}..HEAD", "--", *RUNS[name]))
    return f"{count} {'commit' if count == 1 else 'commits'} behind" if count else "up to date"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.long_runs")
    parser.add_argument("--keep", nargs="+", choices=RUNS, default=[], metavar="NAME")
    names = parser.parse_args(arguments).keep
    kept = json.loads(SNAPSHOT.read_text(encoding="utf-8")) if SNAPSHOT.exists() else {}
    for name in names:
        report = ROOT / "reports" / f"{name}.json"
        kept[name] = json.loads(report.read_text(encoding="utf-8"))["run"]
    found = faults(kept)
    if names and not found:
        ordered = {name: kept[name] for name in RUNS if name in kept}
        SNAPSHOT.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")
    _console().print(table_of(kept))
    for each in found:
        print(each, file=sys.stderr)
    return 1 if found else 0


def table_of(kept: Mapping[str, Any]) -> Table:
    table = Table("make", "commit", "date", "age", "found", title="Long runs")
    for name in RUNS:
        if (run := kept.get(name)) is None:
            table.add_row(name, "", "", "never kept", "")
            continue
        summary = ", ".join(f"{what} {_shown(value)}" for what, value in run["summary"].items())
        table.add_row(name, run["commit"][:10], run["date"], age(name, run["commit"]), summary)
    return table


def _shown(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _console() -> Console:
    return Console() if sys.stdout.isatty() else Console(width=160)


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
