"""A process is killed with signal 9 at each step on the way: one strike is opened all the same."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from macrostrike.chain import AnvilTransport, start_anvil
from macrostrike.client import MacroStrike
from macrostrike.errors import NonceUsed
from macrostrike.executor import Executor
from macrostrike.journal import IntentState, Journal
from macrostrike.testing import World

from . import child

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def _chain() -> Iterator[AnvilTransport]:
    with start_anvil() as url:
        yield AnvilTransport(url)


def run_until(step: str, world: World, journal: Path, valid_until: int) -> None:
    """A strike in a process of its own, which does not come to an end by itself."""
    chain = world.transport
    assert isinstance(chain, AnvilTransport)
    arguments = [chain.url, world.diamond, world.operator.address, world.engine.address]
    command = [sys.executable, "-m", child.__name__, *arguments]
    killed = subprocess.run(
        [*command, str(valid_until), str(journal), step], cwd=ROOT, timeout=60, check=False
    )
    assert killed.returncode == -signal.SIGKILL


@pytest.mark.parametrize("step", child.STEPS)
def test_one_prediction_is_one_strike(world: World, tmp_path: Path, step: str) -> None:
    path, valid_until = tmp_path / "journal.sqlite", world.transport.timestamp() + 86_400
    run_until(step, world, path, valid_until)
    with Journal.open(path) as journal:
        executor = Executor(world.transport, world.operator, journal)
        recovered = executor.recover()
        for each in recovered:
            assert executor.ticket(each.intent.hash).wait().succeeded
        client = MacroStrike(world.transport, world.diamond, sender=executor)
        prediction = child.prediction(world.engine.address, valid_until)
        # A loop that does not know whether its prediction was struck may just try.
        if step == "signed":
            assert recovered == []
            client.strike(prediction, world.engine)
        else:
            with pytest.raises(NonceUsed):
                client.strike(prediction, world.engine)
        assert client.stats().opened == 1
        (intent,) = journal.intents()
        assert intent.state is IntentState.CONFIRMED
        assert intent.engine_nonce == prediction.nonce
        journal.sync(world.transport, world.diamond, world.manifest.deployed_at)
        assert journal.verify(client) == []
        assert journal.strike(1).opened_tx == intent.hash


def test_a_process_that_is_killed_again_and_again(world: World, tmp_path: Path) -> None:
    """Each one recovers what those before it have left."""
    path, valid_until = tmp_path / "journal.sqlite", world.transport.timestamp() + 86_400
    run_until("journaled", world, path, valid_until)
    # Dies within its own recovery, when it has sent the same bytes.
    run_until("recovering", world, path, valid_until)
    with Journal.open(path) as journal:
        executor = Executor(world.transport, world.operator, journal)
        executor.recover()
        (intent,) = journal.intents()
        assert executor.ticket(intent.hash).wait().succeeded
        client = MacroStrike(world.transport, world.diamond, sender=executor)
        assert client.stats().opened == 1
