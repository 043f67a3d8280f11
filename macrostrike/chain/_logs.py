"""Events of any range of blocks, from nodes that give them in small portions only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from macrostrike.chain import _refusals
from macrostrike.errors import NodeError, NodeUnavailable

_STEADY = 4  # portions in a row, after which a wider one is tried


class LogRanges:
    """Splits a range wherever the node refuses one, and remembers how wide it takes them."""

    def __init__(self) -> None:
        self._widest: int | None = None

    def read(self, first: int, last: int, ask: Callable[[int, int], list[Any]]) -> list[Any]:
        """All that `ask` returns for the blocks from `first` to `last`, both included, in order.

        Raises what `ask` raises, where it is about something else, or about a single block.
        """
        found: list[Any] = []
        ceiling = max(1, last - first + 1)
        width = min(self._widest or ceiling, ceiling)
        at, steady = first, 0
        while at <= last:
            end = min(last, at + width - 1)
            try:
                found += ask(at, end)
            except (NodeError, NodeUnavailable) as refusal:
                smaller = _smaller(refusal, at, end)
                if smaller is None:
                    raise
                # No wider than what was taken before it was doubled, or than what is refused.
                ceiling = max(smaller, width // 2 if steady else min(ceiling, width - 1))
                width, steady = smaller, 0
                continue
            at, steady = end + 1, steady + 1
            if steady >= _STEADY:
                width = min(2 * width, ceiling)
        if width <= last - first:
            self._widest = width
        return found


def _smaller(refusal: NodeError | NodeUnavailable, first: int, last: int) -> int | None:
    """How many blocks to try instead; None where fewer would not help."""
    span = last - first + 1
    if span == 1:
        return None
    if isinstance(refusal, NodeUnavailable):
        # Each try takes as long as the node's time-out does.
        return max(1, span // 8) if _refusals.is_too_much(refusal) else None
    hint = _refusals.narrower(refusal.reason)
    if hint is None:
        return None
    if hint.first == first and hint.last is not None and hint.last < last:
        return hint.last - first + 1
    if hint.width is not None and 0 < hint.width < span:
        return hint.width
    return max(1, span // 2)
