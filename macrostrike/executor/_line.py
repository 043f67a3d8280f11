"""What is signed leaves in its order, while the next is signed; what waits leaves together."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

from macrostrike.chain import Outcome
from macrostrike.errors import ChainError
from macrostrike.journal import IntentRow

TOGETHER = 200
"""Transactions in one request: nodes take so many, and few more than 1,000."""

Answers = list[Outcome | ChainError | None]


class Line:
    """One thread, which begins with its first work. Used under the executor's lock.

    `send` is given what waits, oldest first, and answers for each.
    """

    def __init__(self, send: Callable[[Sequence[IntentRow]], Answers]) -> None:
        self._send = send
        self._thread: ThreadPoolExecutor | None = None
        self._waiting: deque[tuple[Sequence[IntentRow], Future[Answers]]] = deque()
        self._last: Future[None] | None = None

    def submit(self, intents: Sequence[IntentRow]) -> Future[Answers]:
        """Has them sent behind all before, in one request with others that wait then."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "broadcasts")
        answers: Future[Answers] = Future()
        self._waiting.append((intents, answers))
        self._last = self._thread.submit(self._send_waiting)
        return answers

    @property
    def is_busy(self) -> bool:
        """Whether something is on its way, or waits for that."""
        return self._last is not None and not self._last.done()

    def drain(self) -> None:
        """Waits until all is done."""
        if self._last is not None:
            wait([self._last])
            self._last = None

    def close(self) -> None:
        """Waits, and ends the thread."""
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None

    def _send_waiting(self) -> None:
        """There is as much work as portions: where an earlier one took more, nothing is left."""
        portions: list[tuple[Sequence[IntentRow], Future[Answers]]] = []
        together: list[IntentRow] = []
        while self._waiting:
            intents, _ = self._waiting[0]
            if together and len(together) + len(intents) > TOGETHER:
                break
            portions.append(self._waiting.popleft())
            together += intents
        if not together:
            return
        try:
            answers = self._send(together)
        except BaseException as failure:
            for _, waiter in portions:
                waiter.set_exception(failure)
            return
        start = 0
        for intents, waiter in portions:
            waiter.set_result(answers[start : start + len(intents)])
            start += len(intents)
