"""The states of a loop, and why it is in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from macrostrike.journal import ChangeKind, Journal

NAME = "loop"
"""What its changes are recorded under."""

_RESUME = "Nothing opens until the owner resumes: `ape run stats`, then `ape run resume`"


class LoopState(str, Enum):
    """What a loop does now. In all of them it settles what is due."""

    RUNNING = "running"
    """Opens strikes."""
    REDUCING = "reducing"
    """Opens nothing, by command."""
    PAUSED = "paused"
    """Opens nothing, as the diamond is paused."""
    HALTED = "halted"
    """Opens nothing, by the diamond's breaker or by a guard of the loop's own."""

    def __str__(self) -> str:
        return str(self.value)


@dataclass(frozen=True, slots=True)
class Changed:
    """The loop is in another state, or in the same for another cause."""

    at: int
    state: LoopState
    cause: str


def halt_cause(journal: Journal) -> str:
    """Why the diamond's breaker tripped last, and what to do; of a journal that is synced."""
    found = journal.events(name="Halted")
    return f"the diamond's breaker{_tripped(found[-1].args) if found else ''}. {_RESUME}"


def _tripped(args: Mapping[str, Any]) -> str:
    """See "Breakers" in the specification."""
    if bytes.fromhex(args["reason"][2:]).startswith(b"winrate"):
        return f": {args['recent_wins']} of the last 40 strikes won, 34 have to"
    lost = 1 - args["equity"] / args["high_water"]
    return f": equity {lost:.1%} under its high-water mark, 10 % may be lost"


class States:
    """Which state a loop is in; each change is in the journal, with its cause."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.state: LoopState | None = None
        self.cause = ""

    def enter(self, state: LoopState, cause: str, now: int) -> Changed | None:
        """Goes to a state; None where nothing changed."""
        if (state, cause) == (self.state, self.cause):
            return None
        self.state, self.cause = state, cause
        self._journal.record_change(ChangeKind.STATE, NAME, str(state), cause=cause)
        return Changed(now, state, cause)
