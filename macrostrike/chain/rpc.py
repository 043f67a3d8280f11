"""A chain behind a node's JSON-RPC, by HTTP. Transactions are signed here, not by the node."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import requests
from eth_utils.address import to_checksum_address
from web3 import HTTPProvider
from web3.providers.rpc.utils import ExceptionRetryConfiguration
from web3.types import RPCEndpoint

from macrostrike.chain.transport import Block, Log, Receipt, Signer, Topics, Transaction, hex_bytes
from macrostrike.errors import (
    NodeError,
    NodeUnavailable,
    Reverted,
    TransactionNotMined,
    WrongChain,
)

_METHOD_NOT_FOUND = -32601
_EXECUTION_REVERTED = 3
_FEE_HEADROOM = 2  # of the base fee, which can rise by an eighth a block: good for five full blocks
_GAS_HEADROOM_PERCENT = 125  # of the estimate, as the state may change until the block
_BATCH = 200  # requests that are sent as one: nodes take so many, and most take no more than 1,000
_POLL_SECONDS = (0.005, 0.5)  # first and longest pause between two looks for a receipt


class RpcTransport:
    """A node's chain. See `Transport`.

    `chain_id` is the chain that is meant: another one raises `WrongChain`, here. `timeout` is in
    seconds, for each request; `mined_within` for a transaction to get its receipt.
    """

    def __init__(
        self,
        url: str,
        *,
        chain_id: int | None = None,
        timeout: float = 10.0,
        mined_within: float = 120.0,
    ) -> None:
        self.url = url
        self.mined_within = mined_within
        # One retry, for reads: a server may have closed the idle connection that we go on using.
        self._provider = HTTPProvider(
            url,
            request_kwargs={"timeout": timeout},
            exception_retry_configuration=ExceptionRetryConfiguration(
                errors=(requests.ConnectionError,), retries=2, backoff_factor=0.05
            ),
        )
        self._sending = threading.Lock()
        self._chain_id = int(self.request("eth_chainId"), 16)
        if chain_id is not None and chain_id != self._chain_id:
            raise WrongChain(chain_id, self._chain_id)

    @property
    def chain_id(self) -> int:
        return self._chain_id

    def block_number(self) -> int:
        return int(self.request("eth_blockNumber"), 16)

    def block(self, number: int | None = None) -> Block:
        tag = "latest" if number is None else hex(number)
        return _block(self.request("eth_getBlockByNumber", tag, False), tag)

    def blocks(self, numbers: Sequence[int]) -> list[Block]:
        found: list[Block] = []
        for start in range(0, len(numbers), _BATCH):
            tags = [hex(number) for number in numbers[start : start + _BATCH]]
            answers = self._batch([("eth_getBlockByNumber", (tag, False)) for tag in tags])
            found += map(_block, answers, tags)
        return found

    def timestamp(self, *, pending: bool = False) -> int:
        return self._timestamp(_tag(pending))

    def balance(self, address: str) -> int:
        return int(self.request("eth_getBalance", address, "latest"), 16)

    def code(self, address: str) -> bytes:
        return hex_bytes(self.request("eth_getCode", address, "latest"))

    def storage(self, address: str, slot: int) -> bytes:
        return hex_bytes(self.request("eth_getStorageAt", address, hex(slot), "latest"))

    def nonce(self, address: str) -> int:
        return int(self.request("eth_getTransactionCount", address, "pending"), 16)

    def call(
        self,
        to: str,
        data: bytes,
        *,
        sender: str | None = None,
        value: int = 0,
        pending: bool = False,
    ) -> bytes:
        message = _message(to, data, sender, value)
        return hex_bytes(self.request("eth_call", message, _tag(pending)))

    def call_many(
        self, calls: Sequence[tuple[str, bytes]], *, block: int | None = None
    ) -> list[bytes]:
        tag = hex(self.block_number() if block is None else block)
        answers: list[bytes] = []
        for start in range(0, len(calls), _BATCH):
            requests = [
                ("eth_call", (_message(to, data, None, 0), tag))
                for to, data in calls[start : start + _BATCH]
            ]
            answers += map(hex_bytes, self._batch(requests))
        return answers

    def gas_price(self) -> int:
        return int(self.request("eth_gasPrice"), 16)

    def estimate_gas(
        self, to: str | None, data: bytes, *, sender: str | None = None, value: int = 0
    ) -> int:
        message = _message(to, data, sender, value)
        return int(self.request("eth_estimateGas", message, _tag(pending=True)), 16)

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
        if gas is None:
            estimate = self.estimate_gas(to, data, sender=signer.address, value=value)
            gas = estimate * _GAS_HEADROOM_PERCENT // 100
        transaction = {
            "chainId": self._chain_id,
            "gas": gas,
            "value": value,
            "data": data,
            **self._fees(),
        }
        if to is not None:
            transaction["to"] = to_checksum_address(to)
        return RpcTicket(self, hex_bytes(self._broadcast(signer, transaction)))

    def receipt(self, transaction_hash: bytes) -> Receipt | None:
        entry = self.request("eth_getTransactionReceipt", "0x" + transaction_hash.hex())
        return None if entry is None else self._receipt(entry)

    def why_failed(self, transaction_hash: bytes) -> Reverted:
        """A receipt doesn't say why: the trace does, and where nodes give none, a call at the
        state that the block began with, which is nearly always the same."""
        named = "0x" + transaction_hash.hex()
        try:
            trace = self.request("debug_traceTransaction", named, {"tracer": "callTracer"})
        except NodeError:
            return self._replayed(self.request("eth_getTransactionByHash", named))
        output = trace.get("output") or "0x"
        reason = "" if output != "0x" else str(trace.get("error", ""))
        return Reverted(hex_bytes(output), reason)

    def transactions(self, hashes: Sequence[bytes]) -> list[Transaction]:
        found: list[Transaction] = []
        for start in range(0, len(hashes), _BATCH // 2):
            named = ["0x" + each.hex() for each in hashes[start : start + _BATCH // 2]]
            methods = ("eth_getTransactionByHash", "eth_getTransactionReceipt")
            answers = self._batch([(method, (each,)) for method in methods for each in named])
            found += map(_transaction, named, answers, answers[len(named) :])
        return found

    def logs(
        self,
        address: str | Sequence[str] | None = None,
        from_block: int = 0,
        to_block: int | None = None,
        topics: Topics = (),
    ) -> list[Log]:
        query: dict[str, Any] = {
            "fromBlock": hex(from_block),
            "toBlock": "latest" if to_block is None else hex(to_block),
            "topics": [_topic(topic) for topic in topics],
        }
        if address:
            query["address"] = address if isinstance(address, str) else list(address)
        return [_log(entry) for entry in self.request("eth_getLogs", query)]

    def request(self, method: str, *params: Any) -> Any:
        """One JSON-RPC request's result, as the node gives it.

        Raises `NodeUnavailable`, `NodeError`, `Reverted`.
        """
        with self._typed_failures():
            response = self._provider.make_request(RPCEndpoint(method), params)
        return _result(method, response)

    def _batch(self, wanted: Sequence[tuple[str, Any]]) -> list[Any]:
        """The results of several requests that are sent as one."""
        told = [(RPCEndpoint(method), params) for method, params in wanted]
        with self._typed_failures():
            try:
                responses: Any = self._provider.make_batch_request(told)
            except requests.ConnectionError:
                # As `make_request` does by itself.
                responses = self._provider.make_batch_request(told)
        if isinstance(responses, Mapping):  # the node refused them all
            raise _refusal("batch", responses.get("error"))
        return [
            _result(method, response)
            for (method, _), response in zip(wanted, responses, strict=True)
        ]

    @contextmanager
    def _typed_failures(self) -> Iterator[None]:
        try:
            yield
        # `from None`: what requests raises shows the whole URL, and that is often a secret.
        except requests.Timeout:
            raise NodeUnavailable(self.url, "it took too long") from None
        except requests.ConnectionError:
            raise NodeUnavailable(self.url, "no connection") from None
        except (requests.RequestException, ValueError) as failure:
            # HTTP errors, URLs that are none, answers that are no JSON.
            raise NodeUnavailable(self.url, str(failure)) from None

    def _timestamp(self, block: str) -> int:
        return int(self.request("eth_getBlockByNumber", block, False)["timestamp"], 16)

    def _time_of(self, receipt: Mapping[str, Any]) -> int:
        """Many nodes give the block's time with each log, which saves asking."""
        for log in receipt["logs"]:
            if "blockTimestamp" in log:
                return int(log["blockTimestamp"], 16)
        return self._timestamp(receipt["blockNumber"])

    def _fees(self) -> dict[str, int]:
        block = self.request("eth_getBlockByNumber", "latest", False)
        tip = int(self.request("eth_maxPriorityFeePerGas"), 16)
        base_fee = int(block["baseFeePerGas"], 16)
        return {
            "maxPriorityFeePerGas": tip,
            "maxFeePerGas": _FEE_HEADROOM * base_fee + tip,
        }

    def _broadcast(self, signer: Signer, transaction: dict[str, Any]) -> str:
        # One at a time: two threads must not take the same nonce.
        with self._sending:
            signed = signer.sign_transaction(transaction | {"nonce": self.nonce(signer.address)})
            raw = "0x" + bytes(signed.raw_transaction).hex()
            transaction_hash: str = self.request("eth_sendRawTransaction", raw)
            return transaction_hash

    def _receipt(self, receipt: Mapping[str, Any]) -> Receipt:
        created = receipt.get("contractAddress")
        return Receipt(
            transaction_hash=hex_bytes(receipt["transactionHash"]),
            block_number=int(receipt["blockNumber"], 16),
            timestamp=self._time_of(receipt),
            gas_used=int(receipt["gasUsed"], 16),
            logs=tuple(_log(entry) for entry in receipt["logs"]),
            contract_address=None if created is None else to_checksum_address(created),
            succeeded=int(receipt["status"], 16) == 1,
            block_hash=hex_bytes(receipt["blockHash"]),
            gas_price=int(receipt.get("effectiveGasPrice", "0x0"), 16),
        )

    def _replayed(self, transaction: Mapping[str, Any]) -> Reverted:
        message = {
            key: transaction[key]
            for key in ("from", "to", "value", "input")
            if transaction.get(key)
        }
        try:
            self.request("eth_call", message, hex(int(transaction["blockNumber"], 16) - 1))
        except Reverted as reverted:
            return reverted
        except NodeError as refusal:
            return Reverted(b"", refusal.reason)
        return Reverted(b"", "it failed when mined, but a call at its block succeeds")


