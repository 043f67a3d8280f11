"""What the long runs found is kept with its commit; otherwise it is not evidence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .. import long_runs

GOOD = {"commit": "0" * 40, "date": "2026-01-01", "seconds": 1, "passed": True, "summary": {}}


def test_what_is_committed_is_evidence() -> None:
    kept = json.loads(long_runs.SNAPSHOT.read_text(encoding="utf-8"))
    assert long_runs.faults(kept) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, None),
        ({"passed": False}, "fuzz: it failed"),
        ({"commit": "0" * 40 + "+"}, "fuzz: it ran"),
    ],
)
def test_a_run_that_failed_or_is_of_no_commit_is_refused(
    changes: dict[str, object], fault: str | None
) -> None:
    found = long_runs.faults({"fuzz": GOOD | changes})
    assert [each.startswith(str(fault)) for each in found] == ([True] if fault else [])


def test_an_unknown_run_is_refused() -> None:
    assert long_runs.faults({"luck": GOOD}) == ["luck: there is no such run"]


def test_age_counts_commits_that_change_what_the_run_is_about() -> None:
    assert long_runs.age("fuzz", long_runs.begin().commit.rstrip("+")) == "up to date"
    assert long_runs.age("fuzz", "1" * 40) == "of a commit that is not in this history"


def test_a_report_says_what_it_is_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_runs, "ROOT", tmp_path)
    started = long_runs.Started("2" * 40, long_runs._now())
    path = long_runs.save("fuzz", started, passed=True, summary={"calls": 3}, seed=7)
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["seed"] == 7
    run = content["run"]
    assert (run["commit"], run["passed"], run["summary"]) == ("2" * 40, True, {"calls": 3})
