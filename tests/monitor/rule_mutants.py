"""Mutants of the alert rules: each threshold and each duration, halved and doubled."""

from __future__ import annotations

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
    """What was changed, and whether the rules' tests notice. `folder` is for changed files.

    Each alert is alone in its file, which the tests accept as long as it is not changed.
    """
    rules, tests = (
        yaml.safe_load(file.read_text(encoding="utf-8")) for file in (RULES_FILE, TESTS_FILE)
    )

    def is_noticed(rule: dict[str, Any], own: list[Any]) -> bool:
        alone = {"groups": [rules["groups"][0] | {"rules": [rule]}]}
        (folder / RULES_FILE.name).write_text(yaml.safe_dump(alone), encoding="utf-8")
        (folder / TESTS_FILE.name).write_text(yaml.safe_dump(tests | {"tests": own}))
        code, _ = run(promtool, "test", "rules", folder / TESTS_FILE.name)
        return code != 0

    for rule in rules["groups"][0]["rules"]:
        own = [test for test in tests["tests"] if re.match(rf"{rule['alert']}\b", test["name"])]
        assert not is_noticed(rule, own), rule["alert"]
        for what, changed in _mutants(rule):
            yield what, is_noticed(changed, own)


def _mutants(rule: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rule with one number halved or doubled, and what was changed."""
    for factor in (0.5, 2):
        for place in _NUMBER.finditer(rule["expr"]):
            number = f"{float(place[0]) * factor:.15g}"
            expression = rule["expr"][: place.start()] + number + rule["expr"][place.end() :]
            if float(place[0]):
                yield f"{rule['alert']}: {expression}", rule | {"expr": expression}
        for name in ("for", "keep_firing_for"):
            if name in rule:
                duration = f"{round(int(rule[name].removesuffix('s')) * factor)}s"
                yield f"{rule['alert']}: {name} {duration}", rule | {name: duration}
