"""A pytest plugin that tries mutants on the tests that it collects, in place of running them.

Worlds are deployed once, with no mutant on. Each mutant then has a process of its own, forked from
there, which ends with the first test that fails: that costs about a second. The process that
collected the tests hands out the mutants.

    pytest -p tests.mutants.worker --mutants PLAN.json TESTS
"""

from __future__ import annotations

import json
import os
import select
import signal
import time
import traceback
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from inspect import isgenerator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import Phase, settings

from tests.reach.evm import RoomyEvm, changed_block, root_with, use
from tests.unit import conftest as unit
from tests.unit.readers import assert_rebuilt

from .compiler import CACHE, compiled
from .plan import Job, Plan, batch
from .switches import block_of

PLAN = pytest.StashKey[Plan]()
_REBUILT_EACH = 8  # tests of a mutant alone
_NO_WORDS = os.open(os.devnull, os.O_WRONLY)


class SwitchedEvm(RoomyEvm):
    """An EVM in whose blocks mutants are on."""

    block: ClassVar[dict[str, Any]] = {}
    _known: ClassVar[weakref.WeakSet[SwitchedEvm]] = weakref.WeakSet()

    def __init__(self, env: Any = None, **options: Any) -> None:
        super().__init__(env, **options)
        self._known.add(self)

    def set_block_env(self, block: Any) -> None:
        self._block = block
        self._evm.set_block_env(changed_block(block, **self.block))

    @classmethod
    def turn_on(cls, numbers: Sequence[int]) -> None:
        """Mutants of one window, in every chain that there is or will be."""
        cls.block = block_of(numbers)
        for evm in cls._known:
            evm.set_block_env(evm._block)


@dataclass
class _Child:
    """A process that tries mutants: where its answer comes from, and when it must have come."""

    job: Any
    pid: int
    pipe: int
    until: float
    started: float


class Forks:
    """Processes forked from this one, a few at a time, each with its time."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._children: list[_Child] = []

    @property
    def are_full(self) -> bool:
        return len(self._children) >= self._count

    @property
    def are_idle(self) -> bool:
        return not self._children

    def start(self, job: Any, work: Callable[[], Any], seconds: float) -> None:
        """Runs `work` in a fork."""
        reads, writes = os.pipe()
        pid = os.fork()
        if pid == 0:
            _answer(work, writes)
        os.close(writes)
        now = time.monotonic()
        self._children.append(_Child(job, pid, reads, now + seconds, now))

    def wait(self) -> Iterator[tuple[Any, Any]]:
        """Yields what is ready: job and answer, None when time was up."""
        first = min(child.until for child in self._children)
        pipes = [child.pipe for child in self._children]
        ready, _, _ = select.select(pipes, [], [], max(0.0, first - time.monotonic()))
        for child in [*self._children]:
            is_late = time.monotonic() > child.until
            if child.pipe in ready or is_late:
                self._children.remove(child)
                yield child.job, _result(child, is_late and child.pipe not in ready)


def _answer(work: Callable[[], Any], pipe: int) -> None:
    """What a fork does. It never comes back."""
    try:
        os.dup2(_NO_WORDS, 1)
        os.dup2(_NO_WORDS, 2)
        content = json.dumps(work())
    except BaseException:
        content = json.dumps({"error": traceback.format_exc()})
    with os.fdopen(pipe, "w") as file:
        file.write(content)
    os._exit(0)


def _result(child: _Child, is_late: bool) -> Any:
    if is_late:
        os.kill(child.pid, signal.SIGKILL)
    with os.fdopen(child.pipe) as file:
        content = "" if is_late else file.read()
    os.waitpid(child.pid, 0)
    return json.loads(content) if content else None


class Worker:
    """Tries the plan's mutants on the collected tests."""

    def __init__(self, session: pytest.Session, plan: Plan) -> None:
        self.items = {item.nodeid: item for item in session.items}
        self.plan = plan
        self.forks = Forks(plan.jobs)

    def run(self) -> None:
        while True:
            job = None if self.forks.are_full else self.plan.next()
            if job is not None:
                self._start(job)
            elif self.forks.are_idle:
                return
            else:
                for each, answer in self.forks.wait():
                    self.plan.take(each, answer)

    def _start(self, job: Job) -> None:
        tests = [test for test in job.tests if test in self.items]
        self.forks.start(job, lambda: self._try(job, tests), 30 + 3 * job.seconds)

    def _try(self, job: Job, tests: Sequence[str]) -> dict[str, Any]:
        """The first of the tests that fails with these mutants on."""
        SwitchedEvm.turn_on(job.numbers)
        is_alone = bool(job.numbers) and not (job.is_whole or job.half_of)
        for count, test in enumerate(tests):
            # Half the time of a test goes on rebuilding the state from its events.
            unit.assert_rebuilt = _passes if is_alone and count % _REBUILT_EACH else assert_rebuilt
            if failure := self._fails(self.items[test]):
                return {"killed_by": test, "tests": count + 1, "why": failure}
        return {"killed_by": None, "tests": len(tests), "why": ""}

    def _fails(self, item: pytest.Item) -> str:
        for report in runtestprotocol(item, log=False, nextitem=None):
            if report.failed:
                lines = str(report.longrepr).strip().splitlines() or ["failed"]
                return lines[-1][:200]
        return ""


