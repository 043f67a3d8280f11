"""What a run has done: calls, refusals by reason, checks of each invariant."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields

from macrostrike.errors import Panicked, RevertedWithReason, UnknownRevert
from macrostrike.reverts import decode_revert

# Errors that say in a field which of several rules they stand for.
_KINDS = {"CapExceeded": "cap", "InvalidConfig": "field", "InvalidRule": "field"}


@dataclass
class Tally:
    """Counts.

    `done` and `refused` are by what was called, `reasons` by error; `skipped` are the reasons of a
    batch's skips, `called_out` the results of calls from within tokens and pools; `held` counts
    checks by invariant.
    """

    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    called_out: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)

    @property
    def calls(self) -> int:
        return self.done.total() + self.refused.total()

    def count(self, name: str, error: str | None) -> None:
        """A call, and why it was refused, if it was."""
        if error is None:
            self.done[name] += 1
        else:
            self.refused[name] += 1
            self.reasons[error] += 1

    def add(self, other: Tally) -> None:
        for each in fields(self):
            getattr(self, each.name).update(getattr(other, each.name))


def reason(data: bytes, halt: str = "") -> str:
    """A refusal in a word or two: the error's name, and which of its rules."""
    error = decode_revert(data, halt)
    name = type(error).__name__
    if name in _KINDS:
        kind = getattr(error, _KINDS[name])
        return f"{name}({kind})"
    if isinstance(error, Panicked):
        return f"{name}({error.code:#04x})"
    if isinstance(error, RevertedWithReason):
        return f"{name}({error.reason})"
    if isinstance(error, UnknownRevert):
        return f"{name}({halt or '0x' + data[:4].hex()})"
    return name
