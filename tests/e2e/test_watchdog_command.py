"""`ape run watchdog` and `ape run drill` on a real anvil: a loop that is killed is paused on chain
within five blocks, by a process that has no key."""

from __future__ import annotations

import os
import re
import signal
import stat
from pathlib import Path

import pytest

from macrostrike import MacroStrike
from macrostrike.chain import AnvilTransport
from macrostrike.journal import ChangeKind, Journal
from macrostrike.testing import World, deploy_world

from .support import is_running, run, start

pytestmark = pytest.mark.long

BLOCK_SECONDS = 2


@pytest.fixture(scope="module")
def world(url: str) -> World:
    """On a chain that mines by the clock once it is deployed."""
    chain = AnvilTransport(url)
    world = deploy_world(chain)
    chain.request("evm_setAutomine", False)
    chain.request("evm_setIntervalMining", BLOCK_SECONDS)
    return world


@pytest.fixture(scope="module")
def manifest(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("deployment") / "macrostrike.json"
    world.manifest.save(path)
    return path


@pytest.fixture
def where(url: str, manifest: Path) -> list[str]:
    return ["--network", f"ethereum:local:{url}", "--manifest", str(manifest)]


def is_paused(world: World) -> bool:
    return MacroStrike(world.transport, world.diamond).is_paused()


def test_a_drill_pauses_within_five_blocks_and_leaves_it_as_it_was(
    world: World, where: list[str]
) -> None:
    code, output = run("run", "drill", *where, "--for-real")
    assert code == 0, output
    blocks = int(re.search(r"Paused after 1 transactions and (\d+) blocks", output)[1])  # type: ignore[index]
    assert blocks <= 5
    assert "The owner has unpaused it" in output
    assert not is_paused(world)


def test_a_loop_that_is_killed_is_paused_on_chain(
    world: World, manifest: Path, where: list[str]
) -> None:
    code, output = run("run", "watchdog", *where, "--arm")
    assert code == 0, output
    ladder = manifest.with_suffix(".pause.json")
    assert stat.S_IMODE(ladder.stat().st_mode) == 0o600
    code, output = run("run", "drill", *where)
    assert code == 0, output

    dog = start("run", "watchdog", *where, "--after", "4", "--every", "0.2")
    loop = start("run", "loop", *where, "--without-engine")
    assert dog.stdout is not None
    assert next(line for line in dog.stdout if "watching" in line)
    assert not is_paused(world)

    os.killpg(loop.pid, signal.SIGKILL)
    loop.wait()
    assert next(line for line in dog.stdout if "firing" in line)
    fired = world.transport.block_number()
    assert next(line for line in dog.stdout if "the diamond is paused" in line)
    assert world.transport.block_number() - fired <= 5
    rest, _ = dog.communicate(timeout=30)
    assert dog.returncode == 3, rest
    assert is_paused(world)
    assert not is_running(dog.pid)
    with Journal.open(manifest.with_suffix(".sqlite")) as journal:
        said = [c.value for c in journal.changes(kind=ChangeKind.LOG) if c.cause == "watchdog"]
    assert "has not beaten" in said[0]

    # Its ladder is used up, and it says so instead of watching for nothing.
    code, output = run("run", "drill", *where)
    assert code == 1, output
    assert re.search(r"the guardian's nonce is unused\W+no", output)


def test_a_ladder_that_is_not_there_is_said(where: list[str], tmp_path: Path) -> None:
    code, output = run("run", "watchdog", *where, "--ladder", str(tmp_path / "none.json"))
    assert code == 1
    assert "`ape run watchdog --arm`" in output
    assert "Traceback" not in output
