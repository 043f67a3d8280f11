"""What is signed leaves in its order, while the next is signed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Line:
    """One thread, which begins with its first work. Used under the executor's lock."""

    def __init__(self) -> None:
        self._thread: ThreadPoolExecutor | None = None
        self._last: Future[object] | None = None

    def submit(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Has it done behind all before."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "broadcasts")
        future = self._thread.submit(work, *args, **kwargs)
        self._last = future  # type: ignore[assignment]
        return future

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
