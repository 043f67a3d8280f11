"""A signed transaction to all nodes, once to each: the same bytes, so one transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from queue import SimpleQueue

from eth_utils.crypto import keccak

from macrostrike.chain import _refusals
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
    """Sends signed transactions. `receipt` finds one by its hash."""

    def __init__(self, rpc: JsonRpc, receipt: Callable[[bytes], Receipt | None]) -> None:
        self._rpc = rpc
        self._receipt = receipt

    def send(self, signed: bytes) -> Outcome | None:
        """As `Transport.broadcast`. Returns as soon as one node has it; the others get it too."""
        return one_of(self._results(signed))

    def _results(self, signed: bytes) -> Sequence[Result]:
        nodes = self._rpc.nodes.all
        if len(nodes) == 1:
            return [self._tell(nodes[0], signed)]
        answers: SimpleQueue[Result] = SimpleQueue()

        def tell(node: Node) -> None:
            try:
                answers.put(self._tell(node, signed))
            except ChainError as failure:  # a node of another chain
                answers.put(failure)

        for node in nodes:
            threading.Thread(target=tell, args=(node,), daemon=True).start()
        results: list[Result] = []
        while len(results) < len(nodes):
            results.append(answers.get())
            if has_it(results[-1]):
                break
        return results

    def _tell(self, node: Node, signed: bytes) -> Result:
        question = Question("eth_sendRawTransaction", ("0x" + signed.hex(),))
        try:
            self._rpc.ask_of(node, question)
        except NodeUnavailable as failure:
            return Outcome.UNKNOWN if failure.sent else failure
        except NodeError as refusal:
            return self._refused(keccak(signed), refusal)
        return None

    def _refused(self, transaction_hash: bytes, refusal: NodeError) -> Result:
        if _refusals.is_known(refusal):
            return Outcome.ALREADY_THERE
        if _refusals.is_nonce_used(refusal):
            try:
                mined = self._receipt(transaction_hash) is not None
            except ChainError:
                return Outcome.UNKNOWN
            if mined:
                return Outcome.ALREADY_THERE
            return NonceTaken(transaction_hash, refusal.code, refusal.reason)
        if _refusals.is_nonce_pending(refusal):
            return NoncePending(transaction_hash, refusal.code, refusal.reason)
        if _refusals.is_final(refusal):
            return TransactionRefused(transaction_hash, refusal.code, refusal.reason)
        return Outcome.UNKNOWN


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
