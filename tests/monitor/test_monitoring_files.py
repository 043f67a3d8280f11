"""What Prometheus is given: written from the table of alerts, checked by its own tools, and tested
so that each threshold and each duration, halved or doubled, is noticed."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.monitor.support import MONITORING, run, tool
from tools.alert_rules import rules_file

RULES_FILE = MONITORING / "macrostrike.rules.yml"
TESTS_FILE = MONITORING / "macrostrike.rules.test.yml"
NUMBER = re.compile(r"(?<=[<>=] )\d+(?:\.\d+)?(?:e\+?\d+)?")


def test_the_rules_are_what_the_table_gives() -> None:
    assert RULES_FILE.read_text() == rules_file()


def test_promtool_accepts_the_rules() -> None:
    code, output = run(tool("promtool", "prometheus"), "check", "rules", RULES_FILE)
    assert code == 0, output


def test_the_alerts_do_what_their_tests_say() -> None:
    code, output = run(tool("promtool", "prometheus"), "test", "rules", TESTS_FILE)
    assert code == 0, output


def mutants(rules: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The rules with one number halved or doubled: of which alert, and what was changed."""
    for index, rule in enumerate(rules["groups"][0]["rules"]):
        for factor in (0.5, 2):
            for place in NUMBER.finditer(rule["expr"]):
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


def test_every_threshold_and_duration_matters(tmp_path: Path) -> None:
    promtool = tool("promtool", "prometheus")
    rules, tests = (yaml.safe_load(file.read_text()) for file in (RULES_FILE, TESTS_FILE))
    tried, missed = 0, []
    for alert, what, changed in mutants(rules):
        own = [test for test in tests["tests"] if re.match(rf"{alert}\b", test["name"])]
        (tmp_path / RULES_FILE.name).write_text(yaml.safe_dump(changed))
        (tmp_path / TESTS_FILE.name).write_text(yaml.safe_dump(tests | {"tests": own}))
        code, _ = run(promtool, "test", "rules", tmp_path / TESTS_FILE.name)
        tried += 1
        if code == 0:
            missed.append(what)
    assert missed == []
    thresholds, guards, holds, keeps = 13, 4, 14, 15
    assert tried == 2 * (thresholds + guards + holds + keeps)
