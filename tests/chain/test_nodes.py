"""Several nodes: one that fails or is behind does not decide, and no transaction is lost by it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from macrostrike.chain import Outcome, RpcTransport, _nodes
from macrostrike.chain._broadcast import Result, one_of
from macrostrike.chain._http import HttpAnswer
from macrostrike.chain._nodes import Health
from macrostrike.errors import (
    ChainError,
    NodeUnavailable,
    NonceTaken,
    TransactionRefused,
    WrongChain,
)

A, B, C = "http://a.invalid/key-a", "http://b.invalid/key-b", "http://c.invalid/key-c"
SEND = "eth_sendRawTransaction"
KEY = Account.from_key("0x" + "a1" * 32)
SIGNED = bytes(
    KEY.sign_transaction(
        {"nonce": 0, "gas": 21_000, "gasPrice": 1, "to": KEY.address, "value": 1, "chainId": 1}
    ).raw_transaction
)


class Fake:
    """A node that answers from a table; `fault` is raised, or answered as an error."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.seen: list[str] = []
        self.height, self.chain_id, self.balance = 100, 1, 7
        self.fault: Exception | str | None = None
        self.refuses: dict[str, str] = {}
        self.asked = threading.Event()

    def post(self, body: bytes) -> HttpAnswer:
        request = json.loads(body)
        several = request if isinstance(request, list) else [request]
        self.seen += [each["method"] for each in several]
        self.asked.set()
        if isinstance(self.fault, Exception):
            raise self.fault
        answers = [self._answer(each) for each in several]
        found = answers if isinstance(request, list) else answers[0]
        return HttpAnswer(200, json.dumps(found).encode(), None)

    def _answer(self, request: Any) -> dict[str, Any]:
        method, answer = request["method"], {"jsonrpc": "2.0", "id": request["id"]}
        refusal = self.refuses.get(method) or self.fault
        if refusal is not None:
            return {**answer, "error": {"code": -32000, "message": refusal}}
        results: dict[str, object] = {
            "eth_chainId": hex(self.chain_id),
            "eth_blockNumber": hex(self.height),
            "eth_getBalance": hex(self.balance),
            "eth_getTransactionReceipt": None,
            "eth_getTransactionByHash": None,
            SEND: "0x" + "00" * 32,
        }
        return {**answer, "result": results[method]}


Fakes = dict[str, Fake]


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> Fakes:
    made: Fakes = {url: Fake(url) for url in (A, B, C)}
    monkeypatch.setattr(_nodes, "Endpoint", lambda url, _: made[url])
    monkeypatch.setattr(_nodes, "_PROBE_EVERY", 1e9)  # none but what a test asks for
    return made


def connected(*urls: str, **options: Any) -> RpcTransport:
    return RpcTransport(urls, patience=0.0, **options)


def down(url: str, *, sent: bool = True) -> NodeUnavailable:
    return NodeUnavailable(url, "no connection", sent=sent)


@pytest.mark.parametrize("fault", [down(A), "rate limit exceeded", "the method is not here"])
def test_what_one_node_does_not_answer_is_asked_of_the_next(
    fakes: Fakes, fault: Exception | str
) -> None:
    chain = connected(A, B)
    fakes[A].fault = fault
    assert chain.balance(KEY.address) == 7


def test_it_connects_though_the_first_is_down(fakes: Fakes) -> None:
    fakes[A].fault = down(A)
    assert connected(A, B).chain_id == 1


def test_a_node_of_another_chain_is_refused(fakes: Fakes) -> None:
    fakes[B].chain_id = 2
    with pytest.raises(WrongChain):
        connected(A, B)


def test_a_node_of_another_chain_that_was_down_is_refused_before_it_is_asked(fakes: Fakes) -> None:
    fakes[B].fault = down(B)
    chain = connected(A, B)
    fakes[A].fault, fakes[B].fault, fakes[B].chain_id = down(A), None, 2
    with pytest.raises(WrongChain):
        chain.balance(KEY.address)
    assert "eth_getBalance" not in fakes[B].seen


def test_a_stale_node_is_not_believed(fakes: Fakes) -> None:
    """The first one falls behind what it, or another, has shown."""
    chain = connected(A, B)
    assert chain.block_number() == 100
    fakes[B].height = 103
    fakes[A].fault = down(A)
    assert chain.block_number() == 103
    fakes[A].fault, fakes[A].balance = None, 1
    assert chain.balance(KEY.address) == 7
    # Nor where no other node answers.
    fakes[B].fault = down(B)
    with pytest.raises(NodeUnavailable):
        chain.balance(KEY.address)
    fakes[A].height = 103
    assert chain.balance(KEY.address) == 1


def test_a_chain_that_has_gone_back_everywhere_is_followed(fakes: Fakes) -> None:
    chain = connected(A, B)
    chain.block_number()
    fakes[A].height, fakes[B].height = 90, 92
    assert chain.block_number() == 92


def test_a_node_without_batches_is_asked_for_its_height_all_the_same(fakes: Fakes) -> None:
    chain = connected(A, B)
    chain.block_number()
    whole = fakes[A].post

    def no_batches(body: bytes) -> HttpAnswer:
        return HttpAnswer(400, b"", None) if body.startswith(b"[") else whole(body)

    fakes[A].post = no_batches  # type: ignore[method-assign]
    fakes[A].balance = 1
    assert chain.balance(KEY.address) == 1
    fakes[A].height = 99
    assert chain.balance(KEY.address) == 7


