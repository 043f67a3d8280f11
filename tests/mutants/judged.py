"""Mutants that are judged to be no mistakes: the committed list, with reasons."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from .mutant import Mutant

FILE = Path(__file__).with_name("judged.yaml")


def judged() -> dict[tuple[str, ...], str]:
    """Reasons by the mutants' keys."""
    content = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {
        _key(each): " ".join(entry["reason"].split())
        for entry in content
        for each in entry["mutants"]
    }


def stale(mutants: Iterable[Mutant]) -> list[tuple[str, ...]]:
    """What the list has and the contracts no longer."""
    known = {mutant.key for mutant in mutants}
    return [key for key in judged() if key not in known]


def as_entry(mutant: Mutant) -> dict[str, Any]:
    """A mutant as the list has it."""
    file, function, operator, was, now, nth = mutant.key
    entry = {"file": file, "function": function, "operator": operator, "was": was, "now": now}
    return entry | ({"nth": int(nth)} if nth != "0" else {})


def _key(entry: dict[str, Any]) -> tuple[str, ...]:
    names = ("file", "function", "operator", "was", "now")
    return (*(str(entry[name]) for name in names), str(entry.get("nth", 0)))
