"""What is recorded is there again, exactly, on every database."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from macrostrike.build import ROOT
from macrostrike.errors import InvalidValue
from macrostrike.journal import (
    ChangeKind,
    Decision,
    IntentState,
    Journal,
    JournalUnavailable,
    NewIntent,
    RowNotFound,
    RunState,
    _schema,
    _verify,
)
from macrostrike.journal.rows import SILENT_SECONDS
from macrostrike.types import Prediction, Signal

ENGINE = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
HIGHEST = 2**64 - 1


def prediction(**changes: Any) -> Prediction:
    values: dict[str, Any] = {
        "engine": ENGINE,
        "nonce": 1,
        "market": 0,
        "signal": Signal.STRONG_SHORT,
        "confidence_bps": 9300,
        "valid_from": 10,
        "valid_until": 20,
        "horizon": 60,
        "stop_loss_bps": 100,
    }
    return Prediction(**values | changes)


def intent(number: int, **changes: Any) -> NewIntent:
    values: dict[str, Any] = {
        "action": "executeStrike",
        "account": ENGINE,
        "account_nonce": number,
        "signed": b"\x02" + number.to_bytes(8, "big"),
        "hash": number.to_bytes(32, "big"),
    }
    return NewIntent(**values | changes)


def test_a_run_says_that_it_works(location: str) -> None:
    with Journal.open(location) as journal:
        journal.beat()  # there is no run yet
        before = time.time()
        journal.begin_run("loop")
        assert journal.runs()[0].beat_at is None
        journal.beat()
        [run] = journal.runs()
        assert run.beat_at is not None
        assert before <= run.beat_at <= time.time()
        # Another within the second is not written.
        journal.beat()
        assert journal.runs() == [run]


def test_a_prediction_is_pending_until_it_is_decided(journal: Journal) -> None:
    row = journal.record_prediction(
        prediction(nonce=HIGHEST), b"d" * 32, b"signed", source="engine", causation_id="bar-7"
    )
    assert (row.engine_nonce, row.signal) == (HIGHEST, Signal.STRONG_SHORT)
    assert row.signature == b"signed"
    assert (row.decision, row.decided_at, row.causation_id) == (Decision.PENDING, None, "bar-7")
    journal.decide(row.digest, Decision.STRUCK, strike_id=5)
    struck = journal.prediction(row.digest)
    assert (struck.decision, struck.strike_id) == (Decision.STRUCK, 5)
    assert struck.decided_at is not None
    assert journal.predictions(decision=Decision.PENDING) == []
    assert journal.predictions(decision=Decision.STRUCK, engine=ENGINE) == [struck]


def test_a_prediction_that_is_known_is_not_recorded_again(journal: Journal) -> None:
    first = journal.record_prediction(prediction(), b"d" * 32, b"signed", source="engine")
    journal.decide(first.digest, Decision.SKIPPED, reason="CooldownActive")
    again = journal.record_prediction(prediction(), b"d" * 32, b"signed", source="http")
    assert (again.seq, again.source, again.decision) == (first.seq, "engine", Decision.SKIPPED)
    assert len(journal.predictions()) == 1


def test_rows_are_given_behind_the_last_known(journal: Journal) -> None:
    for number in range(5):
        journal.record_prediction(prediction(), bytes([number]) * 32, b"", source="engine")
        journal.record_change(ChangeKind.LOG, "line", str(number))
        journal.prepare([intent(number)])
    assert [row.seq for row in journal.predictions(after=3)] == [4, 5]
    assert [row.value for row in journal.changes(after=2, limit=2)] == ["2", "3"]
    assert [row.account_nonce for row in journal.intents(after=1, limit=3)] == [1, 2, 3]


def test_what_is_not_there_cannot_be_changed(journal: Journal) -> None:
    with pytest.raises(RowNotFound):
        journal.decide(b"x" * 32, Decision.STRUCK)
    with pytest.raises(RowNotFound):
        journal.change_intent(b"x" * 32, IntentState.SENT)
    with pytest.raises(RowNotFound):
        journal.end_run("nothing")


def test_a_run_marks_what_is_recorded_in_it(journal: Journal) -> None:
    first = journal.begin_run("loop", versions={"macrostrike": "0.1"}, config_hash=b"c" * 32)
    journal.prepare([intent(1)])
    journal.end_run(first, RunState.CRASHED_RECOVERED)
    second = journal.begin_run("loop", parent_run_id=first)
    journal.prepare([intent(2)])
    runs = journal.runs(kind="loop")
    assert [(run.run_id, run.state) for run in runs] == [
        (first, RunState.CRASHED_RECOVERED),
        (second, RunState.RUNNING),
    ]
    assert (runs[0].versions, runs[0].config_hash) == ({"macrostrike": "0.1"}, b"c" * 32)
    assert runs[1].parent_run_id == first
    assert [row.run_id for row in journal.intents()] == [first, second]


def test_a_run_whose_process_was_killed_has_crashed_once_the_next_one_begins(
    location: str, journal: Journal
) -> None:
    """And no earlier: a watchdog waits for the dead one's beats, whatever else begins meanwhile."""
    code = (
        "import os, sys; from macrostrike.journal import Journal; "
        "journal = Journal.open(sys.argv[1]); "
        "journal.begin_run('loop'); journal.beat(); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, location], check=False, cwd=ROOT)
    journal.begin_run("monitor")
    (dead,) = journal.runs(kind="loop")
    assert dead.state is RunState.RUNNING
    ours = journal.begin_run("loop")
    dead, living = journal.runs(kind="loop")
    assert (dead.state, dead.ended_at) == (RunState.CRASHED_RECOVERED, dead.beat_at)
    assert (living.run_id, living.state) == (ours, RunState.RUNNING)
    journal.begin_run("loop")  # of this very process, which lives
    assert [run.state for run in journal.runs(kind="loop")][1:] == [RunState.RUNNING] * 2


def test_a_run_of_another_machine_has_crashed_once_it_is_silent(
    location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No process of this machine can tell of it: its beats alone do."""
    with Journal.open(location) as theirs, Journal.open(location) as journal:
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr(socket, "gethostname", lambda: "elsewhere")
            theirs.begin_run("loop")
        theirs.beat()
        (run,) = journal.runs()
        assert run.beat_at is not None
        last = run.beat_at + SILENT_SECONDS
        assert (run.is_silent(last), run.is_silent(last + 1)) == (False, True)
        journal.begin_run("loop")
        assert [each.state for each in journal.runs()] == [RunState.RUNNING] * 2

        monkeypatch.setattr(time, "time", lambda: last + 1)
        journal.begin_run("loop")
        silent = journal.runs()[0]
        assert (silent.state, silent.ended_at) == (RunState.CRASHED_RECOVERED, run.beat_at)
        assert not silent.is_silent(last + 1), "it has ended"

        # It was only cut off: it says so, and ends as any other.
        theirs.beat()
        back = journal.runs()[0]
        assert (back.state, back.ended_at, back.beat_at) == (RunState.RUNNING, None, last + 1)
        theirs.end_run(back.run_id)
        assert journal.runs()[0].state is RunState.ENDED


def test_a_run_that_never_beat_is_silent_from_its_begin(journal: Journal) -> None:
    journal.begin_run("commit")
    (run,) = journal.runs()
    assert not run.is_silent(run.started_at + SILENT_SECONDS)
    assert run.is_silent(run.started_at + SILENT_SECONDS + 1)


def test_an_intent_is_prepared_before_anything_else(journal: Journal) -> None:
    (row,) = journal.prepare(
        [intent(3, engine=ENGINE, engine_nonce=HIGHEST, digest=b"d" * 32, causation_id="c")]
    )
    assert row == journal.intent(row.hash)
    assert (row.state, row.engine_nonce, row.digest) == (IntentState.PREPARED, HIGHEST, b"d" * 32)
    sent = journal.change_intent(row.hash, IntentState.SENT, sent_at=5.5)
    assert (sent.state, sent.sent_at, sent.row_hash) == (IntentState.SENT, 5.5, row.row_hash)
    mined = journal.change_intent(
        row.hash, IntentState.CONFIRMED, block_number=7, gas_used=21_000, gas_price=10**20
    )
    assert mined == journal.intent(row.hash)
    assert (mined.gas_price, mined.sent_at) == (10**20, 5.5)
    assert journal.intents(IntentState.CONFIRMED, IntentState.SENT) == [mined]
    assert journal.intents(IntentState.PREPARED) == []


def test_intents_of_one_commit_are_all_there_or_none(journal: Journal) -> None:
    journal.prepare([intent(1)])
    with pytest.raises(Exception, match=r"(?i)unique"):
        journal.prepare([intent(2), intent(1)])
    assert [row.account_nonce for row in journal.intents()] == [1]


def test_rows_of_several_writers_are_one_chain(location: str) -> None:
    def write(journal: Journal, first: int) -> None:
        for number in range(first, first + 10):
            journal.prepare([intent(number)])

    with Journal.open(location) as one, Journal.open(location) as other:
        threads = [
            threading.Thread(target=write, args=(journal, 100 * place))
            for place, journal in enumerate((one, one, other, other))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rows = one.intents()
        assert [row.seq for row in rows] == list(range(1, 41))
        assert rows[0].previous_hash == bytes(32)
        for row, following in pairwise(rows):
            assert following.previous_hash == row.row_hash
        with one._database.read() as connection:
            assert _verify.of_rows(connection) == []


_changes = st.tuples(
    st.integers(1, 6),
    st.sampled_from(IntentState),
    st.fixed_dictionaries(
        {},
        optional={
            "sent_at": st.floats(0, 2e9),
            "gas_price": st.integers(0, 2**200),
            "block_hash": st.binary(min_size=32, max_size=32),
            "error": st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",))),
        },
    ),
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(_changes, max_size=8))
def test_the_chain_holds_whatever_becomes_of_intents(changes: list[Any]) -> None:
    with Journal.open("sqlite://") as journal:
        journal.prepare([intent(number) for number in range(1, 7)])
        for number, state, values in changes:
            row = journal.change_intent(number.to_bytes(32, "big"), state, **values)
            assert row == journal.intent(row.hash)
        with journal._database.read() as connection:
            assert _verify.of_rows(connection) == []


def test_a_locked_database_is_an_error_and_nothing_is_written(tmp_path: Any) -> None:
    path = tmp_path / "journal.sqlite"
    with Journal.open(path) as one, Journal.open(path, busy_seconds=0.1) as other:
        with one._database.write(), pytest.raises(JournalUnavailable, match="locked"):
            other.prepare([intent(1)])
        assert other.intents() == []
        other.prepare([intent(1)])


def test_a_location_that_is_not_a_database_is_refused(tmp_path: Any) -> None:
    with pytest.raises(InvalidValue):
        Journal.open("mysql://somewhere/else")
    with pytest.raises(JournalUnavailable, match="directory"):
        Journal.open(tmp_path)


def test_a_table_as_a_data_frame(journal: Journal) -> None:
    journal.prepare([intent(1, engine_nonce=HIGHEST), intent(2)])
    frame = journal.to_pandas("intents")
    assert list(frame["account_nonce"]) == [1, 2]
    assert frame["engine_nonce"][0] == HIGHEST
    assert frame["hash"][1] == "0x" + (2).to_bytes(32, "big").hex()
    assert journal.to_pandas("strikes").empty
    with pytest.raises(InvalidValue):
        journal.to_pandas("nothing")


def test_what_was_refused_is_prepared_again_when_it_is_the_same_to_the_byte(location: str) -> None:
    """A signature is the same for the same bytes: the second try has the first one's hash."""
    with Journal.open(location) as journal:
        [first] = journal.prepare([intent(1)])
        journal.change_intent(first.hash, IntentState.REJECTED, error="no connection")
        again, other = journal.prepare([intent(1), intent(2)])
        assert (again.seq, again.state, again.error) == (first.seq, IntentState.PREPARED, None)
        assert [each.hash for each in journal.intents()] == [again.hash, other.hash]
        with journal._database.read() as connection:
            assert _verify.of_rows(connection) == []


def test_what_is_known_since_counts_more_than_that_it_was_sent(location: str) -> None:
    with Journal.open(location) as journal:
        rows = journal.prepare([intent(1), intent(2), intent(3)])
        journal.change_intent(rows[1].hash, IntentState.CONFIRMED, block_number=7)
        journal.change_intent(rows[2].hash, IntentState.UNKNOWN, error="no answer")
        journal.mark_sent(rows, 5.5)
        assert [(each.state, each.sent_at) for each in journal.intents()] == [
            (IntentState.SENT, 5.5),
            (IntentState.CONFIRMED, None),
            (IntentState.UNKNOWN, None),
        ]
        with journal._database.read() as connection:
            assert _verify.of_rows(connection) == []


def test_threads_that_write_at_once_wait_for_each_other(tmp_path: Any) -> None:
    with Journal.open(tmp_path / "journal.sqlite", busy_seconds=0.05) as journal:
        with journal._database.write():
            other = threading.Thread(target=lambda: failures.append(_failure(journal)))
            failures: list[str] = []
            other.start()
            other.join()
        assert failures == ["JournalUnavailable"]
        assert _failure(journal) == ""


def _failure(journal: Journal) -> str:
    try:
        journal.prepare([intent(1)])
    except JournalUnavailable as failure:
        return type(failure).__name__
    return ""


def test_a_receipt_of_a_block_that_is_another_one_is_not_a_receipt(location: str) -> None:
    """It was seen, and its block replaced, before the index had come that far."""
    with Journal.open(location) as journal:
        journal.prepare([intent(1), intent(2), intent(3)])
        for number, block_hash in ((1, b"\x01" * 32), (2, b"\x02" * 32)):
            journal.change_intent(
                number.to_bytes(32, "big"),
                IntentState.CONFIRMED,
                block_number=7,
                block_hash=block_hash,
            )
        with journal._database.write() as connection:
            row = {"number": 7, "hash": b"\x01" * 32, "parent_hash": bytes(32), "timestamp": 1}
            connection.execute(insert(_schema.blocks), row)
        journal._index._unmine_misplaced()
        states = [each.state for each in journal.intents()]
        assert states == [IntentState.CONFIRMED, IntentState.UNKNOWN, IntentState.PREPARED]


def test_which_nonces_of_an_engine_wait(location: str) -> None:
    with Journal.open(location) as journal:
        for nonce in (9, 300, HIGHEST):
            digest = nonce.to_bytes(32, "big")
            journal.record_prediction(prediction(nonce=nonce), digest, b"", source="engine")
        journal.decide((300).to_bytes(32, "big"), Decision.STRUCK)
        journal.prepare([intent(1, engine=ENGINE, engine_nonce=8), intent(2)])
        assert sorted(journal.waiting(ENGINE)) == [8, 9, HIGHEST]
        journal.change_intent((1).to_bytes(32, "big"), IntentState.CONFIRMED)
        assert sorted(journal.waiting(ENGINE)) == [9, HIGHEST]
