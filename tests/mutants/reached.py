"""A pytest plugin that records, test by test, which statements ran, and how long the test took.

    pytest -p tests.mutants.reached

It uses the recorder of `make reach` and leaves .cache/mutants/reached/<process>.json. What it has
of a file of tests holds until that file changes, or a contract.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import pytest

from tests.reach import recorder
from tests.reach.instrument import instrumented
from tools._solc import ROOT

from .mutant import mutated_files

RECORDED = ROOT / ".cache" / "mutants" / "reached"
_TESTS: dict[str, dict[str, Any]] = {}
_FAILED: set[str] = set()


def pytest_configure(config: pytest.Config) -> None:
    recorder.pytest_configure(config)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Nodes of their own know nothing of switches."""
    recorder.pytest_collection_modifyitems(items)
    items[:] = [item for item in items if not _needs_node(item)]


def _needs_node(item: pytest.Item) -> bool:
    params = item.callspec.params.values() if hasattr(item, "callspec") else ()
    names = getattr(item, "fixturenames", ())
    return any(each == "anvil" for each in params) or "anvil_url" in names


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    recorder.RECORDS.statements.clear()
    start = time.monotonic()
    yield
    seconds = time.monotonic() - start
    _TESTS[item.nodeid] = {
        "seconds": round(seconds, 3),
        "statements": sorted(recorder.RECORDS.statements),
    }


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed or report.skipped:
        _FAILED.add(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not _TESTS:
        return  # the process that only hands out the tests
    RECORDED.mkdir(parents=True, exist_ok=True)
    files = {test.partition("::")[0] for test in _TESTS}
    content = {
        "contracts": contracts_digest(),
        "files": {file: digest(file) for file in sorted(files)},
        "places": [f"{each.file}:{each.first}:{each.last}" for each in instrumented().statements],
        "tests": {test: what for test, what in _TESTS.items() if test not in _FAILED},
    }
    (RECORDED / f"{os.getpid()}.json").write_text(json.dumps(content), encoding="utf-8")


def records() -> Iterator[dict[str, Any]]:
    """Those that still hold, without the tests of files that have changed since."""
    for path in sorted(RECORDED.glob("*.json"), key=lambda each: each.stat().st_mtime):
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["contracts"] == contracts_digest():
            valid = {file for file, known in content["files"].items() if known == digest(file)}
            tests = content["tests"].items()
            content["tests"] = {t: what for t, what in tests if t.partition("::")[0] in valid}
            yield content | {"files": valid}


def missing(folders: Sequence[str]) -> list[str]:
    """The files of tests that there is no record of."""
    known = {file for content in records() for file in content["files"]}
    paths = (path for folder in folders for path in ROOT.joinpath(folder).rglob("test_*.py"))
    return sorted({path.relative_to(ROOT).as_posix() for path in paths} - known)


@cache
def contracts_digest() -> str:
    return hashlib.sha256("".join(map(digest, mutated_files())).encode()).hexdigest()[:16]


@cache
def digest(file: str) -> str:
    path = ROOT / file
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.exists() else ""
