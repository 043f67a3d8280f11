"""Outcomes reach the webhook's receiver whichever of the two is killed, each at least once."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from macrostrike.devchain import local_account
from macrostrike.journal import CommitmentKind, Decision, Journal
from macrostrike.loop import OutcomePush, _push
from macrostrike.webhooks import Receiver, verify_signature

from ..webhooks import receiving
from .hooks import SECRET
from .support import LONG

ENGINE = local_account(2).address


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path / "journal.sqlite") as journal:
        yield journal


def record(journal: Journal, nonce: int) -> bytes:
    made = LONG.prediction(engine=ENGINE, nonce=nonce, now=1000)
    digest = nonce.to_bytes(32, "big")
    journal.record_prediction(made, digest, b"", source="test", causation_id=digest.hex()[:16])
    return digest


def pushing(journal: Journal, url: str) -> tuple[OutcomePush, list[str]]:
    said: list[str] = []
    return OutcomePush(journal, Receiver(url, SECRET), on_failure=said.append), said


def until(condition: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_it_is_signed_in_order_and_what_fails_is_tried_again(journal: Journal) -> None:
    with receiving(200, 500, 200, 302) as receiver:
        push, _ = pushing(journal, receiver.url)
        digest = record(journal, 1)
        assert push.round() is None
        journal.decide(digest, Decision.SKIPPED, reason="Halted")
        assert push.round() == "HTTP 500"
        assert push.round() is None
        record(journal, 2)
        assert push.round() == "HTTP 302"
        assert push.round() is None
        assert push.round() is None
    bodies = [json.loads(body) for body, _ in receiver.got]
    decisions = ["pending", "skipped", "skipped", "pending", "pending"]
    assert [each["decision"] for each in bodies] == decisions
    assert bodies[1] == bodies[2]
    assert len({each["id"] for each in bodies}) == 3
    assert {key: bodies[1][key] for key in ("event", "engine", "digest", "reason", "strike")} == {
        "event": "outcome",
        "engine": ENGINE,
        "digest": f"0x{digest.hex()}",
        "reason": "Halted",
        "strike": None,
    }
    for body, header in receiver.got:
        verify_signature(SECRET, body, header, now=time.time())


def test_a_receiver_that_fails_is_reported_once_and_when_it_is_back(journal: Journal) -> None:
    with receiving(*[503] * 5) as receiver:
        push, said = pushing(journal, receiver.url)
        record(journal, 1)
        stop = threading.Event()
        thread = threading.Thread(target=push.run, args=[stop], kwargs={"every": 0.01})
        thread.start()
        until(lambda: len(said) == 2)
        stop.set()
        thread.join()
    assert said[0].endswith("which wait for it: HTTP 503")
    assert said[1].endswith("takes outcomes again")
    assert len(receiver.got) == 6


def test_what_was_taken_before_a_crash_comes_again_with_the_same_id(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving() as receiver:
        push, _ = pushing(journal, receiver.url)
        digest = record(journal, 1)
        journal.decide(digest, Decision.EXPIRED)
        monkeypatch.setattr(push, "_write", lambda: None)  # killed before it could
        push.round()
        later, _ = pushing(journal, receiver.url)
        later.round()
        last, _ = pushing(journal, receiver.url)
        last.round()
    first, second = (json.loads(body) for body, _ in receiver.got)
    assert first == second


def test_what_ended_before_the_first_push_is_not_said(journal: Journal) -> None:
    journal.decide(record(journal, 1), Decision.EXPIRED)
    waiting = record(journal, 2)
    journal.decide(record(journal, 3), Decision.EXPIRED)
    with receiving(503) as receiver:
        assert pushing(journal, receiver.url)[0].round() == "HTTP 503"
        assert pushing(journal, receiver.url)[0].round() is None
    assert {json.loads(body)["digest"] for body, _ in receiver.got} == {f"0x{waiting.hex()}"}


def test_what_waits_is_in_the_journal_and_not_in_memory(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_push, "MAX_FOLLOWED", 5)
    with receiving(*[503] * 3) as receiver:
        push, _ = pushing(journal, receiver.url)
        for nonce in range(1, 31):
            journal.decide(record(journal, nonce), Decision.EXPIRED)
        for _ in range(3):
            assert push.round() == "HTTP 503"
            assert len(push._follower.rows) == 5
        for _ in range(6):
            assert push.round() is None
    sent = [int(json.loads(body)["digest"], 16) for body, _ in receiver.got[3:]]
    assert sent == list(range(1, 31))


def test_each_days_roots_come_once_and_after_a_crash_again_with_the_same_id(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = list(CommitmentKind)
    made = [journal.commit(day, kind) for day in (20_000, 20_001) for kind in kinds]
    with receiving(200, 200, 503) as receiver:
        push, _ = pushing(journal, receiver.url)
        assert push.round() == "HTTP 503"
        assert push.round() is None
        assert push.round() is None
        late = journal.commit(20_002, kinds[0])
        monkeypatch.setattr(journal, "record_pushed_root", lambda *_: None)  # killed before that
        pushing(journal, receiver.url)[0].round()
        monkeypatch.undo()
        pushing(journal, receiver.url)[0].round()
        pushing(journal, receiver.url)[0].round()
    bodies = [json.loads(body) for body, _ in receiver.got]
    assert bodies[2] == bodies[3]
    assert bodies[5] == bodies[6]
    taken = [*bodies[:2], *bodies[3:6]]
    roots = [None if row is None else f"0x{row.root.hex()}" for row in (*made, late)]
    assert [each["root"] for each in taken] == roots
    days = ["2024-10-04", "2024-10-04", "2024-10-05", "2024-10-05", "2024-10-06"]
    assert [each["day"] for each in taken] == days
    assert {each["event"] for each in taken} == {"commitment"}
    assert len({each["id"] for each in taken}) == 5
    for body, header in receiver.got:
        verify_signature(SECRET, body, header, now=time.time())
    assert len(receiver.got) == 7


@contextmanager
def process(*arguments: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """One end, and the first line that it prints."""
    command = [sys.executable, "-m", "tests.loop.hooks", *map(str, arguments)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    try:
        yield child, child.stdout.readline().strip()
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def test_nothing_is_lost_where_receiver_and_pusher_are_killed_in_turn(
    journal: Journal, tmp_path: Path
) -> None:
    lines, location = tmp_path / "received", tmp_path / "journal.sqlite"
    numbers = iter(range(1, 1000))

    def got() -> list[dict[str, Any]]:
        if not lines.exists():
            return []
        # The last line may be half of one: its request was not answered.
        whole = lines.read_bytes().rpartition(b"\n")[0].splitlines()
        return [json.loads(line.partition(b"\t")[2]) for line in whole]

    def go_on(count: int) -> None:
        for _ in range(count):
            journal.decide(record(journal, next(numbers)), Decision.EXPIRED)

    def ended() -> set[int]:
        return {int(each["digest"], 16) for each in got() if each["decision"] == "expired"}

    with ExitStack() as ends:
        receiver, port = ends.enter_context(process("receive", 0, lines))
        url = f"http://127.0.0.1:{port}/"
        pusher, _ = ends.enter_context(process("push", location, url))
        go_on(10)
        until(lambda: len(ended()) == 10)
        for _ in range(3):
            go_on(15)
            until(lambda: len(ended()) > 10)
            receiver.kill()  # whatever it is at
            receiver.wait()
            go_on(15)
            pusher.kill()
            pusher.wait()
            go_on(15)
            receiver, _ = ends.enter_context(process("receive", port, lines))
            pusher, _ = ends.enter_context(process("push", location, url))
        until(lambda: len(ended()) == 145)
    first: dict[str, dict[str, Any]] = {}
    for each in got():
        assert first.setdefault(each["id"], each) == each
    assert sorted(int(e["digest"], 16) for e in first.values() if e["decision"] == "expired") == [
        *range(1, 146)
    ]
