"""The arbitrage search on 842 real pools: how long it takes, what it finds, what it leaves out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from macrostrike.arbitrage import (
    Auction,
    Excluded,
    Opportunity,
    Pool,
    read_auction,
    reference_prices,
    screen,
    search,
)
from macrostrike.arbitrage._cycles import Terms, profitable_cycles
from macrostrike.arbitrage._graph import Graph
from tests.arbitrage.execution import executed

from .copies import multiplied
from .peer import compare

AUCTION = Path(__file__).parents[3] / "shared/data/pools/cow_auction_7400681.json.gz"
GOAL_MS, GOAL_FOURFOLD_MS, GOAL_GROWTH = 20, 200, 10
_GWEI = 10**9
_GAS_PRICES = (None, 5 * _GWEI, _GWEI)  # None: the auction's own
_RUNS = 15
_TIMES = (1, 2, 4)
_ETHER = 10**18


def measure(progress: Callable[[str], None]) -> dict[str, Any]:
    """All figures; without the recorded pools only that they are missing."""
    if not AUCTION.exists():
        return {"skipped": f"{AUCTION.name} is not there"}
    progress("read the pools")
    auction = read_auction(AUCTION)
    known = {token.address: token.price for token in auction.tokens.values() if token.price}
    prices = reference_prices(auction.pools, auction.native_token, known)
    kept, excluded = screen(auction.pools, prices)
    figures: dict[str, Any] = {
        "pools": len(auction.pools) + len(auction.excluded),
        "searched": len(auction.pools),
        "searched_after_screen": len(kept),
        "excluded": _reasons([*auction.excluded, *excluded]),
        "gas_price_wei": auction.gas_price_wei,
    }
    progress("time it")
    figures["growth"] = [_timed(auction, prices, times) for times in _TIMES]
    figures["arbitrage_search_ms"] = figures["growth"][0]["median_ms"]
    figures["arbitrage_search_with_prices_ms"] = _milliseconds(
        lambda: _search(auction, auction.pools, None, auction.gas_price_wei)
    )[0]
    figures["naive_best_eth"] = _naive(auction, prices)
    figures["found"] = []
    for gas_price in _GAS_PRICES:
        progress(f"search and execute at {gas_price or 'the gas price of the day'}")
        figures["found"].append(_found(auction, kept, prices, gas_price or auction.gas_price_wei))
    progress("compare with degenbot")
    figures["peer"] = compare(auction, prices)
    return figures


def show(figures: dict[str, Any], out: Console) -> None:
    """Prints them as tables."""
    if "skipped" in figures:
        out.print(f"arbitrage search: skipped, {figures['skipped']}")
        return
    growth = Table(
        "pools", "median ms", "cpu ms", "found", title="arbitrage search, warm, one core"
    )
    for row in figures["growth"]:
        cells = (row["pools"], f"{row['median_ms']:.1f}", f"{row['cpu_ms']:.1f}", row["found"])
        growth.add_row(*map(str, cells))
    out.print(growth)
    growth_ms = [row["cpu_ms"] for row in figures["growth"]]
    out.print(
        f"goals: {GOAL_MS} ms on {figures['pools']} pools; four times the pools in "
        f"{GOAL_FOURFOLD_MS} ms and at most {GOAL_GROWTH} times the time, measured "
        f"{growth_ms[-1] / growth_ms[0]:.1f} times."
    )
    out.print(
        f"With reference prices worked out anew: "
        f"{figures['arbitrage_search_with_prices_ms']:.1f} ms. Sized by price and liquidity "
        f"in range alone, the best cycle would show {figures['naive_best_eth']:.1f} ETH."
    )
    left_out = Table("left out", "pools", title=f"of {figures['pools']} pools")
    for reason, count in figures["excluded"].items():
        left_out.add_row(reason, str(count))
    out.print(left_out)
    for row in figures["found"]:
        _show_found(row, out)
    _show_peer(figures["peer"], out)


def _search(
    auction: Auction, pools: Sequence[Pool], prices: Mapping[str, float] | None, gas_price: int
) -> list[Opportunity]:
    return search(pools, gas_price_wei=gas_price, base_token=auction.native_token, prices=prices)


def _milliseconds(run: Callable[[], object]) -> tuple[float, float]:
    """Median of the clock, and the smallest processor time, of several warm runs."""
    run()
    wall, cpu = [], []
    for _ in range(_RUNS):
        began, used = perf_counter(), process_time()
        run()
        wall.append(perf_counter() - began)
        cpu.append(process_time() - used)
    return median(wall) * 1000, min(cpu) * 1000


def _timed(auction: Auction, prices: Mapping[str, float], times: int) -> dict[str, Any]:
    pools = multiplied(auction.pools, times)
    found = _search(auction, pools, prices, auction.gas_price_wei)
    wall, cpu = _milliseconds(lambda: _search(auction, pools, prices, auction.gas_price_wei))
    return {"pools": len(pools), "median_ms": wall, "cpu_ms": cpu, "found": len(found)}


def _reasons(excluded: Sequence[Excluded]) -> dict[str, int]:
    return dict(Counter(each.fault.value for each in excluded).most_common())


def _naive(auction: Auction, prices: Mapping[str, float]) -> float:
    """What a search shows that takes the liquidity in range for all there is, in ether."""
    graph = Graph(auction.pools, [auction.native_token])
    bends = np.array([graph.curve(edge).at(0.0)[2] for edge in range(len(graph.rate))])
    best = 0.0
    for hops in (2, 3):
        cycles = profitable_cycles(graph, hops, Terms(np.ones(len(graph.tokens)), 0, 0, 0))
        rate, curvature = np.ones(len(cycles.start)), np.zeros(len(cycles.start))
        for edges in cycles.edges:
            curvature += rate * bends[edges]
            rate *= graph.rate[edges]
        worth = np.array([prices[graph.tokens[token]] for token in cycles.start])
        best = max(best, float(((np.sqrt(rate) - 1) ** 2 / curvature * worth).max()))
    return best / _ETHER


def _found(
    auction: Auction, kept: Sequence[Pool], prices: Mapping[str, float], gas_price: int
) -> dict[str, Any]:
    """What pays at a gas price, each executed; and what the screen kept from being found."""
    everything = _search(auction, auction.pools, prices, gas_price)
    screened = _search(auction, kept, prices, gas_price)
    wall, cpu = _milliseconds(lambda: _search(auction, auction.pools, prices, gas_price))
    by_id = {pool.id: pool for pool in auction.pools}
    decimals = {token.address: token.decimals for token in auction.tokens.values()}
    exact = sum(executed(each, by_id, decimals) == each.amounts for each in everything)
    exact_screened = sum(executed(each, by_id, decimals) == each.amounts for each in screened)
    return {
        "gas_price_wei": gas_price,
        "median_ms": wall,
        "cpu_ms": cpu,
        "found": len(everything),
        "executed_to_the_unit": exact,
        "net_eth": sum(each.net_profit_wei for each in everything) / _ETHER,
        "found_after_screen": len(screened),
        "executed_to_the_unit_after_screen": exact_screened,
        "net_eth_after_screen": sum(each.net_profit_wei for each in screened) / _ETHER,
        "opportunities": [_described(each, auction) for each in screened],
    }


def _described(found: Opportunity, auction: Auction) -> dict[str, Any]:
    return {
        "tokens": [auction.tokens[hop.token_in].symbol for hop in found.hops],
        "pools": [hop.pool for hop in found.hops],
        "amounts": [str(amount) for amount in found.amounts],
        "profit": str(found.profit),
        "gas": found.gas,
        "net_profit_wei": str(found.net_profit_wei),
    }


def _show_found(row: dict[str, Any], out: Console) -> None:
    gas_price = row["gas_price_wei"] / _GWEI
    out.print(
        f"at {gas_price:.2f} gwei, in {row['median_ms']:.1f} ms ({row['cpu_ms']:.1f} ms of "
        f"processor): {row['found']} found that share no pool, "
        f"{row['executed_to_the_unit']} executed to the unit, {row['net_eth']:.5f} ETH; "
        f"after the screen {row['found_after_screen']}, "
        f"{row['executed_to_the_unit_after_screen']} executed, "
        f"{row['net_eth_after_screen']:.5f} ETH"
    )
    if row["opportunities"]:
        table = Table("net ETH", "cycle", "pools")
        for each in row["opportunities"]:
            table.add_row(
                f"{int(each['net_profit_wei']) / _ETHER:.6f}",
                " > ".join([*each["tokens"], each["tokens"][0]]),
                " ".join(pool[:8] for pool in each["pools"]),
            )
        out.print(table)


def _show_peer(peer: dict[str, Any], out: Console) -> None:
    if "skipped" in peer:
        out.print(f"degenbot: skipped, {peer['skipped']}")
        return
    table = Table("", "degenbot " + peer["version"], "macrostrike", title=peer["compared"])
    for name, theirs, ours in peer["rows"]:
        table.add_row(name, theirs, ours)
    right, higher = (
        peer["other_amounts_as_the_real_contract"],
        peer["profit_higher_by_a_thousandth"],
    )
    others = peer["amounts"] - peer["same_amounts"]
    table.add_row(
        f"right of the {others} amounts that differ", str(right["theirs"]), str(right["ours"])
    )
    sized = f"of {peer['cycles_sized']} cycles, sized to a profit higher by a thousandth"
    table.add_row(sized, str(higher["there"]), str(higher["here"]))
    out.print(table)
