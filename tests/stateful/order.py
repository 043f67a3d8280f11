"""The gates of a strike in their order: which one must refuse it, by the books before the call."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from macrostrike.journal import Books
from macrostrike.types import BPS, Action, Signal

from ..gates import GATES
from .invariants import Invariants
from .wire import Said


class Try(NamedTuple):
    """A strike that is about to be sent. `engine` and `sender` are addresses.

    signed: whether the engine's signature is good; None where a contract decides that.
    """

    books: Books
    said: Said
    engine: str
    sender: str
    now: int
    signed: bool | None = True

    @property
    def is_long(self) -> bool:
        return self.said.signal <= Signal.LONG


def _is_no_operator(strike: Try) -> bool:
    grant = strike.books.operators.get(strike.sender)
    return grant is None or strike.now > grant.valid_until


def _may_not(strike: Try) -> bool:
    return Action.STRIKE not in strike.books.operators[strike.sender].actions


def _is_no_engine(strike: Try) -> bool:
    engine = strike.books.engines.get(strike.engine)
    return engine is None or strike.now > engine.valid_until


def _is_anothers_model(strike: Try) -> bool:
    model = strike.books.fleet.models.get(strike.said.model_id)
    return model is None or model.engine != strike.engine


def _is_side_closed(strike: Try) -> bool:
    rules = strike.books.markets[strike.said.market].rules
    return not (rules.longs if strike.is_long else rules.shorts)


def _is_cooling(strike: Try) -> bool:
    market = strike.books.markets[strike.said.market]
    return strike.now < market.last_strike_at + market.rules.cooldown


def _is_outside(value: int, limit: int) -> bool:
    return value == 0 or value > limit


def _loses_by_its_own_claim(strike: Try) -> bool:
    sure, gain, loss = strike.said.confidence_bps, *strike.said[-2:]
    return gain != 0 and sure * gain <= (BPS - sure) * loss


# Whether a gate is shut, as far as the books can tell: all up to the bots' sizes.
SHUT: dict[str, Callable[[Try], bool | None]] = {
    "paused": lambda strike: strike.books.paused,
    "halted": lambda strike: strike.books.fleet.halted,
    "operator": _is_no_operator,
    "action": _may_not,
    "engine": _is_no_engine,
    "signature": lambda strike: None if strike.signed is None else not strike.signed,
    "model": _is_anothers_model,
    "not yet valid": lambda strike: strike.now < strike.said.valid_from,
    "expired": lambda strike: strike.now > strike.said.valid_until,
    "nonce": lambda strike: strike.books.engines[strike.engine].is_used(strike.said.nonce),
    "confidence": lambda strike: strike.said.confidence_bps < strike.books.threshold,
    "market": lambda strike: strike.said.market >= len(strike.books.markets),
    "enabled": lambda strike: not strike.books.markets[strike.said.market].enabled,
    "side": _is_side_closed,
    "cooldown": _is_cooling,
    "horizon": lambda strike: _is_outside(
        strike.said.horizon, strike.books.markets[strike.said.market].rules.max_horizon
    ),
    "stop-loss": lambda strike: _is_outside(
        strike.said.stop_loss_bps, strike.books.markets[strike.said.market].rules.max_stop_loss_bps
    ),
    "expectation": _loses_by_its_own_claim,
}
_FIRST, _LATER = GATES[: len(SHUT)], GATES[len(SHUT) :]
assert [gate.name for gate in _FIRST] == list(SHUT), "the table of gates has changed"
_REFUSALS = {gate.refusal for gate in GATES}


def may_answer(strike: Try) -> set[str | None]:
    """The gates that may refuse it, by their errors; None where it may open."""
    answers: set[str | None] = set()
    for gate in _FIRST:
        is_shut = SHUT[gate.name](strike)
        if is_shut is not False:
            answers.add(gate.refusal)
        if is_shut:
            return answers
    return {*answers, *(gate.refusal for gate in _LATER), None}


def check_order(
    invariants: Invariants, strike: Try, may: set[str | None], error: str | None
) -> None:
    """That what refused a strike, or opened it, is among what may. What is not a gate may too:
    calldata that is none, what a token does."""
    refusal = None if error is None else error.partition("(")[0]
    if refusal is None or refusal in _REFUSALS:
        invariants.require("gates", refusal in may, strike.said, "got", refusal, "of", may)
