"""A signal ends a service, whatever it interrupts."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from macrostrike.cli.post import stop_on_signals


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_may_come_while_the_event_that_it_sets_is_locked(number: signal.Signals) -> None:
    """As it is for a moment of each wait for it, in the thread that gets the signal."""
    stop = stop_on_signals()
    with stop._cond:  # type: ignore[attr-defined]
        signal.raise_signal(number)
        signal.raise_signal(number)
    assert stop.wait(10)
