"""What should be so, and what would make it so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

TARGET, CONDITION, BOOKS, STRIKE = "target", "condition", "books", "strike"
"""What checks are of: the target's parts, what keeps a diamond from working, its solvency, and a
strike tried on a copy."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call that the owner makes. `does` says it in words."""

    does: str
    to: str
    function: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that should be so. `fixes` make it so; none can where they are empty.

    `spends` is what the fixes take from the owner, raw units by token. `reverses` is what a
    guardian may have done, and the fixes would undo; empty for what no guardian does. `of` is one
    of the four above.
    """

    name: str
    expected: str
    actual: str
    ok: bool
    fixes: tuple[Call, ...] = ()
    spends: Mapping[str, int] | None = None
    reverses: str = ""
    of: str = TARGET

    def __str__(self) -> str:
        if self.ok:
            return f"{self.name}: {self.actual}"
        return f"{self.name}: {self.actual}, where {self.expected} is meant"
