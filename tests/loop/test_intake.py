"""The intake: predictions of engines elsewhere, taken once or refused with their error."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import requests
from eth_account import Account
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from macrostrike import MacroStrike, Prediction
from macrostrike.chain import AnvilTransport, start_anvil
from macrostrike.devchain import local_account
from macrostrike.engine import EngineSigner
from macrostrike.errors.predicting import IntakeRefused
from macrostrike.journal import CommitmentKind, Decision, PredictionRow
from macrostrike.loop import StrikeLoop
from macrostrike.signing import sign_prediction
from macrostrike.testing import World

from .service import Service, served
from .support import START

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def _chain() -> Iterator[AnvilTransport]:
    with start_anvil() as url:
        yield AnvilTransport(url, block_time=1)


Serve = Callable[..., Service]


@pytest.fixture
def serve(world: World, tmp_path: Path) -> Iterator[Serve]:
    with ExitStack() as opened:
        yield lambda **limits: opened.enter_context(served(world, tmp_path, **limits))


@pytest.fixture
def service(serve: Serve) -> Service:
    return serve()


def test_the_days_roots_are_there_for_all(service: Service) -> None:
    made = service.journal.commit(20_000, CommitmentKind.PREDICTIONS)
    assert made is not None
    answer = requests.get(f"{service.url}/v1/commitments", timeout=10).json()
    (found,) = answer["commitments"]
    assert (found["day"], found["kind"]) == ("2024-10-04", "predictions")
    assert (found["root"], found["transaction"]) == (f"0x{made.root.hex()}", None)


def test_a_prediction_becomes_a_settled_strike_in_the_journal(
    service: Service, world: World
) -> None:
    taken = service.send(service.made())
    assert (taken["decision"], taken["strike"]) == ("pending", None)
    operator = MacroStrike(world.transport, world.diamond, world.operator)
    loop = StrikeLoop(operator, service.journal, [], from_block=world.manifest.deployed_at)
    list(loop.cycle())
    struck = service.client.outcome(taken["digest"])
    assert (struck["decision"], struck["strike"]["status"]) == ("struck", "open")
    for _ in range(4):
        world.venues.move_price(START * 1.006)
        world.transport.mine(60)
        list(loop.cycle())
    settled = service.client.outcome(taken["digest"])["strike"]
    assert (settled["status"], settled["won"]) == ("settled", True)
    assert int(settled["pnl"]) == operator.stats().pnl > 0
    assert service.client.queue()["loop"]["state"] == "running"
    assert service.journal.verify(operator) == []


def test_outcomes_are_pushed_to_who_listens(service: Service, world: World) -> None:
    """Each change once; who comes again with the id of the last event gets what is not over."""
    service.outcomes.poll()
    url = f"{service.url}/v1/engines/{world.engine.address.lower()}/outcomes"
    with requests.get(url, stream=True, timeout=10) as stream:
        lines = stream.iter_lines(decode_unicode=True)
        assert next(lines) == ": listening"
        digest = service.send(service.made())["digest"]
        operator = MacroStrike(world.transport, world.diamond, world.operator)
        loop = StrikeLoop(operator, service.journal, [], from_block=world.manifest.deployed_at)
        for _ in range(2):
            service.outcomes.poll()
        list(loop.cycle())
        list(loop.cycle())
        service.outcomes.poll()
        world.transport.mine(601)
        list(loop.cycle())
        list(loop.cycle())
        for _ in range(2):
            service.outcomes.poll()
        events = _events(lines, 3)
    assert [each["digest"] for _, each in events] == [digest] * 3
    reported = [
        (each["decision"], each["strike"] and each["strike"]["status"]) for _, each in events
    ]
    assert reported == [("pending", None), ("struck", "open"), ("struck", "settled")]
    marks = [mark for mark, _ in events]
    assert marks == [0, 0, 1]
    for mark, expected in ((0, [digest]), (1, [])):
        headers = {"Last-Event-ID": str(mark)}
        with requests.get(url, headers=headers, stream=True, timeout=10) as stream:
            lines = stream.iter_lines(decode_unicode=True)
            assert [each["digest"] for _, each in _events(lines, len(expected))] == expected


def _events(lines: Iterator[str], count: int) -> list[tuple[int, dict[str, Any]]]:
    """So many events of a stream: id and data."""
    found: list[tuple[int, dict[str, Any]]] = []
    mark = -1
    while len(found) < count:
        line = next(lines)
        if line.startswith("id: "):
            mark = int(line[4:])
        elif line.startswith("data: "):
            found.append((mark, json.loads(line[6:])))
    return found


def test_the_same_again_is_known_and_taken_once(service: Service) -> None:
    prediction = service.made()
    first, again = service.send(prediction), service.send(prediction)
    assert first["digest"] == again["digest"]
    (row,) = service.journal.predictions()
    assert (row.source, row.causation_id) == ("http", first["digest"][2:18])
    assert service.client.queue()["waiting"] == {service.world.engine.address: 1}


def test_another_with_the_same_nonce_is_refused(service: Service) -> None:
    service.send(service.made())
    with pytest.raises(IntakeRefused) as refused:
        service.send(service.made(confidence_bps=9600))
    assert (refused.value.status, refused.value.error) == (409, "NonceTaken")


def test_what_the_chain_would_refuse_is_refused_at_once(service: Service) -> None:
    now = service.world.transport.timestamp()
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"confidence_bps": 9299}, "ConfidenceTooLow"),
        ({"nonce": 3, "valid_from": now - 100, "valid_until": now - 50}, "PredictionExpired"),
        ({"nonce": 3, "valid_from": now + 700, "valid_until": now + 800}, "PredictionNotYetValid"),
        ({"nonce": 2, "market": 9}, "UnknownMarket"),
    ]
    for changes, name in wrong:
        with pytest.raises(IntakeRefused) as refused:
            service.send(service.made(**changes))
        assert (refused.value.status, refused.value.error) == (422, name)
    # What was neither late nor early is scored like all others, and stays refused.
    rows = service.journal.predictions()
    assert [row.reason for row in rows] == ["ConfidenceTooLow", "UnknownMarket"]
    assert {row.decision for row in rows} == {Decision.REFUSED}
    again = service.send(service.made(confidence_bps=9299, **_window(rows[0])))
    assert (again["decision"], again["reason"]) == ("refused", "ConfidenceTooLow")


def test_a_strangers_prediction_is_not_kept(service: Service) -> None:
    stranger = local_account(7)
    prediction = service.made(engine=stranger.address)
    chain_id = service.world.transport.chain_id
    signature = sign_prediction(prediction, stranger, chain_id, service.world.diamond)
    with pytest.raises(IntakeRefused) as refused:
        service.client.send(prediction, signature)
    assert refused.value.status == 422
    assert service.journal.predictions() == []


def test_strangers_with_ever_new_keys_share_one_rate(service: Service) -> None:
    """Each of them would ask the chain; the engine's own predictions do not wait for them."""
    chain_id, found = service.world.transport.chain_id, []
    for _ in range(20):
        key = Account.create()
        prediction = service.made(engine=key.address)
        signature = sign_prediction(prediction, key, chain_id, service.world.diamond)
        with pytest.raises(IntakeRefused) as refused:
            service.client.send(prediction, signature)
        found.append((refused.value.status, refused.value.error))
    assert found[:5] == [(422, "EngineNotActive")] * 5
    assert found.count((429, "TooMany")) > 10
    assert service.send(service.made())["decision"] == "pending"


