"""JSON-RPC over HTTP: one request, or several as one, asked again where that is harmless."""

from __future__ import annotations

import itertools
import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from macrostrike.chain import _answers, _refusals
from macrostrike.chain._http import Endpoint, HttpAnswer
from macrostrike.errors import ChainError, MalformedAnswer, NodeError, NodeUnavailable, Reverted

_T = TypeVar("_T")

_READS = ("eth_", "net_", "web3_", "debug_", "trace_", "txpool_", "rpc_")
_NEVER_TWICE = ("eth_send", "eth_sign", "eth_submit", "eth_new", "eth_uninstall", "eth_getFilterCh")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0  # seconds
_FEW = 3  # times that is asked what most likely has the same answer again
_MOST_IN_A_BATCH = 200  # nodes take so many, and most take no more than 1,000


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


class JsonRpc:
    """A node's JSON-RPC. Safe to use from several threads.

    `timeout` is in seconds, for each request. `patience` is how many seconds a question is asked
    again, with growing pauses, where the node says that it is busy, or says nothing. What changes
    anything is asked once.
    """

    def __init__(self, url: str, *, timeout: float, patience: float) -> None:
        self.url = url
        self._endpoint = Endpoint(url, timeout)
        self._patience = patience
        self._ids = itertools.count(1)
        self._batch_size = _MOST_IN_A_BATCH

    def ask(self, question: Question) -> Any:
        """The answer. Raises `NodeUnavailable`, `NodeError`, `Reverted`."""
        if not question.may_be_repeated:
            return self.ask_once(question)
        return self._patiently(question.method, lambda: self.ask_once(question))

    def ask_once(self, question: Question) -> Any:
        """As `ask`, with one request, whatever comes back."""
        answer, parsed = self._post(self._request(question))
        return self._read(question, answer, parsed)

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
                    self._batch_size = min(size + max(1, size // 8), _MOST_IN_A_BATCH)
        return answers

    def ask_together(self, questions: Sequence[Question]) -> list[Any]:
        """Their answers, of one moment: all are asked again where one is not to be had.

        A node that takes no batches is asked one after the other.
        """
        try:
            return self._patiently(questions[0].method, lambda: self._answers_of(questions))
        except _BatchRefused:
            return [self.ask(question) for question in questions]

    def _answers_of(self, questions: Sequence[Question]) -> list[Any]:
        requests = [self._request(question) for question in questions]
        answer, found = self._post_batch(requests)
        return [
            self._read(question, answer, found.get(request["id"]))
            for question, request in zip(questions, requests, strict=True)
        ]

    def _ask_batch(self, questions: Sequence[Question]) -> list[Any]:
        requests = [self._request(question) for question in questions]
        answer, found = self._patiently("batch", lambda: self._post_batch(requests))
        return [
            self._read_or_ask(question, answer, found.get(request["id"]))
            for question, request in zip(questions, requests, strict=True)
        ]

    def _post_batch(
        self, requests: Sequence[dict[str, Any]]
    ) -> tuple[HttpAnswer, dict[Any, dict[str, Any]]]:
        """The answers by id, as a node may give them in any order."""
        try:
            answer, parsed = self._post(requests)
        except NodeUnavailable as failure:
            if failure.status in (400, 413):
                raise _BatchRefused from failure
            raise
        if isinstance(parsed, list):
            return answer, {each.get("id"): each for each in parsed if isinstance(each, dict)}
        try:
            self._read(Question("batch"), answer, parsed)
        except NodeError as refusal:
            if _refusals.passes(refusal) and not isinstance(refusal, MalformedAnswer):
                raise
            raise _BatchRefused from refusal
        raise _BatchRefused

    def _read_or_ask(self, question: Question, answer: HttpAnswer, parsed: Any) -> Any:
        """What a batch has to say, or the question by itself where the batch had no room for it."""
        try:
            return self._read(question, answer, parsed)
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

    def _post(self, request: Any) -> tuple[HttpAnswer, Any]:
        answer = self._endpoint.post(json.dumps(request).encode())
        return answer, _answers.parse(self.url, answer)

    def _read(self, question: Question, answer: HttpAnswer, parsed: Any) -> Any:
        try:
            result = _answers.result_of(self.url, question.method, parsed)
            return question.read(result, question.method)
        except NodeError as refusal:
            refusal.status, refusal.retry_after = answer.status, answer.retry_after
            raise

    def _patiently(self, method: str, ask: Callable[[], _T]) -> _T:
        deadline = time.monotonic() + self._patience
        for attempt in itertools.count(1):
            try:
                return ask()
            except Reverted:
                raise
            except (NodeUnavailable, NodeError) as failure:
                if not _may_pass(failure, method, attempt):
                    raise
                pause = _pause(failure, attempt)
                if time.monotonic() + pause > deadline:
                    raise
            time.sleep(pause)
        raise AssertionError("unreachable")


class _BatchRefused(Exception):
    """The node takes no batch, or none of that size."""


def _may_pass(failure: ChainError, method: str, attempt: int) -> bool:
    is_of_logs = method == "eth_getLogs"
    if isinstance(failure, NodeUnavailable):
        if is_of_logs and _refusals.is_too_much(failure):
            return False  # it is to be split
        if failure.status:
            return _refusals.status_passes(failure.status)
        return attempt < _FEW
    assert isinstance(failure, NodeError)
    if isinstance(failure, MalformedAnswer):
        return attempt < _FEW
    if is_of_logs and _refusals.narrower(failure.reason):
        return False
    return _refusals.passes(failure)


def _pause(failure: NodeUnavailable | NodeError, attempt: int) -> float:
    """Twice as long each time, half of it by chance, so that clients do not come all at once."""
    backoff = min(_FIRST_PAUSE * 2.0 ** (attempt - 1), _LONGEST_PAUSE)
    jittered: float = backoff * random.uniform(0.5, 1.0)
    return max(jittered, failure.retry_after or 0.0)
