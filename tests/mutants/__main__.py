"""Tries mutants of the contracts on the tests.

    python -m tests.mutants                        all that were not tried yet
    python -m tests.mutants --minutes 30 --seed 2  a sample: what half an hour has time for
    python -m tests.mutants --first 2000           a sample: so many of the order that is drawn
    python -m tests.mutants --only LibFleet        of some files
    python -m tests.mutants --again survivors      those that survived, after new tests
    python -m tests.mutants --show                 the tables alone
    python -m tests.mutants --show --keep          and writes snapshots/mutants.json

Prints tables and survivors, writes reports/mutants.json, and fails where a mutant survived that
tests/mutants/judged.yaml gives no reason for. A run that is interrupted goes on where it was, and
another machine where snapshots/mutants.json was written.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console

from tools._solc import ROOT

from .. import long_runs
from ..monitor.rule_mutants import tried
from .compiler import CACHE, all_mutants, compiled
from .judged import judged, stale
from .kept import adopt, keep
from .mutant import Mutant
from .plan import spread
from .reached import missing
from .records import OPEN, Record, Records
from .report import report, show, summary

TESTS = ("tests/unit", "tests/security", "tests/client", "tests/stateful")


def main() -> int:
    options = _options()
    reported, started = Console(stderr=True), long_runs.begin()
    with reported.status("looking for mutants ..."):
        mutants = all_mutants()
    wanted = [each for each in mutants if options.only in each.file]
    records = Records.load(CACHE)
    adopt(mutants, records)
    random.Random(options.seed).shuffle(wanted)
    wanted = wanted[: options.first]
    if options.again:
        records.forget(each for each in wanted if _is_again(each, records, options.again))
    if not options.show:
        if files := missing(TESTS):
            reported.print(f"Recording which lines the tests of {len(files)} files run ...")
            _pytest("tests.mutants.reached", files)
        _try(reported, wanted, options)
    records = Records.load(CACHE)
    if options.keep:
        keep(mutants, records)
    counted = wanted if options.first else mutants
    content = report(counted, records) | {"stale": stale(mutants), "alerts": _alerts(reported)}
    show(Console() if sys.stdout.isatty() else Console(width=130), content)
    passed = not any(content[what] for what in ("survivors", "stale"))
    passed &= content["alerts"]["survived"] == []
    long_runs.save("mutants", started, passed=passed, summary=summary(content), **content)
    reported.print("Written to reports/mutants.json")
    return 0 if passed else 1


def _alerts(reported: Console) -> dict[str, Any]:
    """Mutants of the alert rules, each tried on the rules' own tests."""
    promtool = shutil.which("promtool")
    if promtool is None:
        reported.print("promtool is not installed: the alert rules' mutants are left out")
        return {"run": 0, "survived": []}
    with reported.status("the alert rules' mutants ..."), TemporaryDirectory() as folder:
        outcomes = [*tried(promtool, Path(folder))]
    return {"run": len(outcomes), "survived": [what for what, found in outcomes if not found]}


def _try(reported: Console, wanted: Sequence[Mutant], options: argparse.Namespace) -> None:
    """In batches, each with a compilation of its own; then what is open, in groups."""
    until = time.time() + 60 * options.minutes
    records = Records.load(CACHE)
    batches = _batches([each for each in wanted if records.get(each) is None], options.batch)
    for some, following in zip_longest(batches, batches[1:], fillvalue=()):
        if time.time() < until:
            with _compiling(reported, some, ahead=following):
                _work(some, options, until=until)
    records = Records.load(CACHE)
    waiting = [each for each in wanted if (known := records.get(each)) and known.outcome == OPEN]
    for some in _batches(spread(waiting), options.batch):
        with _compiling(reported, some):
            _work(some, options, is_grouped=True)


def _batches(mutants: Sequence[Mutant], size: int) -> list[Sequence[Mutant]]:
    return [mutants[first : first + size] for first in range(0, len(mutants), size)]


@contextmanager
def _compiling(
    reported: Console, some: Sequence[Mutant], ahead: Sequence[Mutant] = ()
) -> Iterator[None]:
    """With these compiled; those of the next batch meanwhile."""
    with reported.status(f"compiling {len(some)} mutants ..."):
        records = Records.load(CACHE)
        for each in compiled(some).invalid:
            if records.get(each) is None:
                records.add(each, Record("invalid", "", 0))
    with ThreadPoolExecutor(1) as compiler:
        if ahead:
            compiler.submit(compiled, ahead)
        yield


def _work(some: Sequence[Mutant], options: argparse.Namespace, **plan: Any) -> None:
    plan |= {"keys": [each.key for each in some]}
    plan |= {"jobs": options.jobs, "patience": options.patience}
    path = CACHE / "plan.json"
    path.write_text(json.dumps(plan), encoding="utf-8")
    _pytest("tests.mutants.worker", ["--mutants", path, "-s", "-p", "no:cacheprovider", *TESTS])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("--only", default="", help="part of the files' names")
    parser.add_argument(
        "--minutes", type=float, default=600, help="to start mutants in; groups come after"
    )
    parser.add_argument("--first", type=int, help="of the order in which they are tried")
    parser.add_argument("--seed", type=int, default=1, help="of the order in which they are tried")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time")
    parser.add_argument("--batch", type=int, default=500, help="mutants in one compilation")
    parser.add_argument("--patience", type=float, default=5, help="seconds of tests alone")
    parser.add_argument(
        "--again", choices=("all", "open", "survivors"), help="forget what became of them"
    )
    parser.add_argument("--show", action="store_true", help="tables alone")
    parser.add_argument("--keep", action="store_true", help="write snapshots/mutants.json")
    return parser.parse_args()


def _is_again(mutant: Mutant, records: Records, again: str) -> bool:
    record = records.get(mutant)
    if record is None:
        return False
    if again == "survivors":
        return record.outcome == "survived" and mutant.key not in judged()
    return again in ("all", record.outcome)


def _pytest(plugin: str, arguments: list[Any]) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", plugin, *arguments]
    if subprocess.run(command, cwd=ROOT).returncode not in (0, 1):
        raise SystemExit("the tests could not be run")


if __name__ == "__main__":
    sys.exit(main())
