"""Strikes a second, end to end with receipts: the client, a flood of bytes, and a web3.py loop.

On several diamonds, as one has room for 64 open strikes: all are struck at once, as in the flood,
by a thread each and through one executor.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

import urllib3
from rich.console import Console
from rich.table import Table
from web3 import HTTPProvider, Web3

from macrostrike.chain import AnvilTransport
from macrostrike.client import MacroStrike
from macrostrike.executor import Executor, Settings
from macrostrike.journal import Journal
from macrostrike.testing import World
from macrostrike.types import StrikeOpened, StrikeOrder

from .node import GAS, OPEN, calldata, fresh, orders

PAIRS = 12
DIAMONDS = 6
_BATCH = 200  # requests in one of the flood's
_LOOPS = 4  # of the slow one, which tells the same each time
_POLL, _STUCK = 0.001, 10.0  # seconds
GOAL_OF_FLOOD, GOAL_OF_LOOP = 0.90, 10

Wanted = list[tuple[World, list[StrikeOrder]]]


def measure(progress: Callable[[str], None]) -> dict[str, Any]:
    """Interleaved, each on a node of its own. Predictions are signed beforehand."""
    rates: dict[str, list[float]] = {"flood": [], "client": [], "unjournaled": [], "loop": []}
    ways: dict[str, Callable[[Wanted], float | None]] = {
        "flood": flood,
        "client": client,
        "unjournaled": unjournaled,
        "loop": loop,
    }
    for pair in range(PAIRS):
        progress(f"pair {pair + 1} of {PAIRS}")
        for name, run in ways.items():
            if name == "loop" and pair >= _LOOPS:
                continue
            rates[name].append(_rate(run))
    ratios = [one / other for one, other in zip(rates["client"], rates["flood"], strict=True)]
    return {
        "strikes": OPEN * DIAMONDS,
        "diamonds": DIAMONDS,
        "pairs": PAIRS,
        "flood_tps": median(rates["flood"]),
        "client_tps": median(rates["client"]),
        "client_memory_journal_tps": median(rates["unjournaled"]),
        "loop_tps": median(rates["loop"]),
        "of_flood": median(ratios),
        "of_loop": median(rates["client"]) / median(rates["loop"]),
        "rates": rates,
        "journal": "SQLite, WAL, synchronous=FULL before each broadcast",
    }


def _rate(run: Callable[[Wanted], float | None]) -> float:
    """Strikes a second, on a node of its own; on another where that one stalls."""
    while True:
        with fresh(DIAMONDS) as worlds:
            seconds = run([(world, orders(world, 1, OPEN)) for world in worlds])
        if seconds is not None:
            return OPEN * DIAMONDS / seconds


def show(figures: dict[str, Any], out: Console) -> None:
    """Prints them as a table."""
    table = Table(
        "", "strikes/s", title=f"{figures['strikes']} strikes with receipts, one node each"
    )
    for name, words in (
        ("flood_tps", "flood of the same transactions, signed before, in batches"),
        ("client_tps", "client.strike_each, executor, journal on disk"),
        ("client_memory_journal_tps", "the same, journal in memory"),
        ("loop_tps", "web3.py loop, polling each millisecond"),
    ):
        table.add_row(words, f"{figures[name]:,.0f}")
    out.print(table)
    out.print(
        f"client: {figures['of_flood']:.0%} of the flood (goal {GOAL_OF_FLOOD:.0%}, median of "
        f"{figures['pairs']} pairs), {figures['of_loop']:.1f} × the loop (goal {GOAL_OF_LOOP} ×)"
    )


def client(wanted: Wanted) -> float:
    """Seconds, through an executor with a journal on disk."""
    with tempfile.TemporaryDirectory() as folder:
        return _client(wanted, str(Path(folder) / "journal.sqlite"))


def unjournaled(wanted: Wanted) -> float:
    """Seconds, with a journal that ends with the process."""
    return _client(wanted, "sqlite://")


def _client(wanted: Wanted, location: str) -> float:
    world, _ = wanted[0]
    with Journal.open(location) as journal, ThreadPoolExecutor(DIAMONDS) as threads:
        settings = Settings(max_per_second=None)
        executor = Executor(world.transport, world.operator, journal, settings)
        executor.recover()

        def strike(each: tuple[World, list[StrikeOrder]]) -> tuple[object, ...]:
            world, orders = each
            through = MacroStrike(world.transport, world.diamond, sender=executor)
            return through.strike_each(orders)

        started = time.perf_counter()
        results = list(threads.map(strike, wanted))
        took = time.perf_counter() - started
    assert all(isinstance(each, StrikeOpened) for some in results for each in some), results
    return took


def flood(wanted: Wanted) -> float | None:
    """Seconds until the last of the signed transactions has its receipt.

    None where anvil has forgotten what is in its pool, as it does now and then.
    """
    world, node = wanted[0][0], _node(wanted)
    nonces = count(node.nonce(world.operator.address))
    common = {"chainId": node.chain_id, "gas": GAS, "value": 0, **node.fees().fields()}
    signed = [
        world.operator.sign_transaction(
            common | {"to": at.diamond, "nonce": next(nonces), "data": calldata(order)}
        )
        for at, orders in wanted
        for order in orders
    ]
    requests = [
        _request("eth_sendRawTransaction", each.raw_transaction.to_0x_hex()) for each in signed
    ]
    ask = _Plain(node.url)
    started = time.perf_counter()
    for start in range(0, len(requests), _BATCH):
        answers = ask(requests[start : start + _BATCH])
    last = _request("eth_getTransactionReceipt", answers[-1]["result"])
    while not (receipt := ask(last)["result"]):
        time.sleep(_POLL)
        if time.perf_counter() - started > _STUCK:
            return None
    took = time.perf_counter() - started
    assert receipt["status"] == "0x1"
    return took


def loop(wanted: Wanted) -> float:
    """Seconds, one after the other as web3.py's guide has it. Calldata is encoded beforehand."""
    operator, web3 = wanted[0][0].operator, Web3(HTTPProvider(_node(wanted).url))
    calls = [(world.diamond, calldata(order)) for world, orders in wanted for order in orders]
    started = time.perf_counter()
    for diamond, data in calls:
        transaction = {
            "to": diamond,
            "data": data,
            "value": 0,
            "gas": GAS,
            "chainId": 31337,
            "nonce": web3.eth.get_transaction_count(operator.address),
            "gasPrice": web3.eth.gas_price,
        }
        signed = operator.sign_transaction(transaction)
        sent = web3.eth.send_raw_transaction(signed.raw_transaction)
        receipt = web3.eth.wait_for_transaction_receipt(sent, poll_latency=_POLL)
        assert receipt["status"] == 1
    return time.perf_counter() - started


def _node(wanted: Wanted) -> AnvilTransport:
    node = wanted[0][0].transport
    assert isinstance(node, AnvilTransport)
    return node


class _Plain:
    """JSON-RPC and no more."""

    def __init__(self, url: str) -> None:
        self._pool = urllib3.PoolManager().connection_from_url(url)

    def __call__(self, request: Any) -> Any:
        headers = {"Content-Type": "application/json"}
        answer = self._pool.urlopen("POST", "/", json.dumps(request).encode(), headers)
        return json.loads(answer.data)


def _request(method: str, *params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
