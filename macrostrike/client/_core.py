"""What all of the client is built on: calls, transactions and events of one diamond."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from macrostrike.abi import Event, diamond_abi
from macrostrike.chain.contract import BoundContract
from macrostrike.chain.sender import DirectSender, Purpose, Sender
from macrostrike.chain.transport import Block, Log, Receipt, Signer, Ticket, Transport
from macrostrike.errors import (
    ContractError,
    Reverted,
    SignerMissing,
    SigningError,
    SlippageExceeded,
)
from macrostrike.reverts import decode_revert
from macrostrike.signing import prediction_digest
from macrostrike.types import Prediction, checked_address

_PROBE_GAS, SWAP_GAS = 500_000, 750_000  # a strike uses up to 240,000
_C = TypeVar("_C", bound="Core")


class Core:
    """One diamond, on one chain, and who sends. See `MacroStrike`."""

    def __init__(
        self,
        transport: Transport,
        diamond: str,
        signer: Signer | None = None,
        *,
        sender: Sender | None = None,
        first_block: int = 0,
    ) -> None:
        if signer is not None and not hasattr(signer, "sign_transaction"):
            # Not shown: a key may have been passed by mistake.
            raise SigningError(
                f"a {type(signer).__name__} signs nothing: give an account, such as "
                "eth_account.Account.from_key(key)"
            )
        self.transport = transport
        self.diamond = checked_address(diamond, "diamond")
        self.signer = signer
        self.first_block = first_block
        self.asks_for: str | None = None
        """The operator in whose name a client without a signer quotes, if any."""
        if sender is None and signer is not None:
            sender = DirectSender(transport, signer)
        self.sender = sender
        self._block: Block | None = None

    def pinned(self: _C, block: Block | None = None) -> _C:
        """This client, with all view functions answered on the state of one block.

        block: the latest by default. It is asked for by its hash, so that what is decided on
            several answers never mixes two nodes, or two forks: one that does not know the block
            answers nothing.
        """
        pinned = copy.copy(self)
        pinned._block = self.transport.block() if block is None else block
        return pinned

    def __repr__(self) -> str:
        chain_id = self.transport.chain_id
        return f"MacroStrike(diamond={self.diamond}, chain_id={chain_id}, sender={self.address})"

    @property
    def address(self) -> str | None:
        """The account that sends; None where none was given."""
        return None if self.sender is None else str(self.sender.address)

    def call(self, function: str, *args: Any) -> Any:
        """Any view function of the diamond, by its name in the ABI. Raises `AbiError` too."""
        at = BoundContract(
            self.transport, self.diamond, diamond_abi(), sender=self.address, block=self._block
        )
        with typed_errors():
            return at.call(function, *args)

    def transact(self, function: str, *args: Any) -> Receipt:
        """Any other function of the diamond, as a transaction.

        Nothing is sent if it would be refused. Raises `AbiError` too.
        """
        return self._send(function, diamond_abi().encode_call(function, *args))

    def submit(
        self, function: str, *args: Any, gas: int | None = None, purpose: Purpose | None = None
    ) -> Ticket:
        """As `transact`, without waiting. `purpose` is for the sender's journal."""
        data = diamond_abi().encode_call(function, *args)
        return self._submit(function, data, gas, purpose)

    def events(self, logs: Sequence[Log]) -> list[Event]:
        """The diamond's events among logs, decoded."""
        own = (log for log in logs if log.address == self.diamond)
        decoded = (diamond_abi().decode_event(log.topics, log.data) for log in own)
        return [event for event in decoded if event is not None]

    def _require_sender(self, function: str) -> Sender:
        if self.sender is None:
            raise SignerMissing(function)
        return self.sender

    def _require_asker(self, function: str) -> str:
        """In whose name a question is asked that the chain answers to operators alone."""
        if self.address is not None:
            return self.address
        if self.asks_for is None:
            raise SignerMissing(function)
        return self.asks_for

    def _purpose(self, action: str, prediction: Prediction) -> Purpose:
        digest = prediction_digest(prediction, self.transport.chain_id, self.diamond)
        return Purpose(action, digest, prediction.engine, prediction.nonce)

    def _estimate(self, function: str, data: bytes) -> int:
        sender = self._require_sender(function).address
        with typed_errors():
            return self.transport.estimate_gas(self.diamond, data, sender=sender)

    def _measure(self, function: str, data: bytes, gas: int | None = None) -> int:
        """What the swap comes to, from the refusal of a limit that nothing meets."""
        sender = self._require_asker(function)
        try:
            with typed_errors():
                self.transport.call(self.diamond, data, sender=sender, gas=gas, pending=True)
        except SlippageExceeded as refused:
            return refused.measured
        raise AssertionError(f"{function} met a limit that nothing can meet")

    def _measure_to_send(self, function: str, data: bytes) -> tuple[int, int | None]:
        """As `_measure`, and a gas limit for sending the same with another limit.

        What got so far with two thirds of the gas needs no estimate, which a node finds by trying
        again and again. None where it needs one.
        """
        beside = self.transport.data_cost(self.diamond, data).gas
        try:
            return self._measure(function, data, _PROBE_GAS + beside), SWAP_GAS + beside
        except ContractError:
            return self._measure(function, data), None  # refused for want of gas, or anyhow

    def _send(
        self, function: str, data: bytes, gas: int | None = None, purpose: Purpose | None = None
    ) -> Receipt:
        ticket = self._submit(function, data, gas, purpose)
        with typed_errors():
            return ticket.wait()

    def _submit(
        self, function: str, data: bytes, gas: int | None, purpose: Purpose | None
    ) -> Ticket:
        sender = self._require_sender(function)
        with typed_errors():
            return sender.submit(self.diamond, data, gas=gas, purpose=purpose or Purpose(function))

    def _event(self, receipt: Receipt, name: str) -> Event:
        return next(event for event in self.events(receipt.logs) if event.name == name)


@contextmanager
def typed_errors() -> Iterator[None]:
    try:
        yield
    except Reverted as reverted:
        raise decode_revert(reverted.data, reverted.reason) from None
