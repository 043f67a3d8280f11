"""Proves the properties of the real libraries, and that each of them can be broken.

    python -m tests.prove
    python -m tests.prove --only nonce      those with this in their names

Prints a table with the bounds of each, writes reports/prove.json, and fails where something is not
proven, or a mutant is not refuted.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

from rich.console import Console
from rich.table import Table

from .. import long_runs
from .properties import BEYOND, PROPERTIES, Property
from .prover import Verdict, lemmas, mutate, prepare, prove, sources

_Row = dict[str, Any]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.prove")
    parser.add_argument("--only", default="", help="part of the properties' names")
    only = parser.parse_args().only
    wanted = [each for each in PROPERTIES if only in each.name]
    reported, started = Console(stderr=True), long_runs.begin()
    with reported.status("installing the prover ...") as status:
        prepare()
        sources()
        status.update("proving ...")
        proven = prove(wanted)
        status.update("lemmas ...")
        known = lemmas()
        mutants: dict[str, Verdict] = {}
        for together in _rounds(wanted):
            status.update(f"mutants: {len(mutants)} of {len(wanted)} ...")
            sources()
            for each in together:
                mutate(each)
            mutants |= prove(together)
    rows = [_row(each, proven[each.name], mutants[each.name]) for each in wanted]
    _show(Console() if sys.stdout.isatty() else Console(width=180), rows, known)
    summary = {
        "properties proven": sum(row["verdict"] == "proven" for row in rows),
        "mutants refuted": sum(row["mutant"] == "refuted" for row in rows),
        "lemmas proven": sum(lemma["proven"] for lemma in known),
    }
    passed = list(summary.values()) == [len(rows), len(rows), len(known)]
    report = {"properties": rows, "lemmas": known, "beyond": BEYOND}
    long_runs.save("prove", started, passed=passed, summary=summary, **report)
    reported.print("Written to reports/prove.json")
    return 0 if passed else 1


def _rounds(properties: Sequence[Property]) -> Iterator[list[Property]]:
    """One of each contract at a time: their mutants are in libraries of their own."""
    by_contract: defaultdict[str, list[Property]] = defaultdict(list)
    for each in properties:
        by_contract[each.contract].append(each)
    for together in zip_longest(*by_contract.values()):
        yield [each for each in together if each is not None]


def _row(each: Property, proven: Verdict, mutant: Verdict) -> _Row:
    return {
        "property": f"{each.contract}.{each.name}",
        "says": each.says,
        "bounds": each.bounds,
        "verdict": proven.word,
        "paths": proven.paths,
        "seconds": proven.seconds,
        "mutant": mutant.word,
        "changed": f"{each.file}: {each.new}",
    }


def _show(
    console: Console, rows: Sequence[dict[str, Any]], known: Sequence[dict[str, Any]]
) -> None:
    table = Table(title="Properties, on the real libraries, and a mutant of each")
    for column in ("property", "for", "", "paths", "s", "mutant"):
        table.add_column(column, justify="right" if column in ("paths", "s") else "left")
    for row in rows:
        cells = (row["says"], row["bounds"], row["verdict"], row["paths"], row["seconds"])
        table.add_row(*map(str, cells), row["mutant"])
    for lemma in known:
        verdict = "proven" if lemma["proven"] else "no answer"
        cells = (f"lemma: {lemma['says']}", lemma["bounds"], verdict, "", str(lemma["seconds"]), "")
        table.add_row(*cells)
    console.print(table)
    console.print("Beyond the solver:")
    for each in BEYOND:
        console.print(f"- {each}", highlight=False)


if __name__ == "__main__":
    sys.exit(main())
