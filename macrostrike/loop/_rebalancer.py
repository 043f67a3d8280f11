"""Spreading the bots' free equity anew, on a schedule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from macrostrike.client import MacroStrike
from macrostrike.errors import ContractError, TransactionNotMined
from macrostrike.journal import ChangeKind, Journal
from macrostrike.types import Rebalanced as Outcome

NAME = "rebalance"
"""What its changes are recorded under; each one's value is the chain's time then."""


@dataclass(frozen=True, slots=True)
class Rebalanced:
    """The free equity was spread by what each strategy has won; or the chain refused to."""

    at: int
    outcome: Outcome | ContractError


class Rebalancer:
    """Rebalances by performance once in `every` seconds of the chain's.

    When it last did is in the journal, so that a loop that was stopped keeps to the schedule. The
    operator needs the action on chain.
    """

    def __init__(self, client: MacroStrike, journal: Journal, every: int) -> None:
        self._client, self._journal, self._every = client, journal, every
        changes = journal.changes(kind=ChangeKind.STATE, name=NAME)
        self._last = int(changes[-1].value) if changes else None

    def run(self) -> Iterator[Rebalanced]:
        """Rebalances where it is time. Raises `ChainError`."""
        now = self._client.transport.timestamp()
        if self._last is not None and now < self._last + self._every:
            return
        is_first, self._last = self._last is None, now
        self._journal.record_change(
            ChangeKind.STATE, NAME, str(now), cause="begins" if is_first else "on schedule"
        )
        if is_first:
            return
        try:
            yield Rebalanced(now, self._client.rebalance_by_performance())
        except ContractError as refused:
            self._journal.record_change(ChangeKind.LOG, "warning", str(refused), cause=NAME)
            yield Rebalanced(now, refused)
        except TransactionNotMined:
            return  # its intent says so
