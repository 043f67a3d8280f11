"""The tables, and reports/mutants.json."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from .judged import as_entry, judged, stale
from .mutant import Mutant
from .operators import KINDS
from .records import OPEN, Records

HARD = ("comparison", "constant", "rounding")
"""Kinds that need a test of the very border: they are counted alone too."""
_FIELDS = ("made", "run", "killed", "equivalent", "survived", OPEN)


def report(mutants: Iterable[Mutant], records: Records) -> dict[str, Any]:
    """Counts by kind and by file, and the survivors. What is open counts as not found."""
    reasons, mutants = judged(), list(mutants)
    outcomes = [(mutant, _outcome(mutant, records, reasons)) for mutant in mutants]
    outcomes = [each for each in outcomes if each[1] != "invalid"]
    files = sorted({mutant.file for mutant in mutants})
    return {
        "kinds": {kind: _counted(o for m, o in outcomes if m.kind == kind) for kind in KINDS},
        "files": {file: _counted(o for m, o in outcomes if m.file == file) for file in files},
        "hard": _counted(o for m, o in outcomes if m.kind in HARD),
        "all": _counted(o for _, o in outcomes),
        "survivors": [_survivor(m, records) for m, outcome in outcomes if outcome == "survived"],
        "stale": stale(mutants),
    }


def _outcome(mutant: Mutant, records: Records, reasons: dict[tuple[str, ...], str]) -> str:
    record = records.get(mutant)
    if record is None:
        return "made"
    is_judged = record.outcome == "survived" and mutant.key in reasons
    return "equivalent" if is_judged else record.outcome


def _counted(outcomes: Iterable[str]) -> dict[str, Any]:
    found = list(outcomes)
    counts: dict[str, Any] = {name: found.count(name) for name in _FIELDS}
    counts["made"], counts["run"] = len(found), len(found) - counts["made"]
    different = counts["run"] - counts["equivalent"]
    counts["score"] = round(100 * counts["killed"] / different, 2) if different else None
    return counts


def summary(content: dict[str, Any]) -> dict[str, Any]:
    """What is kept of a run."""
    counts = content["all"]
    return {
        "mutants": counts["made"],
        "run": counts["run"],
        "killed": counts["killed"],
        "equivalent": counts["equivalent"],
        "survived": counts["survived"],
        "not on all tests yet": counts[OPEN],
        "score": counts["score"],
        "of borders, numbers and rounding": content["hard"]["score"],
        "of alert rules": content["alerts"]["run"],
        "not noticed there": len(content["alerts"]["survived"]),
    }


def _survivor(mutant: Mutant, records: Records) -> dict[str, Any]:
    record = records.get(mutant)
    tests = 0 if record is None else record.tests
    return {"line": mutant.line, "kind": mutant.kind, "tests": tests, **as_entry(mutant)}


def show(console: Console, content: dict[str, Any]) -> None:
    _table(console, "kind", content["kinds"], content)
    files = {file.removeprefix("contracts/"): row for file, row in content["files"].items()}
    _table(console, "file", files, content)
    for each in content["survivors"]:
        console.print(
            f"[red]{each['file']}:{each['line']}[/red] {each['function']}", highlight=False
        )
        console.print(f"  {each['kind']}: {each['operator']}", highlight=False)
        console.print(f"  - {each['was']}\n  + {each['now']}", highlight=False, markup=False)
    alerts = content["alerts"]
    console.print(f"Alert rules: {alerts['run']} mutants, {len(alerts['survived'])} not noticed.")
    for what in alerts["survived"]:
        console.print(f"[red]not noticed:[/red] {what}", highlight=False)
    for key in content["stale"]:
        console.print(f"judged, and no longer there: {' | '.join(key)}", markup=False)


def _table(
    console: Console, what: str, rows: dict[str, dict[str, Any]], content: dict[str, Any]
) -> None:
    table = Table(what, *_FIELDS, "score", title=f"Mutants by {what}")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, row in rows.items():
        table.add_row(name, *_cells(row))
    table.add_section()
    if what == "kind":
        table.add_row(" + ".join(HARD), *_cells(content["hard"]))
    table.add_row("all", *_cells(content["all"]))
    console.print(table, highlight=False)


def _cells(row: dict[str, Any]) -> Sequence[str]:
    score = "" if row["score"] is None else f"{row['score']:.1f} %"
    return [*(str(row[name]) for name in _FIELDS), score]
