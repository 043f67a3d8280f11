"""N7, N14: what may be asked again is, later and later; what changes anything is asked once."""

from __future__ import annotations

import json
import threading

import pytest

from macrostrike.chain import AnvilTransport, RpcTransport
from macrostrike.chain._jsonrpc import Question, _pause
from macrostrike.errors import NodeError, NodeUnavailable
from tests.faults import Exchange, FaultProxy, Reply, Rule, drop_before, error, on, raw, status

from .conftest import SENDER

PASSING: dict[str, Rule] = {
    "HTTP 429": status(429),
    "HTTP 429 with an error": status(429, b'{"jsonrpc":"2.0","error":{"code":1,"message":"x"}}'),
    "HTTP 502": status(502, b"<html>"),
    "HTTP 503": status(503, Retry_After="0"),
    "HTTP 520": status(520),
    "too many requests": error(-32005, "too many requests"),
    "capacity": error(429, "Your app has exceeded its compute units per second capacity"),
    "header not found": error(-32000, "header not found"),
    "a time-out": error(-32000, "request timed out"),
    "an internal error": error(-32603, "Internal error"),
    "the line is cut": drop_before,
    "no sense": raw(b"{}"),
}


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_what_passes_is_waited_for(fault: Rule, chain: RpcTransport, proxy: FaultProxy) -> None:
    proxy.rules.append(on("eth_gasPrice", fault, times=2))
    assert chain.gas_price() > 0
    assert proxy.count("eth_gasPrice") == 3


LASTING: list[Rule] = [
    status(401),
    status(403, b'{"message":"invalid api key"}'),
    status(404),
    error(-32601, "no"),
    error(-32602, "invalid params"),
    error(-32000, "missing trie node"),
]


@pytest.mark.parametrize("fault", LASTING)
def test_what_does_not_pass_is_said_at_once(
    fault: Rule, chain: RpcTransport, proxy: FaultProxy
) -> None:
    proxy.rules.append(on("eth_gasPrice", fault))
    with pytest.raises((NodeError, NodeUnavailable)):
        chain.gas_price()
    assert proxy.count("eth_gasPrice") == 1


@pytest.mark.parametrize(
    "method", ["eth_sendRawTransaction", "eth_sendTransaction", "evm_mine", "anvil_setBalance"]
)
def test_what_changes_anything_is_asked_once(
    method: str, chain: RpcTransport, proxy: FaultProxy
) -> None:
    proxy.rules.append(on(method, status(503)))
    with pytest.raises(NodeUnavailable):
        chain.request(method)
    assert proxy.count(method) == 1


def test_patience_ends(proxy: FaultProxy) -> None:
    chain = RpcTransport(proxy.url, patience=0.5)
    proxy.rules.append(on("eth_gasPrice", status(429, Retry_After="0")))
    with pytest.raises(NodeUnavailable, match="429"):
        chain.gas_price()
    assert 2 <= proxy.count("eth_gasPrice") <= 8


def test_a_node_that_wants_longer_than_we_wait_is_not_asked_again(
    chain: RpcTransport, proxy: FaultProxy
) -> None:
    proxy.rules.append(on("eth_gasPrice", status(429, Retry_After="3600")))
    with pytest.raises(NodeUnavailable) as refused:
        chain.gas_price()
    assert refused.value.retry_after == 3600
    assert proxy.count("eth_gasPrice") == 1


def test_pauses_grow_differ_and_heed_what_the_node_wants() -> None:
    busy = NodeUnavailable("http://node", "HTTP 429", status=429)
    for attempt in range(1, 12):
        pauses = {_pause(busy, attempt) for _ in range(20)}
        longest = min(0.1 * 2 ** (attempt - 1), 5.0)
        assert len(pauses) > 1
        assert all(longest / 2 <= pause <= longest for pause in pauses)
    busy.retry_after = 7.0
    assert _pause(busy, 1) == 7.0


