"""A sender that sends nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from macrostrike.chain import Call, Purpose, Receipt, Ticket
from macrostrike.errors import MacroStrikeError, SignerMissing


class Observer:
    """A `Sender` for dry runs: an address to ask the chain in the name of, and no key."""

    def __init__(self, address: str) -> None:
        self.address = address

    def submit(
        self,
        to: str | None,
        data: bytes,
        *,
        value: int = 0,
        gas: int | None = None,
        purpose: Purpose | None = None,
    ) -> Ticket:
        """Raises `SignerMissing`, always."""
        raise SignerMissing(purpose.action if purpose else "a transaction")

    def submit_many(self, calls: Sequence[Call]) -> list[Ticket | MacroStrikeError]:
        """Raises `SignerMissing`, always."""
        raise SignerMissing(calls[0].purpose.action if calls else "a transaction")

    def wait_many(self, tickets: Sequence[Any]) -> list[Receipt | MacroStrikeError]:
        """Of none: it has no tickets."""
        return []
