"""How transactions leave: the seam between the client and whatever signs, journals and sends.

A client with a signer alone has a `DirectSender`; `macrostrike.executor` has one that journals
first, owns its nonces and pipelines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar

from macrostrike.chain.transport import DataCost, Outcome, Receipt, Signer, Ticket, Transport
from macrostrike.errors import MacroStrikeError

_T = TypeVar("_T")

__all__ = ["Call", "DirectSender", "Outcome", "Purpose", "Sender", "Ticket"]


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a transaction is for, so that a journal can tell.

    action: the diamond's function, such as `executeStrike`.
    digest: the EIP-712 digest of the prediction; of an anchor, the root.
    engine, engine_nonce: the prediction's.
    cause: id of what caused it.
    """

    action: str
    digest: bytes | None = None
    engine: str | None = None
    engine_nonce: int | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A transaction that is to be sent. As the arguments of `Sender.submit`.

    data_cost: see `Transport.data_cost`; None where it is not known yet.
    """

    to: str | None
    data: bytes
    gas: int
    purpose: Purpose
    value: int = 0
    data_cost: DataCost | None = None


class Sender(Protocol):
    """Signs and sends the transactions of one account."""

    @property
    def address(self) -> str:
        """The account, checksummed."""

    def submit(
        self,
        to: str | None,
        data: bytes,
        *,
        value: int = 0,
        gas: int | None = None,
        purpose: Purpose | None = None,
    ) -> Ticket:
        """Sends a transaction and returns while it is on its way.

        `to` is None to create a contract. `gas` is its limit; estimated when None. Raises
        `Reverted` when the estimate does, `NodeError` when the node refuses it for good,
        `NodeUnavailable` when the node fails before anything was sent. Whatever happens after the
        first byte has left is the ticket's to tell.
        """

    def submit_many(self, calls: Sequence[Call]) -> Sequence[Ticket | MacroStrikeError]:
        """As `submit`, of several in order: a ticket for each, or why it was not sent."""

    def wait_many(self, tickets: Sequence[Any]) -> Sequence[Receipt | MacroStrikeError]:
        """The receipt of each of these tickets, or what its `wait` would raise."""


class DirectSender:
    """A `Sender` that signs and sends at once, with no journal and no memory."""

    def __init__(self, transport: Transport, signer: Signer) -> None:
        self._transport = transport
        self._signer = signer

    @property
    def address(self) -> str:
        return str(self._signer.address)

    def submit(
        self,
        to: str | None,
        data: bytes,
        *,
        value: int = 0,
        gas: int | None = None,
        purpose: Purpose | None = None,
    ) -> Ticket:
        return self._transport.submit(self._signer, to, data, value=value, gas=gas)

    def submit_many(self, calls: Sequence[Call]) -> list[Ticket | MacroStrikeError]:
        return [_tried(partial(self._submit, call)) for call in calls]

    def wait_many(self, tickets: Sequence[Ticket]) -> list[Receipt | MacroStrikeError]:
        return [_tried(ticket.wait) for ticket in tickets]

    def _submit(self, call: Call) -> Ticket:
        return self.submit(call.to, call.data, value=call.value, gas=call.gas)


def _tried(act: Callable[[], _T]) -> _T | MacroStrikeError:
    try:
        return act()
    except MacroStrikeError as failure:
        return failure
