"""The executor: one account's transactions, each in the journal before it is anywhere else.

    with Executor(transport, signer, journal) as executor:
        executor.recover()
        client = MacroStrike(transport, diamond, sender=executor)

A transaction is signed here, written and committed to the journal, and then sent once. Its hash is
known before the first byte leaves, so that whatever happens afterwards, its receipt can be found.
What a time-out left open is unknown, and is never treated as refused.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from macrostrike.chain import Call, Outcome, Purpose, Receipt
from macrostrike.chain.signed import read_signed
from macrostrike.errors import (
    ChainError,
    MacroStrikeError,
    NodeUnavailable,
    NoncePending,
    NonceTaken,
    TransactionRefused,
)
from macrostrike.executor import _many
from macrostrike.executor._base import Base, Recovered
from macrostrike.executor._errors import FeeAboveCeiling
from macrostrike.executor._fees import replacing, within
from macrostrike.executor._line import Answers
from macrostrike.executor._slot import CANCEL, LIVE, Slot, state_of
from macrostrike.executor._ticket import JournaledTicket
from macrostrike.journal import IntentRow, IntentState, RowNotFound

_TRIES = 3  # nonces in a row that something else may take before it is given up


class Executor(Base):
    """Sends one account's transactions. See `macrostrike.chain.Sender`. Safe for threads.

    One process at a time has the account's lane, by a lease in the journal's database. What sends
    with the same key and knows no journal is noticed. Every method that sends may raise
    `JournalUnavailable`, `LeaseTaken` and `LeaseLost`, and then nothing was sent.
    """

    def __enter__(self) -> Executor:
        return self

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
        the estimate does, `FeeAboveCeiling`, `NonceJump`, `TransactionRefused` where the node
        refuses it for good, `NonceTaken` where something else uses the key, `NodeUnavailable` where
        nothing was sent.
        """
        purpose = purpose or Purpose("")
        terms = self._terms(to, data, value, gas)
        beside = -(-terms.data_cost.fee // terms.gas)
        fees = within(terms.fees, self.settings.max_fee_per_gas, beside)
        transaction = self._transaction(to, data, value, terms.gas, fees)
        with self._sending:
            self._line.drain()
            for left in reversed(range(_TRIES)):
                self._require_no_jump(purpose)
                intent = self._prepare(transaction, purpose, None)
                try:
                    return self._broadcast(intent)
                except NoncePending:
                    if not left:
                        raise
                    self._lane.pass_over()
                except NonceTaken:
                    # An engine's nonce is used once on chain: sent again with another nonce of
                    # ours, the transaction can't do its work twice. Any other could.
                    if purpose.engine_nonce is None or not left:
                        raise
        raise AssertionError("unreachable")

    def submit_many(self, calls: Sequence[Call]) -> list[JournaledTicket | MacroStrikeError]:
        """As `submit`, of many transactions, each with its gas limit, in order: one commit to the
        disk and one request to the node for each portion.

        A ticket for each, or why it was not sent, such as `NonceJump`. Raises `FeeAboveCeiling`
        and what keeps all of them from being sent. Wait for them with `wait_many`.
        """
        with self._sending:
            sending = _many.begin(self, calls)
        return _many.end(self, sending)

    def wait_many(self, tickets: Sequence[JournaledTicket]) -> list[Receipt | MacroStrikeError]:
        """Waits for each as `JournaledTicket.wait`: its receipt, or what that would raise."""
        return _many.wait(self, tickets)

    def recover(self) -> list[Recovered]:
        """Looks after all that may be mined still: before anything is sent, and now and then.

        The receipt of each is looked for. Where there is none, the same signed bytes are sent
        again: all of them the first time, as an earlier process may have left them; later those
        that are due, by `Settings`, or signed again with higher fees. Nonces that nothing has, and
        that others wait for, are used up.
        """
        with self._sending:
            self._line.drain()
            self._leased()
            self._record.catch_up()
            self._record.write_left()
            live = self._journal.intents(*LIVE, account=self._address)
            nonces = sorted({intent.account_nonce for intent in live})
            found = [each for nonce in nonces for each in self._recover_slot(nonce)]
            found += self._fill_gaps(nonces)
            self._has_recovered = True
            return found

    def cancel(self, transaction_hash: bytes) -> JournaledTicket:
        """Sends a transaction that does nothing with the same nonce, and higher fees. Whichever of
        them is mined: the ticket of the older one tells. Raises `RowNotFound`, `FeeAboveCeiling`.
        """
        with self._sending:
            nonce = self._journal.intent(transaction_hash).account_nonce
            self._replace(self._slot_of(nonce), is_cancelled=True)
            return self._ticket(self._slot_of(nonce).versions, is_known=True)

    def ticket(self, transaction_hash: bytes) -> JournaledTicket:
        """The ticket of a transaction in the journal. Raises `RowNotFound`."""
        intent = self._journal.intent(transaction_hash)
        others = self._slot_of(intent.account_nonce).versions
        # Itself last: what became of it is what is asked for.
        versions = [*(each for each in others if each.hash != intent.hash), intent]
        return self._ticket(versions, is_known=intent.state is not IntentState.UNKNOWN)

    def _recover_slot(self, nonce: int) -> list[Recovered]:
        slot = self._slot_of(nonce)
        try:
            if slot.look() is None:
                self._tend_slot(slot, force=not self._has_recovered)
        except (ChainError, FeeAboveCeiling) as failure:
            # A refusal too: it may be in a pool from before, whatever this node thinks of it now.
            self._record.unknown(slot.latest.hash, str(failure))
        now = self._slot_of(nonce)
        return [Recovered(intent, intent.state) for intent in now.versions]

    def _send_many(self, intents: Sequence[IntentRow]) -> Answers:
        return _many.broadcast(self, intents)

    def _tend(self, intent: IntentRow) -> Slot:
        """What a ticket calls while it waits."""
        with self._sending:
            self._record.catch_up()
            self._record.write_left()
            slot = self._slot_of(intent.account_nonce)
            if slot.look() is None:
                self._tend_slot(slot)
            return self._slot_of(intent.account_nonce)

    def _tend_slot(self, slot: Slot, *, force: bool = False) -> None:
        latest, now, settings = slot.latest, time.time(), self.settings
        sent_at = latest.sent_at or latest.created_at
        is_due = latest.state in (IntentState.UNKNOWN, IntentState.PREPARED)
        if force or is_due or now > sent_at + settings.resend_after:
            state = slot.send_again()
            if state in (IntentState.CONFIRMED, IntentState.FOREIGN):
                return
        stuck_for = now - latest.created_at
        if settings.replace_after is not None and stuck_for > settings.replace_after:
            self._replace(slot, is_cancelled=self._has_expired(latest))

    def _has_expired(self, intent: IntentRow) -> bool:
        """Whether the chain would refuse a prediction by now."""
        if intent.digest is None:
            return False
        try:
            valid_until = self._journal.prediction(intent.digest).valid_until
        except RowNotFound:
            return False
        return self._transport.timestamp() > valid_until

    def _replace(self, slot: Slot, *, is_cancelled: bool) -> None:
        """Signs a transaction with the same nonce and higher fees, and sends that one too."""
        latest = slot.latest
        before = read_signed(latest.signed)
        fees = replacing(before.fees, self._transport.fees(), self.settings.max_fee_per_gas)
        if fees is None:
            return  # it may cost no more, and waits
        if is_cancelled or latest.action == CANCEL:
            purpose = Purpose(CANCEL, cause=latest.causation_id)
            transaction = self._nothing(fees)
        else:
            purpose = Purpose(
                latest.action,
                latest.digest,
                latest.engine,
                latest.engine_nonce,
                latest.causation_id,
            )
            transaction = self._transaction(before.to, before.data, before.value, before.gas, fees)
        intent = self._prepare(transaction, purpose, latest.account_nonce)
        try:
            state = state_of(self._transport.broadcast(intent.signed))
        except NonceTaken:
            self._record.refused(intent.hash, IntentState.REJECTED, "one before it was mined")
        except (TransactionRefused, NodeUnavailable) as refusal:
            self._record.refused(intent.hash, IntentState.REJECTED, str(refusal))
        else:
            self._record.sent(intent.hash, state)

    def _broadcast(self, intent: IntentRow) -> JournaledTicket:
        """Sends it for the first time."""
        slot, began = self._slot([intent]), time.time()
        try:
            outcome = self._transport.broadcast_and_wait(intent.signed)
        except NonceTaken as refusal:
            self._lane.forget()
            state = self._taken(intent, refusal)
            return self._ticket_of(slot, is_known=state is not IntentState.UNKNOWN)
        except NoncePending as refusal:
            self._record.refused(intent.hash, IntentState.REJECTED, str(refusal))
            raise
        except (TransactionRefused, NodeUnavailable) as refusal:
            # It will never be mined. Its nonce may be what is wrong with it: it is counted anew.
            self._lane.forget()
            self._record.refused(intent.hash, IntentState.REJECTED, str(refusal))
            raise
        except ChainError as failure:
            self._lane.take()
            self._record.unknown(intent.hash, str(failure))
            return self._ticket_of(slot, is_known=False)
        self._lane.take()
        if isinstance(outcome, Receipt):
            self._record.left([intent], began)
            slot.saw(outcome)
        else:
            self._record.sent(intent.hash, state_of(outcome))
        return self._ticket_of(slot, is_known=outcome is not Outcome.UNKNOWN)

    def _taken(self, intent: IntentRow, refusal: NonceTaken) -> IntentState:
        """A node says that its nonce is used: by itself, where a balancer sent it twice; by
        another, whose block may be replaced. Raises the refusal where it was another for good, or
        where sending again with the next nonce can do no harm."""
        try:
            state = self._slot_of(intent.account_nonce).overtaken(str(refusal))
        except ChainError:
            state = IntentState.UNKNOWN
            self._record.unknown(intent.hash, str(refusal))
        is_used_once = intent.engine_nonce is not None
        if state is IntentState.FOREIGN or (state is IntentState.UNKNOWN and is_used_once):
            raise refusal
        return state
