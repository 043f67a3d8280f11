"""A dead man's switch: when the loop no longer says that it works, the diamond is paused.

The watchdog has no key. It has transactions that a guardian has signed beforehand, which can do
nothing but `pause()` this diamond, once: all have the same nonce, each offers more for gas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike._lazy import lazy_exports

if TYPE_CHECKING:
    from macrostrike.watchdog._ladder import (
        GuardianUnfunded,
        Ladder,
        LadderInvalid,
        Rung,
        sign_ladder,
    )
    from macrostrike.watchdog._rehearsal import Rehearsed, rehearse
    from macrostrike.watchdog._watch import Phase, Watchdog, beats_of

__all__ = [
    "GuardianUnfunded",
    "Ladder",
    "LadderInvalid",
    "Phase",
    "Rehearsed",
    "Rung",
    "Watchdog",
    "beats_of",
    "rehearse",
    "sign_ladder",
]

_MODULES = {
    "._ladder": ("GuardianUnfunded", "Ladder", "LadderInvalid", "Rung", "sign_ladder"),
    "._rehearsal": ("Rehearsed", "rehearse"),
    "._watch": ("Phase", "Watchdog", "beats_of"),
}

__getattr__, __dir__ = lazy_exports(
    __name__, {name: module for module, names in _MODULES.items() for name in names}
)
