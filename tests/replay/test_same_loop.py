"""The replay's loop and the one that trades live: the same minutes, the same events to the byte."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from macrostrike.chain import RevmTransport
from macrostrike.engine import EngineSigner, Forecast, Result
from macrostrike.journal import Journal
from macrostrike.loop import FeedEnded, Source, StrikeLoop
from macrostrike.market import Bar, synthetic_market
from macrostrike.replay import MarketDriver, Policy, Stage, run_market, set_stage
from macrostrike.types import Signal

from .support import books_of

MINUTES = 95
MARKET = synthetic_market(7, MINUTES)
LIQUIDITY = 10**18
SIGNALS = tuple(Signal)


class Sparse:
    """A signal every twelve minutes: none when another strike is due, as the live loop rolls."""

    def __init__(self) -> None:
        self.seen = 0

    def see(self, bar: Bar) -> Sequence[Forecast]:
        self.seen += 1
        if self.seen % 12:
            return ()
        return [
            Forecast(
                signal=SIGNALS[self.seen // 12 % 4],
                confidence_bps=9500,
                model_id=1,
                horizon=480,
                take_profit_bps=20,
                stop_loss_bps=40,
            )
        ]

    def learn(self, result: Result) -> None:
        pass


class Driven:
    """A feed whose minutes the replay's driver brings about."""

    def __init__(self, driver: MarketDriver, bars: Sequence[Bar]) -> None:
        self.driver, self.bars = driver, iter(bars)

    def history(self) -> Sequence[Bar]:
        return ()

    def next(self) -> Bar | None:
        bar = next(self.bars, None)
        if bar is None:
            raise FeedEnded("played to its end")
        self.driver.follow(bar)
        return bar


def driver_of() -> MarketDriver:
    first = MARKET.bars[0]
    transport = RevmTransport(timestamp=first.timestamp - 3600)
    return MarketDriver(set_stage(transport, price=first.open, depth=1000), LIQUIDITY)


def strikes_in(stage: Stage) -> list[Any]:
    """What the chain said of strikes, with its blocks' times."""
    transport = stage.transport
    logs = [log for log in transport.logs(stage.world.diamond) if len(log.topics) > 2]
    blocks = transport.blocks([log.block_number for log in logs])
    return [
        (block.timestamp, log.topics, log.data) for block, log in zip(blocks, logs, strict=True)
    ]


def test_the_live_loop_over_the_same_minutes_leaves_the_same_events(tmp_path: Path) -> None:
    replayed = driver_of()
    policy = Policy()
    run = run_market(replayed, Sparse(), MARKET.bars, policy)
    assert len(run.trades) > 5
    assert len({trade.won for trade in run.trades}) == 2

    live = driver_of()
    world, transport = live.stage.world, live.stage.transport
    transport.block_time = policy.block_time
    with Journal.open("sqlite://") as journal:
        journal.begin_run("loop")
        signer = EngineSigner(
            world.engine,
            chain_id=transport.chain_id,
            diamond=world.diamond,
            record=tmp_path / "engine.sqlite",
        )
        source = Source(0, Driven(live, MARKET.bars), Sparse(), signer)
        loop = StrikeLoop(
            live.stage.client(), journal, [source], from_block=world.manifest.deployed_at
        )
        for _ in MARKET.bars:
            for _ in loop.cycle():
                pass
    assert strikes_in(live.stage) == strikes_in(replayed.stage)
    books, same = books_of(live.stage), books_of(replayed.stage)
    assert (books.stats(), books.bots()) == (same.stats(), same.bots())
