"""Runs the tests with the recorder and shows what they reach.

python -m tests.reach                      unit, security and diamond tests
python -m tests.reach tests/unit/market    some of them: much will not be reached

Prints a table, writes reports/reach.json, and fails when a function, an error or an event is
reached by no test. Lines and statements are at least those that ran: of what ran within an inner
call that failed, and was undone, no trace is left.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import defaultdict
from typing import Any

from rich.console import Console
from rich.table import Table

from .. import long_runs
from .instrument import CACHE, ROOT, Statement, instrumented
from .symbols import SYMBOLS

RECORDED = CACHE / "recorded"
TESTS = ("tests/unit", "tests/security")
Reached = dict[str, dict[str, list[int]]]


def main() -> int:
    tests, started = sys.argv[1:] or [*TESTS], long_runs.begin()
    shutil.rmtree(RECORDED, ignore_errors=True)
    Console(stderr=True).print(f"Running {' '.join(tests)} on the instrumented contracts ...")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.reach.recorder"]
    outcome = subprocess.run([*command, "-n", "2", "--dist", "loadfile", *tests], cwd=ROOT)
    reached, ran = _merged()
    console = Console() if sys.stdout.isatty() else Console(width=130)
    missing = _show_symbols(console, reached)
    files = _show_lines(console, instrumented().statements, ran)
    passed = not missing and outcome.returncode == 0
    _write(started, passed, reached, missing, files)
    Console(stderr=True).print("Written to reports/reach.json")
    for symbol in missing:
        console.print(f"[red]reached by no test:[/red] {symbol}", highlight=False)
    return 0 if passed else 1


def _merged() -> tuple[Reached, set[int]]:
    reached: defaultdict[str, dict[str, list[int]]] = defaultdict(dict)
    ran: set[int] = set()
    for path in RECORDED.glob("*.json"):
        content = json.loads(path.read_text())
        ran.update(content["statements"])
        for symbol, tests in content["reached"].items():
            for test, counts in tests.items():
                known = reached[symbol].get(test, [0, 0])
                reached[symbol][test] = [a + b for a, b in zip(known, counts, strict=True)]
    return reached, ran


def _show_symbols(console: Console, reached: Reached) -> list[str]:
    """The table. What no test reaches is the answer."""
    missing = []
    for kind, symbols in SYMBOLS.all().items():
        table = Table(kind, "tests", "done", "refused", "such as", title=f"Every {kind}")
        for column in table.columns[1:4]:
            column.justify = "right"
        for symbol in symbols:
            tests = reached.get(symbol, {})
            if not tests:
                missing.append(f"{kind} {symbol}")
            done, refused = (sum(counts[i] for counts in tests.values()) for i in range(2))
            table.add_row(
                _short(symbol),
                str(len(tests)) if tests else "[red]none[/red]",
                f"{done:,}",
                f"{refused:,}" if kind == "function" else "",
                min(tests, key=len).removeprefix("tests/") if tests else "",
            )
        console.print(table, highlight=False)
    return missing


def _short(symbol: str) -> str:
    """Without the arguments, which make rows long and tell nothing here."""
    return symbol.partition("(")[0]


def _show_lines(
    console: Console, statements: tuple[Statement, ...], ran: set[int]
) -> dict[str, Any]:
    """By file: lines and statements that ran. The lines that did not are the answer."""
    table = Table("file", "lines", "", "statements", "", "lines not run", title="Lines")
    for column in table.columns[1:5]:
        column.justify = "right"
    files: dict[str, Any] = {}
    for file in sorted({each.file for each in statements}):
        of_file = [n for n, each in enumerate(statements) if each.file == file]
        files[file] = _counted(statements, of_file, ran)
        _add_row(table, file.removeprefix("contracts/"), files[file])
    files["all"] = _summed(files)
    _add_row(table, "all", files["all"])
    console.print(table, highlight=False)
    return files


def _counted(
    statements: tuple[Statement, ...], numbers: list[int], ran: set[int]
) -> dict[str, Any]:
    """A line has run when every statement that begins on it, or goes on there, has."""
    by_line: defaultdict[int, list[bool]] = defaultdict(list)
    for number in numbers:
        each = statements[number]
        for line in range(each.first, each.last + 1):
            by_line[line].append(number in ran)
    return {
        "lines": len(by_line),
        "lines_run": sum(all(each) for each in by_line.values()),
        "statements": len(numbers),
        "statements_run": sum(number in ran for number in numbers),
        "not_run": sorted(line for line, each in by_line.items() if not all(each)),
    }


def _summed(files: dict[str, Any]) -> dict[str, Any]:
    fields = ("lines", "lines_run", "statements", "statements_run")
    return {name: sum(each[name] for each in files.values()) for name in fields} | {"not_run": []}


def _add_row(table: Table, name: str, counted: dict[str, Any]) -> None:
    cells = []
    for what in ("lines", "statements"):
        run, of = counted[f"{what}_run"], counted[what]
        cells += [f"{run}/{of}", f"{100 * run / of:.1f} %"]
    table.add_row(name, *cells, _ranges(counted["not_run"]))


def _ranges(lines: list[int]) -> str:
    """3, 5-8."""
    parts: list[list[int]] = []
    for line in lines:
        if parts and parts[-1][1] == line - 1:
            parts[-1][1] = line
        else:
            parts.append([line, line])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)


def _write(
    started: long_runs.Started,
    passed: bool,
    reached: Reached,
    missing: list[str],
    files: dict[str, Any],
) -> None:
    symbols = {
        kind: {symbol: sorted(reached.get(symbol, {})) for symbol in known}
        for kind, known in SYMBOLS.all().items()
    }
    of_all = files["all"]
    summary = {f"{kind}s": len(known) for kind, known in SYMBOLS.all().items()} | {
        "reached by no test": len(missing),
        "statements": of_all["statements"],
        "statements run": of_all["statements_run"],
    }
    report = {"missing": missing, "symbols": symbols, "coverage": files}
    long_runs.save("reach", started, passed=passed, summary=summary, **report)


if __name__ == "__main__":
    sys.exit(main())
