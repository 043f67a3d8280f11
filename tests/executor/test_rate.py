"""So many a second in the long run, and some at once after a pause."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from macrostrike.executor._rate import Rate


def test_a_burst_goes_at_once_and_what_follows_waits() -> None:
    rate = Rate(10, burst=3)
    assert [rate.delay(100.0) for _ in range(5)] == pytest.approx([0, 0, 0, 0.1, 0.2])


def test_a_pause_fills_it_up_to_the_burst() -> None:
    rate = Rate(10, burst=3)
    for _ in range(3):
        rate.delay(100.0)
    assert [rate.delay(1000.0) for _ in range(4)] == pytest.approx([0, 0, 0, 0.1])


def test_a_clock_that_goes_back_returns_nothing() -> None:
    rate = Rate(10, burst=1)
    assert rate.delay(100.0) == 0
    assert rate.delay(50.0) == pytest.approx(0.1)


@given(st.lists(st.floats(0, 0.5), max_size=60), st.integers(1, 20), st.integers(1, 10))
def test_in_no_span_are_there_more_than_the_limit(
    pauses: list[float], per_second: int, burst: int
) -> None:
    rate, now, used = Rate(per_second, burst), 0.0, []
    for pause in pauses:
        now += pause
        now += rate.delay(now)
        used.append(now)
    for first, start in enumerate(used):
        for last in range(first, len(used)):
            span = used[last] - start
            assert last - first <= burst + span * per_second + 1e-6
