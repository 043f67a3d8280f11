"""Each property has its function, and a mutant that can still be made. `make prove` proves them."""

from __future__ import annotations

import re

import pytest

from .properties import PROPERTIES, Property
from .prover import ROOT


@pytest.mark.parametrize("each", PROPERTIES, ids=lambda each: each.name)
def test_its_mutant_can_be_made(each: Property) -> None:
    assert (ROOT / each.file).read_text(encoding="utf-8").count(each.old) == 1


def test_every_function_that_checks_something_is_listed() -> None:
    checks = {
        (path.stem, name)
        for path in (ROOT / "tests" / "prove" / "solidity").glob("*.sol")
        for name in re.findall(r"function check_(\w+)\(", path.read_text(encoding="utf-8"))
    }
    assert checks == {(each.contract, each.name) for each in PROPERTIES}