def _window(row: PredictionRow) -> dict[str, int]:
    return {"valid_from": row.valid_from, "valid_until": row.valid_until}


def test_a_signature_must_be_the_engines(service: Service) -> None:
    prediction = service.made()
    for signature in (service.sign(service.made(nonce=2)), bytes(65)):
        with pytest.raises(IntakeRefused) as refused:
            service.client.send(prediction, signature)
        assert (refused.value.status, refused.value.error) == (401, "SignatureInvalid")


def test_what_waits_is_bounded(serve: Serve) -> None:
    service = serve(waiting=2)
    service.send(service.made(nonce=1))
    with pytest.raises(IntakeRefused) as refused:
        service.send(service.made(nonce=129))
    assert refused.value.error == "NonceTooFar"
    service.send(service.made(nonce=128))
    with pytest.raises(IntakeRefused) as refused:
        service.send(service.made(nonce=3))
    assert (refused.value.status, refused.value.error) == (429, "QueueFull")
    (first, _) = service.journal.predictions()
    service.journal.decide(first.digest, Decision.EXPIRED)
    service.send(service.made(nonce=129))


def test_who_sends_too_fast_is_said_how_long_to_wait(serve: Serve) -> None:
    service = serve(per_second=0.001, burst=2)
    service.send(service.made(nonce=1))
    service.send(service.made(nonce=2))
    service.send(service.made(nonce=2))  # what is known costs nothing
    prediction = service.made(nonce=3)
    body = {"prediction": _json(prediction), "signature": f"0x{service.sign(prediction).hex()}"}
    answer = requests.post(f"{service.url}/v1/predictions", json=body, timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (429, "TooMany")
    assert 900 < int(answer.headers["Retry-After"]) <= 1001


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{}", 400),
        (b"[1]", 400),
        (b"\xff\xfe", 400),
        (b'{"prediction": {}, "signature": "0x12"}', 400),
        (b" " * (16 * 1024 + 1), 413),
    ],
)
def test_what_is_not_as_the_schema_says_is_refused(
    service: Service, body: bytes, status: int
) -> None:
    answer = requests.post(f"{service.url}/v1/predictions", data=body, timeout=10)
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "message"}