def test_a_deployment_goes_through_a_node_that_refuses_some(
    node: AnvilTransport, proxy: FaultProxy, counter: str
) -> None:
    """Every fifth request is refused, which ended nearly every command before."""
    asked = [0]

    def every_fifth(exchange: Exchange) -> Reply | None:
        asked[0] += 1
        if asked[0] % 5 or exchange.method == "eth_sendRawTransaction":
            return None
        return status(429, Retry_After="0")(exchange)

    proxy.rules.append(every_fifth)
    chain = RpcTransport(proxy.url)
    before = node.nonce(SENDER.address)
    for _ in range(20):
        assert chain.send(SENDER, counter, b"").succeeded
    assert node.nonce(SENDER.address) == before + 20
    assert asked[0] > 100


# Batches.


def up_to(size: int, fault: Rule) -> Rule:
    def rule(exchange: Exchange) -> Reply | None:
        too_long = isinstance(exchange.request, list) and len(exchange.request) > size
        return fault(exchange) if too_long else None

    return rule


NO_BATCHES: list[Rule] = [
    status(413),
    status(400, b"Bad Request"),
    raw(b'{"error":{"code":-32600,"message":"batch too large"}}'),
    status(500, b'{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"batch limit"}}'),
    raw(b"{}"),
]


@pytest.mark.parametrize("size", [1, 3, 50])
@pytest.mark.parametrize("fault", NO_BATCHES)
def test_batches_shrink_to_what_the_node_takes(
    size: int, fault: Rule, chain: RpcTransport, proxy: FaultProxy, counter: str
) -> None:
    proxy.rules.append(up_to(size, fault))
    answers = chain.call_many([(counter, b"")] * 120)
    assert [int.from_bytes(answer, "big") for answer in answers] == [1] * 120


def test_answers_of_a_batch_come_in_any_order_and_may_lack_some(
    chain: RpcTransport, proxy: FaultProxy, node: AnvilTransport
) -> None:
    def shuffled(exchange: Exchange) -> Reply:
        answers = json.loads(exchange.forward())[::-1]
        answers[2]["error"] = {"code": 429, "message": "rate limited"}
        return Reply(json.dumps([*answers[1:], "strange", None]).encode())

    numbers = list(range(node.block_number() + 1))
    proxy.rules.append(on("batch", shuffled, times=1))
    assert [block.number for block in chain.blocks(numbers)] == numbers


def test_threads_share_a_transport(chain: RpcTransport, counter: str) -> None:
    failures: list[BaseException] = []

    def ask() -> None:
        try:
            for _ in range(20):
                assert chain.call_many([(counter, b"")] * 3)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_only_reads_may_be_repeated() -> None:
    assert Question("eth_getLogs").may_be_repeated
    for method in ("eth_sendRawTransactionSync", "evm_snapshot", "hardhat_mine", "personal_sign"):
        assert not Question(method).may_be_repeated


def test_events_of_blocks_that_a_node_has_not_seen_are_waited_for(
    node: AnvilTransport, chain: RpcTransport, proxy: FaultProxy, counter: str
) -> None:
    """Behind a balancer, a node that is behind answers with no events, and no error."""
    receipt = node.send(SENDER, counter, b"", gas=200_000)

    def behind(exchange: Exchange) -> Reply | None:
        if exchange.method == "eth_getLogs":
            return exchange.answer(result=[])
        if exchange.method == "eth_getBlockByNumber":
            return exchange.answer(result=None)
        return None

    asked = [0]

    def twice_behind(exchange: Exchange) -> Reply | None:
        asked[0] += exchange.method == "eth_getLogs"
        return behind(exchange) if asked[0] <= 2 else None

    proxy.rules.append(twice_behind)
    found = chain.logs(counter, receipt.block_number, receipt.block_number)
    assert found == list(receipt.logs)
    proxy.rules[:] = [behind]
    with pytest.raises(NodeError, match="behind the others"):
        chain.logs(counter, receipt.block_number, receipt.block_number)
