"""What Prometheus is given: written from the table of alerts, checked by its own tools, and tested
so that each threshold and each duration, halved or doubled, is noticed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from macrostrike.monitor.rules import RULES
from macrostrike.monitor.samples import METRICS, PREFIX
from tests.monitor.rule_mutants import RULES_FILE, TESTS_FILE, tried
from tests.monitor.support import MONITORING, run, tool
from tools.alert_rules import rules_file

pytestmark = pytest.mark.long

ROOT = MONITORING.parent


def test_the_rules_are_what_the_table_returns() -> None:
    assert RULES_FILE.read_text() == rules_file()


def test_promtool_accepts_the_rules() -> None:
    code, output = run(tool("promtool", "prometheus"), "check", "rules", RULES_FILE)
    assert code == 0, output


def test_the_alerts_do_what_their_tests_say() -> None:
    code, output = run(tool("promtool", "prometheus"), "test", "rules", TESTS_FILE)
    assert code == 0, output


def test_promtool_accepts_the_scrape_config() -> None:
    code, output = run(
        tool("promtool", "prometheus"), "check", "config", MONITORING / "prometheus.yml"
    )
    assert code == 0, output


def test_amtool_accepts_the_routes_and_sends_each_severity_its_way() -> None:
    amtool, file = tool("amtool", "prometheus-alertmanager"), MONITORING / "alertmanager.yml"
    code, output = run(amtool, "check-config", file)
    assert code == 0, output
    for severity, receiver in (("critical", "critical"), ("warning", "warnings")):
        _, output = run(
            amtool, "config", "routes", "test", f"--config.file={file}", f"severity={severity}"
        )
        assert receiver in output.splitlines()


def test_inhibitions_name_alerts_that_exist() -> None:
    names = {rule.name for rule in RULES}
    config = yaml.safe_load((MONITORING / "alertmanager.yml").read_text())
    for rule in config["inhibit_rules"]:
        for matcher in rule["source_matchers"] + rule["target_matchers"]:
            assert matcher.removeprefix("alertname=").strip('"') in names


def test_grafana_asks_for_metrics_that_exist(tmp_path: Path) -> None:
    """Each expression is one that Prometheus can parse, too."""
    board = json.loads((MONITORING / "grafana.json").read_text())
    known = {f"{PREFIX}{name}" for name in METRICS}
    known |= {f"{PREFIX}{n}_bucket" for n, metric in METRICS.items() if metric.kind == "histogram"}
    expressions = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    assert len(expressions) >= 25
    for expression in expressions:
        assert set(re.findall(rf"{PREFIX}\w+", expression)) <= known
    records = [{"record": f"panel:{i}", "expr": each} for i, each in enumerate(expressions)]
    file = tmp_path / "panels.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": records}]}))
    code, output = run(tool("promtool", "prometheus"), "check", "rules", file)
    assert code == 0, output


@pytest.mark.parametrize("unit", ["monitor", "watchdog", "loop", "settler", "intake"])
def test_systemd_accepts_the_units(unit: str) -> None:
    analyze = tool("systemd-analyze", "systemd")
    _, output = run(analyze, "verify", "--man=no", MONITORING / f"macrostrike-{unit}.service")
    # Its paths are those of another machine.
    lines = [line for line in output.splitlines() if "macrostrike" in line]
    assert all("is not executable" in line or "No such file" in line for line in lines), output


def test_the_container_is_made_of_files_that_are_there() -> None:
    """It is not built here: no registry of images can be reached."""
    lines = (ROOT / "Containerfile").read_text().replace("\\\n", " ").splitlines()
    steps = [line.split() for line in lines if line and not line.startswith("#")]
    copied = [each for verb, *words in steps if verb == "COPY" for each in words[:-1]]
    own = [each for each in copied if not each.startswith(("--", "/"))]
    assert {"macrostrike", "contracts", "requirements.lock", "package-lock.json"} <= set(own)
    for each in own:
        assert (ROOT / each).exists(), each
    # What `make build` runs, and what it imports, is among them.
    assert {"Makefile", "tools", "foundry.toml", "ape-config.yaml"} <= set(own)
    bases = {words[0] for verb, *words in steps if verb == "FROM"}
    assert bases == {"python:3.11-slim-bookworm"}
    users = [words for verb, *words in steps if verb == "USER"]
    assert users == [["macrostrike"]]
    ignored = (ROOT / ".containerignore").read_text().split()
    assert {".git", ".venv", ".ape", "**/*.sqlite*", "**/*.env"} <= set(ignored)


def test_every_threshold_and_duration_matters(tmp_path: Path) -> None:
    outcomes = [*tried(tool("promtool", "prometheus"), tmp_path)]
    assert [what for what, is_noticed in outcomes if not is_noticed] == []
    thresholds, guards, holds, keeps = 13, 4, 14, 15
    assert len(outcomes) == 2 * (thresholds + guards + holds + keeps)