class RpcTicket:
    """A transaction that was sent to a node. See `Ticket`."""

    def __init__(self, transport: RpcTransport, transaction_hash: bytes) -> None:
        self._transport = transport
        self.hash = transaction_hash

    def wait(self) -> Receipt:
        within = self._transport.mined_within
        deadline = time.monotonic() + within
        pause, longest = _POLL_SECONDS
        while (receipt := self._transport.receipt(self.hash)) is None:
            if time.monotonic() > deadline:
                raise TransactionNotMined(self.hash, within)
            time.sleep(pause)
            pause = min(2 * pause, longest)
        if not receipt.succeeded:
            raise self._transport.why_failed(self.hash)
        return receipt


def _tag(pending: bool) -> str:
    return "pending" if pending else "latest"


def _message(to: str | None, data: bytes, sender: str | None, value: int) -> dict[str, Any]:
    message: dict[str, Any] = {"data": "0x" + data.hex()}
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


def _block(entry: Mapping[str, Any] | None, tag: str) -> Block:
    if entry is None:
        raise NodeError("eth_getBlockByNumber", 0, f"the node does not know block {tag}")
    return Block(
        number=int(entry["number"], 16),
        hash=hex_bytes(entry["hash"]),
        parent_hash=hex_bytes(entry["parentHash"]),
        timestamp=int(entry["timestamp"], 16),
    )


