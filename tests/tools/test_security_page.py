"""docs/security.md names tests that there are, and leaves no finding and no property out."""

from __future__ import annotations

import ast
import json
import re

from tools._solc import ROOT

from .. import long_runs

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)


def test_each_named_test_is_there() -> None:
    assert len(NAMED) > 60
    missing = [f"{path}::{name}" for path, name in NAMED if name not in names_in(path)]
    assert not missing


def test_no_finding_and_no_property_is_left_out() -> None:
    rows = re.findall(r"^\| ([SAF]?\d+) \|", PAGE, re.MULTILINE)
    wanted = [f"{n}" for n in range(1, 17)]
    wanted += [f"S{n}" for n in range(1, 23)] + [f"F{n}" for n in range(1, 15)]
    wanted += [f"A{n}" for n in range(1, 12)]
    assert rows == wanted


def test_the_worst_cases_are_those_that_the_search_found_last() -> None:
    kept = json.loads(long_runs.SNAPSHOT.read_text(encoding="utf-8"))
    for role, worst in kept.get("thefts", {"summary": {}})["summary"].items():
        assert role == "tries a role" or re.search(
            rf"^\| {role} \|.*\| {re.escape(worst)} \|$", PAGE, re.MULTILINE
        )


def names_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
