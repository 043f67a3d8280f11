"""What is asked of a chain behind nodes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from macrostrike.chain import _entries, _refusals
from macrostrike.chain._answers import data, mapping, quantity
from macrostrike.chain._data_fee import data_costs
from macrostrike.chain._failures import why_failed
from macrostrike.chain._fees import Offers
from macrostrike.chain._jsonrpc import JsonRpc, Question
from macrostrike.chain._logs import LogRanges
from macrostrike.chain.chains import spec_of
from macrostrike.chain.transport import (
    Block,
    DataCost,
    Log,
    Receipt,
    Topics,
    Transaction,
)
from macrostrike.errors import (
    ChainError,
    NodeError,
    Reverted,
    WrongChain,
)


def _block_at(tag: str) -> Question:
    return Question("eth_getBlockByNumber", (tag, False), _entries.block)


def _receipt_of(transaction_hash: bytes) -> Question:
    named = "0x" + transaction_hash.hex()
    return Question("eth_getTransactionReceipt", (named,), _entries.receipt)


def _bytes(result: Any, method: str) -> bytes:
    return data(result, method)


def message_of(to: str | None, calldata: bytes, sender: str | None, value: int) -> dict[str, Any]:
    """What `eth_call` and `eth_estimateGas` are given."""
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


class RpcReads:
    """All that changes nothing. See `RpcTransport`."""

    def __init__(
        self, urls: Sequence[str], *, chain_id: int | None, timeout: float, patience: float
    ) -> None:
        self._rpc = JsonRpc(urls, timeout=timeout, patience=patience)
        self._ranges = LogRanges()
        self._has_pending = self._has_hashes = True
        self._chain_id: int = self._ask("eth_chainId", read=quantity)
        if chain_id is not None and chain_id != self._chain_id:
            raise WrongChain(chain_id, self._chain_id)
        self._rpc.require_chain(self._chain_id)
        self._spec = spec_of(self._chain_id)
        self._offers = Offers(self._rpc, self._spec.min_tip)

    @property
    def chain_id(self) -> int:
        return self._chain_id

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
        message = message_of(to, data, sender, value)
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

    def data_cost(self, to: str | None, data: bytes) -> DataCost:
        return data_costs(self, to, [data])[0]

    def data_costs(self, to: str | None, data: Sequence[bytes]) -> list[DataCost]:
        return data_costs(self, to, data)

    def estimate_gas(
        self, to: str | None, data: bytes, *, sender: str | None = None, value: int = 0
    ) -> int:
        message = message_of(to, data, sender, value)
        gas: int = self._at_tag("eth_estimateGas", message, pending=True, read=quantity)
        return gas

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
        """One JSON-RPC request's result, as the node returns it.

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
                Question("eth_call", (message_of(to, calldata, None, 0), at), _bytes)
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
