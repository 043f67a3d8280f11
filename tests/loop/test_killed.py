"""A morning of minutes, the process killed again and again: nothing is lost, nothing doubled."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from macrostrike import MacroStrike
from macrostrike.chain import AnvilTransport, start_anvil
from macrostrike.journal import Decision, Journal, RunState
from macrostrike.manifest import Manifest
from macrostrike.testing import World, deploy_world

from .worker import minutes

pytestmark = pytest.mark.long

BARS = 240
KILLS = 4


def worker(url: str, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.loop.worker", url, str(folder), str(BARS)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_killed_in_the_middle_it_loses_and_doubles_nothing(tmp_path: Path) -> None:
    chance = random.Random(11)
    with start_anvil() as url:
        transport = AnvilTransport(url)
        world = deploy_world(transport, price=minutes(1).bars[0].close)
        world.manifest.save(tmp_path / "macrostrike.json")
        for _ in range(KILLS):
            process = worker(url, tmp_path)
            assert process.stdout is not None
            for _ in range(chance.randint(8, 24)):
                process.stdout.readline()
            # Anywhere in what comes next: signing, writing, sending, waiting.
            time.sleep(chance.uniform(0, 0.1))
            process.kill()
            process.wait()
            _resume(world)
        last = worker(url, tmp_path)
        output, _ = last.communicate(timeout=300)
        assert last.returncode == 0
        assert "Failed" not in output
        _require_whole(transport, world.manifest, tmp_path)


def _resume(world: World) -> None:
    """The predictor that goes on with the last minute loses, until a breaker halts the fleet."""
    owner = MacroStrike(world.transport, world.diamond, world.owner)
    if owner.stats().halted:
        owner.transact("resume")


def _require_whole(transport: AnvilTransport, manifest: Manifest, folder: Path) -> None:
    client = MacroStrike(transport, manifest.diamond)
    with Journal.open(folder / "journal.sqlite") as journal:
        journal.sync(transport, manifest.diamond, manifest.deployed_at)
        predictions, strikes = journal.predictions(), journal.strikes()
        ended = Counter(each.decision for each in predictions)
        assert ended[Decision.PENDING] == 0
        assert ended[Decision.STRUCK] == len(strikes) == client.stats().opened
        assert len(strikes) > 20
        assert sum(ended.values()) > BARS // 3
        # Each strike has one prediction, and each struck prediction has one strike.
        by_nonce = {(s.engine, s.engine_nonce): s.strike_id for s in strikes}
        assert len(by_nonce) == len(strikes)
        struck = [each for each in predictions if each.decision is Decision.STRUCK]
        assert {(p.engine, p.engine_nonce): p.strike_id for p in struck} == by_nonce
        runs = Counter(each.state for each in journal.runs(kind="loop"))
        assert runs.pop(RunState.CRASHED_RECOVERED) == KILLS
        assert sum(runs.values()) == 1
        assert journal.verify(client) == []
