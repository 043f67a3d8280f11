"""What to try next, and what became of it.

First mutants one by one, on tests that reach them, as many as patience allows. What passes these is
open, until it has passed all tests there are in a group: the tests then cost once for all of them.
A group that a test finds is halved, on that test alone, until single mutants are found.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .compiler import CACHE, all_mutants
from .mutant import Mutant
from .reached import records
from .records import OPEN, Record, Records
from .selection import Selection
from .switches import WINDOW, place_of

TIME = "time"
"""What finds a mutant that makes a test run on and on."""
_FEW = 10
"""Under a tenth of what is open."""
_MORE = 3
"""Times as long, for what had not ended."""


@dataclass(frozen=True)
class Job:
    """Mutants that are on together, and tests in the order to try. No mutants: are the tests sound?

    seconds: what the tests take with no mutant on. is_whole: there are no other tests.
    half_of: the group that is looked through for what a test found in it. is_late: time was up
    once, as it is on a busy machine too.
    """

    numbers: tuple[int, ...]
    tests: tuple[str, ...]
    seconds: float
    is_whole: bool = False
    half_of: tuple[int, ...] = ()
    is_late: bool = False


def batch(keys: Sequence[Sequence[str]]) -> list[Mutant]:
    """The mutants of these keys, in their order."""
    known = {mutant.key: mutant for mutant in all_mutants()}
    return [known[tuple(key)] for key in keys]


def spread(mutants: Sequence[Mutant]) -> list[Mutant]:
    """Those of one place far from each other: in a group there is one of them."""
    ordered = sorted(mutants, key=lambda each: (each.file, each.start))
    step = -(-len(ordered) // WINDOW) or 1
    return [each for first in range(step) for each in ordered[first::step]]


@dataclass
class Plan:
    """The mutants of one compilation, `jobs` at a time until the second `until`.

    A mutant has `patience` seconds of tests alone. is_grouped: open ones are tried, in groups.
    """

    mutants: dict[int, Mutant]
    selection: Selection
    records: Records
    jobs: int = 1
    patience: float = 5.0
    until: float = float("inf")
    is_grouped: bool = False
    queue: deque[Job] = field(default_factory=deque)
    trusted: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    waiting: dict[str, list[tuple[Job, Any]]] = field(default_factory=dict)
    passed: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    away: set[int] = field(default_factory=set)
    clean: dict[tuple[int, ...], Job] = field(default_factory=dict)
    apart: list[tuple[set[int], set[int]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for (_, function, *_), record in self.records.by_key.items():
            if record.test in self.selection.seconds:
                self.selection.found[function][record.test] += 1
        outcomes = {n: self.records.get(mutant) for n, mutant in self.mutants.items()}
        self._first = deque(n for n, record in outcomes.items() if record is None)
        is_open = (n for n, record in outcomes.items() if record and record.outcome == OPEN)
        self.open = [*is_open] if self.is_grouped else []

    @classmethod
    def of(cls, mutants: dict[int, Mutant], content: dict[str, Any]) -> Plan:
        """`content` is what the file of a plan says, beside the mutants."""
        return cls(mutants, Selection.load(records()), Records.load(CACHE), **content)

    def next(self) -> Job | None:
        """The next job, or None: nothing is left, or it depends on what is running, or no time."""
        if self.queue:
            return self.queue.popleft()
        if time.time() > self.until:
            return None
        if self.is_grouped:
            return self._group()
        return self._single(self._first.popleft()) if self._first else None

    def take(self, job: Job, answer: Any) -> None:
        """The answer is None where time was up: a mutant that never ends is noticed, when it is up
        again.
        """
        if answer is None and not job.is_late:
            self.queue.append(replace(job, seconds=_MORE * job.seconds + 60, is_late=True))
            return
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
        """As many tests as patience allows."""
        tests, seconds = list[str](), 0.0
        for test in self.selection.tests_of(self.mutants[number]):
            cost = self.selection.seconds[test]
            if test not in self.refused and (not tests or seconds + cost <= self.patience):
                tests.append(test)
                seconds += cost
        return Job((number,), tuple(tests), seconds)

    def _group(self) -> Job | None:
        """Open ones that have come as far, on all tests, as reach is not all known."""
        for lane in sorted({self._lane(number) for number in self.open}):
            if any(self._lane(number) == lane for number in self.away):
                continue
            numbers = self._together([n for n in self.open if self._lane(n) == lane])
            self.away.update(numbers)
            self.open = [n for n in self.open if n not in self.away]
            done = set[str].intersection(*(self.passed[n] for n in numbers)) | self.refused
            tests = [test for test in self.selection.all_tests() if test not in done]
            return self._job(numbers, tests, is_whole=True)
        return None

    def _lane(self, number: int) -> tuple[int, int]:
        """What may be on together, in at least as many parts as there are jobs at a time."""
        windows = place_of(max(self.mutants))[0]
        return place_of(number)[0], number % -(-self.jobs // windows)

    def _together(self, numbers: list[int]) -> tuple[int, ...]:
        """Those that have come farthest; few of them wait until the others have come as far."""
        numbers.sort(key=lambda number: -len(self.passed[number]))
        farthest = self.passed[numbers[0]]
        chosen = self._compatible(n for n in numbers if self.passed[n] >= farthest)
        few = len(chosen) * _FEW < len(numbers)
        return self._compatible(reversed(numbers)) if few else chosen

    def _compatible(self, numbers: Iterable[int]) -> tuple[int, ...]:
        """None of which stands within another, which would hide it, or is another fault with it."""
        chosen = list[int]()
        for number in numbers:
            if not any(self._excludes(number, other) for other in chosen):
                chosen.append(number)
        return tuple(sorted(chosen))

    def _excludes(self, number: int, other: int) -> bool:
        one, two = self.mutants[number], self.mutants[other]
        if one.file == two.file and one.start < two.end and two.start < one.end:
            return True
        pair = {number, other}
        return any(pair <= a | b and not (pair <= a or pair <= b) for a, b in self.apart)

    def _job(self, numbers: tuple[int, ...], tests: Sequence[str], **options: Any) -> Job:
        seconds = sum(self.selection.seconds[test] for test in tests)
        return Job(numbers, tuple(tests), seconds, **options)

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
                self.queue.append(replace(job, tests=rest))

    def _settle(self, job: Job, answer: Any) -> None:
        if answer["killed_by"] is None:
            self._survive(job)
        elif len(job.numbers) == 1:
            self._kill(job.numbers[0], answer)
        else:
            self._halve(job, answer)

    def _halve(self, job: Job, answer: Any) -> None:
        found = answer["killed_by"] != TIME
        for number in job.numbers:
            self.passed[number].update(job.tests[: answer["tests"] - 1] if found else ())
        tests = [answer["killed_by"]] if found else job.tests
        middle = len(job.numbers) // 2
        for half in (job.numbers[:middle], job.numbers[middle:]):
            self.queue.append(self._job(half, tests, half_of=job.numbers))

    def _survive(self, job: Job) -> None:
        if other := self.clean.pop(job.half_of, None):
            # Neither half is found alone: together they are another fault.
            self.apart.append(({*other.numbers}, {*job.numbers}))
        elif job.half_of:
            self.clean[job.half_of] = job
        for number in job.numbers:
            self.passed[number].update(job.tests)
            self.away.discard(number)
            if job.is_whole:
                self._record(number, Record("survived", "", len(job.tests)))
            elif self.is_grouped:
                self.open.append(number)
            else:
                self._record(number, Record(OPEN, "", len(job.tests)))

    def _kill(self, number: int, answer: Any) -> None:
        test = answer["killed_by"]
        if test != TIME:
            self.selection.found[self.mutants[number].function][test] += 1
        self.away.discard(number)
        self._record(number, Record("killed", test, answer["tests"], answer["why"]))

    def _record(self, number: int, record: Record) -> None:
        self.records.add(self.mutants[number], record)
