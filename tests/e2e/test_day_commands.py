"""`ape run loop` and `ape run strike` on a real anvil, in processes of their own."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from macrostrike import MacroStrike
from macrostrike.chain import AnvilTransport, start_anvil
from macrostrike.journal import ChangeKind, Journal
from macrostrike.testing import World, deploy_world

from .support import is_running, run, start


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with start_anvil() as url:
        yield url


@pytest.fixture(scope="module")
def world(url: str) -> World:
    return deploy_world(AnvilTransport(url, block_time=1))


@pytest.fixture
def at(url: str, world: World, tmp_path: Path) -> list[str]:
    world.manifest.save(tmp_path / "macrostrike.json")
    return ["--network", f"ethereum:local:{url}", "--manifest", str(tmp_path / "macrostrike.json")]


def test_a_strike_by_hand(at: list[str], world: World) -> None:
    code, output = run("run", "strike", *at, "StrongLong", "--strategy", "Momentum")
    assert code == 0, output
    assert re.search(r"StrongLong of model 0, claimed 95 %: struck as #1, 5 bots", output)
    assert MacroStrike(world.transport, world.diamond).open_strikes() == (1,)
    code, output = run("run", "revoke", *at, "operator", world.operator.address)
    assert code == 0, output
    code, output = run("run", "strike", *at, "Long")
    assert code == 1
    assert "NotOperator" in output
    assert "Traceback" not in output


def test_the_loop_plays_minutes_until_it_is_told_to_stop(at: list[str], tmp_path: Path) -> None:
    process = start("run", "loop", *at, "--minutes-per-second", "0")
    assert process.stdout is not None
    for output in process.stdout:
        if "running: nothing stands against it" in output:
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
