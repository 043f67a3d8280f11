"""A sender that sends nothing."""

from __future__ import annotations

from macrostrike.chain import Purpose, Ticket
from macrostrike.errors import SignerMissing


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
