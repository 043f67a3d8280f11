"""What to try next, and what became of it: mutants one by one, survivors then in groups."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .compiler import CACHE, all_mutants
from .mutant import Mutant
from .reached import records
from .records import Record, Records
from .selection import Selection
from .switches import place_of

_GROUP = 12  # mutants that are on together
TIME = "time"
"""What finds a mutant that makes a test run on and on."""


@dataclass(frozen=True)
class Job:
    """Mutants that are on together, and tests in the order to try. No mutants: are the tests sound?

    seconds: what the tests take with no mutant on. is_whole: there are no other tests.
    """

    numbers: tuple[int, ...]
    tests: tuple[str, ...]
    seconds: float
    is_whole: bool = False


def batch(keys: Sequence[Sequence[str]]) -> list[Mutant]:
    """The mutants of these keys, in their order."""
    known = {mutant.key: mutant for mutant in all_mutants()}
    return [known[tuple(key)] for key in keys]


@dataclass
class Plan:
    """The mutants of one compilation, `jobs` at a time until the second `until`.

    A mutant has `patience` seconds of tests alone; what survives them waits for a group.
    """

    mutants: dict[int, Mutant]
    selection: Selection
    records: Records
    jobs: int = 1
    patience: float = 20.0
    until: float = float("inf")
    queue: deque[Job] = field(default_factory=deque)
    trusted: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    waiting: dict[str, list[tuple[Job, Any]]] = field(default_factory=dict)
    open: list[int] = field(default_factory=list)
    passed: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    running: int = 0

    def __post_init__(self) -> None:
        self._first = deque(n for n, m in self.mutants.items() if self.records.get(m) is None)

    @classmethod
    def of(cls, mutants: dict[int, Mutant], content: dict[str, Any]) -> Plan:
        """`content` is what the file of a plan says, beside the mutants."""
        return cls(mutants, Selection.load(records()), Records.load(CACHE), **content)

    def next(self) -> Job | None:
        """The next job, or None: nothing is left, or no time."""
        if time.time() > self.until:
            return None
        if self.queue:
            return self.queue.popleft()
        if self._first and len(self.open) < _GROUP:
            return self._single(self._first.popleft())
        if self.open:
            return self._group()
        return None

    def take(self, job: Job, answer: Any) -> None:
        """The answer is None where time was up: a mutant that never ends is noticed."""
        if answer is None:
            answer = {"killed_by": TIME, "tests": 0, "why": "no end"}
        elif "error" in answer:
            raise RuntimeError(answer["error"])
        elif not job.numbers:
            self._judge_test(job.tests[0], answer["killed_by"] is None)
            return
        elif answer["killed_by"] is not None and answer["killed_by"] not in self.trusted:
            self._ask_for(answer["killed_by"], job, answer)
            return
        self._settle(job, answer)

    def _single(self, number: int) -> Job:
        """As many tests as patience allows: what passes them waits for a group."""
        tests, seconds = list[str](), 0.0
        wanted = [t for t in self.selection.tests_of(self.mutants[number]) if t not in self.refused]
        for test in wanted:
            seconds += self.selection.seconds[test]
            if tests and seconds > self.patience:
                break
            tests.append(test)
        return Job((number,), tuple(tests), seconds)

    def _group(self) -> Job:
        """Open ones of a window, of different functions, on all tests, as reach is not all known.

        Without those that each of them passed alone.
        """
        window = place_of(self.open[0])[0]
        chosen: dict[str, int] = {}
        for number in self.open:
            if place_of(number)[0] == window and len(chosen) < _GROUP:
                chosen.setdefault(self.mutants[number].function, number)
        self.open = [n for n in self.open if n not in chosen.values()]
        numbers = tuple(chosen.values())
        reaching = (t for n in numbers for t in self.selection.tests_of(self.mutants[n]))
        done = set[str].intersection(*(self.passed[n] for n in numbers)) | self.refused
        tests = dict.fromkeys((*reaching, *self.selection.all_tests()))
        return self._job(numbers, [test for test in tests if test not in done])

    def _job(self, numbers: tuple[int, ...], tests: Sequence[str], is_whole: bool = True) -> Job:
        seconds = sum(self.selection.seconds[test] for test in tests)
        return Job(numbers, tuple(tests), seconds, is_whole)

    def _ask_for(self, test: str, job: Job, answer: Any) -> None:
        """A test counts once it is seen to pass with no mutant on."""
        if test not in self.waiting:
            self.queue.appendleft(self._job((), [test]))
        self.waiting.setdefault(test, []).append((job, answer))

    def _judge_test(self, test: str, passed: bool) -> None:
        (self.trusted if passed else self.refused).add(test)
        for job, answer in self.waiting.pop(test):
            if passed:
                self._settle(job, answer)
            else:
                rest = tuple(each for each in job.tests if each != test)
                self.queue.append(Job(job.numbers, rest, job.seconds, job.is_whole))

    def _settle(self, job: Job, answer: Any) -> None:
        if answer["killed_by"] is None:
            self._survive(job, answer)
        elif len(job.numbers) == 1:
            self._kill(job.numbers[0], answer)
        else:
            # Those that pass this test alone are open again.
            tests = [answer["killed_by"]] if answer["killed_by"] != TIME else job.tests
            self.queue.extend(self._job((number,), tests, False) for number in job.numbers)

    def _survive(self, job: Job, answer: Any) -> None:
        for number in job.numbers:
            self.passed[number].update(job.tests)
            if job.is_whole:
                self.records.add(self.mutants[number], Record("survived", "", len(job.tests)))
            else:
                self.open.append(number)

    def _kill(self, number: int, answer: Any) -> None:
        mutant = self.mutants[number]
        test = answer["killed_by"]
        if test != TIME:
            self.selection.credit(mutant, test)
        self.records.add(mutant, Record("killed", test, answer["tests"], answer["why"]))
