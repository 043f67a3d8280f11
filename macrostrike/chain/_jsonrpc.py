"""JSON-RPC over HTTP: one request, or several as one, asked again where that is harmless.

Of several nodes the first that answers is believed, unless another one has shown a later block.
"""

from __future__ import annotations

import itertools
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from macrostrike.chain import _answers, _refusals
from macrostrike.chain._bridge import sleep
from macrostrike.chain._http import HttpAnswer
from macrostrike.chain._nodes import Node, NodeBehind, Nodes
from macrostrike.errors import (
    ChainError,
    MalformedAnswer,
    NodeError,
    NodeUnavailable,
    Reverted,
    WrongChain,
)

_T = TypeVar("_T")

_READS = ("eth_", "net_", "web3_", "debug_", "trace_", "txpool_", "rpc_")
_NEVER_TWICE = ("eth_send", "eth_sign", "eth_submit", "eth_new", "eth_uninstall", "eth_getFilterCh")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0  # seconds
_FEW = 3  # times that is asked what most likely has the same answer again
_MAX_BATCH = 200  # nodes take so many, and few more than 1,000
_TAGS = ("latest", "pending")
_OF_HEAD = ("eth_getTransactionReceipt", "eth_gasPrice", "eth_maxPriorityFeePerGas")


def _as_it_is(result: Any, method: str) -> Any:
    return result


@dataclass(frozen=True, slots=True)
class Question:
    """One request. `read` makes a value of its result, or raises `MalformedAnswer`."""

    method: str
    params: Sequence[Any] = ()
    read: Callable[[Any, str], Any] = _as_it_is

    @property
    def may_be_repeated(self) -> bool:
        """Whether it changes nothing, so that it may be asked again."""
        return self.method.startswith(_READS) and not self.method.startswith(_NEVER_TWICE)

    @property
    def is_of_head(self) -> bool:
        """Whether a node that is behind the others answers it with what is over."""
        return self.method in _OF_HEAD or any(each in _TAGS for each in self.params)


