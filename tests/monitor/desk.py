"""Real trading on a local world, so that journal and chain have something to show."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from itertools import count

from macrostrike.client import MacroStrike
from macrostrike.journal import IntentState, Journal, NewIntent
from macrostrike.monitor.service import Monitor
from macrostrike.testing import World
from macrostrike.types import Signal

from ..predictions import prediction_now

_CALM = 400
"""Seconds until the pool's mean price is where its price is."""


@dataclass
class Desk:
    """An operator who trades, and the journal that follows."""

    world: World
    journal: Journal
    price: Decimal = Decimal(1600)
    now: float = 1_800_000_000.0
    _numbers: count[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        chain = self.world.transport
        for account in (self.world.operator, self.world.owner):
            chain.set_balance(account.address, 10**20)
        self.client = MacroStrike(chain, self.world.diamond, self.world.operator)
        self.owner = MacroStrike(chain, self.world.diamond, self.world.owner)

    def monitor(self, **options: object) -> Monitor:
        """A monitor on this desk's clock."""
        world = self.world
        return Monitor(
            world.transport,
            world.manifest,
            self.journal,
            clock=lambda: self.now,
            **options,  # type: ignore[arg-type]
        )

    def open(
        self, signal: Signal = Signal.LONG, confidence_bps: int = 9400, model_id: int = 1
    ) -> int:
        """Opens a strike; returns its id."""
        engine = self.world.engine
        said = prediction_now(
            self.world,
            self.client.next_nonce(engine.address),
            signal=signal,
            confidence_bps=confidence_bps,
            model_id=model_id,
            horizon=4 * 3600,
            stop_loss_bps=200,
        )
        return self.client.strike(said, engine).strike_id

    def move(self, by: str) -> None:
        """Moves the market by a share, such as `0.004`, and waits until its mean has followed."""
        self.price *= 1 + Decimal(by)
        self.world.transport.mine(_CALM)
        self.world.venues.move_price(self.price)
        self.world.transport.mine(_CALM)

    def trade(self, *outcomes: bool, signal: Signal = Signal.LONG, **of: int) -> None:
        """Strikes one after the other, each won or lost."""
        for won in outcomes:
            strike_id = self.open(signal, **of)
            self.move("0.004" if won == signal.is_long else "-0.004")
            self.client.settle(strike_id)

    def sync(self) -> None:
        """Brings the journal up to the chain."""
        manifest = self.world.manifest
        self.journal.sync(self.world.transport, manifest.diamond, manifest.deployed_at)

    def send(
        self, *states: IntentState, seconds: float = 0.02, action: str = "executeStrike"
    ) -> None:
        """Journals own transactions with these outcomes, each sent after so many seconds."""
        account = self.world.operator.address
        for state in states:
            number = next(self._numbers)
            signed = f"transaction {number}".encode()
            intent = NewIntent(
                action=action,
                account=account,
                account_nonce=number,
                signed=signed,
                hash=sha256(signed).digest(),
            )
            [row] = self.journal.prepare([intent])
            sent, included = row.created_at + seconds, row.created_at + seconds + 1
            self.journal.change_intent(intent.hash, state, sent_at=sent, included_at=included)
