"""`ape run loop` and `ape run strike` on a real anvil, in processes of their own."""

from __future__ import annotations

import re
import signal
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from macrostrike import MacroStrike
from macrostrike.chain import AnvilTransport
from macrostrike.engine import Forecast, IntakeClient
from macrostrike.journal import ChangeKind, Journal
from macrostrike.signing import sign_prediction
from macrostrike.testing import World, deploy_world
from macrostrike.types import Signal

from .support import ROOT, free_port, is_running, run, start
from .test_readme import blocks


@pytest.fixture(scope="module")
def world(url: str) -> World:
    return deploy_world(AnvilTransport(url, block_time=1))


@pytest.fixture
def at(url: str, world: World, tmp_path: Path) -> list[str]:
    world.manifest.save(tmp_path / "macrostrike.json")
    return ["--network", f"ethereum:local:{url}", "--manifest", str(tmp_path / "macrostrike.json")]


def test_a_prediction_by_http_becomes_a_strike(at: list[str], world: World, tmp_path: Path) -> None:
    port = free_port()
    process = start("run", "intake", *at, "--port", str(port))
    try:
        intake = IntakeClient(f"http://127.0.0.1:{port}")
        _await(intake)
        forecast = Forecast(
            signal=Signal.LONG,
            confidence_bps=9500,
            model_id=5,
            horizon=3600,
            take_profit_bps=30,
            stop_loss_bps=200,
            valid_seconds=600,
        )
        client = MacroStrike(world.transport, world.diamond)
        prediction = forecast.prediction(
            engine=world.engine.address,
            nonce=client.next_nonce(world.engine.address),
            now=world.transport.timestamp(),
        )
        chain_id = world.transport.chain_id
        signature = sign_prediction(prediction, world.engine, chain_id, world.diamond)
        digest = intake.send(prediction, signature)["digest"]
        code, output = run("run", "loop", *at, "--without-engine", "--once")
        assert code == 0, output
        assert f"{digest[2:18]}  Long of model 5, claimed 95 %: struck as #" in output
        outcome = intake.outcome(digest)
        assert (outcome["decision"], outcome["strike"]["status"]) == ("struck", "open")
    finally:
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0, rest
    assert "Traceback" not in rest
    assert not is_running(process.pid)


def test_the_snippets_of_an_engine_work_as_they_stand(
    at: list[str], url: str, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of the README, then that of docs/how-to/run-the-loop.md: in one Python, as they say."""
    monkeypatch.chdir(tmp_path)
    world.manifest.save(tmp_path / "deployments" / "local" / "macrostrike.json")
    port, python = free_port(), dict[str, Any]()
    pages = (ROOT / "README.md", ROOT / "docs" / "how-to" / "run-the-loop.md")
    first, second = (
        block.text.replace("http://127.0.0.1:8545", url).replace("9465", str(port))
        for page in pages
        for block in blocks(page.read_text(encoding="utf-8"))
        if block.language == "python"
    )
    exec(first, python)
    process = start("run", "intake", *at, "--port", str(port))
    try:
        _await(IntakeClient(f"http://127.0.0.1:{port}"))
        exec(second, python)
        digest = python["outcome"]["digest"]
        assert python["intake"].outcome(digest)["decision"] == "pending"
        code, output = run("run", "loop", *at, "--without-engine", "--once")
        assert code == 0, output
        assert python["intake"].outcome(digest)["decision"] == "struck"
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def _await(intake: IntakeClient) -> None:
    for _ in range(600):
        try:
            intake.queue()
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the intake does not answer")


def test_the_loop_plays_minutes_until_it_is_said_to_stop(at: list[str], tmp_path: Path) -> None:
    process = start("run", "loop", *at, "--minutes-per-second", "0")
    assert process.stdout is not None
    for output in process.stdout:
        if "running: nothing prevents it" in output:
            break
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0, rest
    assert not is_running(process.pid)
    assert "Traceback" not in rest
    with Journal.open(tmp_path / "macrostrike.sqlite") as journal:
        states = journal.changes(kind=ChangeKind.STATE, name="loop")
        assert [each.value for each in states] == ["running"]
        assert all(each.ended_at for each in journal.runs())


def test_a_strike_by_hand_until_the_operator_is_revoked(at: list[str], world: World) -> None:
    # The loop before was stopped after any move of the price: the oracle's mean has to follow.
    world.transport.mine(3600)
    code, output = run("run", "strike", *at, "StrongLong", "--strategy", "Momentum")
    assert code == 0, output
    assert re.search(r"StrongLong of model 0, claimed 95 %: struck as #\d+, 5 bots", output)
    code, output = run("run", "revoke", *at, "operator", world.operator.address)
    assert code == 0, output
    code, output = run("run", "strike", *at, "Long")
    assert code == 1
    assert "NotOperator" in output
    assert "Traceback" not in output
