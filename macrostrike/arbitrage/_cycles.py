"""Cycles that could earn enough."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from macrostrike.arbitrage._graph import Floats, Graph, Ints, spread


@dataclass(frozen=True, slots=True)
class Cycles:
    """Cycles of one length. Row `h` of `edges` has each cycle's hop `h`.

    start: the token where a cycle begins and ends, the lowest of its tokens' numbers.
    rate: what the first unit becomes, over one.
    max_profit: what no amount can earn more than, raw units of the start token.
    """

    edges: Ints
    start: Ints
    rate: Floats
    max_profit: Floats


def profitable_cycles(
    graph: Graph, hops: int, worth: Floats, fixed_wei: float, gas_price_wei: int
) -> Cycles:
    """The cycles of that many hops, through different pools, that could earn what they cost.

    worth: wei for a raw unit, by token; where it is zero, no cycle begins. fixed_wei: what each has
    to earn beside the gas of its swaps. A cycle is left out only when it can't: what it earns is
    under (sqrt(rate) - 1)² / curvature, and under the share that the rate leaves of the maximum
    output. Both are also asked of cycles half made, with the best of what may follow; and edges
    whose rate is too low for either are not looked at.
    """
    pairs = _PAIRS[hops](graph)
    pairs = [pair[worth[graph.begins[pairs[0]]] > 0] for pair in pairs]
    start = graph.begins[pairs[0]]
    price = worth[start]
    cycle = np.arange(len(start))
    rate, curvature = np.ones(len(start)), np.zeros(len(start))
    max_out, gas = np.full(len(start), np.inf), np.zeros(len(start))
    max_profit = max_out
    edges = np.empty((0, len(start)), dtype=np.intp)
    for hop, pair in enumerate(pairs):
        best_rest, gas_rest = np.ones(len(start)), np.zeros(len(start))
        for later in pairs[hop + 1 :]:
            best_rest *= graph.best_rate[later]
            gas_rest += graph.min_gas[later]
        min_gas = gas + (graph.min_gas[pair] + gas_rest)[cycle]
        needed = (fixed_wei + gas_price_wei * min_gas) / price[cycle]
        by_curve = (1 + np.sqrt(needed * curvature)) ** 2
        by_output = 1 + needed * rate / max_out
        min_rate = np.maximum(by_curve, by_output) / (rate * best_rest[cycle])
        sizes = graph.first_with_rate(pair[cycle], min_rate)
        came, edge = spread(graph.first_edge, pair[cycle], sizes)
        cycle = cycle[came]
        max_out = np.minimum(max_out[came] * graph.rate[edge], graph.max_out[edge])
        curvature = curvature[came] + rate[came] * graph.curvature[edge]
        rate, gas = rate[came] * graph.rate[edge], gas[came] + graph.gas[edge]
        edges = edges[:, came]
        rest = best_rest[cycle]
        max_profit = _max_profit(rate * rest, curvature, max_out * rest)
        needed = (fixed_wei + gas_price_wei * (gas + gas_rest[cycle])) / price[cycle]
        keep = (max_profit > needed) & (graph.pool[edges] != graph.pool[edge]).all(axis=0)
        cycle, rate, curvature, max_out = cycle[keep], rate[keep], curvature[keep], max_out[keep]
        gas, max_profit = gas[keep], max_profit[keep]
        edges = np.vstack((edges[:, keep], edge[keep]))
    return Cycles(edges, start[cycle], rate, max_profit)


def _max_profit(rate: Floats, curvature: Floats, max_out: Floats) -> Floats:
    """No amount earns more; zero where the first unit earns nothing."""
    rate = np.maximum(rate, 1.0)
    by_curve = np.full(len(rate), np.inf)
    np.divide((np.sqrt(rate) - 1) ** 2, curvature, out=by_curve, where=curvature > 0)
    return np.minimum(by_curve, (1 - 1 / rate) * max_out)


def _there_and_back(graph: Graph) -> list[Ints]:
    out = np.flatnonzero(graph.begins < graph.ends)
    back = graph.pairs(graph.ends[out], graph.begins[out])
    return _gaining(graph, [out, back])


def _around(graph: Graph) -> list[Ints]:
    out = np.flatnonzero(graph.begins < graph.ends)
    came, across = spread(graph.first_pair, graph.ends[out])
    out = out[came]
    back = graph.pairs(graph.ends[across], graph.begins[out])
    other = graph.begins[out] < graph.ends[across]
    return _gaining(graph, [out[other], across[other], back[other]])


def _gaining(graph: Graph, pairs: list[Ints]) -> list[Ints]:
    """Those that exist, and gain on the best of their edges."""
    exists = pairs[-1] >= 0
    pairs = [pair[exists] for pair in pairs]
    rate = np.ones(len(pairs[0]))
    for pair in pairs:
        rate *= graph.best_rate[pair]
    return [pair[rate > 1] for pair in pairs]


_PAIRS: dict[int, Callable[[Graph], list[Ints]]] = {2: _there_and_back, 3: _around}
