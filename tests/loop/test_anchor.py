"""The days' roots reach others in time: on chain, once each, and with the rows that they are of."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from macrostrike import MacroStrike
from macrostrike.chain import RevmTransport
from macrostrike.cli.journals import root_rows, roots
from macrostrike.errors import InvalidValue, NodeUnavailable
from macrostrike.executor import Executor
from macrostrike.journal import (
    ChangeKind,
    CommitmentKind,
    Decision,
    IntentState,
    Journal,
    MarketOutcome,
    ScoreRow,
    merkle,
)
from macrostrike.loop._anchor import Anchor
from macrostrike.testing import World

from .support import LONG, bench_of

DAY = date(2026, 11, 28)
NUMBER = (DAY - date(1970, 1, 1)).days
KINDS = list(CommitmentKind)


@pytest.fixture(scope="module")
def _chain() -> RevmTransport:
    return RevmTransport()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """With a day of three predictions that is over and committed to, and a day without any."""
    with Journal.open(tmp_path / "journal.sqlite") as journal:
        journal.begin_run("loop")
        for number in range(3):
            made = replace(LONG, confidence_bps=9300 + number)
            prediction = made.prediction(engine="0x" + "11" * 20, nonce=number, now=0)
            digest, seen = bytes([number]) * 32, NUMBER * 86_400 + number
            row = journal.record_prediction(prediction, digest, b"", source="test", seen_at=seen)
            journal.decide(digest, Decision.SKIPPED, reason="Paused")
            journal.enter_scores([ScoreRow(row.seq, digest, MarketOutcome.WON, 0, 60, 1, 1, 7)])
        for day in (NUMBER, NUMBER + 1):
            for kind in KINDS:
                assert journal.commit(day, kind) is not None
        yield journal


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def anchor(world: World, journal: Journal, clock: Clock) -> Anchor:
    world.transport.set_balance(world.operator.address, 10**20)
    sender = Executor(world.transport, world.operator, journal)
    return Anchor(MacroStrike(world.transport, world.diamond, sender=sender), journal, clock=clock)


def test_each_root_is_on_chain_once_also_after_a_restart(world: World, journal: Journal) -> None:
    clock = Clock()
    first = anchor(world, journal, clock)
    first.run()
    clock.now += 61
    first.run()
    anchor(world, journal, clock).run()
    intents = journal.intents()
    assert [each.state for each in intents] == [IntentState.CONFIRMED] * 2
    for intent, kind in zip(intents, KINDS, strict=True):
        (row,) = [e for e in journal.commitments(day=NUMBER) if e.kind is kind]
        said = f"MacroStrike {world.diamond} 2026-11-28 {kind} 3 0x{row.root.hex()}"
        assert said.encode() in intent.signed
        assert intent.account == world.operator.address
    output = io.StringIO()
    assert roots(journal, output, as_json=False) == 0
    lines = output.getvalue().splitlines()
    assert f"block {intents[0].block_number}, 0x{intents[0].hash.hex()}" in lines[0]
    assert lines[0].startswith("2026-11-28  3 predictions  0x")
    assert "block" not in lines[2]


def test_what_fails_is_recorded_and_sent_a_minute_later(
    world: World, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    ours = anchor(world, journal, clock)

    def down(*_: Any, **__: Any) -> None:
        raise NodeUnavailable("http://node", "down", sent=False)

    with monkeypatch.context() as fault:
        fault.setattr(Executor, "submit", down)
        ours.run()
    assert journal.intents() == []
    assert [each.cause for each in journal.changes(kind=ChangeKind.LOG)] == ["anchor"]
    clock.now += 59
    ours.run()
    assert journal.intents() == []
    clock.now += 2
    ours.run()
    assert len(journal.intents()) == 2


def test_who_has_the_rows_can_compute_the_root(journal: Journal) -> None:
    for kind in KINDS:
        output = io.StringIO()
        assert root_rows(journal, DAY, kind, output) == 0
        # As RFC 6962 says, without a line of ours.
        a, b, c = (
            sha256(b"\0" + line.encode()).digest() for line in output.getvalue().split("\n")[:-1]
        )
        whole = sha256(b"\1" + sha256(b"\1" + a + b).digest() + c).hexdigest()
        (row,) = [e for e in journal.commitments(day=NUMBER) if e.kind is kind]
        assert whole == row.root.hex()


def test_scores_that_are_not_all_there_are_not_given_out(journal: Journal) -> None:
    prediction = LONG.prediction(engine="0x" + "11" * 20, nonce=9, now=0)
    seen = NUMBER * 86_400 + 9
    journal.record_prediction(prediction, bytes([9]) * 32, b"", source="test", seen_at=seen)
    with pytest.raises(InvalidValue, match="not all of its predictions are scored yet"):
        root_rows(journal, DAY, CommitmentKind.SCORES, io.StringIO())


def test_the_loop_does_it_where_it_is_to(world: World, tmp_path: Path) -> None:
    bench = bench_of(world, tmp_path, [1700.0] * 3, {}, anchors=True)
    for kind in KINDS:
        bench.journal.commit(NUMBER, kind)
    assert bench.loop._anchor is not None
    bench.cycles(2)
    assert bench_of(world, tmp_path, [1700.0], {}).loop._anchor is None
    output = io.StringIO()
    roots(bench.journal, output, as_json=True)
    found = json.loads(output.getvalue())["commitments"]
    assert [each["leaves"] for each in found] == [0, 0]
    assert merkle.root([]).hex() in found[0]["root"]
