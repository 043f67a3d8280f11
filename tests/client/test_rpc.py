"""Nodes that are down, slow, strange, or another chain's: each its own error, no secret shown."""

from __future__ import annotations

import socket
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

import pytest
from eth_account import Account

from macrostrike.chain import AnvilTransport, RpcTransport, start_anvil
from macrostrike.errors import (
    NodeError,
    NodeUnavailable,
    Reverted,
    TransactionNotMined,
    WrongChain,
)

from .support import rpc_error, strange_node
from .test_transports import CLOCK, COUNTER, creation_of

SENDER = Account.from_key("0x" + "a1" * 32)


@pytest.fixture
def chain(anvil_url: str) -> AnvilTransport:
    transport = AnvilTransport(anvil_url)
    transport.set_balance(SENDER.address, 10**20)
    return transport


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_node_that_is_down_is_said_to_be() -> None:
    url = f"http://127.0.0.1:{unused_port()}"
    with pytest.raises(NodeUnavailable, match="no connection") as failure:
        RpcTransport(url)
    assert failure.value.url == url


def test_a_node_that_does_not_answer_in_time_is_said_to_be_slow() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        with pytest.raises(NodeUnavailable, match="too long"):
            RpcTransport(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.3)
        assert time.monotonic() - started < 2


def test_many_calls_of_a_past_block(chain: AnvilTransport) -> None:
    clock = str(chain.send(SENDER, None, creation_of(CLOCK)).contract_address)
    block, reported = chain.block_number(), chain.timestamp()
    chain.mine()
    for number, at in ((block, reported), (None, chain.timestamp())):
        (answer,) = chain.call_many([(clock, b"")], block=number)
        assert int.from_bytes(answer, "big") == at
    assert chain.timestamp() > reported


def test_a_node_that_takes_no_batches_is_asked_one_by_one(chain: AnvilTransport) -> None:
    clock = str(chain.send(SENDER, None, creation_of(CLOCK)).contract_address)
    refusal = rpc_error(-32600, "batches are not supported")
    # A batch is a list of requests.
    answer = lambda request: refusal if isinstance(request, list) else None  # noqa: E731
    with strange_node(answer, chain.url) as url:
        answers = RpcTransport(url).call_many([(clock, b"")] * 3)
    assert answers == [chain.timestamp().to_bytes(32, "big")] * 3


@pytest.mark.parametrize("url", ["nonsense", "ftp://127.0.0.1", "http://", ""])
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(NodeUnavailable):
        RpcTransport(url)


def test_an_answer_that_is_not_a_json_is_refused() -> None:
    with (
        strange_node(lambda _: b"<html>maintenance</html>") as url,
        pytest.raises(NodeUnavailable),
    ):
        RpcTransport(url)


def test_an_http_error_is_named() -> None:
    with (
        strange_node(lambda _: b"", status=503) as url,
        pytest.raises(NodeUnavailable, match="503"),
    ):
        RpcTransport(url, patience=0)


@pytest.mark.parametrize(
    ("secret", "url"),
    [
        ("k3y-in-path", "http://127.0.0.1:{port}/v3/k3y-in-path"),
        ("k3y-in-query", "http://127.0.0.1:{port}/?token=k3y-in-query"),
        ("k3y-in-user", "http://me:k3y-in-user@127.0.0.1:{port}"),
    ],
)
@pytest.mark.parametrize("is_up", [False, True])
def test_secrets_of_a_url_are_never_shown(secret: str, url: str, is_up: bool) -> None:
    with strange_node(lambda _: b"", status=401) as there:
        port = there.rpartition(":")[2] if is_up else unused_port()
        with pytest.raises(NodeUnavailable) as failure:
            RpcTransport(url.format(port=port))
    shown = "".join(traceback.format_exception(failure.value)) + repr(vars(failure.value))
    assert "127.0.0.1" in shown
    assert secret not in shown


def test_another_chain_than_meant_is_refused(anvil_url: str) -> None:
    with pytest.raises(WrongChain) as failure:
        RpcTransport(anvil_url, chain_id=1)
    assert (failure.value.expected, failure.value.actual) == (1, 31337)


def test_what_the_node_refuses_comes_with_its_code_and_reason(chain: AnvilTransport) -> None:
    with pytest.raises(NodeError) as failure:
        chain.request("eth_noSuchMethod")
    assert failure.value.method == "eth_noSuchMethod"
    assert failure.value.code == -32601


@pytest.mark.parametrize(
    ("answer", "data"),
    [
        (rpc_error(3, "execution reverted", "0xdeadbeef"), b"\xde\xad\xbe\xef"),
        (rpc_error(-32000, "VM Exception", "0xdeadbeef"), b"\xde\xad\xbe\xef"),
        (rpc_error(-32000, "execution reverted"), b""),
        (rpc_error(3, "execution reverted", "0x"), b""),
    ],
)
def test_reverts_are_known_however_a_node_says_them(
    anvil_url: str, answer: bytes, data: bytes
) -> None:
    def only_calls(request: dict[str, object]) -> bytes | None:
        return answer if request["method"] == "eth_call" else None

    with strange_node(only_calls, anvil_url) as url, pytest.raises(Reverted) as failure:
        RpcTransport(url).call(SENDER.address, b"")
    assert failure.value.data == data


def test_why_a_mined_transaction_failed_is_found_without_traces_too(
    chain: AnvilTransport, anvil_url: str
) -> None:
    def no_traces(request: dict[str, object]) -> bytes | None:
        is_trace = request["method"] == "debug_traceTransaction"
        return rpc_error(-32601, "method not found") if is_trace else None

    counter = str(chain.send(SENDER, None, creation_of(COUNTER)).contract_address)
    with strange_node(no_traces, anvil_url) as url, pytest.raises(Reverted) as failure:
        RpcTransport(url).send(SENDER, counter, b"why", gas=200_000)
    assert failure.value.data == b"why"


def test_a_transaction_that_is_not_mined_in_time_is_named() -> None:
    with start_anvil("--no-mining") as url:
        transport = RpcTransport(url, mined_within=0.2)
        AnvilTransport(url).set_balance(SENDER.address, 10**20)
        with pytest.raises(TransactionNotMined) as failure:
            transport.send(SENDER, SENDER.address, b"")
        known = transport.request(
            "eth_getTransactionByHash", "0x" + failure.value.transaction_hash.hex()
        )
        assert known["blockNumber"] is None


def test_threads_that_send_at_once_take_different_nonces(chain: AnvilTransport) -> None:
    counter = str(chain.send(SENDER, None, creation_of(COUNTER)).contract_address)
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda _: chain.send(SENDER, counter, b""), range(24)))
    assert len({receipt.transaction_hash for receipt in receipts}) == 24
    assert int.from_bytes(chain.storage(counter, 0), "big") == 24