def test_fields_must_have_their_types_and_bounds(service: Service) -> None:
    prediction = service.made()
    signature = f"0x{service.sign(prediction).hex()}"
    for changes in (
        {"nonce": "1"},
        {"nonce": -1},
        {"nonce": True},
        {"signal": "Up"},
        {"engine": "0x12"},
        {"engine": prediction.engine.replace("3C44Cd", "3C44CD")},
        {"valid_until": prediction.valid_from - 1},
        {"extra": 1},
        {"confidence_bps": 9500.5},
    ):
        body = {"prediction": _json(prediction) | changes, "signature": signature}
        answer = requests.post(f"{service.url}/v1/predictions", json=body, timeout=10)
        assert answer.status_code == 400, changes


_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=80)
_JSON = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_comes_in_is_answered_and_nothing_of_it_is_kept(
    service: Service, data: st.DataObject
) -> None:
    prediction = service.made()
    fields: dict[str, Any] = _json(prediction)
    body: Any = {"prediction": fields, "signature": f"0x{service.sign(prediction).hex()}"}
    if data.draw(st.booleans()):
        fields[data.draw(st.sampled_from([*fields, "other"]))] = data.draw(_JSON)
    else:
        body = data.draw(_JSON)
    answer = requests.post(
        f"{service.url}/v1/predictions", data=json.dumps(body).encode(), timeout=10
    )
    # A field that was replaced by its own value is right.
    assert answer.status_code in (200, 202, 400, 401, 422), answer.text
    if answer.status_code >= 400:
        assert set(answer.json()) == {"error", "message"}
    else:
        assert body["prediction"] == _json(prediction)


def test_a_tradingview_alert_is_signed_by_a_key_of_its_own(service: Service, world: World) -> None:
    """docs/how-to/tradingview_webhook.py, as it stands."""
    path = ROOT / "docs" / "how-to" / "tradingview_webhook.py"
    example = runpy.run_path(str(path))
    signer = EngineSigner(world.engine, chain_id=world.transport.chain_id, diamond=world.diamond)
    bridge = example["Bridge"](signer, service.client, "a secret of the test")
    alert = {"alert": "eth-breakout", "action": "buy", "time": "2026-01-01T00:00:00Z"}

    def post(**changes: Any) -> tuple[int, dict[str, Any]]:
        body = alert | {"secret": "a secret of the test"} | changes
        status, content = bridge.take(json.dumps(body).encode())
        return status, content

    status, outcome = post()
    assert status == 202
    (row,) = service.journal.predictions()
    assert (f"0x{row.digest.hex()}", row.engine) == (outcome["digest"], world.engine.address)
    assert (row.confidence_bps, row.model_id) == (9350, 3)
    assert post() == (200, outcome)  # sent again
    assert post(secret="another")[0] == 401
    assert post(action="sell")[0] == 404
    assert bridge.take(b"[]")[0] == bridge.take(b"{")[0] == 400
    assert post(time="2026-01-01T00:01:00Z")[0] == 202
    assert [row.engine_nonce for row in service.journal.predictions()] == [1, 2]


def test_outcomes_of_what_is_not_known(service: Service) -> None:
    for digest, status in (("0x" + "11" * 32, 404), ("0xzz", 400)):
        with pytest.raises(IntakeRefused) as refused:
            service.client.outcome(digest)
        assert refused.value.status == status


def test_it_says_what_to_sign_and_how_to_post(service: Service) -> None:
    domain = service.client.domain()
    assert domain["domain"]["verifyingContract"] == service.world.diamond
    assert abs(domain["now"] - service.world.transport.timestamp()) <= 2
    assert domain["types"]["Prediction"][0] == {"name": "engine", "type": "address"}
    schema = requests.get(f"{service.url}/openapi.json", timeout=10).json()
    assert set(schema["paths"]) == {
        "/v1/predictions",
        "/v1/predictions/{digest}",
        "/v1/engines/{engine}/outcomes",
        "/v1/queue",
        "/v1/commitments",
        "/v1/domain",
    }
    assert "PredictionBody" in schema["components"]["schemas"]


def _json(prediction: Prediction) -> dict[str, Any]:
    return asdict(prediction) | {"signal": str(prediction.signal)}
