"""Tasks in virtual time, one of which runs at a time. Nothing here knows the wall clock."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

from greenlet import getcurrent, greenlet

START = 1_800_000_000.0
"""Unix seconds at which every run begins."""


class Killed(BaseException):
    """A process has ended in the middle of something, as by signal 9."""


class OutOfTime(AssertionError):
    """A run did not come to an end."""


class Task:
    """A thread of a process. `process` is any name."""

    def __init__(self, process: str, work: Callable[[], object]) -> None:
        self.process = process
        self.failure: BaseException | None = None
        self.is_done = False
        self._work = work
        self.thread = greenlet(self._run)

    def _run(self) -> None:
        try:
            self._work()
        except Killed:
            pass
        except BaseException as failure:  # shown by the scheduler
            self.failure = failure
        self.is_done = True


class Scheduler:
    """Runs tasks in an order that follows from `chance`, and keeps their clock."""

    def __init__(self, chance: random.Random, limit: float) -> None:
        self.now = START
        self.chance = chance
        self._end = START + limit
        self._queue: list[tuple[float, float, Task]] = []
        self._waiting: dict[object, list[Task]] = {}
        self._hub = getcurrent()
        self.current: Task | None = None

    @property
    def process(self) -> str:
        """The process that runs now."""
        return self.current.process if self.current else "outside"

    def start(self, process: str, work: Callable[[], object], *, after: float = 0.0) -> Task:
        """A task that begins `after` so many seconds."""
        task = Task(process, work)
        self._wake(task, after)
        return task

    def sleep(self, seconds: float) -> None:
        """Lets others run. Outside of tasks it takes no time."""
        task = self.current
        if task is None:
            return
        self._wake(task, max(seconds, 0.0))
        self._hub.switch()

    def wait_for(self, what: object) -> None:
        """Lets others run until one of them says that `what` has happened."""
        assert self.current, "outside of tasks nothing happens meanwhile"
        self._waiting.setdefault(what, []).append(self.current)
        self._hub.switch()

    def has_happened(self, what: object) -> None:
        """Wakes those that wait for it."""
        for task in self._waiting.pop(what, ()):
            self._wake(task, 0.0)

    def kill(self, process: str) -> None:
        """Ends all tasks of a process where they are, but for the one that asks."""
        asleep = [task for _, _, task in sorted(self._queue)]
        for task in chain(asleep, *self._waiting.values()):
            if task.process == process and not task.is_done and task.thread:
                self._switch(task, lambda t=task: t.thread.throw(Killed))
        self._queue = [each for each in self._queue if not each[2].is_done]
        heapq.heapify(self._queue)
        for tasks in self._waiting.values():
            tasks[:] = [task for task in tasks if not task.is_done]

    def run(self) -> None:
        """Until all tasks are done. Raises what one of them raises, and `OutOfTime`."""
        while self._queue:
            at, _, task = heapq.heappop(self._queue)
            if task.is_done:
                continue
            self.now = max(self.now, at)
            if self.now > self._end:
                raise OutOfTime(f"{task.process} is not done by {self.now - START:.0f} s")
            self._switch(task, task.thread.switch)
            if task.failure is not None:
                raise task.failure
        if any(self._waiting.values()):
            raise OutOfTime("a task waits for what can't happen any more")

    def _switch(self, task: Task, switch: Callable[[], object]) -> None:
        before, self.current = self.current, task
        hub, self._hub = self._hub, getcurrent()
        task.thread.parent = getcurrent()
        try:
            switch()
        finally:
            self.current, self._hub = before, hub

    def _wake(self, task: Task, after: float) -> None:
        # Of those that wake at once, chance says who is first.
        heapq.heappush(self._queue, (self.now + after, self.chance.random(), task))


class Lock:
    """A lock among tasks, reentrant, in place of `threading.RLock`."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._owner: Task | None = None
        self._depth = 0

    def __enter__(self) -> None:
        me = self._scheduler.current
        while self._owner not in (None, me):
            self._scheduler.wait_for(self)
        self._owner, self._depth = me, self._depth + 1

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if not self._depth:
            self._owner = None
            self._scheduler.has_happened(self)


class Clock:
    """In place of the module `time`."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler

    def time(self) -> float:
        return self._scheduler.now

    monotonic = time

    def sleep(self, seconds: float) -> None:
        self._scheduler.sleep(seconds)


@contextmanager
def replaced(*places: tuple[Any, str, Any]) -> Iterator[None]:
    """Attributes of modules and classes, replaced for a while."""
    before = [(where, name, getattr(where, name)) for where, name, _ in places]
    try:
        for where, name, value in places:
            setattr(where, name, value)
        yield
    finally:
        for where, name, value in reversed(before):
            setattr(where, name, value)
