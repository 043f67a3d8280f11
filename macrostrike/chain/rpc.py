"""A chain behind nodes' JSON-RPC, by HTTP. Transactions are signed here, not by a node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_utils.crypto import keccak

from macrostrike.chain import _refusals
from macrostrike.chain._answers import quantity
from macrostrike.chain._bridge import Turns, sleep
from macrostrike.chain._broadcast import Broadcaster
from macrostrike.chain._jsonrpc import JsonRpc, Question
from macrostrike.chain._nodes import Traffic
from macrostrike.chain._rpc_reads import RpcReads, message_of
from macrostrike.chain._signing import signing
from macrostrike.chain._ticket import RpcTicket
from macrostrike.chain.heads import Heads
from macrostrike.chain.transport import (
    Fees,
    Outcome,
    Receipt,
    Signer,
    Terms,
)
from macrostrike.errors import (
    ChainError,
    NodeError,
)
from macrostrike.types import checksummed

_LAG_PAUSE, _LONGEST_LAG = 0.05, 1.0  # seconds: first pause, and what no pause is longer than
_GAS_HEADROOM_PERCENT = 125  # of the estimate, as the state may change until the block


class RpcTransport(RpcReads):
    """The chain of a node, or of several. See `Transport`.

    `url` is the node's, or several in order of preference: what one does not answer is asked of the
    next, one that is behind the others is not believed, and a transaction goes to all of them. With
    a `relay`, the URL of a private one, transactions go there and nowhere else. With a `ws_url`, a
    node's WebSocket, `heads` tells of new blocks: see `macrostrike.chain.heads`.

    With `sync`, `submit` returns when a transaction is mined, an executor's too: it is sent and
    awaited in one request where the node can (EIP-7966), which is faster for who waits for each of
    them anyway.

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
        super().__init__(self.urls, chain_id=chain_id, timeout=timeout, patience=patience)
        to = JsonRpc([relay], timeout=timeout, patience=patience) if relay else self._rpc
        self._broadcaster = Broadcaster(to, self._is_there)
        self._sending = Turns()
        self._next_nonces: dict[str, int] = {}
        self._delivered, self._sync = 0, sync
        self.heads = Heads(ws_url, self._chain_id) if ws_url else None
        self.first_look = self._spec.first_look
        self.confirmations = confirmations or self._spec.confirmations

    @property
    def traffic(self) -> Traffic:
        """Which nodes are healthy, and what was asked of them so far."""
        return self._rpc.nodes.traffic()

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

    def broadcast_and_wait(self, signed: bytes) -> Receipt | Outcome | None:
        if not self._sync:
            return self.broadcast(signed)
        sent = self._broadcaster.send_and_wait(signed)
        return self.with_time(sent) if isinstance(sent, Receipt) else sent

    def broadcast_many(self, signed: Sequence[bytes]) -> list[Outcome | ChainError | None]:
        return self._broadcaster.send_many(signed)

    def _is_there(self, transaction_hash: bytes) -> bool:
        """Whether a node has it, in a block or not yet: its receipt may be a moment behind."""
        if self.receipt(transaction_hash) is not None:
            return True
        asked = Question("eth_getTransactionByHash", ("0x" + transaction_hash.hex(),))
        return self._rpc.ask(asked) is not None

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
        message = message_of(to, data, sender, value)
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
        sent = self.broadcast_and_wait(raw)
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
