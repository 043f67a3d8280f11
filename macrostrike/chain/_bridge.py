"""One core for both: code that waits is written once, and awaits where an event loop runs it.

    await on_loop(client.stats)

runs `client.stats` in a greenlet of the loop's thread. What would block there asks `wait_for`,
which hands the loop a coroutine and goes on with its result; everywhere else nothing is different.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

_T = TypeVar("_T")
_LOCK_PAUSE = 0.001  # seconds between two tries


async def on_loop(work: Callable[..., _T], *args: Any, **kwargs: Any) -> _T:
    """What `work` returns, which may wait by `wait_for`; cancelled as any coroutine."""
    from greenlet import getcurrent, greenlet  # type: ignore[import-untyped]

    running = greenlet(work)
    running.is_bridged = True
    wanted = running.switch(*args, **kwargs)
    while not running.dead:
        try:
            value = await wanted
        except BaseException as failure:
            running.parent = getcurrent()
            wanted = running.throw(failure)
        else:
            running.parent = getcurrent()
            wanted = running.switch(value)
    found: _T = wanted
    return found


def is_on_loop() -> bool:
    """Whether this code may not block, as an event loop runs it."""
    if "greenlet" not in sys.modules:
        return False
    from greenlet import getcurrent

    return bool(getattr(getcurrent(), "is_bridged", False))


def wait_for(coroutine: Awaitable[_T]) -> _T:
    """Its result. Only where `is_on_loop`."""
    from greenlet import getcurrent

    found: _T = getcurrent().parent.switch(coroutine)
    return found


def sleep(seconds: float) -> None:
    """Lets others go on meanwhile."""
    if not is_on_loop():
        time.sleep(seconds)
        return
    import asyncio

    wait_for(asyncio.sleep(seconds))


class Turns:
    """A lock for threads and for what an event loop runs, whichever of them hold it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        if not is_on_loop():
            self._lock.acquire()
            return
        while not self._lock.acquire(blocking=False):
            sleep(_LOCK_PAUSE)

    def __exit__(self, *_: object) -> None:
        self._lock.release()
