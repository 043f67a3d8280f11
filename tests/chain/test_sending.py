"""N1: what was sent ends in the receipt, or in `TransactionNotMined` with its hash."""

from __future__ import annotations

import pytest

from macrostrike.chain import AnvilTransport, Outcome, Receipt, Reverted, RpcTransport, start_anvil
from macrostrike.errors import (
    NodeUnavailable,
    NonceTaken,
    TransactionNotMined,
    TransactionRefused,
)
from tests.faults import (
    Exchange,
    FaultProxy,
    Rule,
    changed,
    drop_after,
    drop_before,
    error,
    late,
    on,
    raw,
    status,
    truncated,
    twice,
)

from .conftest import SENDER

SEND, RECEIPT = "eth_sendRawTransaction", "eth_getTransactionReceipt"

ARRIVES: dict[str, Rule] = {
    "the line is cut": drop_after,
    "the answer is too late": late(3),
    "the answer is cut short": truncated,
    "sent twice by a balancer": twice,
    "HTTP 429": status(429, forwarded=True),
    "HTTP 502": status(502, b"<html>Bad Gateway</html>", forwarded=True),
    "HTTP 503 with Retry-After": status(503, forwarded=True, Retry_After="1"),
    "HTTP 500 with a JSON-RPC error": status(
        500,
        b'{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"Internal"}}',
        forwarded=True,
    ),
    "already known": error(-32000, "already known", forwarded=True),
    "already imported": error(-32010, "Transaction already imported.", forwarded=True),
    "nonce too low, as it is mined": error(-32000, "nonce too low", data="0x", forwarded=True),
    "a rate limit": error(-32005, "daily request count exceeded", forwarded=True),
    "an internal error": error(-32603, "Internal error", forwarded=True),
    "an unknown error": error(-39999, "no such words", forwarded=True),
    "a message without a result": raw(b'{"message":"Unauthorized"}', forwarded=True),
    "no JSON": raw(b"<html>", forwarded=True),
    "an empty list": raw(b"[]", forwarded=True),
    "no result": raw(b'{"jsonrpc":"2.0","id":1,"result":null}', forwarded=True),
    "another hash": changed(lambda _: "0x" + "77" * 32),
}
DOES_NOT_ARRIVE: dict[str, Rule] = {
    "the line is cut": drop_before,
    "HTTP 429": status(429),
    "HTTP 502": status(502),
    "a rate limit": error(-32005, "too many requests"),
    "no JSON": raw(b""),
}
WHILE_WAITING: dict[str, Rule] = {
    "the line is cut": drop_before,
    "the answer is cut short": truncated,
    "HTTP 429": status(429, Retry_After="0"),
    "HTTP 502": status(502),
    "indexing": error(-32000, "transaction indexing is in progress"),
    "an internal error": error(-32603, "Internal error"),
    "a revert's code": error(3, "execution reverted", data="0xdeadbeef"),
    "null": changed(lambda _: None),
    "null block": changed(lambda r: r | {"blockNumber": None, "blockHash": None}),
    "null logs": changed(lambda r: r | {"logs": None}),
    "no status": changed(lambda r: {k: v for k, v in r.items() if k != "status"}),
    "a string": changed(lambda _: "pending"),
    "odd hex": changed(lambda r: r | {"transactionHash": "0xabc"}),
    "nothing": raw(b"{}"),
}


def sent(chain: RpcTransport, counter: str, data: bytes = b"") -> Receipt:
    return chain.send(SENDER, counter, data, gas=200_000)


@pytest.mark.parametrize("fault", ARRIVES.values(), ids=ARRIVES)
def test_what_arrives_gets_its_receipt_whatever_the_node_answers(
    fault: Rule, chain: RpcTransport, proxy: FaultProxy, counter: str, node: AnvilTransport
) -> None:
    nonce = node.nonce(SENDER.address)
    proxy.rules.append(on(SEND, fault))
    receipt = sent(chain, counter)
    assert receipt.succeeded
    assert node.receipt(receipt.transaction_hash) == receipt
    assert node.nonce(SENDER.address) == nonce + 1
    assert proxy.count(SEND) == 1


