"""The executor: one account's transactions, each in the journal before it is anywhere else.

    executor = Executor(transport, signer, journal)
    executor.recover()
    client = MacroStrike(transport, diamond, sender=executor)

A transaction is signed here, written and committed to the journal, and then sent once. Its hash is
known before the first byte leaves, so that whatever happens afterwards, its receipt can be found.
What a time-out left open is unknown, and is never taken for refused.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from macrostrike.chain import Purpose, Signer, Transport
from macrostrike.errors import ChainError, NodeUnavailable, NonceTaken, TransactionRefused
from macrostrike.executor._lane import Lane
from macrostrike.executor._record import Record
from macrostrike.executor._recovery import Recovered, recover, state_of
from macrostrike.executor._ticket import JournaledTicket
from macrostrike.journal import IntentRow, IntentState, Journal, Lease, NewIntent

_TRIES = 3  # nonces in a row that something else may take before it is given up


@dataclass(frozen=True, slots=True)
class Settings:
    """How an executor sends.

    gas_headroom_percent: the gas limit, of the estimate, as the state may change until the block.
    mined_within: seconds that `wait` waits for a receipt.
    resend_after: seconds without a receipt after which the same signed bytes are sent again, as
        nodes forget transactions.
    confirmations: blocks, the first included, after which another transaction with the same nonce
        is believed to have taken it.
    """

    gas_headroom_percent: int = 125
    mined_within: float = 120.0
    resend_after: float = 15.0
    confirmations: int = 1


class Executor:
    """Sends one account's transactions. See `macrostrike.chain.Sender`. Safe for threads.

    One process at a time has the account's lane, by a lease in the journal's database. What sends
    with the same key and knows no journal is noticed. Every method that sends may raise
    `JournalUnavailable`, `LeaseHeld` and `LeaseLost`, and then nothing was sent.
    """

    def __init__(
        self,
        transport: Transport,
        signer: Signer,
        journal: Journal,
        settings: Settings | None = None,
    ) -> None:
        self._transport = transport
        self._signer = signer
        self._journal = journal
        self.settings = settings or Settings()
        self._address: str = to_checksum_address(signer.address)
        self._lane = Lane(transport, journal, self._address)
        self._record = Record(journal)
        self._sending = threading.Lock()
        self._lease: Lease | None = None

    def close(self) -> None:
        """Gives the account's lane back, so that another process may send at once."""
        with self._sending:
            if self._lease is not None:
                self._journal.release(self._lease)

    def __enter__(self) -> Executor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def address(self) -> str:
        """The account, checksummed."""
        return self._address

    def submit(
        self,
        to: str | None,
        data: bytes,
        *,
        value: int = 0,
        gas: int | None = None,
        purpose: Purpose | None = None,
    ) -> JournaledTicket:
        """Writes a transaction to the journal and sends it; returns while it is on its way.

        Several may be on their way at once: wait for each by its ticket. Raises `Reverted` where
        the estimate does, `TransactionRefused` where the node refuses it for good, `NonceTaken`
        where something else uses the key, `NodeUnavailable` where nothing was sent.
        """
        if gas is None:
            estimate = self._transport.estimate_gas(to, data, sender=self._address, value=value)
            gas = estimate * self.settings.gas_headroom_percent // 100
        transaction = self._transaction(to, data, value, gas)
        # An engine's nonce is used once on chain: sent again with another nonce of ours, the
        # transaction can't do its work twice. Any other could.
        is_repeatable = purpose is not None and purpose.engine_nonce is not None
        with self._sending:
            for _ in range(_TRIES if is_repeatable else 1):
                intent = self._prepare(transaction, purpose)
                try:
                    return self._broadcast(intent)
                except NonceTaken as failure:
                    taken = failure
        raise taken

    def recover(self) -> list[Recovered]:
        """Looks after what an earlier process has left: to be called before anything is sent.

        For each intent that may be mined still, its receipt is looked for; where there is none,
        the same signed bytes are sent again.
        """
        with self._sending:
            self._leased()
            self._lane.forget()
            self._record.catch_up()
            return recover(
                self._transport,
                self._journal,
                self._record,
                self._address,
                self.settings.confirmations,
            )

    def ticket(self, transaction_hash: bytes) -> JournaledTicket:
        """The ticket of a transaction in the journal. Raises `RowNotFound`."""
        intent = self._journal.intent(transaction_hash)
        return self._ticket(intent, is_known=intent.state is not IntentState.UNKNOWN)

    def _transaction(self, to: str | None, data: bytes, value: int, gas: int) -> dict[str, Any]:
        transaction = {
            "chainId": self._transport.chain_id,
            "gas": gas,
            "value": value,
            "data": data,
            **self._transport.fees().fields(),
        }
        if to is not None:
            transaction["to"] = to_checksum_address(to)
        return transaction

    def _prepare(self, transaction: dict[str, Any], purpose: Purpose | None) -> NewIntent:
        """Signs with the next nonce, and writes that down. Nothing has left yet."""
        lease = self._leased()
        self._record.catch_up()
        nonce = self._lane.next()
        signed = bytes(
            self._signer.sign_transaction(transaction | {"nonce": nonce}).raw_transaction
        )
        purpose = purpose or Purpose("")
        intent = NewIntent(
            action=purpose.action,
            account=self._address,
            account_nonce=nonce,
            signed=signed,
            hash=keccak(signed),
            digest=purpose.digest,
            engine=purpose.engine,
            engine_nonce=purpose.engine_nonce,
            causation_id=purpose.cause,
        )
        self._journal.prepare([intent], lease)
        return intent

    def _leased(self) -> Lease:
        """The right to this account's nonces, which one process at a time has."""
        if self._lease is None:
            self._lease = self._journal.lease(f"lane {self._address}")
        return self._lease

    def _broadcast(self, intent: NewIntent) -> JournaledTicket:
        try:
            outcome = self._transport.broadcast(intent.signed)
        except NonceTaken as refusal:
            self._lane.forget()
            self._record.refused(intent.hash, IntentState.FOREIGN, str(refusal))
            raise
        except (TransactionRefused, NodeUnavailable) as refusal:
            # It will never be mined. Its nonce may be what is wrong with it: it is counted anew.
            self._lane.forget()
            self._record.refused(intent.hash, IntentState.REJECTED, str(refusal))
            raise
        except ChainError as failure:
            self._lane.take()
            self._record.unknown(intent.hash, str(failure))
            return self._ticket(intent, is_known=False)
        self._lane.take()
        state = state_of(outcome)
        self._record.sent(intent.hash, state)
        return self._ticket(intent, is_known=state is not IntentState.UNKNOWN)

    def _ticket(self, intent: NewIntent | IntentRow, *, is_known: bool) -> JournaledTicket:
        settings = self.settings
        return JournaledTicket(
            self._transport,
            self._record,
            intent,
            mined_within=settings.mined_within,
            resend_after=settings.resend_after if is_known else 0.0,
            confirmations=settings.confirmations,
        )
