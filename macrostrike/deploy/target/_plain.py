"""A setting of the whole diamond that is one value: its row says all that there is of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Plain:
    """Is in the annotation of the field of `Target` that has the wanted value.

    view: the function of the diamond that reads it.
    call: the owner's call that sets it.
    initial: what a new diamond has.
    raised: what a guardian may have done where it is over the wanted value; empty where none may.
    """

    view: str
    call: str
    initial: Any
    raised: str = ""