def _passes(env: Any) -> None:
    """In the place of `assert_rebuilt`."""


def warm(session: pytest.Session) -> None:
    """Runs one test of each set of worlds, so that they are there when processes are forked."""
    known: set[Any] = set()
    for item in session.items:
        worlds = _worlds(item)
        if worlds - known:
            known |= worlds
            runtestprotocol(item, log=False, nextitem=None)


def _worlds(item: pytest.Item) -> set[Any]:
    """The fixtures of a test that outlive it, with what they are given."""
    indices = item.callspec.indices if hasattr(item, "callspec") else {}
    info = item._fixtureinfo  # type: ignore[attr-defined]
    return {
        (definitions[-1].baseid, name, indices.get(name))
        for name, definitions in info.name2fixturedefs.items()
        if definitions[-1].scope != "function"
    }


_FIXTURES: dict[Any, Any] = {}


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef: Any, request: Any) -> Any:
    """What outlives a test stays for good: each test brings its world back to what it was."""
    if fixturedef.scope == "function":
        return None
    names = [*fixturedef.argnames, fixturedef.argname]
    callspec = getattr(request._pyfuncitem, "callspec", None)
    indices = callspec.indices if callspec is not None else {}
    key = (
        fixturedef.baseid,
        fixturedef.func,
        *(indices.get(name) for name in _all(request, names)),
    )
    if key not in _FIXTURES:
        arguments = {name: request.getfixturevalue(name) for name in fixturedef.argnames}
        value = fixturedef.func(**arguments)
        _FIXTURES[key] = next(value) if isgenerator(value) else value
    fixturedef.cached_result = (_FIXTURES[key], fixturedef.cache_key(request), None)
    return _FIXTURES[key]


def _all(request: Any, names: Sequence[str]) -> list[str]:
    """Those fixtures, and what they stand on."""
    definitions = request._pyfuncitem._fixtureinfo.name2fixturedefs
    found, left = list[str](), [*names]
    while left:
        name = left.pop()
        if name not in found:
            found.append(name)
            for each in definitions.get(name, ()):
                left += each.argnames
    return sorted(found)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--mutants", type=Path, help="the plan, as JSON")


def pytest_configure(config: pytest.Config) -> None:
    content = json.loads(config.option.mutants.read_text(encoding="utf-8"))
    changed = compiled(batch(content.pop("keys")))
    use(SwitchedEvm, root_with(CACHE / "root", changed.code))
    config.stash[PLAN] = Plan.of(changed.mutants, content)
    settings.register_profile(
        "mutants",
        settings.get_profile("unhurried"),
        database=None,
        phases=(Phase.explicit, Phase.generate),
    )
    settings.load_profile("mutants")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Only what is known to run some of the contracts, and to pass there."""
    known = config.stash[PLAN].selection.seconds
    items[:] = [item for item in items if item.nodeid in known]


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    if session.config.option.collectonly:
        return True
    warm(session)
    Worker(session, session.config.stash[PLAN]).run()
    return True
