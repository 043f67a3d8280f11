"""Pools whose cycles keep failing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAX_FAILURES = 3
"""Refusals of cycles through a pool, with no success between them, after which it is left out."""

QUARANTINE_BLOCKS = 300
"""For how long; each time twice as long as before."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A pool whose cycles keep failing is left out until `until_block`."""

    block_number: int
    pool: int
    failures: int
    until_block: int


class Quarantine:
    """Counts refused cycles against their pools, and leaves out the one that stands out.

    A cycle fails by one of its pools or tokens, and the chain does not say which. The pool with
    the most failures is taken to be it; among equals the one that was registered last. Where that
    is wrong, the other stands out next, and this one comes back.
    """

    def __init__(self) -> None:
        self._failures: Counter[int] = Counter()
        self._times: Counter[int] = Counter()
        self._until: dict[int, int] = {}

    def pools(self, block: int) -> frozenset[int]:
        """Ids of the pools that are left out at a block."""
        self._until = {pool: until for pool, until in self._until.items() if until > block}
        return frozenset(self._until)

    def worked(self, pools: Sequence[int]) -> None:
        """A cycle through these pools was executed."""
        for pool in pools:
            self._failures.pop(pool, None)
            self._times.pop(pool, None)

    def failed(self, pools: Sequence[int], block: int) -> Iterator[Quarantined]:
        """A cycle through these pools was refused."""
        self._failures.update(pools)
        worst = max(pools, key=lambda pool: (self._failures[pool], pool))
        failures = self._failures[worst]
        if failures < MAX_FAILURES:
            return
        for pool in pools:
            self._failures.pop(pool, None)
        self._until[worst] = block + (QUARANTINE_BLOCKS << self._times[worst])
        self._times[worst] += 1
        yield Quarantined(block, worst, failures, self._until[worst])
