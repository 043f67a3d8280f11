"""A pytest plugin that records, test by test, which statements ran, and how long the test took.

    pytest -p tests.mutants.reached

It stands on the recorder of `make reach` and leaves .cache/mutants/reached/<process>.json.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.reach import recorder
from tests.reach.instrument import instrumented
from tests.reach.recorder import (  # what pytest calls in that plugin, it calls here
    pytest_collection_modifyitems as pytest_collection_modifyitems,
)
from tools._solc import ROOT

RECORDED = ROOT / ".cache" / "mutants" / "reached"
_TESTS: dict[str, dict[str, Any]] = {}


def pytest_configure(config: pytest.Config) -> None:
    recorder.pytest_configure(config)


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


_FAILED: set[str] = set()


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not _TESTS:
        return  # the process that only hands out the tests
    RECORDED.mkdir(parents=True, exist_ok=True)
    for failed in _FAILED:
        _TESTS.pop(failed, None)
    places = [f"{each.file}:{each.first}:{each.last}" for each in instrumented().statements]
    content = {"places": places, "tests": _TESTS}
    (RECORDED / f"{os.getpid()}.json").write_text(json.dumps(content))
