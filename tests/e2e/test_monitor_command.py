"""`ape run monitor` on a real anvil: once, as checks, and as a service until it is interrupted."""

from __future__ import annotations

import json
import re
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from macrostrike.chain import AnvilTransport
from macrostrike.journal import ChangeKind, IntentState, Journal
from macrostrike.testing import deploy_world
from tests.monitor.desk import Desk

from .support import is_running, run, start


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("deployment") / "macrostrike.json"


@pytest.fixture(scope="module")
def desk(url: str, manifest: Path) -> Iterator[Desk]:
    """Three strikes settled, one open; the journal is where it is by default."""
    with Journal.open(manifest.with_suffix(".sqlite")) as journal:
        desk = Desk(deploy_world(AnvilTransport(url)), journal)
        desk.world.manifest.save(manifest)
        desk.trade(True, True, False)
        desk.open()
        yield desk


@pytest.fixture
def command(desk: Desk, manifest: Path, url: str) -> list[str]:
    return ["run", "monitor", "--network", f"ethereum:local:{url}", "--manifest", str(manifest)]


def json_of(output: str) -> Any:
    """The JSON in a command's output, which begins a line."""
    return json.loads(output[re.search(r"^[{\[]", output, re.MULTILINE).start() :])  # type: ignore[union-attr]


def test_once_prints_the_figures_and_syncs_the_journal(command: list[str], desk: Desk) -> None:
    code, output = run(*command, "--once", "--json")
    assert code == 0, output
    document = json_of(output)
    assert document["headline"]["equity"] == desk.client.stats().equity / 1e6
    assert document["deployment"]["synced_block"] == desk.world.transport.block_number()
    costs = document["costs"]
    assert 0 < costs["gas"] < costs["fees"]


def test_a_check_that_fails_is_the_exit_code(command: list[str], desk: Desk) -> None:
    desk.send(*[IntentState.CONFIRMED] * 50, IntentState.REJECTED)
    code, output = run(*command, "--check", "--json")
    assert code == 1, output
    assert {check["name"]: check["verdict"] for check in json_of(output)} == {
        "first 100 trades": "not yet",
        "win rate": "not yet",
        "gas costs": "not yet",
        "capital against the books": "pass",
        "error rate": "fail",
        "errors in the log": "not yet",
    }


def test_it_serves_until_it_is_interrupted_and_says_of_alerts(
    command: list[str], desk: Desk
) -> None:
    process = start(*command, "--port", "0", "--every", "0.2")
    assert process.stdout is not None
    line = next(line for line in process.stdout if "The page:" in line)
    page = re.search(r"http://127\.0\.0\.1:\d+/", line)[0]  # type: ignore[index]
    desk.journal.record_change(ChangeKind.STATE, "loop", "halted", cause="told to")
    reported = json.loads(next(line for line in process.stdout if line.startswith("{")))
    assert (reported["alert"], reported["status"]) == ("Halted", "firing")
    with urllib.request.urlopen(page + "metrics", timeout=10) as answer:
        assert b"macrostrike_open_strikes 1.0" in answer.read()

    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=30)
    # Halted is what it leaves behind, and the exit code says so.
    assert process.returncode == 3, rest
    assert "Traceback" not in rest
    assert not is_running(process.pid)


def test_an_unknown_outcome_is_the_exit_code(command: list[str], desk: Desk) -> None:
    desk.journal.record_change(ChangeKind.STATE, "loop", "running", cause="told to")
    desk.send(IntentState.UNKNOWN)
    code, output = run(*command, "--once")
    assert code == 4, output
    assert "2 of 3" in output


def test_a_manifest_that_is_not_there_is_said(command: list[str], tmp_path: Path) -> None:
    code, output = run(*command[:-1], str(tmp_path / "none.json"), "--once")
    assert code == 1
    assert "`ape run deploy` writes it" in output
    assert "Traceback" not in output
