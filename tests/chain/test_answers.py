"""N4, N6, N8 to N10: whatever a node answers is a value, or one of our own errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from macrostrike.chain import AnvilTransport, Receipt, RpcTransport
from macrostrike.chain._answers import parse, refusal, result_of
from macrostrike.chain._entries import block, logs, receipt, timestamp, word
from macrostrike.chain._http import HttpAnswer
from macrostrike.errors import ChainError, MalformedAnswer, NodeError, NodeUnavailable, Reverted
from tests.faults import FaultProxy, changed, error, on, raw, status

from .conftest import SENDER

URL = "https://node.example/v3/s3cr3t-k3y"
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["0x", "0x0", "0xabc", "0x" + "00" * 32]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["error", "code", "message", "data", "result", "id", "logs", "blockNumber"]
            )
            | st.text(max_size=4),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
STATUS = st.sampled_from([200, 201, 204, 301, 400, 401, 403, 404, 429, 500, 502, 503])
FIELDS = st.sampled_from(["blockNumber", "status", "logs", "transactionHash", "gasUsed"])
READERS: list[Callable[[Any, str], Any]] = [block, logs, receipt, timestamp, word]


def outcome(ask: Callable[[], Any]) -> Any:
    """The result; an error of another kind than ours is not caught."""
    try:
        return ask()
    except ChainError as failure:
        return failure


@given(value=JSON, code=STATUS)
def test_any_json_with_any_status_is_a_result_or_an_error_of_ours(value: Any, code: int) -> None:
    for method in ("eth_call", "eth_sendRawTransaction"):
        body = HttpAnswer(code, json.dumps(value).encode(), None)
        found = outcome(lambda: result_of(URL, method, parse(URL, body)))  # noqa: B023
        assert "s3cr3t" not in str(found)


@given(body=st.binary(max_size=60), code=st.integers(100, 599))
def test_so_are_any_bytes(body: bytes, code: int) -> None:
    read = outcome(lambda: parse(URL, HttpAnswer(code, body, None)))
    if isinstance(read, NodeUnavailable):
        assert read.status == (0 if code == 200 else code)


@pytest.mark.parametrize("read", READERS)
@given(value=JSON)
def test_any_result_is_read_or_said_to_be_malformed(
    read: Callable[[Any, str], Any], value: Any
) -> None:
    found = outcome(lambda: read(value, "eth_any"))
    assert not isinstance(found, ChainError) or isinstance(found, MalformedAnswer)


@given(value=JSON, name=FIELDS)
def test_any_field_of_a_receipt_may_be_anything(value: Any, name: str) -> None:
    good: dict[str, Any] = {
        "transactionHash": "0x" + "11" * 32,
        "blockNumber": "0x1",
        "blockHash": "0x" + "22" * 32,
        "status": "0x1",
        "gasUsed": "0x5208",
        "logs": [],
    }
    found = outcome(lambda: receipt(good | {name: value}, "eth_getTransactionReceipt"))
    assert found is None or isinstance(found, (Receipt, MalformedAnswer))


@given(error=JSON)
def test_of_a_transaction_that_is_sent_nothing_is_a_revert(error: Any) -> None:
    assert type(refusal(URL, "eth_sendRawTransaction", error)) in (NodeError, MalformedAnswer)


CUSTOM = "0xdeadbeef"
REVERTS: dict[str, dict[str, Any]] = {
    "geth": {"code": 3, "message": "execution reverted", "data": CUSTOM},
    "hardhat": {
        "code": -32603,
        "message": "VM Exception while processing transaction: reverted",
        "data": {"message": "x", "data": CUSTOM},
    },
    "nested twice": {
        "code": -32000,
        "message": "x",
        "data": {"originalError": {"code": 3, "data": CUSTOM, "message": "x"}},
    },
    "parity": {"code": -32015, "message": "VM execution error.", "data": f"Reverted {CUSTOM}"},
    "nethermind": {"code": -32015, "message": "execution reverted", "data": f"revert: {CUSTOM}"},
    "in the message": {"code": -32000, "message": f"execution reverted: {CUSTOM}"},
    "ganache": {
        "code": -32000,
        "message": "VM Exception",
        "data": {"0x" + "ab" * 32: {"error": "revert", "return": CUSTOM}},
    },
    "code as text": {"code": "3", "message": "execution reverted", "data": CUSTOM},
}


@pytest.mark.parametrize("reported", REVERTS.values(), ids=REVERTS)
@pytest.mark.parametrize("method", ["eth_call", "eth_estimateGas"])
def test_revert_data_is_found_wherever_a_node_puts_it(
    reported: dict[str, Any], method: str
) -> None:
    reverted = refusal(URL, method, reported)
    assert isinstance(reverted, Reverted)
    assert reverted.data == bytes.fromhex(CUSTOM[2:])


@pytest.mark.parametrize(
    "reported",
    [
        {"code": -32000, "message": "nonce too low", "data": "0x"},
        {"code": -32000, "message": "insufficient funds for gas * price + value", "data": "0x"},
        {"code": -32000, "message": "gas required exceeds allowance (21000)"},
        {"code": -32000, "message": "header not found"},
        "Unauthorized",
        None,
        42,
        [],
        {"code": None, "message": None},
        {"code": "E_LIMIT", "message": {"text": "x"}},
        {"message": 7, "code": 1.5},
    ],
)
def test_what_is_not_a_revert_is_none(reported: Any) -> None:
    assert isinstance(refusal(URL, "eth_call", reported), NodeError)


# On a real node.


@pytest.mark.parametrize("code", [200, 400, 500, 503])
def test_an_error_in_a_body_of_any_status_is_read(
    code: int, chain: RpcTransport, proxy: FaultProxy, counter: str
) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "error": REVERTS["geth"]}
    proxy.rules.append(on("eth_call", status(code, json.dumps(body).encode())))
    with pytest.raises(Reverted) as reverted:
        chain.call(counter, b"")
    assert reverted.value.data == b"\xde\xad\xbe\xef"


STRANGE = [
    b'{"message":"Unauthorized"}',
    b"[]",
    b"null",
    b"{}",
    b'"x"',
    b'{"result":[]}',
    b'{"result":null}',
    b'{"error":"quota"}',
    b'{"error":{}}',
    b'{"result":"0xzz"}',
    b'{"result":true}',
]


@pytest.mark.parametrize("body", STRANGE)
@pytest.mark.parametrize("method", ["eth_blockNumber", "eth_gasPrice", "eth_getBlockByNumber"])
def test_strange_answers_are_errors_of_ours(
    body: bytes, method: str, chain: RpcTransport, proxy: FaultProxy
) -> None:
    proxy.rules.append(on(method, raw(body)))
    ask = {
        "eth_blockNumber": chain.block_number,
        "eth_gasPrice": chain.gas_price,
        "eth_getBlockByNumber": chain.timestamp,
    }[method]
    with pytest.raises(ChainError):
        ask()
    proxy.rules[:] = [on(method, raw(body), times=proxy.count(method) + 1)]
    ask()  # and once is no more than a hiccup


def test_a_time_of_zero_is_not_believed(
    chain: RpcTransport, proxy: FaultProxy, counter: str, node: AnvilTransport
) -> None:
    for zero in ("0x0", None, 0, ""):

        def wrong(receipt: dict[str, Any], zero: Any = zero) -> dict[str, Any]:
            return receipt | {"logs": [e | {"blockTimestamp": zero} for e in receipt["logs"]]}

        proxy.rules[:] = [on("eth_getTransactionReceipt", changed(wrong))]
        receipt = chain.send(SENDER, counter, b"", gas=200_000)
        assert receipt.timestamp == node.block(receipt.block_number).timestamp


def test_a_node_without_a_method_for_tips(
    chain: RpcTransport, proxy: FaultProxy, counter: str
) -> None:
    proxy.rules.append(on("eth_maxPriorityFeePerGas", error(-32601, "method not found")))
    fees = chain.fees()
    assert fees.priority is not None
    assert fees.max_fee >= fees.priority
    assert chain.send(SENDER, counter, b"").succeeded


def test_a_chain_without_a_base_fee(chain: RpcTransport, proxy: FaultProxy, counter: str) -> None:
    def legacy(block: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in block.items() if name != "baseFeePerGas"}

    proxy.rules.append(on("eth_getBlockByNumber", changed(legacy)))
    fees = chain.fees()
    assert fees.fields() == {"gasPrice": chain.gas_price()}
    assert chain.send(SENDER, counter, b"").succeeded
    assert chain.send(SENDER, counter, b"").succeeded
    assert proxy.count("eth_maxPriorityFeePerGas") == 1  # with the first, before that was known


def test_a_node_without_a_pending_block(
    node: AnvilTransport, proxy: FaultProxy, counter: str
) -> None:
    def refuses_pending(exchange: Any) -> Any:
        if exchange.method == "batch":
            return None  # of each in it
        if "pending" in exchange.request["params"] and "Count" not in exchange.method:
            return error(-32000, "pending block is not available")(exchange)
        return None

    proxy.rules.append(refuses_pending)
    chain = RpcTransport(proxy.url, patience=0.2)
    assert chain.timestamp(pending=True) > node.timestamp()
    assert chain.send(SENDER, counter, b"").succeeded
    assert chain.call(counter, b"", pending=True) == node.call(counter, b"")
