"""One account's nonces, signatures and rows: what all of an executor is built on."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from macrostrike._keccak import keccak
from macrostrike.chain import Fees, Purpose, Signer, Terms, Transport
from macrostrike.chain._signing import signing
from macrostrike.executor._errors import NonceJump
from macrostrike.executor._fees import within
from macrostrike.executor._lane import Lane
from macrostrike.executor._line import Answers, Line
from macrostrike.executor._looks import Looks
from macrostrike.executor._rate import Rate
from macrostrike.executor._record import Record
from macrostrike.executor._settings import Settings
from macrostrike.executor._slot import CANCEL, LIVE, Slot, state_of
from macrostrike.executor._ticket import JournaledTicket
from macrostrike.journal import IntentRow, IntentState, Journal, Lease, NewIntent
from macrostrike.types import NONCE_WINDOW, checksummed

_FEES_SECONDS = 0.5  # for which fees are believed: they are good for five blocks


@dataclass(frozen=True, slots=True)
class Recovered:
    """One intent, and where it was found to be.

    state: `CONFIRMED` when it is mined, `SENT` or `ALREADY_THERE` when it is on its way (again),
        `REPLACED` when another with higher fees was sent in its place, `FOREIGN` when another
        transaction took its nonce for good, `UNKNOWN` when that is not known yet.
    """

    intent: IntentRow
    state: IntentState


class Base(ABC):
    """See `Executor`."""

    def __init__(
        self,
        transport: Transport,
        signer: Signer,
        journal: Journal,
        settings: Settings | None = None,
    ) -> None:
        self._transport = transport
        self._sign = signing(signer)
        self._journal = journal
        self.settings = settings or Settings()
        self._address: str = checksummed(signer.address)
        self._lane = Lane(transport, journal, self._address)
        self._record = Record(journal)
        self._looks = Looks(transport, self._record, self._address)
        self._line = Line(self._send_many)
        self._sending = threading.RLock()
        self._lease: Lease | None = None
        self._has_recovered = False
        self._fees: tuple[Fees, float] | None = None
        limit = self.settings.max_per_second
        self._rate = None if limit is None else Rate(limit, burst=limit)

    def close(self) -> None:
        """Releases the account's lane, so that another process may send at once."""
        with self._sending:
            self._line.close()
            self._record.write_left()
            if self._lease is not None:
                self._journal.release(self._lease)

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def address(self) -> str:
        """The account, checksummed."""
        return self._address

    @property
    def confirmations(self) -> int:
        """Blocks after which a transaction is believed to stay mined."""
        return self.settings.confirmations or self._transport.confirmations

    def _require_no_jump(self, purpose: Purpose) -> None:
        engine, nonce = purpose.engine, purpose.engine_nonce
        if engine is None or nonce is None:
            return
        waiting = min(self._journal.waiting(engine), default=nonce)
        if nonce - waiting >= NONCE_WINDOW:
            raise NonceJump(engine, nonce, waiting)

    def _slot_of(self, nonce: int) -> Slot:
        versions = self._journal.intents(account=self._address, account_nonce=nonce)
        # What was refused is in no pool, unless something like it is sent again.
        return self._slot([v for v in versions if v.state is not IntentState.REJECTED])

    def _slot(self, versions: Sequence[IntentRow]) -> Slot:
        return Slot(self._transport, self._record, versions, self.confirmations)

    def _fill_gaps(self, live: Sequence[int]) -> list[Recovered]:
        """Uses up nonces that nothing has, where later ones are on their way and wait for them."""
        if not live:
            return []
        found = []
        first = self._transport.nonce(self._address)
        for nonce in range(first, max(live)):
            known = self._journal.intents(account=self._address, account_nonce=nonce)
            # Another transaction of the account had it, in a block that was replaced since.
            unused = (IntentState.REJECTED, IntentState.FOREIGN)
            if used := [intent for intent in known if intent.state not in unused]:
                if not any(intent.state in LIVE for intent in used):
                    self._require_mined(self._slot_of(nonce))
                continue
            fees = within(self._transport.fees(), self.settings.max_fee_per_gas)
            intent = self._prepare(self._nothing(fees), Purpose(CANCEL), nonce)
            state = state_of(self._transport.broadcast(intent.signed))
            self._record.sent(intent.hash, state)
            found.append(Recovered(intent, state))
        return found

    def _require_mined(self, slot: Slot) -> None:
        """Sends what was mined again where that is no more: its block was replaced. A node that
        has not seen the block yet takes it as one that it has."""
        if slot.look() is None:
            self._record.unknown(slot.latest.hash, "its block was replaced by a reorganisation")
            slot.send_again()

    def _gas(self, to: str | None, data: bytes, value: int) -> int:
        estimate = self._transport.estimate_gas(to, data, sender=self._address, value=value)
        return estimate * self.settings.gas_headroom_percent // 100

    def _fees_of_late(self) -> Fees:
        now = time.monotonic()
        if self._fees is None or now - self._fees[1] > _FEES_SECONDS:
            self._fees = self._transport.fees(), now
        return self._fees[0]

    def _nothing(self, fees: Fees) -> dict[str, Any]:
        gas = self._gas(self._address, b"", 0)
        return self._transaction(self._address, b"", 0, gas, fees)

    def _transaction(
        self, to: str | None, data: bytes, value: int, gas: int, fees: Fees
    ) -> dict[str, Any]:
        transaction = {"gas": gas, "value": value, "data": data, **fees.fields()}
        transaction["chainId"] = self._transport.chain_id
        if to is not None:
            transaction["to"] = checksummed(to)
        return transaction

    def _prepare(
        self, transaction: dict[str, Any], purpose: Purpose, nonce: int | None
    ) -> IntentRow:
        """Signs with a nonce, or the next, and writes that down. Nothing has left yet."""
        if self._rate is not None:
            time.sleep(self._rate.delay(time.monotonic()))
        lease = self._leased()
        self._record.catch_up()
        nonce = self._lane.next() if nonce is None else nonce
        return self._journal.prepare([self._signed(transaction, purpose, nonce)], lease)[0]

    def _signed(self, transaction: dict[str, Any], purpose: Purpose, nonce: int) -> NewIntent:
        signed = self._sign(transaction | {"nonce": nonce})
        return NewIntent(
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

    def _leased(self) -> Lease:
        """The right to this account's nonces, which one process at a time has."""
        if self._lease is None:
            self._lease = self._journal.lease(f"lane {self._address}")
            self._lane.forget()
        return self._lease

    def _terms(self, to: str | None, data: bytes, value: int, gas: int | None) -> Terms:
        """Gas limit, fees and data cost, asking no more than must be where the limit is given."""
        transport, headroom = self._transport, self.settings.gas_headroom_percent
        if gas is not None:
            return Terms(gas, self._fees_of_late(), transport.data_cost(to, data))
        terms = transport.terms(to, data, sender=self._address, value=value)
        return replace(terms, gas=terms.gas * headroom // 100)

    def _ticket(self, versions: Sequence[IntentRow], *, is_known: bool) -> JournaledTicket:
        return self._ticket_of(self._slot(versions), is_known=is_known)

    def _ticket_of(self, slot: Slot, *, is_known: bool) -> JournaledTicket:
        settings = self.settings
        soonest = min(settings.resend_after, settings.replace_after or settings.resend_after)
        return JournaledTicket(
            self._transport,
            self._record,
            slot,
            tend=self._tend,
            mined_within=settings.mined_within,
            tended_after=soonest if is_known else 0.0,
        )

    @abstractmethod
    def _send_many(self, intents: Sequence[IntentRow]) -> Answers:
        """What the line calls: the first broadcast of each. What became of it is noted then."""

    @abstractmethod
    def _tend(self, intent: IntentRow) -> Slot:
        """What a ticket calls while it waits."""
