"""Whatever nodes answer, it is an answer or an error of ours: nothing else gets out."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount

from macrostrike.chain import Outcome, RpcTransport, _jsonrpc, rpc
from macrostrike.chain._http import Endpoint, HttpAnswer
from macrostrike.errors import MacroStrikeError, NodeUnavailable, TransactionRefused

KEY: LocalAccount = Account.from_key("0x" + "a1" * 32)
HASH, WORD = "0x" + "ab" * 32, "0x" + "00" * 32
LOG = {
    "address": KEY.address,
    "topics": [HASH, WORD],
    "data": "0x12",
    "blockNumber": "0x5",
    "transactionHash": HASH,
    "logIndex": "0x0",
    "blockHash": HASH,
    "transactionIndex": "0x0",
}
RECEIPT = {
    "transactionHash": HASH,
    "blockNumber": "0x5",
    "blockHash": HASH,
    "status": "0x1",
    "gasUsed": "0x5208",
    "logs": [LOG],
    "contractAddress": None,
    "transactionIndex": "0x0",
    "from": KEY.address,
}
BLOCK = {
    "number": "0x5",
    "hash": HASH,
    "parentHash": HASH,
    "timestamp": "0x7",
    "baseFeePerGas": "0x7",
    "logsBloom": "0x" + "00" * 256,
}
RESULTS: dict[str, Any] = {
    "eth_chainId": "0x7a69",
    "eth_getBlockByNumber": BLOCK,
    "eth_getTransactionReceipt": RECEIPT,
    "eth_getTransactionByHash": {"to": KEY.address, "input": "0x1234", "hash": HASH},
    "eth_getLogs": [LOG, LOG],
    "eth_getCode": "0x00",
    "eth_call": WORD,
    "eth_getStorageAt": WORD,
    "eth_sendRawTransaction": HASH,
    "debug_traceTransaction": {"error": "execution reverted", "output": "0x"},
}
ODD: list[Any] = [
    *(None, True, False, 0, -1, 1.5, float("inf"), 10**30),
    *("", "0x", "0X1", "0x01", "0xzz", "0x 12", "0x1_0", " 0x1", "0x1\n", "٠x1", "null"),
    *([], [[]], {}, {"a": 1}, [1, 2], {"code": "-32000"}, {"message": {"message": ["x"]}}),
]
BODIES = [b"", b"\xef\xbb\xbf{}", b"\xff\xfe", b"NaN", b"[]", b"{}", b"null", b"<html>", b'"x"']
STATUSES = [204, 301, 400, 403, 413, 429, 500, 503, 599]
CALLS: list[Callable[[RpcTransport], object]] = [
    lambda chain: chain.block_number(),
    lambda chain: chain.blocks([4, 5]),
    lambda chain: chain.timestamp(pending=True),
    lambda chain: chain.storage(KEY.address, 0),
    lambda chain: chain.call(KEY.address, b"\1", pending=True),
    lambda chain: chain.call_many([(KEY.address, b"")] * 3, block=chain.block()),
    lambda chain: chain.fees(),
    lambda chain: chain.terms(KEY.address, b"", sender=KEY.address),
    lambda chain: chain.receipts([b"\xab" * 32] * 3),
    lambda chain: chain.transactions([b"\xab" * 32]),
    lambda chain: chain.logs(KEY.address),
    lambda chain: chain.logs_in(b"\xab" * 32, KEY.address),
    lambda chain: chain.why_failed(b"\xab" * 32),
    lambda chain: chain.submit(KEY, KEY.address, b"", value=1),
    lambda chain: chain.broadcast(b"\x02\xc0"),
]


class Node:
    """Answers as it must, or, once it is odd, with something else in place of some of it."""

    def __init__(self, seed: int) -> None:
        self.chance, self.is_odd = random.Random(seed), False

    def post(self, body: bytes) -> HttpAnswer:
        asked = json.loads(body)
        answer = [_answer(each) for each in asked] if isinstance(asked, list) else _answer(asked)
        if not self.is_odd or self.chance.random() < 0.4:
            return HttpAnswer(200, json.dumps(answer).encode(), None)
        if self.chance.random() < 0.2:
            status, said = self.chance.choice(STATUSES), self.chance.choice(BODIES)
            return HttpAnswer(status, said, self.chance.choice([None, 0.0, float("inf")]))
        for _ in range(self.chance.randint(1, 3)):
            answer = self._changed(answer)
        return HttpAnswer(self.chance.choice([200, 200, 500]), json.dumps(answer).encode(), None)

    def _changed(self, value: Any) -> Any:
        if not isinstance(value, (dict, list)) or not value or self.chance.random() < 0.2:
            return self.chance.choice(ODD)
        changed: Any = value.copy()
        place = self.chance.choice(list(value) if isinstance(value, dict) else range(len(value)))
        if self.chance.random() < 0.2:
            del changed[place]
        else:
            changed[place] = self._changed(value[place])
        return changed


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    result = RESULTS.get(asked["method"], "0x5")
    return {"jsonrpc": "2.0", "id": asked["id"], "result": result}


@pytest.fixture(params=range(6))
def node(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Node:
    made = Node(request.param)
    monkeypatch.setattr(Endpoint, "post", lambda endpoint, body: made.post(body))
    for module in (_jsonrpc, rpc):
        monkeypatch.setattr(module, "sleep", lambda seconds: None)
    return made


def test_any_answer_leads_to_errors_of_ours_alone(node: Node) -> None:
    chain = RpcTransport("http://127.0.0.1:1", patience=0.0)
    node.is_odd = True
    for _ in range(40):
        for call in CALLS:
            with suppress(MacroStrikeError):
                call(chain)


def test_what_left_together_has_an_outcome_each_whatever_the_answer(node: Node) -> None:
    chain = RpcTransport("http://127.0.0.1:1", patience=0.0)
    node.is_odd = True
    for _ in range(200):
        outcomes = chain.broadcast_many([b"\x02\xc0", b"\x02\xc1", b"\x02\xc2"])
        assert len(outcomes) == 3
        # A bare `NodeError` would count as a refusal of what may well be in a pool.
        assert all(
            each is None or isinstance(each, Outcome | TransactionRefused | NodeUnavailable)
            for each in outcomes
        ), outcomes