class JsonRpc:
    """A chain's JSON-RPC, of one node or of several. Safe to use from several threads.

    `timeout` is in seconds, for each request. `patience` is how many seconds a question is asked
    again, with growing pauses, where all nodes say that they are busy, or say nothing. What changes
    anything is asked once. `chain_id`: what every node must have, once it is known.
    """

    def __init__(self, urls: Sequence[str], *, timeout: float, patience: float) -> None:
        self.nodes = Nodes(urls, timeout)
        self.chain_id: int | None = None
        self._patience = patience
        self._ids = itertools.count(1)
        self._batch_size = _MAX_BATCH

    def require_chain(self, chain_id: int) -> None:
        """From now on every node must be of that chain. Raises `WrongChain` for one that is not;
        one that does not answer now is looked at before it is asked anything."""
        self.chain_id = chain_id
        if self.nodes.are_several:
            for node in self.nodes.all:
                with suppress(NodeUnavailable, NodeError):
                    self._require_same_chain(node)

    def ask(self, question: Question) -> Any:
        """The answer. Raises `NodeUnavailable`, `NodeError`, `Reverted`, `WrongChain`."""
        if not question.may_be_repeated:
            return self.ask_once(question)
        return self._patiently(question.method, lambda node: self.ask_of(node, question))

    def ask_once(self, question: Question) -> Any:
        """As `ask`, of one node with one request, whatever comes back."""
        self.nodes.probe(self._height)
        return self.ask_of(self.nodes.in_order()[0], question)

    def ask_of(self, node: Node, question: Question) -> Any:
        """As `ask_once`, of that node."""
        if not self.nodes.are_several:
            return self._one(node, question)
        self._require_same_chain(node)
        if question.method == "eth_blockNumber":
            number = self._one(node, question)
            self.nodes.note_height(node, number)
            return number
        if not question.is_of_head:
            return self._one(node, question)
        try:
            return self._answers_of(node, [question])[0]
        except _BatchRefused:
            self._height(node)
            return self._one(node, question)

    def ask_many(self, questions: Sequence[Question]) -> list[Any]:
        """Their answers, in order, in as few requests as the node takes. All must be repeatable.

        Raises as `ask`, of the first that fails.
        """
        answers: list[Any] = []
        while len(answers) < len(questions):
            size = self._batch_size
            part = questions[len(answers) : len(answers) + size]
            if size == 1:
                answers += [self.ask(question) for question in part]
                continue
            try:
                answers += self._ask_batch(part)
            except _BatchRefused:
                self._batch_size = max(1, len(part) // 2)
            else:
                if len(part) == size:  # it may have been the moment alone
                    self._batch_size = min(size + max(1, size // 8), _MAX_BATCH)
        return answers

    def ask_together(
        self, questions: Sequence[Question], *, patience: float | None = None
    ) -> list[Any]:
        """Their answers, of one moment: all are asked again where one is not to be had.

        A node that takes no batches is asked one after the other. `patience` is for this alone.
        """
        try:
            return self._patiently(
                questions[0].method, lambda node: self._answers_of(node, questions), patience
            )
        except _BatchRefused:
            return [self.ask(question) for question in questions]

    def send_batch(self, node: Node, questions: Sequence[Question]) -> list[Any]:
        """What that node says of each, in one request that is made once: a result or a refusal.

        None where it takes no such batch, and so has done nothing, or does the same if it is asked
        again. Raises `NodeUnavailable`.
        """
        self._require_same_chain(node)
        requests = [self._request(question) for question in questions]
        try:
            with self._noting(node, "batch"):
                answer, found = self._post_batch(node, requests)
        except _BatchRefused:
            return [None] * len(questions)
        said: list[Any] = []
        for question, request in zip(questions, requests, strict=True):
            try:
                said.append(self._read(node, question, answer, found.get(request["id"])))
            except NodeError as refusal:
                said.append(refusal)
        return said

    def _one(self, node: Node, question: Question) -> Any:
        with self._noting(node, question.method):
            answer, parsed = self._post(node, self._request(question))
            return self._read(node, question, answer, parsed)

    def _answers_of(self, node: Node, questions: Sequence[Question]) -> list[Any]:
        """With the node's height, where several nodes may differ in it."""
        if self.nodes.are_several:
            self._require_same_chain(node)
            questions = [self._height_question(node), *questions]
        requests = [self._request(question) for question in questions]
        with self._noting(node, questions[-1].method):
            answer, found = self._post_batch(node, requests)
            answers = [
                self._read(node, question, answer, found.get(request["id"]))
                for question, request in zip(questions, requests, strict=True)
            ]
        return answers[1:] if self.nodes.are_several else answers

    def _height(self, node: Node) -> None:
        """Raises `NodeBehind` where it is behind the others."""
        self._require_same_chain(node)
        self._one(node, self._height_question(node))

    def _height_question(self, node: Node) -> Question:
        def read(result: Any, method: str) -> None:
            self.nodes.note_height(node, _answers.quantity(result, method))

        return Question("eth_blockNumber", (), read)

    def _require_same_chain(self, node: Node) -> None:
        if node.is_checked or self.chain_id is None:
            return
        found = self._one(node, Question("eth_chainId", (), _answers.quantity))
        if found != self.chain_id:
            raise WrongChain(self.chain_id, found)
        node.is_checked = True

    def _ask_batch(self, questions: Sequence[Question]) -> list[Any]:
        requests = [self._request(question) for question in questions]

        def ask(node: Node) -> tuple[Node, HttpAnswer, dict[Any, dict[str, Any]]]:
            self._require_same_chain(node)
            with self._noting(node, "batch"):
                return node, *self._post_batch(node, requests)

        node, answer, found = self._patiently("batch", ask)
        return [
            self._read_or_ask(node, question, answer, found.get(request["id"]))
            for question, request in zip(questions, requests, strict=True)
        ]

    def _post_batch(
        self, node: Node, requests: Sequence[dict[str, Any]]
    ) -> tuple[HttpAnswer, dict[Any, dict[str, Any]]]:
        """The answers by id, as a node may give them in any order."""
        try:
            answer, parsed = self._post(node, requests)
        except NodeUnavailable as failure:
            if failure.status in (400, 413):
                raise _BatchRefused from failure
            raise
        if isinstance(parsed, list):
            answers = (each for each in parsed if isinstance(each, dict))
            return answer, {a["id"]: a for a in answers if isinstance(a.get("id"), (int, str))}
        try:
            self._read(node, Question("batch"), answer, parsed)
        except NodeError as refusal:
            if _refusals.passes(refusal) and not isinstance(refusal, MalformedAnswer):
                raise
            raise _BatchRefused from refusal
        raise _BatchRefused

    def _read_or_ask(self, node: Node, question: Question, answer: HttpAnswer, parsed: Any) -> Any:
        """What a batch has to say, or the question by itself where the batch had no room for it."""
        try:
            return self._read(node, question, answer, parsed)
        except NodeError as refusal:
            if not _refusals.passes(refusal):
                raise
        return self.ask(question)

    def _request(self, question: Question) -> dict[str, Any]:
        return {
            "jsonrpc": "2.0",
            "id": next(self._ids),
            "method": question.method,
            "params": list(question.params),
        }

    def _post(self, node: Node, request: Any) -> tuple[HttpAnswer, Any]:
        answer = node.endpoint.post(json.dumps(request).encode())
        return answer, _answers.parse(node.url, answer)

    def _read(self, node: Node, question: Question, answer: HttpAnswer, parsed: Any) -> Any:
        try:
            result = _answers.result_of(node.url, question.method, parsed)
            return question.read(result, question.method)
        except NodeError as refusal:
            refusal.status, refusal.retry_after = answer.status, answer.retry_after
            raise

    @contextmanager
    def _noting(self, node: Node, method: str) -> Iterator[None]:
        started, status = time.monotonic(), "failed"
        try:
            yield
            status = "ok"
        except Reverted:
            status = "reverted"
            raise
        except _BatchRefused:
            status = "refused"
            raise
        except NodeError as refusal:
            status = "failed" if _refusals.passes(refusal) else "refused"
            raise
        finally:
            self.nodes.note(node, method, status, time.monotonic() - started)

    def _patiently(
        self, method: str, ask: Callable[[Node], _T], patience: float | None = None
    ) -> _T:
        deadline = time.monotonic() + (self._patience if patience is None else patience)
        for attempt in itertools.count(1):
            failures: list[NodeUnavailable | NodeError] = []
            self.nodes.probe(self._height)
            for node in self.nodes.in_order():
                try:
                    return ask(node)
                except Reverted:
                    raise
                except (NodeUnavailable, NodeError) as failure:
                    if method == "eth_getLogs" and _is_to_be_split(failure):
                        raise
                    failures.append(failure)
            if self._has_gone_back(failures):
                continue
            counting = _counting(failures, attempt)
            if not _may_pass(counting, attempt):
                raise counting
            pause = _pause(counting, attempt)
            if time.monotonic() + pause > deadline:
                raise counting
            sleep(pause)
        raise AssertionError("unreachable")

    def _has_gone_back(self, failures: Sequence[ChainError]) -> bool:
        """Whether every node there is says that the chain is shorter than it was."""
        heights = [each.height for each in failures if isinstance(each, NodeBehind)]
        if len(heights) < len(self.nodes.all):
            return False
        self.nodes.step_back(max(heights))
        return True


class _BatchRefused(Exception):
    """The node takes no batch, or none of that size."""


def _counting(
    failures: Sequence[NodeUnavailable | NodeError], attempt: int
) -> NodeUnavailable | NodeError:
    """Which of the nodes' failures counts: a node's answer, before a node that has none."""
    for failure in failures:
        if isinstance(failure, NodeError) and not _may_pass(failure, attempt):
            return failure
    passing = (each for each in failures if _may_pass(each, attempt))
    return next(passing, failures[0])


def _is_to_be_split(failure: NodeUnavailable | NodeError) -> bool:
    """Whether a node refuses a range of events as too much for one answer."""
    if isinstance(failure, NodeUnavailable):
        return _refusals.is_too_much(failure)
    return not isinstance(failure, MalformedAnswer) and bool(_refusals.narrower(failure.reason))


def _may_pass(failure: NodeUnavailable | NodeError, attempt: int) -> bool:
    if isinstance(failure, NodeBehind):
        return True
    if isinstance(failure, NodeUnavailable):
        if failure.status:
            return _refusals.status_passes(failure.status)
        return attempt < _FEW
    if isinstance(failure, MalformedAnswer):
        return attempt < _FEW
    return _refusals.passes(failure)


def _pause(failure: NodeUnavailable | NodeError, attempt: int) -> float:
    """Twice as long each time, half of it by chance, so that clients do not come all at once."""
    backoff = min(_FIRST_PAUSE * 2.0 ** (attempt - 1), _LONGEST_PAUSE)
    jittered: float = backoff * random.uniform(0.5, 1.0)
    return max(jittered, failure.retry_after or 0.0)
