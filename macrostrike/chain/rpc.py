"""A chain behind nodes' JSON-RPC, by HTTP. Transactions are signed here, not by a node."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from eth_utils.crypto import keccak

from macrostrike.chain import _entries, _refusals
from macrostrike.chain._answers import data, mapping, quantity
from macrostrike.chain._bridge import Turns, sleep
from macrostrike.chain._broadcast import Broadcaster
from macrostrike.chain._data_fee import data_cost
from macrostrike.chain._failures import why_failed
from macrostrike.chain._fees import Offers
from macrostrike.chain._jsonrpc import JsonRpc, Question
from macrostrike.chain._logs import LogRanges
from macrostrike.chain._nodes import Traffic
from macrostrike.chain._signing import signing
from macrostrike.chain._ticket import RpcTicket
from macrostrike.chain.chains import spec_of
from macrostrike.chain.heads import Heads
from macrostrike.chain.transport import (
    Block,
    DataCost,
    Fees,
    Log,
    Outcome,
    Receipt,
    Signer,
    Terms,
    Topics,
    Transaction,
)
from macrostrike.errors import (
    ChainError,
    NodeError,
    Reverted,
    WrongChain,
)
from macrostrike.types import checksummed

_LAG_PAUSE, _LONGEST_LAG = 0.05, 1.0  # seconds: first pause, and what no pause is longer than
_GAS_HEADROOM_PERCENT = 125  # of the estimate, as the state may change until the block


class RpcTransport:
    """The chain of a node, or of several. See `Transport`.

    `url` is the node's, or several in order of preference: what one does not answer is asked of the
    next, one that is behind the others is not believed, and a transaction goes to all of them. With
    a `relay`, the URL of a private one, transactions go there and nowhere else. With a `ws_url`, a
    node's WebSocket, `heads` tells of new blocks: see `macrostrike.chain.heads`.

    With `sync`, `submit` returns when a transaction is mined: it is sent and awaited in one request
    where the node can (EIP-7966), which is faster for who waits for each of them anyway.

    `chain_id` is the chain that is meant: another one raises `WrongChain`, here. In seconds:
    `timeout` for each request; `patience` for asking again what a busy node did not answer;
    `mined_within` for a transaction to get its receipt, with so many `confirmations`: 1 is its own
    block, and by default they are the chain's.
    """

    def __init__(
        self,
        url: str | Sequence[str],
        *,
        chain_id: int | None = None,
        timeout: float = 10.0,
        mined_within: float = 120.0,
        patience: float = 15.0,
        confirmations: int | None = None,
        relay: str | None = None,
        ws_url: str | None = None,
        sync: bool = False,
    ) -> None:
        self.urls = (url,) if isinstance(url, str) else tuple(url)
        self.url = self.urls[0]
        self.mined_within = mined_within
        self._rpc = JsonRpc(self.urls, timeout=timeout, patience=patience)
        to = JsonRpc([relay], timeout=timeout, patience=patience) if relay else self._rpc
        self._broadcaster = Broadcaster(to, self._is_there)
        self._sending = Turns()
        self._next_nonces: dict[str, int] = {}
        self._delivered, self._sync = 0, sync
        self._ranges = LogRanges()
        self._has_pending = self._has_hashes = True
        self._chain_id: int = self._ask("eth_chainId", read=quantity)
        if chain_id is not None and chain_id != self._chain_id:
            raise WrongChain(chain_id, self._chain_id)
        self._rpc.require_chain(self._chain_id)
        self._spec = spec_of(self._chain_id)
        self.heads = Heads(ws_url, self._chain_id) if ws_url else None
        self._offers = Offers(self._rpc, self._spec.min_tip)
        self.first_look = self._spec.first_look
        self.confirmations = confirmations or self._spec.confirmations

    @property
    def chain_id(self) -> int:
        return self._chain_id

    @property
    def traffic(self) -> Traffic:
        """Which nodes are healthy, and what was asked of them so far."""
        return self._rpc.nodes.traffic()

    def block_number(self) -> int:
        number: int = self._ask("eth_blockNumber", read=quantity)
        return number

    def block(self, number: int | None = None) -> Block:
        found: Block = self._rpc.ask(_block_at("latest" if number is None else hex(number)))
        return found

    def blocks(self, numbers: Sequence[int]) -> list[Block]:
        return self._rpc.ask_many([_block_at(hex(number)) for number in numbers])

    def final_block(self) -> int:
        found: Block = self._rpc.ask(_block_at(self._spec.finality))
        return found.number

    def timestamp(self, *, pending: bool = False) -> int:
        if pending and self._has_pending:
            try:
                return self._timestamp("pending")
            except NodeError:
                self._has_pending = False  # not every node has a pending block
        latest = self._timestamp("latest")
        return max(latest + 1, int(time.time())) if pending else latest

    def balance(self, address: str) -> int:
        wei: int = self._ask("eth_getBalance", address, "latest", read=quantity)
        return wei

    def code(self, address: str) -> bytes:
        code: bytes = self._ask("eth_getCode", address, "latest", read=data)
        return code

    def storage(self, address: str, slot: int) -> bytes:
        word: bytes = self._ask(
            "eth_getStorageAt", address, hex(slot), "latest", read=_entries.word
        )
        return word

    def nonce(self, address: str, *, pending: bool = True, block: int | None = None) -> int:
        tag = "pending" if pending else "latest"
        tag = tag if block is None else hex(block)
        nonce: int = self._ask("eth_getTransactionCount", address, tag, read=quantity)
        return nonce

    def call(
        self,
        to: str,
        data: bytes,
        *,
        sender: str | None = None,
        value: int = 0,
        gas: int | None = None,
        pending: bool = False,
    ) -> bytes:
        message = _message(to, data, sender, value)
        if gas is not None:
            message["gas"] = hex(gas)
        answer: bytes = self._at_tag("eth_call", message, pending=pending, read=_bytes)
        return answer

    def call_many(
        self, calls: Sequence[tuple[str, bytes]], *, block: int | Block | None = None
    ) -> list[bytes]:
        number = block.number if isinstance(block, Block) else block
        at = hex(self.block_number() if number is None else number)
        if isinstance(block, Block) and self._has_hashes:
            try:
                return self._calls(calls, {"blockHash": "0x" + block.hash.hex()})
            except NodeError as refusal:
                if refusal.code != _refusals.INVALID_PARAMS:
                    raise
                self._has_hashes = False  # of EIP-1898, which not every node knows
        return self._calls(calls, at)

    def gas_price(self) -> int:
        price: int = self._ask("eth_gasPrice", read=quantity)
        return price

    def fees(self) -> Fees:
        return self._offers.fees()

    def terms(
        self,
        to: str | None,
        data: bytes,
        *,
        sender: str,
        value: int = 0,
        gas: int | None = None,
    ) -> Terms:
        terms, _ = self._terms(to, data, sender, value, gas)
        return terms

    def data_cost(self, to: str | None, data: bytes) -> DataCost:
        return data_cost(self, to, data)

    def estimate_gas(
        self, to: str | None, data: bytes, *, sender: str | None = None, value: int = 0
    ) -> int:
        message = _message(to, data, sender, value)
        gas: int = self._at_tag("eth_estimateGas", message, pending=True, read=quantity)
        return gas

    def send(
        self,
        signer: Signer,
        to: str | None,
        data: bytes,
        *,
        value: int = 0,
        gas: int | None = None,
    ) -> Receipt:
        return self.submit(signer, to, data, value=value, gas=gas).wait()

    def submit(
        self,
        signer: Signer,
        to: str | None,
        data: bytes,
        *,
        value: int = 0,
        gas: int | None = None,
    ) -> RpcTicket:
        account, delivered = str(signer.address), self._delivered
        next_nonce = Question("eth_getTransactionCount", (account, "pending"), quantity)
        terms, (nonce,) = self._terms(to, data, account, value, gas, [next_nonce])
        transaction = {
            "chainId": self._chain_id,
            "gas": gas or terms.gas * _GAS_HEADROOM_PERCENT // 100,
            "value": value,
            "data": data,
            **terms.fees.fields(),
        }
        if to is not None:
            transaction["to"] = checksummed(to)
        with self._sending:
            known = None if self._delivered != delivered else nonce
            return self._deliver(signer, transaction, known)

    def broadcast(self, signed: bytes) -> Outcome | None:
        return self._broadcaster.send(signed)

    def broadcast_many(self, signed: Sequence[bytes]) -> list[Outcome | ChainError | None]:
        return self._broadcaster.send_many(signed)

    def receipts(self, hashes: Sequence[bytes]) -> list[Receipt | None]:
        found = self._rpc.ask_many([_receipt_of(each) for each in hashes])
        return [None if each is None else self.with_time(each) for each in found]

    def receipt(self, transaction_hash: bytes) -> Receipt | None:
        found: Receipt | None = self._rpc.ask(_receipt_of(transaction_hash))
        return None if found is None else self.with_time(found)

    def look_for(self, transaction_hash: bytes) -> Receipt | None:
        """As `receipt`, with one request. Its `timestamp` is 0 where the logs do not tell it."""
        found: Receipt | None = self._rpc.ask_once(_receipt_of(transaction_hash))
        return found

    def with_time(self, receipt: Receipt) -> Receipt:
        """The receipt with its block's time, unless the node can't tell."""
        if receipt.timestamp:
            return receipt
        try:
            return replace(receipt, timestamp=self.block(receipt.block_number).timestamp)
        except ChainError:
            return receipt  # that it is mined is worth more than when

    def _is_there(self, transaction_hash: bytes) -> bool:
        """Whether a node has it, in a block or not yet: its receipt may be a moment behind."""
        if self.receipt(transaction_hash) is not None:
            return True
        asked = Question("eth_getTransactionByHash", ("0x" + transaction_hash.hex(),))
        return self._rpc.ask(asked) is not None

    def why_failed(self, transaction_hash: bytes) -> Reverted:
        return why_failed(self._rpc, transaction_hash)

    def transactions(self, hashes: Sequence[bytes]) -> list[Transaction]:
        named = ["0x" + each.hex() for each in hashes]
        methods = ("eth_getTransactionByHash", "eth_getTransactionReceipt")
        entries = self._rpc.ask_many(
            [Question(method, (each,), mapping) for each in named for method in methods]
        )
        return [
            _entries.transaction(*each) for each in zip(entries[::2], entries[1::2], strict=True)
        ]

    def logs_in(self, block_hash: bytes, address: str) -> list[Log]:
        query = {"blockHash": "0x" + block_hash.hex(), "address": address}
        found: list[Log] = self._ask("eth_getLogs", query, read=_entries.logs)
        return found

    def logs(
        self,
        address: str | Sequence[str] | None = None,
        from_block: int = 0,
        to_block: int | None = None,
        topics: Topics = (),
    ) -> list[Log]:
        query: dict[str, Any] = {"topics": [_topic(topic) for topic in topics]}
        if address:
            query["address"] = address if isinstance(address, str) else list(address)

        last = self.block_number() if to_block is None else to_block

        def ask(first: int, end: int) -> list[Log]:
            ranged = query | {"fromBlock": hex(first), "toBlock": hex(end)}
            question = Question("eth_getLogs", (ranged,), _entries.logs)
            if end < last:
                found: list[Log] = self._rpc.ask(question)
                return found
            # A node that is behind the others has no events of blocks that it has not seen, and
            # does not say so: it is asked for the block together with them.
            is_there = Question("eth_getBlockByNumber", (hex(end), False), _entries.known)
            found, _ = self._rpc.ask_together([question, is_there])
            return found

        return self._ranges.read(from_block, last, ask)

    def request(self, method: str, *params: Any) -> Any:
        """One JSON-RPC request's result, as the node gives it.

        Raises `NodeUnavailable`, `NodeError`, `Reverted`.
        """
        return self._rpc.ask(Question(method, params))

    def request_many(self, method: str, params: Iterable[Sequence[Any]]) -> list[Any]:
        """Results of as many requests of one method, which must change nothing, in few messages."""
        return self._rpc.ask_many([Question(method, tuple(each)) for each in params])

    def _ask(self, method: str, *params: Any, read: Any) -> Any:
        return self._rpc.ask(Question(method, params, read))

    def _calls(self, calls: Sequence[tuple[str, bytes]], at: object) -> list[bytes]:
        return self._rpc.ask_many(
            [
                Question("eth_call", (_message(to, calldata, None, 0), at), _bytes)
                for to, calldata in calls
            ]
        )

    def _at_tag(self, method: str, message: Any, *, pending: bool, read: Any) -> Any:
        """On the pending block where that is asked for and the node has one."""
        if pending and self._has_pending:
            try:
                return self._ask(method, message, "pending", read=read)
            except NodeError as refusal:
                if not _refusals.is_about_pending(refusal):
                    raise
                self._has_pending = False
        return self._ask(method, message, "latest", read=read)

    def _timestamp(self, tag: str) -> int:
        at: int = self._ask("eth_getBlockByNumber", tag, False, read=_entries.timestamp)
        return at

    def _terms(
        self,
        to: str | None,
        data: bytes,
        sender: str,
        value: int,
        gas: int | None,
        others: Sequence[Question] = (),
    ) -> tuple[Terms, list[Any]]:
        """As `terms`, and the answers to other questions with them."""
        message = _message(to, data, sender, value)
        tag = "pending" if self._has_pending else "latest"
        estimate = [Question("eth_estimateGas", (message, tag), quantity)] if gas is None else []
        try:
            fees, answers = self._offers.together_with([*others, *estimate])
        except NodeError as refusal:
            if not (estimate and self._has_pending and _refusals.is_about_pending(refusal)):
                raise
            gas = self.estimate_gas(to, data, sender=sender, value=value)
            fees, answers = self._offers.together_with(list(others))
        gas = answers.pop() if gas is None else gas
        return Terms(gas, fees, self.data_cost(to, data)), answers

    def _deliver(self, signer: Signer, transaction: dict[str, Any], nonce: int | None) -> RpcTicket:
        """Signs and sends. One at a time, as two must not take one nonce.

        `nonce` is what the node has said, if nothing was sent since.
        """
        account = str(signer.address)
        nonce = self._next_nonce(account, nonce)
        raw = signing(signer)(transaction | {"nonce": nonce})
        self._delivered += 1
        sent = self._broadcaster.send_and_wait(raw) if self._sync else self.broadcast(raw)
        if sent is None or isinstance(sent, Receipt):
            self._next_nonces[account] = nonce + 1
        return RpcTicket(self, keccak(raw), sent if isinstance(sent, Receipt) else None)

    def _next_nonce(self, account: str, known: int | None) -> int:
        """What the node says, once it has heard of what it took itself: behind a balancer it may
        lag. One that goes on saying less has lost what it had, or its chain was cut back."""
        nonce, pause = self.nonce(account) if known is None else known, _LAG_PAUSE
        while nonce < self._next_nonces.get(account, 0) and pause < _LONGEST_LAG:
            sleep(pause)
            nonce, pause = self.nonce(account), 2 * pause
        return nonce


def _block_at(tag: str) -> Question:
    return Question("eth_getBlockByNumber", (tag, False), _entries.block)


def _receipt_of(transaction_hash: bytes) -> Question:
    named = "0x" + transaction_hash.hex()
    return Question("eth_getTransactionReceipt", (named,), _entries.receipt)


def _bytes(result: Any, method: str) -> bytes:
    return data(result, method)


def _message(to: str | None, calldata: bytes, sender: str | None, value: int) -> dict[str, Any]:
    message: dict[str, Any] = {"data": "0x" + calldata.hex()}
    if to is not None:
        message["to"] = to
    if sender is not None:
        message["from"] = sender
    if value:
        message["value"] = hex(value)
    return message


def _topic(topic: bytes | Sequence[bytes] | None) -> str | list[str] | None:
    if topic is None:
        return None
    if isinstance(topic, bytes):
        return "0x" + topic.hex()
    return ["0x" + choice.hex() for choice in topic]
