"""One strike, from the call to its result: quote, signature, sending, receipt.

"One request": the transaction is sent and its receipt awaited in one (EIP-7966), two with the
quote. What the node itself takes for these two is the floor. The own processor time is less
affected by whatever else uses the machine.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
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
from macrostrike.types import StrikeOrder

from .node import ANY, GAS, OPEN, Plain, calldata, fresh, orders

_ROUNDS = 4
_WARM = 5
_IMPORTS = 7
Took = tuple[float, float]
"""Milliseconds by the wall, and of this thread's own processor time."""
FLOOR = "the node alone: quote and strike by a plain socket"
GOAL_MEDIAN, GOAL_P99, GOAL_IMPORT = 5.0, 25.0, 0.3


def measure(progress: Callable[[str], None]) -> dict[str, Any]:
    """Milliseconds of single strikes, by who sends, and seconds of an import."""
    ways: dict[str, Callable[[World], Any]] = {
        "no journal": _direct,
        "no journal, one request": _sync,
        "journal in memory": lambda world: _journaled(world, "sqlite://"),
        "journal in memory, one request": lambda world: _journaled(world, "sqlite://", sync=True),
        "SQLite, synchronous=FULL": _on_disk,
        "SQLite, synchronous=FULL, one request": lambda world: _on_disk(world, sync=True),
    }
    times: dict[str, list[Took]] = {name: [] for name in (FLOOR, *ways)}
    for number in range(_ROUNDS):
        progress(f"round {number + 1} of {_ROUNDS}")
        times[FLOOR] += _floor()
        for name, opened in ways.items():
            times[name] += _times(opened)
    floor = median(wall for wall, _ in times[FLOOR])
    rows = [_row(name, each, floor) for name, each in times.items()]
    progress("import")
    return {"strike_latency_ms": rows, "import_s": _import_seconds()}


def _row(name: str, times: list[Took], floor: float) -> dict[str, Any]:
    walls = [wall for wall, _ in times]
    return {
        "journal": name,
        "strikes": len(walls),
        "median_ms": median(walls),
        "p99_ms": quantiles(walls, n=100)[98],
        "above_floor_ms": median(walls) - floor,
        "of_floor": median(walls) / floor,
        "own_cpu_ms": median(own for _, own in times),
    }


def show(figures: dict[str, Any], out: Console) -> None:
    """Prints them as a table."""
    heads = ("journal", "strikes", "median ms", "p99 ms", "above floor", "of floor", "own CPU ms")
    table = Table(*heads, title="one strike, call to result")
    for row in figures["strike_latency_ms"]:
        cells = (
            *(f"{row[name]:.2f}" for name in ("median_ms", "p99_ms", "above_floor_ms")),
            f"{row['of_floor']:.2f}",
            f"{row['own_cpu_ms']:.2f}",
        )
        table.add_row(row["journal"], str(row["strikes"]), *cells)
    out.print(table)
    out.print(
        f"goal: median {GOAL_MEDIAN:g} ms, p99 {GOAL_P99:g} ms. import macrostrike: "
        f"{figures['import_s']:.2f} s (goal {GOAL_IMPORT:g} s)"
    )


def _times(opened: Callable[[World], Any]) -> Iterator[Took]:
    with fresh() as (world,), opened(world) as sender:
        client = MacroStrike(world.transport, world.diamond, world.operator, sender=sender)
        wanted = orders(world, 1, OPEN)
        for at, order in enumerate(wanted):
            with _Clock() as clock:
                client.strike(order.prediction, order.signature)
            if at >= _WARM:
                yield clock.took


class _Clock:
    """Milliseconds by the wall, and of this thread's own processor time."""

    took: Took

    def __enter__(self) -> _Clock:
        self._began = time.perf_counter(), time.thread_time()
        return self

    def __exit__(self, *_: object) -> None:
        wall, own = self._began
        self.took = (time.perf_counter() - wall) * 1e3, (time.thread_time() - own) * 1e3


def _floor() -> Iterator[Took]:
    """The node alone: a quote and a strike, signed beforehand, by a plain socket."""
    with fresh() as (world,):
        node = world.transport
        assert isinstance(node, AnvilTransport)
        wanted = orders(world, 1, OPEN)
        common = {"chainId": node.chain_id, "gas": GAS, "value": 0, **node.fees().fields()}
        first = node.nonce(world.operator.address)
        quotes = [_quote(world, order) for order in wanted]
        strikes = [
            world.operator.sign_transaction(
                common | {"to": world.diamond, "nonce": first + at, "data": calldata(order)}
            ).raw_transaction.to_0x_hex()
            for at, order in enumerate(wanted)
        ]
        with Plain(node.url) as ask:
            for at, (quote, strike) in enumerate(zip(quotes, strikes, strict=True)):
                with _Clock() as clock:
                    ask("eth_call", quote, "pending")
                    receipt = ask("eth_sendRawTransactionSync", strike)["result"]
                assert receipt["status"] == "0x1"
                if at >= _WARM:
                    yield clock.took


def _quote(world: World, order: StrikeOrder) -> dict[str, str]:
    """What a client asks for a quote with: a limit that nothing meets."""
    impossible = replace(order, limit_amount=0 if order.limit_amount else ANY)
    data = "0x" + calldata(impossible).hex()
    return {"to": world.diamond, "from": world.operator.address, "data": data}


@contextmanager
def _direct(_: World) -> Iterator[Sender | None]:
    yield None


@contextmanager
def _sync(world: World) -> Iterator[Sender | None]:
    yield DirectSender(_awaiting(world), world.operator)


@contextmanager
def _journaled(world: World, location: str, *, sync: bool = False) -> Iterator[Sender | None]:
    chain = _awaiting(world) if sync else world.transport
    with Journal.open(location) as journal:
        yield Executor(chain, world.operator, journal, Settings(max_per_second=None))


def _awaiting(world: World) -> RpcTransport:
    """Sends and awaits a transaction in one request."""
    assert isinstance(world.transport, AnvilTransport)
    return RpcTransport(world.transport.url, sync=True)


@contextmanager
def _on_disk(world: World, *, sync: bool = False) -> Iterator[Sender | None]:
    with (
        tempfile.TemporaryDirectory() as folder,
        _journaled(world, str(Path(folder) / "journal.sqlite"), sync=sync) as executor,
    ):
        yield executor


def _import_seconds() -> float:
    """Of the package, in a process of its own, less an empty one's."""

    def seconds(code: str) -> float:
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return time.perf_counter() - started

    return median(seconds("import macrostrike") - seconds("pass") for _ in range(_IMPORTS))
