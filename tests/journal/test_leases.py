"""One process at a time writes what an account sends, and one that was asleep can't any more."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from macrostrike.journal import Journal, LeaseLost, LeaseTaken

from .test_store import intent

ROOT = Path(__file__).parents[2]
HOLD = """
import sys, time
from macrostrike.journal import Journal
with Journal.open(sys.argv[1]) as journal:
    print(journal.lease("lane", seconds=float(sys.argv[2])).generation, flush=True)
    time.sleep(60)
"""


@contextmanager
def other_process(location: str, seconds: float) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lease."""
    command = [sys.executable, "-c", HOLD, location, str(seconds)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip()
        yield process
    finally:
        process.kill()
        process.wait()


def test_what_is_written_under_a_lease_is_written(journal: Journal) -> None:
    lease = journal.lease("lane")
    assert journal.prepare([intent(1)], lease) == journal.intents()


def test_another_process_is_refused_while_the_lease_runs(location: str, journal: Journal) -> None:
    with other_process(location, 60) as process:
        with pytest.raises(LeaseTaken) as refused:
            journal.lease("lane")
        assert f":{process.pid}:" in refused.value.holder
        assert 0 < refused.value.seconds <= 60
        assert journal.lease("another lane").generation == 1


def test_a_process_that_was_killed_holds_nothing(location: str, journal: Journal) -> None:
    with other_process(location, 600) as process:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert journal.lease("lane").generation == 2


def test_a_lease_ends_without_a_sign_of_its_holder(location: str, journal: Journal) -> None:
    with other_process(location, 0.2):
        time.sleep(0.3)
        assert journal.lease("lane").generation == 2


def test_a_holder_that_is_overtaken_writes_nothing(location: str, journal: Journal) -> None:
    """However long it slept: the generation decides, not the clock."""
    lease = journal.lease("lane")
    with Journal.open(location) as other:
        newer = other.lease("lane")
        assert newer.generation == lease.generation + 1
        with pytest.raises(LeaseLost):
            journal.prepare([intent(1)], lease)
        assert journal.intents() == []
        other.prepare([intent(1)], newer)


def test_writing_prolongs_a_lease(location: str, journal: Journal) -> None:
    lease = journal.lease("lane", seconds=600)
    with journal._database.write() as connection:
        connection.execute(text("UPDATE leases SET expires_at = 1"))
    journal.prepare([intent(1)], lease)
    script = HOLD.replace("time.sleep(60)", "")
    ended = subprocess.run(
        [sys.executable, "-c", script, location, "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "LeaseTaken" in ended.stderr


def test_a_lease_that_was_given_back_is_free(location: str, journal: Journal) -> None:
    lease = journal.lease("lane", seconds=600)
    journal.release(lease)
    with other_process(location, 600):
        with pytest.raises(LeaseLost):
            journal.prepare([intent(1)], lease)
        journal.release(lease)  # no longer its own: the other keeps it
        with pytest.raises(LeaseTaken):
            journal.lease("lane")
