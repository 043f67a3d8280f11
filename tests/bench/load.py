"""The loop under load: 64 open strikes, 3 markets, 50 predictions a second offered.

Running, then reducing, then halted by the chain's breaker, then resumed. Every prediction ends, and
each that is not taken is answered at once with its error.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from macrostrike import MacroStrike
from macrostrike.chain import AnvilTransport, LocalTransport, start_anvil
from macrostrike.errors import ContractError
from macrostrike.errors.intake import IntakeError
from macrostrike.executor import Executor
from macrostrike.journal import ChangeKind, Decision, Journal
from macrostrike.loop import Intake, Limits, Observer, StrikeLoop
from macrostrike.signing import sign_prediction
from macrostrike.testing import World, deploy_world
from macrostrike.types import MarketConfig, Prediction, Signal

MARKETS = 3
PER_SECOND = 50
SECONDS = {"running": 4, "reducing": 2, "halted": 2, "resumed": 4}
MAX_OPEN = 64
_ZERO = "0x" + "00" * 20
_VALID = 3600


@dataclass
class Load:
    """A loop, an intake, and who offers predictions; what became of each."""

    world: World
    folder: Path
    per_second: int = PER_SECOND
    refused: Counter[str] = field(default_factory=Counter)
    offered: int = 0
    cycles: list[float] = field(default_factory=list)
    max_open: int = 0
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        world = self.world
        self.owner = MacroStrike(world.transport, world.diamond, world.owner)
        self.journal = Journal.open(self.folder / "journal.sqlite")
        self.journal.begin_run("loop")
        self.executor = Executor(world.transport, world.operator, self.journal)
        asks = MacroStrike(world.transport, world.diamond, sender=Observer(world.operator.address))
        limits = Limits(per_second=4.0 * self.per_second, burst=4 * self.per_second)
        self.intake = Intake(asks, self.journal, limits)

    def loop(self, *, reducing: bool = False) -> StrikeLoop:
        """A process that begins: the journal is all that it has of the one before."""
        client = MacroStrike(self.world.transport, self.world.diamond, sender=self.executor)
        return StrikeLoop(
            client,
            self.journal,
            [],
            from_block=self.world.manifest.deployed_at,
            recover=self.executor.recover,
            reducing=reducing,
        )

    def second(self, loop: StrikeLoop, confidence_bps: int = 9500) -> None:
        """A second's predictions, each answered at once, and one cycle of the loop."""
        began = time.perf_counter()
        for _ in range(self.per_second):
            self._offer(confidence_bps)
        list(loop.cycle())
        self.cycles.append(time.perf_counter() - began)
        self.max_open = max(self.max_open, len(self.journal.open_strikes()))

    def _offer(self, confidence_bps: int) -> None:
        number, world = next(self._numbers), self.world
        now = world.transport.timestamp()
        made = Prediction(
            engine=world.engine.address,
            nonce=number,
            market=number % MARKETS,
            signal=Signal.SHORT if number % 4 == 0 else Signal.LONG,
            # Every tenth is under the gate.
            confidence_bps=9200 if number % 10 == 0 else confidence_bps,
            strategies=1 << number % 5,
            model_id=1 + number % 5,
            valid_from=now,
            valid_until=now + _VALID,
            horizon=14_400,
            take_profit_bps=0,
            stop_loss_bps=300,
        )
        signature = sign_prediction(made, world.engine, world.transport.chain_id, world.diamond)
        self.offered += 1
        try:
            self.intake.take(made, signature)
        except (ContractError, IntakeError) as refused:
            self.refused[type(refused).__name__] += 1

    def play(self, seconds: dict[str, int], progress: Callable[[str], None]) -> None:
        """All four phases."""
        loop = self.loop()
        for phase, length in seconds.items():
            progress(phase)
            if phase == "reducing":
                loop = self.loop(reducing=True)
            elif phase == "halted":
                loop = self.loop()
                self._halt()
            elif phase == "resumed":
                self.owner.transact("resume")
            for _ in range(length):
                self.second(loop)
        list(loop.cycle())

    def _halt(self) -> None:
        for strike_id in self.owner.open_strikes():
            self.owner.write_off(strike_id)
            if self.owner.stats().halted:
                return

    def figures(self) -> dict[str, Any]:
        """The outcome, as JSON can hold it."""
        rows = self.journal.predictions()
        waits = sorted((row.decided_at or 0) - row.seen_at for row in rows if row.decided_at)
        states = [each.value for each in self.journal.changes(kind=ChangeKind.STATE, name="loop")]
        return {
            "offered": self.offered,
            "refused_at_once": dict(self.refused),
            "decisions": dict(Counter(str(row.decision) for row in rows)),
            "reasons": dict(Counter(row.reason for row in rows if row.reason)),
            "opened_on_chain": self.owner.stats().opened,
            "max_open": self.max_open,
            "states": states,
            "decision_ms": {
                "median": 1000 * median(waits),
                "p95": 1000 * waits[int(len(waits) * 0.95)],
            },
            "second_ms": {"median": 1000 * median(self.cycles), "max": 1000 * max(self.cycles)},
        }

    def require_whole(self) -> None:
        """Nothing is lost: each was recorded and has ended, or was refused with its error."""
        rows = self.journal.predictions()
        assert all(row.decision is not Decision.PENDING for row in rows)
        kept = Counter(row.reason for row in rows if row.decision is Decision.REFUSED)
        recorded = sum(min(kept[name], reported) for name, reported in self.refused.items())
        assert len(rows) + sum(self.refused.values()) - recorded == self.offered
        struck = [row for row in rows if row.decision is Decision.STRUCK]
        assert len(struck) == self.owner.stats().opened == len(self.journal.strikes())
        assert len({row.strike_id for row in struck}) == len(struck)
        assert self.journal.verify(self.owner) == []


def three_markets(world: World) -> World:
    """The world with the local market two times more, on the same pool."""
    world.transport.block_time = 1
    for account in (world.owner, world.operator):
        world.transport.set_balance(account.address, 10**21)
    owner = MacroStrike(world.transport, world.diamond, world.owner)
    own = owner.market(0)
    config = MarketConfig(
        base=own.base,
        pool=own.pool,
        factory=own.factory,
        feed=_ZERO,
        uptime_feed=_ZERO,
        uptime_grace=0,
        min_block_seconds=own.min_block_seconds,
        rules=own.rules,
    )
    for _ in range(MARKETS - 1):
        owner.transact("registerMarket", config)
    return world


@contextmanager
def loaded(transport: LocalTransport, per_second: int = PER_SECOND) -> Iterator[Load]:
    with tempfile.TemporaryDirectory() as folder:
        load = Load(three_markets(deploy_world(transport)), Path(folder), per_second)
        try:
            yield load
        finally:
            load.executor.close()
            load.journal.close()


def measure(progress: Callable[[str], None]) -> dict[str, Any]:
    with start_anvil() as url, loaded(AnvilTransport(url, block_time=1)) as load:
        load.play(SECONDS, progress)
        load.require_whole()
        return load.figures()


def show(figures: dict[str, Any], out: Console) -> None:
    table = Table("what", "", title=f"loop under load: {PER_SECOND} predictions a second offered")
    for name, value in figures.items():
        table.add_row(name.replace("_", " "), _text(value))
    out.print(table)


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_text(each)}" for name, each in value.items())
    if isinstance(value, list):
        return " → ".join(value)
    return f"{value:.1f}" if isinstance(value, float) else str(value)
