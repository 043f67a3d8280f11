"""A limit on how often something is done: so many a second, and some at once after a pause."""

from __future__ import annotations


class Rate:
    """A token bucket. `per_second` fill up to `burst`, and each use takes one. Keeps no clock."""

    def __init__(self, per_second: float, burst: int) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._left = float(burst)
        self._at: float | None = None

    def delay(self, now: float) -> float:
        """Takes one, and says how many seconds to wait before it is used. `now` in seconds."""
        if self._at is not None:
            filled = self._left + max(now - self._at, 0.0) * self._per_second
            self._left = min(filled, self._burst)
        self._at = now
        self._left -= 1
        return max(-self._left / self._per_second, 0.0)
