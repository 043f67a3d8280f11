"""A journal that can't be written stops the executor before it sends; and what is never in it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from macrostrike.chain import AnvilTransport
from macrostrike.executor import Executor
from macrostrike.journal import IntentState, Journal, JournalUnavailable

from .conftest import KEY, RECEIVER, Watched, states


def test_a_locked_database_stops_it_before_it_sends(
    node: AnvilTransport, executor: Executor, journal: Journal, tmp_path: Path
) -> None:
    nonce = node.nonce(KEY.address)
    with sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalUnavailable, match="locked"):
            executor.submit(RECEIVER, b"", value=1)
        assert node.nonce(KEY.address) == nonce
        other.execute("ROLLBACK")
    assert executor.submit(RECEIVER, b"", value=1).wait().succeeded


def test_a_full_database_stops_it_before_it_sends(
    node: AnvilTransport, executor: Executor, journal: Journal
) -> None:
    nonce = node.nonce(KEY.address)
    with journal._database._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    def send_many() -> None:
        for _ in range(200):
            executor.submit(RECEIVER, b"\x00" * 1000, value=1)

    with pytest.raises(JournalUnavailable, match="full"):
        send_many()
    written = journal.intents()
    assert node.nonce(KEY.address) == nonce + len(written)
    assert all(node.receipt(intent.hash) for intent in written)


def test_a_database_that_fails_after_the_sending_hides_nothing(
    watched: Watched, sender: Executor, journal: Journal, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None)
    watched.on_broadcast = lambda signed: other.execute("BEGIN IMMEDIATE")
    ticket = sender.submit(RECEIVER, b"", value=1)
    receipt = ticket.wait()
    assert states(journal) == [IntentState.PREPARED]
    with pytest.raises(JournalUnavailable):
        sender.submit(RECEIVER, b"", value=1)
    other.execute("ROLLBACK")
    other.close()
    watched.on_broadcast = lambda signed: None
    sender.submit(RECEIVER, b"", value=1)
    first = journal.intents()[0]
    assert (first.state, first.block_number) == (IntentState.CONFIRMED, receipt.block_number)
    assert first.sent_at is not None


def test_no_key_is_in_the_journal(executor: Executor, journal: Journal, tmp_path: Path) -> None:
    executor.submit(RECEIVER, b"", value=1).wait()
    journal.close()
    for file in tmp_path.iterdir():
        content = file.read_bytes()
        assert KEY.key not in content
        assert bytes(KEY.key).hex().encode() not in content.lower()
