"""The intake against its own OpenAPI document, by schemathesis, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import positive_data_acceptance

from macrostrike import MacroStrike
from macrostrike.chain import RevmTransport
from macrostrike.journal import CommitmentKind, Journal
from macrostrike.loop import Intake, Limits, Observer, Outcomes, _intake_http, intake_app
from macrostrike.testing import World, deploy_world

STREAM = "/v1/engines/{engine}/outcomes"  # does not end: `tests/loop/test_intake.py` has it
FEW = settings(
    max_examples=20,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def world() -> World:
    return deploy_world(RevmTransport())


@pytest.fixture
def schema(world: World, tmp_path: Path) -> Iterator[Any]:
    client = MacroStrike(world.transport, world.diamond, sender=Observer(world.operator.address))
    with Journal.open(tmp_path / "journal.sqlite") as journal:
        journal.commit(20_000, CommitmentKind.PREDICTIONS)
        app = intake_app(Intake(client, journal, Limits()), Outcomes(journal), hosts=("*",))
        yield schemathesis.openapi.from_asgi("/openapi.json", app)


def fuzz(schema: Any) -> list[str]:
    """Each operation with examples of its own schema and some that break it. What was called."""
    called = []
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path == STREAM:
            continue
        check(operation, GenerationMode.POSITIVE)
        if operation.body or operation.path_parameters:
            check(operation, GenerationMode.NEGATIVE)
        called.append(operation.label)
    return called


def check(operation: Any, mode: Any) -> None:
    # That `valid_until` comes after `valid_from`, no schema can say.
    @FEW
    @given(case=operation.as_strategy(generation_mode=mode))
    def answers(case: Any) -> None:
        case.call_and_validate(excluded_checks=[positive_data_acceptance])

    answers()


def test_every_answer_is_one_that_the_document_has(schema: Any) -> None:
    assert fuzz(schema) == [
        "POST /v1/predictions",
        "GET /v1/predictions/{digest}",
        "GET /v1/queue",
        "GET /v1/commitments",
        "GET /v1/domain",
    ]


def test_an_answer_that_the_document_does_not_have_is_found(
    schema: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted fault: a status that no engine expects."""
    monkeypatch.setattr(_intake_http, "_STATUS", ((Exception, 418),))
    with pytest.raises(FailureGroup):
        fuzz(schema)
