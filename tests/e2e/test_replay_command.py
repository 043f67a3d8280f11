"""`ape run replay`: the scenario's table, a market's report, and its receipt."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from macrostrike.market import synthetic_market

from .support import run

MINUTES = 300


@pytest.fixture(scope="module")
def prices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "minutes.csv"
    rows = (
        f"{bar.timestamp},{bar.open},{bar.high},{bar.low},{bar.close}"
        for bar in synthetic_market(5, MINUTES).bars
    )
    path.write_text("\n".join(["timestamp,open,high,low,close", *rows]) + "\n")
    return path


@pytest.fixture(scope="module")
def out(prices: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("reports")
    code, output = run("run", "replay", "--prices", str(prices), "--out", str(folder))
    assert code == 0, output
    return folder, output


def test_the_scenario_is_the_reference_runs_table(out: tuple[Path, str]) -> None:
    _, output = out
    for name, value in (
        ("Total trades", "1,500"),
        ("Successful", "1,395"),
        ("Profit", r"\$440,000"),
        ("Best trade", r"\$2,450"),
        ("Strong signals", "847 of 900, 94.1 %"),
        ("Momentum", "92.1 %"),
    ):
        assert re.search(rf"│ +{name} +│ +{value} │ +{value}", output), name
    assert "Outcomes are scripted" in output or "scripted outcomes" in output


def test_report_page_and_trial_are_written(out: tuple[Path, str]) -> None:
    folder, output = out
    report = json.loads((folder / "replay.json").read_text())
    assert report["scenario"]["profit"] == 440_000
    assert report["minutes"] == MINUTES
    assert report["receipt"]["hash"] in (folder / "replay.html").read_text()
    assert len((folder / "trials.jsonl").read_text().splitlines()) == 1
    # Four days are too few for the engine's first fit.
    assert "No strike was settled" in output


def test_a_receipt_is_run_again(prices: Path, out: tuple[Path, str], tmp_path: Path) -> None:
    recorded = out[0] / "replay.json"
    code, output = run("run", "replay", "--prices", str(prices), "--verify", str(recorded))
    assert code == 0, output
    assert "The same, to the unit" in output

    report = json.loads(recorded.read_text())
    report["receipt"]["books"] = "00" * 32
    forged = tmp_path / "forged.json"
    forged.write_text(json.dumps(report))
    code, output = run("run", "replay", "--prices", str(prices), "--verify", str(forged))
    assert code == 1
    assert "another run than the receipt's: books:" in output


def test_a_sweep_is_judged_by_all_trials(prices: Path, tmp_path: Path) -> None:
    plan = tmp_path / "sweep.yaml"
    plan.write_text("engine: {kind: noise, seed: [1, 2, 3], every: 20}\n")
    where = ["--workers", "0", "--out", str(tmp_path)]
    command = ["run", "replay", "--prices", str(prices), "--sweep", str(plan), *where]
    code, output = run(*command)
    assert code == 0, output
    assert "The best of 3 trials" in output
    found = json.loads((tmp_path / "sweep.json").read_text())
    assert found["trials"] == found["registered"]["count"] == 3
    assert (tmp_path / "sweep.parquet").exists()
    plan.write_text("engine: {kindd: noise}\n")
    code, output = run(*command)
    assert code == 1
    assert "engine has no kindd: is kind meant" in output


def test_a_registry_that_was_touched_is_refused(prices: Path, tmp_path: Path) -> None:
    (tmp_path / "trials.jsonl").write_text('{"data": "gone"}\n')
    code, output = run("run", "replay", "--prices", str(prices), "--out", str(tmp_path))
    assert code == 1
    assert "trials.jsonl, line 1: the chain of trials is broken" in output
    assert not (tmp_path / "replay.json").exists()
