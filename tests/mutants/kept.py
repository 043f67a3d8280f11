"""What became of the mutants, in the tree: a run goes on where one ended, on another machine too.

A mutant is a hash of its key here. What is said of a file holds until that file changes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tools._solc import ROOT

from .mutant import Mutant
from .reached import digest
from .records import OPEN, Record, Records

SNAPSHOT = ROOT / "snapshots" / "mutants.json"
OUTCOMES = ("killed", "survived", OPEN, "invalid")
_LENGTH = 8  # hex digits of a hash: enough to tell the mutants of one file apart
_IN_A_LINE = 11


def keep(mutants: Iterable[Mutant], records: Records, path: Path = SNAPSHOT) -> None:
    """Writes what is known of these mutants, file by file."""
    content: dict[str, Any] = {}
    for mutant in mutants:
        if record := records.get(mutant):
            known = content.setdefault(mutant.file, {"digest": digest(mutant.file)})
            known.setdefault(record.outcome, []).append(_name(mutant))
    rows = {file: _shown(content[file]) for file in sorted(content)}
    path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def adopt(mutants: Iterable[Mutant], records: Records, path: Path = SNAPSHOT) -> None:
    """Adds what the tree knows of mutants that have no record here."""
    content = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    outcomes = {
        (file, name): outcome
        for file, known in content.items()
        if known["digest"] == digest(file)
        for outcome in OUTCOMES
        for name in " ".join(known.get(outcome, ())).split()
    }
    for mutant in mutants:
        outcome = outcomes.get((mutant.file, _name(mutant)))
        if outcome is not None and records.get(mutant) is None:
            records.add(mutant, Record(outcome, "", 0))


def _name(mutant: Mutant) -> str:
    return hashlib.sha256("\0".join(mutant.key).encode()).hexdigest()[:_LENGTH]


def _shown(known: dict[str, Any]) -> dict[str, Any]:
    """In lines of a few, so that a change is a few lines."""
    shown = {"digest": known["digest"]}
    for outcome in OUTCOMES:
        names = sorted(known.get(outcome, ()))
        lines = [names[n : n + _IN_A_LINE] for n in range(0, len(names), _IN_A_LINE)]
        if lines:
            shown[outcome] = [" ".join(line) for line in lines]
    return shown
