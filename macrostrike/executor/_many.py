"""Many transactions at once: one commit and at most one request for all of a portion.

While one portion is on its way to the node, the next are signed and written.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from macrostrike.chain import Fees, Outcome, Receipt
from macrostrike.chain.sender import Call
from macrostrike.errors import ChainError, MacroStrikeError
from macrostrike.executor._base import Base
from macrostrike.executor._errors import NonceJump
from macrostrike.executor._fees import within
from macrostrike.executor._line import Answers
from macrostrike.executor._slot import LIVE, state_of
from macrostrike.executor._ticket import JournaledTicket
from macrostrike.journal import IntentRow, IntentState
from macrostrike.types import NONCE_WINDOW

FIRST_PORTION, PORTION = 30, 120  # a node that has nothing to do is to have something soon

Results = list[JournaledTicket | MacroStrikeError]


@dataclass
class Sending:
    """What was asked for at once: refused before, or in portions on their way."""

    count: int
    results: dict[int, JournaledTicket | MacroStrikeError]
    portions: list[tuple[list[int], list[IntentRow], Future[Answers]]] = field(default_factory=list)


def begin(executor: Base, calls: Sequence[Call]) -> Sending:
    """Signs and writes all, and has them sent in order. With the executor's lock held: what others
    sign meanwhile is sent behind these."""
    sending = Sending(len(calls), dict(_jumps(executor, calls)))
    places = [place for place in range(len(calls)) if place not in sending.results]
    fees = _fees(executor, [calls[place] for place in places])
    start, size = 0, PORTION if executor._line.is_busy else FIRST_PORTION
    while start < len(places):
        portion = places[start : start + size]
        try:
            intents = _prepare(executor, [calls[at] for at in portion], fees[start:])
        except MacroStrikeError as failure:
            if not sending.portions:
                raise  # nothing has left
            sending.results |= dict.fromkeys(places[start:], failure)
            break
        sent = executor._line.submit(intents)
        sending.portions.append((portion, intents, sent))
        start, size = start + size, min(2 * size, PORTION)
    return sending


def end(executor: Base, sending: Sending) -> Results:
    """What became of them, once all have left."""
    results = sending.results
    for portion, intents, sent in sending.portions:
        for place, intent, outcome in zip(portion, intents, sent.result(), strict=True):
            results[place] = (
                outcome
                if isinstance(outcome, ChainError)
                else executor._ticket([intent], is_known=outcome is not Outcome.UNKNOWN)
            )
    if any(isinstance(each, ChainError) for each in results.values()):
        with executor._sending:
            _after_refusals(executor)
    return [results[place] for place in range(sending.count)]


def wait(executor: Base, tickets: Sequence[JournaledTicket]) -> list[Receipt | MacroStrikeError]:
    """As `Executor.wait_many`: all are looked for together. What lingers is sent again before any
    of it is waited for: one after the other, each would cost a block."""
    settings = executor.settings
    until = time.monotonic() + min(settings.resend_after, settings.mined_within)
    found = executor._looks.receipts({each.hash: each.nonce for each in tickets}, until)
    for ticket in tickets:
        if ticket.hash not in found:
            with suppress(MacroStrikeError):  # waiting says so too
                ticket.tend()
    return [_outcome(executor, ticket, found.get(ticket.hash)) for ticket in tickets]


def _outcome(
    executor: Base, ticket: JournaledTicket, receipt: Receipt | None
) -> Receipt | MacroStrikeError:
    if receipt is not None and receipt.succeeded and executor.confirmations <= 1:
        return receipt
    try:
        return ticket.wait()
    except MacroStrikeError as failure:
        return failure


def _jumps(executor: Base, calls: Sequence[Call]) -> Iterator[tuple[int, NonceJump]]:
    """Places of calls that are too far ahead of what waits, or of what is sent with them."""
    oldest: dict[str, int] = {}
    for call in calls:
        engine, nonce = call.purpose.engine, call.purpose.engine_nonce
        if engine is None or nonce is None:
            continue
        if engine not in oldest:
            oldest[engine] = min(executor._journal.waiting(engine), default=nonce)
        oldest[engine] = min(oldest[engine], nonce)
    for place, call in enumerate(calls):
        engine, nonce = call.purpose.engine, call.purpose.engine_nonce
        if engine is None or nonce is None:
            continue
        if nonce - oldest[engine] >= NONCE_WINDOW:
            yield place, NonceJump(engine, nonce, oldest[engine])


def _fees(executor: Base, calls: Sequence[Call]) -> list[Fees]:
    fees, ceiling = executor._fees_of_late(), executor.settings.max_fee_per_gas
    costs = (each.data_cost or executor._transport.data_cost(each.to, each.data) for each in calls)
    return [
        within(fees, ceiling, -(-cost.fee // each.gas))
        for each, cost in zip(calls, costs, strict=True)
    ]


def _prepare(executor: Base, calls: Sequence[Call], fees: Sequence[Fees]) -> list[IntentRow]:
    """Signs with the next nonces, which count as used from now on, and writes that down."""
    if executor._rate is not None:
        time.sleep(max(executor._rate.delay(time.monotonic()) for _ in calls))
    lease, lane = executor._leased(), executor._lane
    executor._record.catch_up()
    new = []
    try:
        for each, offered in zip(calls, fees, strict=False):
            made = executor._transaction(each.to, each.data, each.value, each.gas, offered)
            new.append(executor._signed(made, each.purpose, lane.next()))
            lane.take()
        return executor._journal.prepare(new, lease)
    except BaseException:
        lane.forget()  # none of them is sent
        raise


def broadcast(executor: Base, intents: Sequence[IntentRow]) -> Answers:
    """What is unusual is written before anything else is sent; that the others left can wait."""
    answers = executor._transport.broadcast_many([intent.signed for intent in intents])
    now = time.time()
    notes: dict[bytes, tuple[IntentState, dict[str, Any]]] = {}
    left = []
    for intent, outcome in zip(intents, answers, strict=True):
        if outcome is None:
            left.append(intent)
        elif isinstance(outcome, ChainError):
            notes[intent.hash] = IntentState.REJECTED, {"error": str(outcome)}
        else:
            notes[intent.hash] = state_of(outcome), {"sent_at": now}
    executor._record.left(left, now)
    if notes:
        executor._record.note_many(notes)
    return answers


def _after_refusals(executor: Base) -> None:
    """Nonces of transactions that were refused are used up where later ones wait for them."""
    executor._line.drain()
    executor._lane.forget()
    live = executor._journal.intents(*LIVE, account=executor.address)
    try:
        executor._fill_gaps(sorted({intent.account_nonce for intent in live}))
    except ChainError:
        return  # `recover` comes to it
