"""After a crash: what became of what was written, and the same bytes again where nothing is known.

The receipt is looked for first. The same signed bytes can't be executed twice, whatever happens.
"""

from __future__ import annotations

from dataclasses import dataclass

from macrostrike.chain import Outcome, Transport
from macrostrike.errors import ChainError, NonceTaken
from macrostrike.executor._lane import LIVE
from macrostrike.executor._record import Record
from macrostrike.journal import IntentRow, IntentState, Journal, NewIntent


@dataclass(frozen=True, slots=True)
class Recovered:
    """One intent, and where it was found to be.

    state: `CONFIRMED` when it is mined, `SENT` or `ALREADY_THERE` when it is on its way (again),
        `FOREIGN` when another transaction took its nonce for good, `UNKNOWN` when that can't be
        told yet.
    """

    intent: IntentRow
    state: IntentState


def recover(
    transport: Transport, journal: Journal, record: Record, address: str, confirmations: int
) -> list[Recovered]:
    """Looks after every intent that may be mined still, in the order of their nonces."""
    live = journal.intents(*LIVE, account=address)
    live.sort(key=lambda intent: (intent.account_nonce, intent.seq))
    return [Recovered(intent, _settle(transport, record, intent, confirmations)) for intent in live]


def _settle(
    transport: Transport, record: Record, intent: IntentRow, confirmations: int
) -> IntentState:
    try:
        receipt = transport.receipt(intent.hash)
        if receipt is not None:
            record.mined(receipt)
            return IntentState.CONFIRMED
        return _send_again(transport, record, intent, confirmations)
    except ChainError as failure:
        # A refusal too: it may be in a pool from before, whatever this node thinks of it now.
        record.unknown(intent.hash, str(failure))
        return IntentState.UNKNOWN


def _send_again(
    transport: Transport, record: Record, intent: IntentRow, confirmations: int
) -> IntentState:
    try:
        outcome = transport.broadcast(intent.signed)
    except NonceTaken as refusal:
        return overtaken(transport, record, intent, confirmations, str(refusal))
    state = state_of(outcome)
    record.sent(intent.hash, state)
    return state


def overtaken(
    transport: Transport,
    record: Record,
    intent: NewIntent | IntentRow,
    confirmations: int,
    reason: str,
) -> IntentState:
    """Another transaction has its nonce. Only where that one is final can it never be mined."""
    block = transport.block_number() - confirmations + 1
    if transport.nonce(intent.account, block=block) > intent.account_nonce:
        receipt = transport.receipt(intent.hash)
        if receipt is not None:
            record.mined(receipt)
            return IntentState.CONFIRMED
        record.refused(intent.hash, IntentState.FOREIGN, reason)
        return IntentState.FOREIGN
    record.unknown(intent.hash, reason)
    return IntentState.UNKNOWN


def state_of(outcome: Outcome | None) -> IntentState:
    """Where a transaction is after its broadcast."""
    if outcome is None:
        return IntentState.SENT
    return IntentState(outcome.value)
