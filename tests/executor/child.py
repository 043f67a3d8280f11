"""A process that strikes once, and is killed at a step: `child.py URL … STEP [NONCE]`."""

from __future__ import annotations

import os
import signal
import sys

from macrostrike.chain import AnvilTransport, Outcome
from macrostrike.client import MacroStrike
from macrostrike.executor import Executor
from macrostrike.journal import IntentState, Journal
from macrostrike.testing._local import known_account
from macrostrike.types import Prediction, Signal

STEPS = ("signed", "journaled", "broadcast", "sent", "mined", "confirmed")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Mortal(AnvilTransport):
    """A node's transport of a process that dies around a broadcast."""

    step = ""

    def broadcast(self, signed: bytes) -> Outcome | None:
        if self.step == "journaled":
            die()
        outcome = super().broadcast(signed)
        if self.step == "broadcast":
            die()
        return outcome


class MortalJournal(Journal):
    """A journal of a process that dies around what it writes."""

    step = ""

    def prepare(self, intents, lease=None):  # type: ignore[no-untyped-def]
        if self.step == "signed":
            die()
        return super().prepare(intents, lease)

    def change_intent(self, transaction_hash, state, **changes):  # type: ignore[no-untyped-def]
        if self.step == "mined" and state is IntentState.CONFIRMED:
            die()
        row = super().change_intent(transaction_hash, state, **changes)
        if (self.step, state) in (
            ("sent", IntentState.SENT),
            ("confirmed", IntentState.CONFIRMED),
        ):
            die()
        return row


def prediction(engine: str, valid_until: int, nonce: int = 7) -> Prediction:
    """The same in every process."""
    return Prediction(
        engine=engine,
        nonce=nonce,
        market=0,
        signal=Signal.STRONG_LONG,
        confidence_bps=9500,
        valid_from=0,
        valid_until=valid_until,
        horizon=3600,
        take_profit_bps=100,
        stop_loss_bps=100,
    )


def main(
    url: str,
    diamond: str,
    operator: str,
    engine: str,
    until: str,
    path: str,
    step: str,
    nonce: str = "7",
) -> None:
    chain = Mortal(url)
    with MortalJournal.open(path) as journal:
        executor = Executor(chain, known_account(operator), journal)
        if step == "recovering":
            chain.step = "broadcast"
        executor.recover()
        chain.step = journal.step = step
        client = MacroStrike(chain, diamond, sender=executor)
        client.strike(prediction(engine, int(until), int(nonce)), known_account(engine))


if __name__ == "__main__":
    main(*sys.argv[1:])