def test_a_nonce_that_is_used_by_what_has_no_receipt_yet_is_not_anothers(
    chain: RpcTransport, proxy: FaultProxy, counter: str, node: AnvilTransport
) -> None:
    """The node knows the nonce a moment before it has the receipt: here, until it mines."""
    node.request("evm_setAutomine", False)
    try:
        proxy.rules.append(on(SEND, ARRIVES["nonce too low, as it is mined"]))
        ticket = chain.submit(SENDER, counter, b"", gas=200_000)
        assert chain.look_for(ticket.hash) is None
        node.mine()
        assert ticket.wait().succeeded
    finally:
        node.request("evm_setAutomine", True)


@pytest.mark.parametrize("fault", DOES_NOT_ARRIVE.values(), ids=DOES_NOT_ARRIVE)
def test_what_may_not_have_arrived_is_said_with_its_hash_and_never_sent_again(
    fault: Rule, chain: RpcTransport, proxy: FaultProxy, counter: str, node: AnvilTransport
) -> None:
    nonce = node.nonce(SENDER.address)
    chain.mined_within = 0.2
    proxy.rules.append(on(SEND, fault))
    ticket = chain.submit(SENDER, counter, b"", gas=200_000)
    with pytest.raises(TransactionNotMined) as unknown:
        ticket.wait()
    assert unknown.value.transaction_hash == ticket.hash
    assert proxy.count(SEND) == 1
    assert node.nonce(SENDER.address) == nonce
    assert node.receipt(ticket.hash) is None


@pytest.mark.parametrize("times", [2, None], ids=["twice", "for ever"])
@pytest.mark.parametrize("fault", WHILE_WAITING.values(), ids=WHILE_WAITING)
def test_no_answer_while_waiting_reverts_what_was_sent(
    fault: Rule, times: int | None, chain: RpcTransport, proxy: FaultProxy, counter: str
) -> None:
    proxy.rules.append(on(RECEIPT, fault, times=times))
    chain.mined_within = 0.2 if times is None else 5.0
    ticket = chain.submit(SENDER, counter, b"", gas=200_000)
    if times is not None:
        assert ticket.wait().transaction_hash == ticket.hash
        return
    with pytest.raises(TransactionNotMined) as unknown:
        ticket.wait()
    assert unknown.value.transaction_hash == ticket.hash
    proxy.rules.clear()
    assert ticket.wait().succeeded  # the ticket is good for another look


def test_no_read_that_only_decorates_replaces_the_outcome(
    chain: RpcTransport, proxy: FaultProxy, counter: str
) -> None:
    def without_time(receipt: dict[str, object]) -> dict[str, object]:
        logs = receipt["logs"]
        assert isinstance(logs, list)
        return receipt | {"logs": [each | {"blockTimestamp": "0x0"} for each in logs]}

    proxy.rules += [
        on(RECEIPT, changed(without_time)),
        on("eth_getBlockByNumber", drop_before, after=1),
    ]
    receipt = sent(chain, counter)
    assert receipt.succeeded
    assert receipt.timestamp == 0

    proxy.rules[:] = [on("debug_traceTransaction", drop_before), on("eth_call", status(502))]
    with pytest.raises(Reverted) as failed:
        sent(chain, counter, b"why")
    assert "failed when mined" in failed.value.reason


REFUSALS = [
    (-32000, "insufficient funds for gas * price + value"),
    (-32000, "intrinsic gas too low"),
    (-32000, "max fee per gas less than block base fee: address 0x, maxFeePerGas: 1 baseFee: 2"),
    (-32000, "replacement transaction underpriced"),
    (-32000, "execution reverted"),
    (-32003, "whatever a node says with the code for rejected transactions"),
    (-32601, "the method eth_sendRawTransaction does not exist/is not available"),
]


@pytest.mark.parametrize(("code", "message"), REFUSALS, ids=lambda value: str(value)[:24])
@pytest.mark.parametrize("http", [200, 400, 500])
def test_a_refusal_for_good_is_said_at_once(
    code: int, message: str, http: int, chain: RpcTransport, proxy: FaultProxy, counter: str
) -> None:
    body = f'{{"jsonrpc":"2.0","id":1,"error":{{"code":{code},"message":"{message}"}}}}'
    proxy.rules.append(on(SEND, status(http, body.encode())))
    with pytest.raises(TransactionRefused, match=message[:20]) as refused:
        sent(chain, counter)
    assert refused.value.code == code
    assert len(refused.value.transaction_hash) == 32
    assert proxy.count(RECEIPT) == 0


