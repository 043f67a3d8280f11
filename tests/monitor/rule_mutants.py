"""Mutants of the alert rules: each threshold and each duration, halved and doubled."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from .support import MONITORING, run

RULES_FILE = MONITORING / "macrostrike.rules.yml"
TESTS_FILE = MONITORING / "macrostrike.rules.test.yml"
_NUMBER = re.compile(r"(?<=[<>=] )\d+(?:\.\d+)?(?:e\+?\d+)?")


def tried(promtool: str, folder: Path) -> Iterator[tuple[str, bool]]:
    """What was changed, and whether the rules' tests notice. `folder` is for changed files."""
    rules, tests = (
        yaml.safe_load(file.read_text(encoding="utf-8")) for file in (RULES_FILE, TESTS_FILE)
    )
    for alert, what, changed in _mutants(rules):
        own = [test for test in tests["tests"] if re.match(rf"{alert}\b", test["name"])]
        (folder / RULES_FILE.name).write_text(yaml.safe_dump(changed), encoding="utf-8")
        (folder / TESTS_FILE.name).write_text(yaml.safe_dump(tests | {"tests": own}))
        code, _ = run(promtool, "test", "rules", folder / TESTS_FILE.name)
        yield what, code != 0


def _mutants(rules: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The rules with one number halved or doubled: of which alert, and what was changed."""
    for index, rule in enumerate(rules["groups"][0]["rules"]):
        for factor in (0.5, 2):
            for place in _NUMBER.finditer(rule["expr"]):
                changed = copy.deepcopy(rules)
                number = f"{float(place[0]) * factor:.15g}"
                expression = rule["expr"][: place.start()] + number + rule["expr"][place.end() :]
                if float(place[0]):
                    changed["groups"][0]["rules"][index]["expr"] = expression
                    yield rule["alert"], f"{rule['alert']}: {expression}", changed
            for name in ("for", "keep_firing_for"):
                if name in rule:
                    changed = copy.deepcopy(rules)
                    duration = f"{round(int(rule[name].removesuffix('s')) * factor)}s"
                    changed["groups"][0]["rules"][index][name] = duration
                    yield rule["alert"], f"{rule['alert']}: {name} {duration}", changed
