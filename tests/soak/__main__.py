"""Plays 10,000 strikes through loop, executor, journal, scorer, outcomes, replay and monitor.

python -m tests.soak              on an anvil of its own; writes reports/soak.json
python -m tests.soak --strikes N  shorter, or longer

All of it is in this process, but the node. Memory is this process' resident set, looked at twenty
times: where the last quarter adds more than a twentieth, it is not flat, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path

from rich.console import Console
from rich.table import Table

from macrostrike import MacroStrike
from macrostrike.chain import AnvilTransport, start_anvil
from macrostrike.engine import EngineSigner, Forecast, Result
from macrostrike.executor import Executor
from macrostrike.journal import Decision, Journal
from macrostrike.loop import LiveReplay, LoopState, Outcomes, RecordedFeed, Source, StrikeLoop
from macrostrike.market import Bar, Market
from macrostrike.monitor import Monitor
from macrostrike.testing import World, deploy_world
from macrostrike.types import Signal

REPORT = Path(__file__).parents[2] / "reports" / "soak.json"
A_BAR = 8
LOOKS = 20
GROWTH = 0.05
_PAGES = 4096
_WAVES = (0, 3, -2, 4, -3, 1)  # basis points around the price, minute by minute


@dataclass(frozen=True, slots=True)
class Look:
    """Memory after so many strikes. `resident`: bytes."""

    strikes: int
    seconds: float
    resident: int


class Talker:
    """Says eight things each minute, which are over in the next."""

    def see(self, bar: Bar) -> Sequence[Forecast]:
        signal = Signal.LONG if bar.timestamp // 60 % 2 else Signal.SHORT
        return [
            Forecast(
                signal=signal,
                confidence_bps=9500,
                model_id=1 + number % 5,
                horizon=1,
                take_profit_bps=0,
                stop_loss_bps=300,
                strategies=1 << number % 5,
                valid_seconds=50,
            )
            for number in range(A_BAR)
        ]

    def learn(self, result: Result) -> None:
        """Nothing is kept."""


def minutes(count: int) -> Market:
    price = Decimal(1600)
    bars = []
    for number in range(count):
        close = price * (10_000 + _WAVES[number % len(_WAVES)]) / 10_000
        bars.append(Bar(number * 60, close, close, close, close))
    return Market("waves", True, tuple(bars))


def resident() -> int:
    """This process' memory, bytes."""
    return int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1]) * _PAGES


def soak(world: World, folder: Path, strikes: int, console: Console) -> list[Look]:
    owner = MacroStrike(world.transport, world.diamond, world.owner)
    with Journal.open(folder / "journal.sqlite") as journal:
        journal.begin_run("loop")
        with Executor(world.transport, world.operator, journal) as executor:
            client = MacroStrike(world.transport, world.diamond, sender=executor)
            loop = _loop(world, client, journal, executor, folder, strikes)
            replay = LiveReplay(journal, world.transport, world.diamond)
            monitor, outcomes = Monitor(world.transport, world.manifest, journal), Outcomes(journal)
            looks, began = [], time.monotonic()
            while (done := owner.stats().opened) < strikes:
                for _ in range(5):
                    list(loop.cycle())
                outcomes.poll()
                assert all(each.cause is None for each in replay.check())
                monitor.look()
                if loop.state is LoopState.HALTED:
                    owner.transact("resume")
                if done >= len(looks) * strikes // LOOKS:
                    gc.collect()
                    looks.append(Look(done, time.monotonic() - began, resident()))
                    console.print(f"{done} strikes, {looks[-1].resident >> 20} MiB")
            _require_whole(journal, owner)
    return looks


def _loop(
    world: World,
    client: MacroStrike,
    journal: Journal,
    executor: Executor,
    folder: Path,
    strikes: int,
) -> StrikeLoop:
    feed = RecordedFeed(
        world.venues, minutes(strikes), begins_at=world.transport.timestamp(), warm_up=0
    )
    signer = EngineSigner(
        world.engine,
        chain_id=world.transport.chain_id,
        diamond=world.diamond,
        record=folder / "engine.sqlite",
    )
    return StrikeLoop(
        client,
        journal,
        [Source(0, feed, Talker(), signer)],
        from_block=world.manifest.deployed_at,
        recover=executor.recover,
    )


def _require_whole(journal: Journal, client: MacroStrike) -> None:
    rows = journal.predictions()
    struck = sum(row.decision is Decision.STRUCK for row in rows)
    assert struck == client.stats().opened == len(journal.strikes())
    assert journal.verify(client) == []


def is_flat(looks: Sequence[Look]) -> bool:
    """Whether the last quarter adds no more than a twentieth."""
    before = looks[len(looks) * 3 // 4].resident
    return looks[-1].resident <= before * (1 + GROWTH)


def main() -> int:
    parser = argparse.ArgumentParser(description="A long run, and what memory it takes.")
    parser.add_argument("--strikes", type=int, default=10_000)
    strikes = parser.parse_args().strikes
    console = Console(stderr=True)
    # The node keeps the state of recent blocks, which the replay asks for, and no more.
    with start_anvil("--prune-history", "256") as url, tempfile.TemporaryDirectory() as folder:
        world = deploy_world(AnvilTransport(url, block_time=1))
        looks = soak(world, Path(folder), strikes, console)
    table = Table("strikes", "seconds", "MiB", title=f"{strikes} strikes")
    for each in looks:
        table.add_row(str(each.strikes), f"{each.seconds:.0f}", f"{each.resident / 2**20:.1f}")
    Console().print(table)
    flat = is_flat(looks)
    REPORT.parent.mkdir(exist_ok=True)
    content = {"strikes": strikes, "flat": flat, "looks": [asdict(each) for each in looks]}
    REPORT.write_text(json.dumps(content, indent=1) + "\n")
    console.print(f"{'flat' if flat else 'NOT flat'}. Written to reports/{REPORT.name}")
    return 0 if flat else 1


if __name__ == "__main__":
    sys.exit(main())
