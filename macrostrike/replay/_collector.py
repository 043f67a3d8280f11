"""Python's collector of circular garbage, which a replay does without."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collector() -> Iterator[None]:
    """The collector rests: it would look through all bars and strikes again and again, and next to
    none of them is in a circle. All others are freed as ever."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