def _transaction(
    named: str, entry: Mapping[str, Any] | None, receipt: Mapping[str, Any] | None
) -> Transaction:
    if entry is None or receipt is None:
        raise NodeError("eth_getTransactionReceipt", 0, f"the node has no receipt of {named}")
    return Transaction(
        hash=hex_bytes(named),
        block_number=int(receipt["blockNumber"], 16),
        index=int(receipt["transactionIndex"], 16),
        account=to_checksum_address(receipt["from"]),
        to=None if entry["to"] is None else to_checksum_address(entry["to"]),
        data=hex_bytes(entry["input"]),
        gas_used=int(receipt["gasUsed"], 16),
        gas_price=int(receipt.get("effectiveGasPrice", "0x0"), 16),
    )


def _log(entry: Mapping[str, Any]) -> Log:
    return Log(
        address=to_checksum_address(entry["address"]),
        topics=tuple(hex_bytes(topic) for topic in entry["topics"]),
        data=hex_bytes(entry["data"]),
        block_number=int(entry["blockNumber"], 16),
        transaction_hash=hex_bytes(entry["transactionHash"]),
        index=int(entry["logIndex"], 16),
    )


def _result(method: str, response: Mapping[str, Any]) -> Any:
    if error := response.get("error"):
        raise _refusal(method, error)
    return response["result"]


def _refusal(method: str, error: Any) -> NodeError | Reverted:
    """Nodes agree on code 3 for reverts, but not all keep to it: some give only data."""
    if not isinstance(error, Mapping):
        return NodeError(method, 0, str(error))
    code, reason, data = int(error.get("code", 0)), str(error.get("message", "")), error.get("data")
    if isinstance(data, str) and data.startswith("0x"):
        return Reverted(hex_bytes(data))
    if code == _EXECUTION_REVERTED or "revert" in reason:
        return Reverted(b"", "" if code == _EXECUTION_REVERTED else reason)
    return NodeError(method, code, reason)
