"""Faults that transaction services really have, planted: each must be found by some seed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from macrostrike.chain import Outcome, Receipt
from macrostrike.executor import Executor, _executor, _slot
from macrostrike.executor._slot import Slot
from macrostrike.journal import LIVE, IntentState, Journal, NewIntent, _intents, _leases
from macrostrike.journal._index import Index
from macrostrike.journal._leases import Lease

from .node import Weather
from .play import Bug, Play

Places = list[tuple[Any, str, Any]]


def _sent_before_written(play: Play) -> Places:
    write = Journal.prepare

    def prepare(journal: Journal, intents: Sequence[NewIntent], lease: Lease | None = None) -> Any:
        for intent in intents:
            play.chain.pool.setdefault((intent.account, intent.account_nonce), intent.signed)
        play.scheduler.sleep(0.5)
        return write(journal, intents, lease)

    return [(Journal, "prepare", prepare)]


def _no_lock(play: Play) -> Places:
    def without(_: object) -> AbstractContextManager[None]:
        return nullcontext()

    return [(play, "lock", without)]


def _unknown_is_rejected(_: Play) -> Places:
    def state_of(outcome: Outcome | None) -> IntentState:
        state = _slot.state_of(outcome)
        return IntentState.REJECTED if state is IntentState.UNKNOWN else state

    return [(_executor, "state_of", state_of)]


def _reorganisation_ignored(_: Play) -> Places:
    return [
        (_intents, "take_back", lambda *_: None),
        (Index, "_unmine_misplaced", lambda _: None),
    ]


def _misplaced_ignored(_: Play) -> Places:
    return [(Index, "_unmine_misplaced", lambda _: None)]


def _mined_not_counted(_: Play) -> Places:
    """What was mined is left to the chain to count, which may have replaced its block."""

    def next_nonce(journal: Journal, account: str) -> int:
        live = journal.intents(*LIVE, account=account)
        return max((intent.account_nonce for intent in live), default=-1) + 1

    return [(Journal, "next_nonce", next_nonce)]


def _bump_forgets(_: Play) -> Places:
    def look(slot: Slot) -> Receipt | None:
        receipt = slot._transport.receipt(slot.latest.hash)
        if receipt is not None:
            slot._mined(receipt)
        return receipt

    return [(Slot, "look", look)]


def _stale_believed(_: Play) -> Places:
    """A node that knows no receipt says that the nonce is used, and that is read as the end."""

    def overtaken(slot: Slot, reason: str) -> IntentState:
        for version in slot.versions:
            slot._record.refused(version.hash, IntentState.FOREIGN, reason)
        return IntentState.FOREIGN

    return [(Slot, "overtaken", overtaken)]


def _lease_ignored(_: Play) -> Places:
    return [
        (_leases, "acquire", lambda _, name, seconds: Lease(name, 1, seconds)),
        (_leases, "renew", lambda *_: None),
    ]


def _jump_accepted(_: Play) -> Places:
    return [(Executor, "_require_no_jump", lambda *_: None)]


BUGS = (
    Bug("sent before it is written", _sent_before_written, first=1),
    Bug("the lock left out", _no_lock),
    Bug("unknown turned into rejected", _unknown_is_rejected, first=7),
    Bug("a reorganisation ignored", _reorganisation_ignored, first=13),
    Bug("a receipt of a replaced block kept", _misplaced_ignored, first=13),
    Bug("mined ones not counted", _mined_not_counted, first=8),
    Bug("a bump that forgets the hash", _bump_forgets, Weather(lost_before=0.8, expensive=0.1)),
    Bug("a stale node believed", _stale_believed, Weather(lost_after=0.5, behind=0.6, twice=0.3)),
    Bug("the lease ignored", _lease_ignored, first=2),
    Bug("a jump accepted", _jump_accepted),
)