SYNC = "eth_sendRawTransactionSync"


@pytest.mark.parametrize(
    ("fault", "asks_again"),
    [
        (None, False),
        (drop_after, True),
        (late(3), True),
        (truncated, True),
        (status(502, forwarded=True), True),
        (error(-32603, "Transaction confirmation timeout", forwarded=True), True),
        (error(-32601, "the method does not exist"), True),
    ],
)
def test_sent_and_awaited_in_one_request(
    proxy: FaultProxy, counter: str, node: AnvilTransport, fault: Rule | None, asks_again: bool
) -> None:
    if fault is not None:
        proxy.rules.append(on(SYNC, fault, times=1))
    chain = RpcTransport(proxy.url, timeout=2.0, mined_within=2.0, patience=0.4, sync=True)
    nonce = node.nonce(SENDER.address)
    receipt = chain.send(SENDER, counter, b"")
    assert receipt.succeeded
    assert receipt == node.receipt(receipt.transaction_hash)
    assert node.nonce(SENDER.address) == nonce + 1
    assert bool(proxy.count(RECEIPT)) is asks_again
    with pytest.raises(Reverted):
        chain.send(SENDER, counter, b"why", gas=200_000)
    with pytest.raises(TransactionRefused):
        chain.send(SENDER, counter, b"", value=10**30, gas=50_000)


def test_a_nonce_that_another_has_used_is_said_as_such(
    chain: RpcTransport, proxy: FaultProxy, counter: str, node: AnvilTransport
) -> None:
    def another_program_sends(_: Exchange) -> None:
        node.send(SENDER, counter, b"")

    proxy.rules.append(on(SEND, another_program_sends))
    with pytest.raises(NonceTaken, match="nonce too low") as taken:
        sent(chain, counter)
    assert "Another program sends with the same key" in str(taken.value)
    nonce = node.nonce(SENDER.address)
    proxy.rules.clear()
    assert sent(chain, counter).succeeded  # the same call, anew
    assert node.nonce(SENDER.address) == nonce + 1


def test_where_nothing_has_left_the_node_is_said_to_be_unavailable(counter: str) -> None:
    with start_anvil() as url:
        chain = RpcTransport(url, patience=0)
        signed = SENDER.sign_transaction(
            {"chainId": 31337, "nonce": 0, "gas": 21_000, "maxFeePerGas": 10**10,
             "maxPriorityFeePerGas": 1, "to": counter, "value": 0}
        )  # fmt: skip
    with pytest.raises(NodeUnavailable) as down:
        chain.broadcast(bytes(signed.raw_transaction))
    assert not down.value.sent


def test_confirmations_are_waited_for_and_a_block_that_is_gone_is_none(
    node: AnvilTransport, counter: str
) -> None:
    chain = RpcTransport(node.url, confirmations=3, mined_within=5.0)
    snapshot = node.snapshot()
    ticket = chain.submit(SENDER, counter, b"", gas=200_000)
    chain.mined_within = 0.2
    with pytest.raises(TransactionNotMined, match="1 of 3 confirmations"):
        ticket.wait()
    node.mine()
    node.mine()
    assert ticket.wait().transaction_hash == ticket.hash
    # A reorganisation takes it away.
    node.revert(snapshot)
    for _ in range(4):
        node.mine()
    with pytest.raises(TransactionNotMined):
        ticket.wait()


def test_a_nonce_that_lags_behind_a_balancer_is_waited_for(
    chain: RpcTransport, proxy: FaultProxy, counter: str
) -> None:
    first = sent(chain, counter)
    count = "eth_getTransactionCount"
    lags = changed(lambda nonce: hex(int(nonce, 16) - 1))
    proxy.rules.append(on(count, lags, times=2, after=proxy.count(count)))
    assert sent(chain, counter).block_number == first.block_number + 1
    assert proxy.count("eth_sendRawTransaction") == 2


def test_the_node_has_it_already(chain: RpcTransport, proxy: FaultProxy, counter: str) -> None:
    raws: list[bytes] = []

    def keep(exchange: Exchange) -> None:
        raws.append(bytes.fromhex(exchange.request["params"][0][2:]))

    proxy.rules.append(on(SEND, keep))
    sent(chain, counter)
    assert chain.broadcast(raws[0]) is Outcome.ALREADY_THERE
