"""One account's nonces: counted here, as nodes lag behind and do not show all transactions."""

from __future__ import annotations

from macrostrike.chain import Transport
from macrostrike.journal import Journal


class Lane:
    """The next nonce of an account. Used under the executor's lock."""

    def __init__(self, transport: Transport, journal: Journal, address: str) -> None:
        self._transport = transport
        self._journal = journal
        self._address = address
        self._next: int | None = None

    def next(self) -> int:
        """The nonce that the next transaction has. It is not taken until `take`."""
        if self._next is None:
            self._next = self._counted()
        return self._next

    def take(self) -> None:
        """The next nonce was used."""
        self._next = self.next() + 1

    def pass_over(self) -> None:
        """Something else has the next nonce in a pool, which may not show it."""
        taken = self.next()
        self._next = max(self._counted(), taken + 1)

    def forget(self) -> None:
        """Counts anew when it is needed: the account was used by something else."""
        self._next = None

    def _counted(self) -> int:
        """Behind all that the chain has mined, that its pool shows, and that the journal knows.

        What was mined counts too: where its block was replaced, it goes to a pool again.
        """
        ours = self._journal.next_nonce(self._address)
        mined = self._transport.nonce(self._address, pending=False)
        return max(mined, self._transport.nonce(self._address), ours)
