"""What the loop's tests share: a scripted predictor, recorded minutes, a loop on a local chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from macrostrike import MacroStrike
from macrostrike.engine import EngineSigner, Forecast, Result
from macrostrike.journal import Journal
from macrostrike.loop import (
    Counted,
    Happening,
    Predicted,
    RecordedFeed,
    Source,
    StrikeLoop,
)
from macrostrike.market import Bar, Market
from macrostrike.testing import World
from macrostrike.types import Signal

START = 1600
LONG = Forecast(
    signal=Signal.LONG,
    confidence_bps=9500,
    model_id=1,
    horizon=600,
    take_profit_bps=30,
    stop_loss_bps=300,
)


@dataclass
class Scripted:
    """Says at a bar, counted from the first it sees, what it is given for it."""

    script: Mapping[int, Sequence[Forecast]]
    results: list[Result] = field(default_factory=list)
    seen: int = 0

    def see(self, _: Bar) -> Sequence[Forecast]:
        self.seen += 1
        return self.script.get(self.seen - 1, ())

    def learn(self, result: Result) -> None:
        self.results.append(result)


def market_of(*closes: float) -> Market:
    """Minutes with these closes."""
    bars = []
    for number, close in enumerate(closes):
        price = Decimal(str(close))
        bars.append(Bar(number * 60, price, price, price, price))
    return Market("scripted", True, tuple(bars))


@dataclass
class Bench:
    """A loop with all that it needs."""

    world: World
    client: MacroStrike
    journal: Journal
    predictor: Scripted
    loop: StrikeLoop

    def cycles(self, count: int) -> list[Happening]:
        """What is done in so many cycles: without what was said before, and counted after."""
        said = (Predicted, Counted)
        return [each for each in self.whole_cycles(count) if not isinstance(each, said)]

    def whole_cycles(self, count: int) -> list[Happening]:
        """All that happens."""
        return [happening for _ in range(count) for happening in self.loop.cycle()]


def bench_of(
    world: World,
    folder: Path,
    closes: Sequence[float],
    script: Mapping[int, Sequence[Forecast]],
    **options: Any,
) -> Bench:
    """A loop that plays these closes from now on; its journal and signer's record in `folder`."""
    world.transport.block_time = 1
    client = MacroStrike(world.transport, world.diamond, world.operator)
    journal = Journal.open(folder / "journal.sqlite")
    journal.begin_run("loop")
    feed = RecordedFeed(
        world.venues,
        market_of(*closes),
        begins_at=world.transport.timestamp(),
        warm_up=0,
    )
    predictor = Scripted(script)
    signer = EngineSigner(
        world.engine,
        chain_id=world.transport.chain_id,
        diamond=world.diamond,
        record=folder / "engine.sqlite",
    )
    source = Source(0, feed, predictor, signer)
    loop = StrikeLoop(client, journal, [source], from_block=world.manifest.deployed_at, **options)
    return Bench(world, client, journal, predictor, loop)
