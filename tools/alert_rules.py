"""Writes Prometheus' rules from the monitor's own table of alerts.

python -m tools.alert_rules --check    compares with monitoring/macrostrike.rules.yml
python -m tools.alert_rules --write    rewrites it
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

import yaml

from macrostrike.monitor.rules import RULES, Rule
from tools._solc import ROOT

FILE = ROOT / "monitoring" / "macrostrike.rules.yml"
HEADER = """\
# Written by `python -m tools.alert_rules --write` from macrostrike/monitor/rules.py: edit that.
"""


def entry(rule: Rule) -> dict[str, Any]:
    """One rule as Prometheus wants it."""
    entry: dict[str, Any] = {"alert": rule.name, "expr": rule.promql()}
    if rule.hold:
        entry["for"] = f"{rule.hold}s"
    return entry | {
        "keep_firing_for": f"{rule.keep}s",
        "labels": {"severity": rule.severity.value},
        "annotations": {
            "summary": rule.summary.replace("{value}", rule.unit.template),
            "remedy": rule.remedy,
        },
    }


def rules_file() -> str:
    """The whole file."""
    groups = [{"name": "macrostrike", "interval": "15s", "rules": [entry(rule) for rule in RULES]}]
    text: str = yaml.safe_dump({"groups": groups}, sort_keys=False, width=240, allow_unicode=True)
    return HEADER + text


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--check", action="store_true", help="fail where the file differs")
    action.add_argument("--write", action="store_true", help="rewrite the file")
    if parser.parse_args().write:
        FILE.parent.mkdir(exist_ok=True)
        FILE.write_text(rules_file(), encoding="utf-8")
        return 0
    if FILE.exists() and FILE.read_text(encoding="utf-8") == rules_file():
        return 0
    print(f"{FILE.relative_to(ROOT)} is not what the table of alerts says: run `make snapshots`.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
