"""A circle of imports is found, and there is none."""

from __future__ import annotations

import itertools

import pytest

from tools.import_circles import PACKAGES, find_circle, imports_of


def test_a_circle_is_said_in_the_order_of_its_imports() -> None:
    circle = find_circle({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set()})
    assert circle is not None
    assert circle[0] == circle[-1]
    assert set(itertools.pairwise(circle)) == {("a", "b"), ("b", "c"), ("c", "a")}


def test_a_chain_is_not_a_circle() -> None:
    assert find_circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) is None


@pytest.mark.parametrize("package", PACKAGES)
def test_there_is_none(package: str) -> None:
    assert find_circle(imports_of(package)) is None
