"""The watchdog pauses the diamond when a loop that beat falls silent, and at no other time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from macrostrike.client import MacroStrike
from macrostrike.errors import MacroStrikeError, NodeUnavailable
from macrostrike.journal import Journal, RunState
from macrostrike.testing import World
from macrostrike.watchdog import Phase, Watchdog, beats_of, sign_ladder

AFTER, RUNG = 20.0, 15.0


@dataclass
class Kennel:
    """A watchdog, the beats that it sees, and its clock."""

    world: World
    path: Path
    now: float = 1000.0
    beats: dict[str, float] = field(default_factory=dict)
    failure: MacroStrikeError | None = None

    def __post_init__(self) -> None:
        self.arm()
        self.dog = Watchdog(
            self.world.transport,
            self.path,
            self.read,
            diamond=self.world.diamond,
            after=AFTER,
            rung_seconds=RUNG,
            clock=lambda: self.now,
        )

    def arm(self) -> None:
        world = self.world
        world.transport.set_balance(world.guardian.address, 10**20)
        sign_ladder(world.transport, world.diamond, world.guardian, now=self.now).save(self.path)

    def read(self) -> dict[str, float]:
        if self.failure:
            raise self.failure
        return dict(self.beats)

    def beat(self, *runs: str) -> None:
        for run in runs:
            self.beats[run] = self.now

    def wait(self, seconds: int) -> Phase:
        """Steps every second."""
        for _ in range(seconds):
            self.now += 1
            sent = self.dog.rungs_sent
            self.dog.step()
            if self.dog.rungs_sent > sent:
                self.world.transport.mine()  # a node may answer before the block is there
        return self.dog.phase

    @property
    def is_paused(self) -> bool:
        return MacroStrike(self.world.transport, self.world.diamond).is_paused()


@pytest.fixture
def kennel(world: World, tmp_path: Path) -> Kennel:
    return Kennel(world, tmp_path / "pause.json")


def test_a_loop_that_falls_silent_is_paused_once(kennel: Kennel) -> None:
    kennel.beat("a")
    assert kennel.wait(1) is Phase.WATCHING
    assert kennel.wait(19) is Phase.WATCHING
    assert not kennel.is_paused
    kennel.wait(2)
    assert kennel.is_paused
    assert kennel.wait(2) is Phase.PAUSED
    assert kennel.dog.rungs_sent == 1
    assert "has not beaten" in kennel.dog.reason
    assert kennel.wait(100) is Phase.PAUSED
    assert kennel.dog.rungs_sent == 1


def test_a_loop_that_beats_is_left_alone(kennel: Kennel) -> None:
    for _ in range(50):
        kennel.beat("a")
        assert kennel.wait(5) is Phase.WATCHING
    assert not kennel.is_paused


def test_a_loop_that_ends_by_itself_is_left_alone(kennel: Kennel) -> None:
    kennel.beat("a")
    kennel.wait(5)
    kennel.beats.clear()
    assert kennel.wait(100) is Phase.WAITING
    assert not kennel.is_paused


def test_one_of_two_loops_is_enough(kennel: Kennel) -> None:
    kennel.beat("a", "b")
    kennel.wait(10)
    kennel.beat("b")
    kennel.wait(13)
    assert kennel.is_paused


def test_nothing_is_done_before_the_first_beat(kennel: Kennel) -> None:
    assert kennel.wait(100) is Phase.WAITING
    assert kennel.dog.reason == "no loop has said yet that it works"


def test_a_clock_that_differs_does_not_matter(kennel: Kennel) -> None:
    """Beats are compared with each other, not with this machine's clock."""
    for second in range(100):
        kennel.beats["a"] = second - 1e6
        assert kennel.wait(1) is Phase.WATCHING


def test_beats_that_can_not_be_read_have_stopped(kennel: Kennel) -> None:
    kennel.beat("a")
    kennel.wait(1)
    kennel.failure = MacroStrikeError("the database is locked")
    assert kennel.wait(19) is Phase.WATCHING
    kennel.wait(3)
    assert kennel.is_paused
    assert "the database is locked" in kennel.dog.reason


def test_a_short_failure_to_read_is_nothing(kennel: Kennel) -> None:
    kennel.beat("a")
    kennel.wait(1)
    kennel.failure = MacroStrikeError("the database is locked")
    kennel.wait(10)
    kennel.failure = None
    kennel.beat("a")
    assert kennel.wait(15) is Phase.WATCHING


def test_one_who_has_paused_already_leaves_nothing_to_do(kennel: Kennel, world: World) -> None:
    kennel.beat("a")
    kennel.wait(1)
    world.transport.set_balance(world.owner.address, 10**20)
    MacroStrike(world.transport, world.diamond, world.owner).transact("pause")
    assert kennel.wait(30) is Phase.PAUSED
    assert kennel.dog.rungs_sent == 0


def test_a_node_that_fails_is_asked_again(kennel: Kennel, monkeypatch: pytest.MonkeyPatch) -> None:
    kennel.beat("a")
    kennel.wait(1)

    def down(*_: object, **__: object) -> None:
        raise NodeUnavailable("http://node", "no connection")

    with monkeypatch.context() as broken:
        broken.setattr(kennel.world.transport, "broadcast", down)
        assert kennel.wait(60) is Phase.FIRING
        assert "no connection" in kennel.dog.reason
        assert kennel.dog.rungs_sent == 0
    kennel.wait(2)
    assert kennel.is_paused


def test_it_climbs_while_nothing_is_mined(kennel: Kennel, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[bytes] = []
    kennel.beat("a")
    kennel.wait(1)
    monkeypatch.setattr(kennel.world.transport, "broadcast", sent.append)
    kennel.wait(70)
    rungs = [rung.signed for rung in kennel.dog.ladder.rungs]
    # The last one again and again, as a node may have dropped it.
    assert sent == [*rungs, rungs[-1]]


def test_a_nonce_that_something_else_used_is_said(kennel: Kennel, world: World) -> None:
    kennel.beat("a")
    kennel.wait(1)
    world.transport.send(world.guardian, world.owner.address, b"", value=1)
    assert kennel.wait(30) is Phase.SPENT
    assert "nonce" in kennel.dog.reason
    assert not kennel.is_paused


def test_a_ladder_that_is_signed_anew_is_taken(kennel: Kennel, world: World) -> None:
    kennel.beat("a")
    kennel.wait(1)
    world.transport.send(world.guardian, world.owner.address, b"", value=1)
    kennel.arm()
    kennel.wait(25)
    assert kennel.is_paused


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path / "journal.sqlite") as journal:
        yield journal


def test_beats_are_of_runs_that_have_beaten_and_not_ended(journal: Journal) -> None:
    assert beats_of(journal) == {}
    run = journal.begin_run("loop")
    assert beats_of(journal) == {}
    journal.beat()
    assert list(beats_of(journal)) == [run]
    journal.end_run(run, RunState.ENDED)
    assert beats_of(journal) == {}


def test_a_loop_that_was_started_again_is_the_one_that_counts(journal: Journal) -> None:
    journal.begin_run("loop")
    journal.beat()
    second = journal.begin_run("loop")
    journal.beat()
    assert list(beats_of(journal)) == [second]


def test_other_runs_do_not_beat(journal: Journal) -> None:
    journal.begin_run("monitor")
    journal.beat()
    assert beats_of(journal) == {}
