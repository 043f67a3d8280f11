"""The executor: signs, journals, sends, and knows afterwards what became of each transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike._lazy import lazy_exports

if TYPE_CHECKING:
    from macrostrike.executor._executor import Executor, Settings
    from macrostrike.executor._recovery import Recovered
    from macrostrike.executor._ticket import JournaledTicket

__all__ = ["Executor", "JournaledTicket", "Recovered", "Settings"]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "Executor": "._executor",
        "JournaledTicket": "._ticket",
        "Recovered": "._recovery",
        "Settings": "._executor",
    },
)
