"""The executor: signs, journals, sends, and knows afterwards what became of each transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike._lazy import lazy_exports

if TYPE_CHECKING:
    from macrostrike.executor._base import Recovered
    from macrostrike.executor._errors import (
        ExecutorError,
        FeeAboveCeiling,
        NonceJump,
        TransactionCancelled,
    )
    from macrostrike.executor._executor import Executor
    from macrostrike.executor._settings import Settings
    from macrostrike.executor._slot import LIVE
    from macrostrike.executor._ticket import JournaledTicket

__all__ = [
    "LIVE",
    "Executor",
    "ExecutorError",
    "FeeAboveCeiling",
    "JournaledTicket",
    "NonceJump",
    "Recovered",
    "Settings",
    "TransactionCancelled",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "Executor": "._executor",
        "ExecutorError": "._errors",
        "FeeAboveCeiling": "._errors",
        "JournaledTicket": "._ticket",
        "LIVE": "._slot",
        "NonceJump": "._errors",
        "Recovered": "._base",
        "Settings": "._settings",
        "TransactionCancelled": "._errors",
    },
)
