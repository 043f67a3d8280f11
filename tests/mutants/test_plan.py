"""Each mutant is judged as if all its tests had been run on it alone, whatever saves time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from .mutant import Mutant
from .plan import TIME, Job, Plan, spread
from .records import Record, Records
from .report import report
from .selection import Selection

FILE = "contracts/libraries/Some.sol"
TESTS = {f"test_{n}": 1.0 + n / 100 for n in range(30)}
ALL = frozenset(TESTS)


def mutant(number: int, kind: str = "constant") -> Mutant:
    """Each on a line and in a function of its own."""
    return Mutant(
        file=FILE,
        line=number + 1,
        function=f"Some.f{number}",
        kind=kind,
        operator="one more",
        was=f"{number}",
        now=f"({number} + 1)",
        start=10 * number,
        end=10 * number + 9,
        form="value",
    )


class Chain:
    """What tests do with mutants: by mutant, those that fail. `broken` ones always do."""

    def __init__(self, finds: Mapping[int, set[str]], broken: frozenset[str] = frozenset()) -> None:
        self.finds, self.broken, self.tried = finds, broken, list[Job]()

    def run(self, job: Job) -> dict[str, Any]:
        self.tried.append(job)
        for count, test in enumerate(job.tests, 1):
            if test in self.broken or any(test in self.finds.get(n, ()) for n in job.numbers):
                return {"killed_by": test, "tests": count, "why": ""}
        return {"killed_by": None, "tests": len(job.tests), "why": ""}


def plan(folder: Path, count: int, **options: Any) -> Plan:
    places = {(n + 1, n + 1): set(TESTS) for n in range(count)}
    selection = Selection(dict(TESTS), {FILE: places})
    return Plan({n: mutant(n) for n in range(count)}, selection, Records.load(folder), **options)


def run(what: Plan, chain: Chain) -> None:
    while (job := what.next()) is not None:
        what.take(job, chain.run(job))


def grouped(what: Plan) -> Plan:
    """What is open after it, in groups."""
    return Plan(what.mutants, what.selection, what.records, is_grouped=True)


def outcomes(what: Plan, chain: Chain) -> list[str]:
    """Runs all; then what became of each, by which test."""
    run(what, chain)
    run(grouped(what), chain)
    found = [what.records.get(each) for each in what.mutants.values()]
    return ["never tried" if each is None else each.test or each.outcome for each in found]


@pytest.mark.parametrize("patience", [0.0, 5.0, 100.0], ids=["no", "some", "all"])
def test_the_outcomes_are_the_same_whatever_the_patience(tmp_path: Path, patience: float) -> None:
    finds = {0: {"test_0"}, 1: {"test_29"}, 2: set[str](), 3: {"test_12"}, 4: {"test_29"}}
    found = outcomes(plan(tmp_path, 6, patience=patience), Chain(finds))
    assert found == ["test_0", "test_29", "survived", "test_12", "test_29", "survived"]


def test_a_test_that_fails_anyway_finds_nothing(tmp_path: Path) -> None:
    chain = Chain({0: {"test_3"}}, broken=frozenset({"test_1", "test_2"}))
    assert outcomes(plan(tmp_path, 2), chain) == ["test_3", "survived"]


def test_what_found_others_in_the_function_is_tried_first(tmp_path: Path) -> None:
    """In a run before, too."""
    first = plan(tmp_path, 2)
    first.mutants[1] = replace(first.mutants[0], was="1")
    first.records.add(first.mutants[1], Record("killed", "test_20", 3))
    own = plan(tmp_path, 1)
    assert own.selection.tests_of(own.mutants[0])[:2] == ["test_20", "test_0"]


def test_one_set_of_parameters_of_each_test_comes_first() -> None:
    seconds = {"a[1]": 0.1, "a[2]": 0.2, "b[1]": 0.3, "b[2]": 0.4, "c": 0.5}
    selection = Selection(seconds, {FILE: {(1, 1): set(seconds)}})
    assert selection.tests_of(mutant(0)) == ["a[1]", "b[1]", "c", "a[2]", "b[2]"]


def test_what_runs_little_else_comes_before_what_is_cheap() -> None:
    seconds, reach = {"a": 0.1, "b": 0.3}, {"a": 400, "b": 5}
    selection = Selection(seconds, {FILE: {(1, 1): set(seconds)}}, reach)
    assert selection.tests_of(mutant(0)) == ["b", "a"]


def test_the_head_of_a_function_has_the_tests_of_its_first_statement() -> None:
    selection = Selection({"a": 1.0, "b": 1.0}, {FILE: {(3, 3): {"a"}, (4, 4): {"b"}}})
    assert selection.tests_of(mutant(0)) == ["a"]


def test_a_mutant_without_an_end_is_noticed(tmp_path: Path) -> None:
    own = plan(tmp_path, 1)
    job = own.next()
    assert job is not None
    own.take(job, None)
    assert own.records.get(own.mutants[0]) is None
    again = own.next()
    assert again is not None
    assert (again.numbers, again.tests) == (job.numbers, job.tests)
    assert again.seconds > 3 * job.seconds
    own.take(again, None)
    record = own.records.get(own.mutants[0])
    assert record is not None
    assert (record.outcome, record.test) == ("killed", TIME)


def test_on_a_busy_machine_time_alone_finds_nothing(tmp_path: Path) -> None:
    class Busy(Chain):
        def run(self, job: Job) -> Any:
            return super().run(job) if job.is_late or not job.numbers else None

    chain = Busy({0: {"test_3"}, 2: {"test_29"}})
    found = outcomes(plan(tmp_path, 4, patience=5.0), chain)
    assert found == ["test_3", "survived", "test_29", "survived"]


def test_survivors_are_tried_in_groups(tmp_path: Path) -> None:
    """The tests cost once for all together."""
    chain = Chain({})
    assert outcomes(plan(tmp_path, 10, patience=0.0), chain) == ["survived"] * 10
    assert [len(job.tests) for job in chain.tried if len(job.numbers) == 10] == [len(TESTS)]


def test_one_of_a_group_is_found_by_halves(tmp_path: Path) -> None:
    """On the test that found it alone; the others go on with the tests that come after it."""
    chain = Chain({37: {"test_20"}})
    expected = ["survived"] * 37 + ["test_20"] + ["survived"] * 26
    assert outcomes(plan(tmp_path, 64, patience=0.0), chain) == expected
    halves = [job for job in chain.tried if job.half_of]
    assert len(halves) == 12
    assert {job.tests for job in halves} == {("test_20",)}
    assert [len(job.tests) for job in chain.tried if len(job.numbers) == 63] == [9]


def test_one_within_another_is_never_on_with_it(tmp_path: Path) -> None:
    own = plan(tmp_path, 6, patience=0.0)
    within = {n: replace(own.mutants[n - 1], was=f"{n}", start=10 * n - 6) for n in (1, 3, 5)}
    own.mutants |= within
    chain = Chain({})
    assert outcomes(own, chain) == ["survived"] * 6
    assert [job.numbers for job in chain.tried if job.is_whole] == [(0, 2, 4), (1, 3, 5)]


def test_a_test_that_is_not_known_to_reach_it_finds_one(tmp_path: Path) -> None:
    """Of a call that was undone there is no trace: so a group has all tests."""
    own = plan(tmp_path, 2)
    own.selection.seconds["test_elsewhere"] = 1.0
    assert outcomes(own, Chain({1: {"test_elsewhere"}})) == ["survived", "test_elsewhere"]


def test_what_fails_together_alone_is_found_of_neither(tmp_path: Path) -> None:
    class Together(Chain):
        def run(self, job: Job) -> dict[str, Any]:
            self.finds = {job.numbers[0]: {"test_7"}} if len(job.numbers) > 1 else {}
            return super().run(job)

    assert outcomes(plan(tmp_path, 3, patience=0.0), Together({})) == ["survived"] * 3


def test_two_that_fail_together_alone_keep_no_other_from_a_group(tmp_path: Path) -> None:
    class Two(Chain):
        def run(self, job: Job) -> dict[str, Any]:
            self.finds = {3: {"test_7", "test_20"}} if {2, 3} <= {*job.numbers} else {}
            return super().run(job)

    chain = Two({})
    assert outcomes(plan(tmp_path, 64, patience=0.0), chain) == ["survived"] * 64
    whole = [job for job in chain.tried if job.is_whole]
    assert [len(job.numbers) for job in whole] == [64, 63, 1]
    assert {job.tests[-1] for job in whole} == {"test_29"}


def test_few_that_are_behind_or_ahead_do_not_cost_the_tests_anew(tmp_path: Path) -> None:
    own = grouped(plan(tmp_path, 0))
    own.mutants = {n: mutant(n) for n in range(40)}
    own.passed.update({n: {"test_0", "test_1"} for n in (7, 8)})
    assert own._together([*range(40)]) == tuple(range(40))
    own.passed.update({n: {"test_0", "test_1"} for n in range(20)})
    assert own._together([*range(40)]) == tuple(range(20))


def test_neighbours_are_in_different_groups() -> None:
    places = {each.start // 10: n for n, each in enumerate(spread([mutant(n) for n in range(600)]))}
    assert sorted(places) == [*range(600)]
    assert all(abs(places[n] - places[n + 1]) >= 200 for n in range(599))


def test_a_run_goes_on_where_the_last_one_ended(tmp_path: Path) -> None:
    first, chain = plan(tmp_path, 3), Chain({0: {"test_0"}, 2: {"test_5"}})
    job = first.next()
    assert job is not None
    first.take(job, chain.run(job))
    for asked in [*first.queue]:
        first.take(asked, chain.run(asked))
    again = Chain({0: {"test_1"}, 2: {"test_5"}})
    assert outcomes(plan(tmp_path, 3), again) == ["test_0", "survived", "test_5"]


def test_no_time_is_left(tmp_path: Path) -> None:
    assert outcomes(plan(tmp_path, 2, until=0.0), Chain({})) == ["never tried"] * 2


def test_what_did_not_have_all_tests_yet_counts_as_not_found(tmp_path: Path) -> None:
    own = plan(tmp_path, 2, patience=0.0)
    run(own, Chain({0: {"test_0"}}))
    content = report(own.mutants.values(), own.records)["all"]
    assert (content["run"], content["killed"], content["open"]) == (2, 1, 1)
    assert content["score"] == 50.0


def test_the_score_leaves_out_what_is_judged_and_what_was_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = plan(tmp_path, 4)
    reason = {own.mutants[3].key: "it can not be seen"}
    for module in ("report", "judged"):
        monkeypatch.setattr(f"tests.mutants.{module}.judged", lambda: reason)
    outcomes(own, Chain({0: {"test_0"}, 1: {"test_1"}}))
    content = report([*own.mutants.values(), mutant(4, "return")], own.records)
    assert content["all"] == {
        "made": 5,
        "run": 4,
        "killed": 2,
        "equivalent": 1,
        "survived": 1,
        "open": 0,
        "score": 66.67,
    }
    assert [each["line"] for each in content["survivors"]] == [3]
    assert content["kinds"]["return"] == {
        "made": 1,
        "run": 0,
        "killed": 0,
        "equivalent": 0,
        "survived": 0,
        "open": 0,
        "score": None,
    }
    assert content["stale"] == []