def test_a_node_that_failed_comes_back_by_itself(
    fakes: Fakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = connected(A, B)
    fakes[A].fault = down(A)
    chain.balance(KEY.address)
    fakes[A].fault = None
    fakes[A].seen.clear()
    fakes[A].asked.clear()
    chain.balance(KEY.address)
    assert fakes[A].seen == []
    monkeypatch.setattr(_nodes, "_PROBE_EVERY", 0.0)
    chain.balance(KEY.address)
    assert fakes[A].asked.wait(30)
    assert "eth_getBalance" not in fakes[A].seen[:1]


# Broadcasts.


def test_a_transaction_goes_to_all_nodes(fakes: Fakes) -> None:
    chain = connected(A, B, C)
    for fake in fakes.values():
        fake.asked.clear()
    assert chain.broadcast(SIGNED) is None
    for fake in fakes.values():
        assert fake.asked.wait(30)
        assert fake.seen.count(SEND) <= 1


def test_to_the_private_relay_only_where_there_is_one(fakes: Fakes) -> None:
    chain = connected(A, B, relay=C)
    assert chain.broadcast(SIGNED) is None
    assert [fakes[url].seen.count(SEND) for url in (A, B, C)] == [0, 0, 1]
    # Not even where the relay does not answer: it may not be seen by others.
    fakes[C].fault = down(C)
    assert chain.broadcast(SIGNED) is Outcome.UNKNOWN
    assert [fakes[url].seen.count(SEND) for url in (A, B)] == [0, 0]


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        (down(A), None, None),
        (down(A, sent=False), None, None),
        ("insufficient funds", None, None),
        ("nonce too low", None, None),
        (down(A), "insufficient funds", Outcome.UNKNOWN),
        (down(A), "nonce too low", Outcome.UNKNOWN),
        ("internal error", "replacement underpriced", Outcome.UNKNOWN),
        (down(A, sent=False), "already known", Outcome.ALREADY_THERE),
        (down(A, sent=False), "insufficient funds", TransactionRefused),
        ("insufficient funds", "nonce too low", NonceTaken),
        (down(A, sent=False), down(B, sent=False), NodeUnavailable),
    ],
)
def test_what_two_nodes_say_of_one_transaction(
    fakes: Fakes, first: Exception | str | None, second: Exception | str | None, outcome: Any
) -> None:
    chain = connected(A, B)
    for url, fault in ((A, first), (B, second)):
        if isinstance(fault, str):
            fakes[url].refuses[SEND] = fault
        else:
            fakes[url].fault = fault
    if isinstance(outcome, type):
        with pytest.raises(outcome):
            chain.broadcast(SIGNED)
    else:
        assert chain.broadcast(SIGNED) is outcome


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_failure_that_no_one_thought_of_is_unknown_and_is_not_waited_for(fakes: Fakes) -> None:
    """Its thread has died, after the transaction may have left."""
    chain = connected(A, B)
    fakes[A].fault = ZeroDivisionError("of a library")
    assert chain.broadcast(SIGNED) is None
    fakes[B].refuses[SEND] = "insufficient funds"
    assert chain.broadcast(SIGNED) is Outcome.UNKNOWN


RESULTS: list[Result] = [
    None,
    Outcome.ALREADY_THERE,
    Outcome.UNKNOWN,
    NonceTaken(b"h" * 32, 0, "used"),
    TransactionRefused(b"h" * 32, 0, "funds"),
    down(A, sent=False),
]


@given(st.lists(st.sampled_from(RESULTS), min_size=1, max_size=5))
def test_a_refusal_needs_everybody_and_the_order_does_not_matter(results: list[Result]) -> None:
    def what(found: list[Result]) -> object:
        try:
            return one_of(found)
        except ChainError as refusal:
            return type(refusal)

    may_be_there = [r for r in results if r is None or isinstance(r, Outcome)]
    assert isinstance(what(results), type) == (not may_be_there)
    by_kind: Callable[[Result], str] = repr
    if Outcome.ALREADY_THERE not in results:
        assert what(results) == what(sorted(results, key=by_kind))


# Health.


@pytest.mark.parametrize(
    ("requests", "healthy"),
    [
        ("xxx", True),  # too few
        ("xxx......", True),
        ("xxx.......", False),  # 30 % of 10
        ("xx........", True),
        ("." * 20 + "xxxxx", True),  # 25 % of 20
        ("." * 20 + "xxxxxx", False),
        ("." * 20 + "xxxxxx" + "." * 18, False),  # 10 % of 20 is not under 10 %
        ("." * 20 + "xxxxxx" + "." * 19, True),
        ("." * 20 + "xxxxxx" + "." * 19 + "xxxxx", True),
    ],
)
def test_health_has_hysteresis(requests: str, healthy: bool) -> None:
    health = Health()
    for each in requests:
        health.note(failed=each == "x")
    assert health.is_healthy is healthy


def test_traffic_counts_what_was_asked(fakes: Fakes) -> None:
    chain = connected(A, B)
    fakes[A].fault = down(A)
    for _ in range(12):
        fakes[B].fault = None
        chain.balance(KEY.address)
        fakes[B].fault = down(B)
        with pytest.raises(NodeUnavailable):
            chain.balance(KEY.address)
    traffic = chain.traffic
    assert traffic.healthy == (False, False)
    ok, failed = (traffic.requests["eth_getBalance", each] for each in ("ok", "failed"))
    assert ok.count == 12
    assert failed.count == len([m for m in fakes[A].seen if m == "eth_getBalance"]) + 12
    assert ok.buckets[-1] == ok.count
    assert list(ok.buckets) == sorted(ok.buckets)


def test_no_key_is_in_a_message(fakes: Fakes) -> None:
    chain = connected(A, B)
    fakes[B].height = 103
    chain.block_number()
    fakes[A].fault = down(A)
    chain.block_number()
    fakes[A].fault, fakes[B].fault = None, down(B)
    with pytest.raises(NodeUnavailable) as refused:
        chain.block_number()
    assert "key-" not in str(refused.value)
