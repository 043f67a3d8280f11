"""A loop in a process of its own, to be killed: `python -m tests.loop.worker URL FOLDER BARS`.

It plays BARS real minutes (or made-up ones) with a predictor that speaks every other minute.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from macrostrike import MacroStrike
from macrostrike.chain import AnvilTransport
from macrostrike.devchain import deploy_venues, local_account
from macrostrike.engine import EngineSigner, Forecast, Result
from macrostrike.executor import Executor
from macrostrike.journal import Journal
from macrostrike.loop import RecordedFeed, Source, StrikeLoop
from macrostrike.manifest import Manifest
from macrostrike.market import Bar, Market, find_market, synthetic_market
from macrostrike.types import Signal


def minutes(bars: int) -> Market:
    market = find_market(bars) or synthetic_market(3, bars)
    return Market(market.source, market.is_made_up, market.bars[:bars])


class Talker:
    """Says the last minute goes on, every other minute."""

    def __init__(self) -> None:
        self._last: Bar | None = None

    def see(self, bar: Bar) -> Sequence[Forecast]:
        last, self._last = self._last, bar
        if last is None or bar.timestamp // 60 % 2:
            return ()
        signal = Signal.LONG if bar.close >= last.close else Signal.SHORT
        model = bar.timestamp // 120 % 5
        return [
            Forecast(
                signal=signal,
                confidence_bps=9600,
                model_id=1 + model,
                horizon=1200,
                take_profit_bps=20,
                stop_loss_bps=200,
                strategies=1 << model,
                valid_seconds=50,
            )
        ]

    def learn(self, result: Result) -> None:
        print("result", result.strike_id, flush=True)


def main(url: str, folder: Path, bars: int) -> None:
    manifest = Manifest.load(folder / "macrostrike.json")
    transport = AnvilTransport(url, block_time=1)
    operator, engine = local_account(1), local_account(2)
    with Journal.open(folder / "journal.sqlite") as journal:
        journal.begin_run("loop")
        executor = Executor(transport, operator, journal)
        feed = RecordedFeed(
            deploy_venues(transport),
            minutes(bars),
            begins_at=transport.block(manifest.deployed_at).timestamp + 3600,
            warm_up=0,
        )
        signer = EngineSigner(
            engine,
            chain_id=transport.chain_id,
            diamond=manifest.diamond,
            record=folder / "engine.sqlite",
        )
        loop = StrikeLoop(
            MacroStrike(transport, manifest.diamond, sender=executor),
            journal,
            [Source(0, feed, Talker(), signer)],
            from_block=manifest.deployed_at,
            recover=executor.recover,
        )
        loop.warm_up()
        print("begins", flush=True)
        for happening in loop.run(threading.Event()):
            print(type(happening).__name__, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
