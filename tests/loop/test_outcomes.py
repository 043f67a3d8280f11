"""What becomes of predictions is reported once for each change, to who listens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from macrostrike.devchain import local_account
from macrostrike.engine import Forecast
from macrostrike.errors.intake import TooMany
from macrostrike.journal import Decision, Journal
from macrostrike.loop import Intake, Limits, Outcomes, _intake, _outcomes

from .support import LONG

ENGINE, OTHER = local_account(2).address, local_account(3).address


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path / "journal.sqlite") as journal:
        yield journal


def record(journal: Journal, nonce: int, engine: str = ENGINE, of: Forecast = LONG) -> bytes:
    made = of.prediction(engine=engine, nonce=nonce, now=1000)
    digest = bytes([int(engine[2:4], 16), *nonce.to_bytes(31, "big")])
    journal.record_prediction(made, digest, b"", source="test", causation_id=digest.hex()[:16])
    return digest


def test_each_change_is_said_once_to_the_engines_own_listeners(journal: Journal) -> None:
    outcomes = Outcomes(journal)
    with outcomes.listening(ENGINE, None) as ours, outcomes.listening(OTHER, None) as theirs:
        first, second = record(journal, 1), record(journal, 2)
        record(journal, 1, OTHER)
        outcomes.poll()
        assert outcomes.poll() == []
        assert [each.content["decision"] for each in ours.take()] == ["pending", "pending"]
        journal.decide(second, Decision.REFUSED, reason="ConfidenceTooLow", detail="…")
        (reported,) = outcomes.poll()
        assert (reported.mark, reported.content["reason"]) == (0, "ConfidenceTooLow")
        journal.decide(first, Decision.EXPIRED)
        (reported,) = outcomes.poll()
        assert reported.mark == 2
        assert len(ours.take()) == 2
        assert [each.engine for each in theirs.take()] == [OTHER]


def test_who_comes_again_misses_nothing_that_had_not_ended(journal: Journal) -> None:
    outcomes = Outcomes(journal)
    first, second = record(journal, 1), record(journal, 2)
    outcomes.poll()
    journal.decide(second, Decision.SKIPPED, reason="Paused")
    (reported,) = outcomes.poll()
    journal.decide(first, Decision.EXPIRED)  # while no one listens
    outcomes.poll()
    with outcomes.listening(ENGINE, reported.mark) as listener:
        recalled = [each.content["decision"] for each in listener.take()]
    assert recalled == ["expired", "skipped"]


def test_another_process_goes_on_with_what_had_not_ended(journal: Journal) -> None:
    first, second = record(journal, 1), record(journal, 2)
    journal.decide(second, Decision.EXPIRED)
    outcomes = Outcomes(journal)
    assert outcomes.poll() == []
    with outcomes.listening(ENGINE, None) as listener:
        (reported,) = listener.take()
        assert reported.content["digest"] == f"0x{first.hex()}"
    journal.decide(first, Decision.EXPIRED)
    assert len(outcomes.poll()) == 1


def test_what_waits_for_a_listener_is_bounded(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_outcomes, "_WAITING", 4)
    outcomes = Outcomes(journal)
    with outcomes.listening(ENGINE, None) as listener:
        for nonce in range(5):
            record(journal, nonce)
        outcomes.poll()
        assert listener.is_late
        assert len(listener.take()) == 4


def test_the_rates_of_addresses_that_anyone_can_make_are_bounded(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_intake, "MAX_ENGINES", 3)
    client: Any = SimpleNamespace(transport=SimpleNamespace(chain_id=1))
    intake = Intake(client, journal, Limits(per_second=0.001, burst=1), clock=lambda: 0.0)
    for number in range(10):
        intake._require_token(f"0x{number:040x}")
    assert len(intake._tokens) == 3
    with pytest.raises(TooMany):
        intake._require_token(f"0x{9:040x}")
