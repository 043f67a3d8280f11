"""One strike, from the call to its result: quote, signature, sending, receipt."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from rich.console import Console
from rich.table import Table

from macrostrike.chain import AnvilTransport, DirectSender, RpcTransport, Sender
from macrostrike.client import MacroStrike
from macrostrike.executor import Executor, Settings
from macrostrike.journal import Journal
from macrostrike.testing import World

from .node import OPEN, fresh, orders

_ROUNDS = 4
_WARM = 5
_IMPORTS = 7
GOAL_MEDIAN, GOAL_P99, GOAL_IMPORT = 5.0, 25.0, 0.3


def measure(progress: Callable[[str], None]) -> dict[str, Any]:
    """Milliseconds of single strikes, by who sends, and seconds of an import."""
    ways: dict[str, Callable[[World], Any]] = {
        "no journal": _direct,
        "no journal, sent and awaited in one request": _sync,
        "journal in memory": lambda world: _journaled(world, "sqlite://"),
        "SQLite, synchronous=FULL": _on_disk,
    }
    rows = []
    for name, opened in ways.items():
        progress(name)
        times = [each for _ in range(_ROUNDS) for each in _times(opened)]
        rows.append(
            {
                "journal": name,
                "strikes": len(times),
                "median_ms": median(times),
                "p99_ms": quantiles(times, n=100)[98],
            }
        )
    progress("import")
    return {"strike_latency_ms": rows, "import_s": _import_seconds()}


def show(figures: dict[str, Any], out: Console) -> None:
    """Prints them as a table."""
    table = Table("journal", "strikes", "median ms", "p99 ms", title="one strike, call to result")
    for row in figures["strike_latency_ms"]:
        cells = (f"{row['median_ms']:.2f}", f"{row['p99_ms']:.2f}")
        table.add_row(row["journal"], str(row["strikes"]), *cells)
    out.print(table)
    out.print(
        f"goal: median {GOAL_MEDIAN:g} ms, p99 {GOAL_P99:g} ms. import macrostrike: "
        f"{figures['import_s']:.2f} s (goal {GOAL_IMPORT:g} s)"
    )


def _times(opened: Callable[[World], Any]) -> Iterator[float]:
    with fresh() as (world,), opened(world) as sender:
        client = MacroStrike(world.transport, world.diamond, world.operator, sender=sender)
        wanted = orders(world, 1, OPEN)
        for at, order in enumerate(wanted):
            started = time.perf_counter()
            client.strike(order.prediction, order.signature)
            if at >= _WARM:
                yield (time.perf_counter() - started) * 1e3


@contextmanager
def _direct(_: World) -> Iterator[Sender | None]:
    yield None


@contextmanager
def _sync(world: World) -> Iterator[Sender | None]:
    assert isinstance(world.transport, AnvilTransport)
    chain = RpcTransport(world.transport.url, sync=True)
    yield DirectSender(chain, world.operator)


@contextmanager
def _journaled(world: World, location: str) -> Iterator[Sender | None]:
    with Journal.open(location) as journal:
        yield Executor(world.transport, world.operator, journal, Settings(max_per_second=None))


@contextmanager
def _on_disk(world: World) -> Iterator[Sender | None]:
    with (
        tempfile.TemporaryDirectory() as folder,
        _journaled(world, str(Path(folder) / "journal.sqlite")) as executor,
    ):
        yield executor


def _import_seconds() -> float:
    """Of the package, in a process of its own, less an empty one's."""

    def seconds(code: str) -> float:
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return time.perf_counter() - started

    return median(seconds("import macrostrike") - seconds("pass") for _ in range(_IMPORTS))
