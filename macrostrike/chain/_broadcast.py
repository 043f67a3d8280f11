"""A signed transaction to all nodes, once to each: the same bytes, so one transaction."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import Protocol

from macrostrike._keccak import keccak
from macrostrike.chain import _refusals
from macrostrike.chain._bridge import is_on_loop, wait_for
from macrostrike.chain._entries import receipt as receipt_entry
from macrostrike.chain._jsonrpc import JsonRpc, Question
from macrostrike.chain._nodes import Node
from macrostrike.chain.transport import Outcome, Receipt
from macrostrike.errors import (
    ChainError,
    NodeError,
    NodeUnavailable,
    NoncePending,
    NonceTaken,
    TransactionRefused,
)

Result = Outcome | ChainError | None
"""What a broadcast to one node came to: an outcome, None where the node took it, or a refusal."""


class Broadcaster:
    """Sends signed transactions. `is_there` says whether the chain has one, by its hash."""

    def __init__(self, rpc: JsonRpc, is_there: Callable[[bytes], bool]) -> None:
        self._rpc = rpc
        self._is_there = is_there
        self._has_sync = True

    def send(self, signed: bytes) -> Outcome | None:
        """As `Transport.broadcast`. Returns as soon as one node has it; the others get it too."""
        return one_of(self._results(signed))

    def send_and_wait(self, signed: bytes) -> Receipt | Outcome | None:
        """As `send`, with the receipt where the node returns it in the same answer (EIP-7966)."""
        if self._has_sync and not self._rpc.nodes.are_several:
            question = Question("eth_sendRawTransactionSync", ("0x" + signed.hex(),), receipt_entry)
            try:
                mined: Receipt | None = self._rpc.ask_of(self._rpc.nodes.all[0], question)
                return mined
            except NodeUnavailable as failure:
                if failure.sent:
                    return Outcome.UNKNOWN
                raise
            except NodeError as refusal:
                if refusal.code != _refusals.METHOD_NOT_FOUND:
                    return one_of([self._refused(keccak(signed), refusal)])
                self._has_sync = False
        return self.send(signed)

    def send_many(self, signed: Sequence[bytes]) -> list[Result]:
        """As `send`, of several in order, in one request to each node. A refusal is a result."""
        by_node = self._gathered(
            lambda node: self._tell_many(node, signed),
            lambda answers: all(map(has_it, answers)),
            [Outcome.UNKNOWN] * len(signed),
        )
        return [_result(results) for results in zip(*by_node, strict=True)]

    def _results(self, signed: bytes) -> Sequence[Result]:
        by_node = self._gathered(
            lambda node: [self._tell(node, signed)],
            lambda answers: has_it(answers[0]),
            [Outcome.UNKNOWN],
        )
        return [answers[0] for answers in by_node]

    def _gathered(
        self,
        tell: Callable[[Node], list[Result]],
        is_enough: Callable[[list[Result]], bool],
        unknown: list[Result],
    ) -> list[list[Result]]:
        """What the nodes say, until one says enough; the others get it too. Where telling a node
        fails in a way that no one thought of, its answer is `unknown`: it may have got it."""
        nodes = self._rpc.nodes.all
        if len(nodes) == 1:
            return [tell(nodes[0])]
        if is_on_loop():
            return wait_for(asyncio.to_thread(self._gathered, tell, is_enough, unknown))
        answers: SimpleQueue[list[Result]] = SimpleQueue()

        def report(node: Node) -> None:
            said = unknown
            try:
                said = tell(node)
            finally:
                answers.put(said)

        for node in nodes:
            threading.Thread(target=report, args=(node,), daemon=True).start()
        results: list[list[Result]] = []
        while len(results) < len(nodes):
            results.append(answers.get())
            if is_enough(results[-1]):
                break
        return results

    def _tell(self, node: Node, signed: bytes) -> Result:
        try:
            self._rpc.ask_of(node, _question(signed))
        except NodeUnavailable as failure:
            return Outcome.UNKNOWN if failure.sent else failure
        except NodeError as refusal:
            return self._refused(keccak(signed), refusal)
        except ChainError as failure:  # a node of another chain
            return failure
        return None

    def _tell_many(self, node: Node, signed: Sequence[bytes]) -> list[Result]:
        if len(signed) == 1:
            return [self._tell(node, signed[0])]
        try:
            said = self._rpc.send_batch(node, [_question(each) for each in signed])
        except NodeUnavailable as failure:
            return [Outcome.UNKNOWN if failure.sent else failure] * len(signed)
        except NodeError as refusal:  # one answer to all: what was done before it is not known
            return [self._refused(keccak(raw), refusal) for raw in signed]
        except ChainError as failure:  # a node of another chain
            return [failure] * len(signed)
        return [
            self._refused(keccak(raw), answer)
            if isinstance(answer, NodeError)
            # Where it takes no batch, by itself: these bytes are one transaction, however often.
            else (self._tell(node, raw) if answer is None else None)
            for raw, answer in zip(signed, said, strict=True)
        ]

    def _refused(self, transaction_hash: bytes, refusal: NodeError) -> Result:
        if _refusals.is_known(refusal):
            return Outcome.ALREADY_THERE
        if _refusals.is_nonce_used(refusal):
            try:
                is_ours = self._is_there(transaction_hash)
            except ChainError:
                return Outcome.UNKNOWN
            if is_ours:
                return Outcome.ALREADY_THERE
            return NonceTaken(transaction_hash, refusal.code, refusal.reason)
        if _refusals.is_nonce_pending(refusal):
            return NoncePending(transaction_hash, refusal.code, refusal.reason)
        if _refusals.is_final(refusal):
            return TransactionRefused(transaction_hash, refusal.code, refusal.reason)
        return Outcome.UNKNOWN


class _Chain(Protocol):
    def broadcast(self, signed: bytes) -> Outcome | None: ...


def one_by_one(chain: _Chain, signed: bytes) -> Result:
    """What a broadcast comes to, its refusal too."""
    try:
        return chain.broadcast(signed)
    except ChainError as refusal:
        return refusal


def _question(signed: bytes) -> Question:
    return Question("eth_sendRawTransaction", ("0x" + signed.hex(),))


def _result(results: Sequence[Result]) -> Result:
    try:
        return one_of(results)
    except ChainError as refusal:
        return refusal


def has_it(result: Result) -> bool:
    """Whether a node certainly has the transaction."""
    return result is None or result is Outcome.ALREADY_THERE


def one_of(results: Sequence[Result]) -> Outcome | None:
    """What a transaction came to that several nodes were given. No I/O.

    One node that has it is enough. It is refused only where each node that may have got it says
    so: what one did not answer is unknown, whatever the others say. Raises the refusal.
    """
    for result in results:
        if has_it(result):
            return result if isinstance(result, Outcome) else None
    if Outcome.UNKNOWN in results:
        return Outcome.UNKNOWN
    refusals = [each for each in results if isinstance(each, ChainError)]
    raise max(refusals, key=_says)


def _says(refusal: ChainError) -> int:
    """How much a refusal tells: that a nonce was used more than any other, silence says nothing."""
    if isinstance(refusal, NonceTaken):
        return 2
    return 0 if isinstance(refusal, NodeUnavailable) else 1
