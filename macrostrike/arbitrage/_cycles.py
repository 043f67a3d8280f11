"""Cycles that could earn enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from macrostrike.arbitrage._graph import Floats, Graph, Ints, spread

TRANSACTION_GAS = 21_000


@dataclass(frozen=True, slots=True)
class Cycles:
    """Cycles of one length. Row `h` of `edges` has each cycle's hop `h`.

    start: the token where a cycle begins and ends, the lowest of its tokens' numbers.
    rate: what the first unit becomes, over one.
    max_profit: what no amount can earn more than, raw units of the start token.
    looked_at: how many edges and beginnings of cycles it took to find them.
    """

    edges: Ints
    start: Ints
    rate: Floats
    max_profit: Floats
    looked_at: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What a cycle has to earn.

    worth: wei for a raw unit, by token; where it is zero, no cycle begins.
    min_profit: wei, over what the transaction costs.
    data_cost_wei: of a transaction beside its gas.
    """

    worth: Floats
    min_profit: int
    gas_price_wei: int
    data_cost_wei: int

    def cost(self, swap_gas: int) -> int:
        """Of a transaction whose swaps take that gas, wei."""
        return self.data_cost_wei + self.gas_price_wei * (TRANSACTION_GAS + swap_gas)

    def needed(self, start: Ints, swap_gas: Floats | Ints) -> Floats:
        """Raw units of the start token."""
        wei = self.min_profit + self.cost(0) + float(self.gas_price_wei) * swap_gas
        needed: Floats = wei / self.worth[start]
        return needed


def profitable_cycles(graph: Graph, hops: int, terms: Terms) -> Cycles:
    """The cycles of that many hops, through different pools, that could earn what they cost.

    A cycle is left out only when it can't: what it earns is under (sqrt(rate) - 1)² / curvature,
    and under the share that the rate leaves of the maximum output. Both are asked of each edge
    first, with the best of what may be before and behind it, and of cycles half made.
    """
    pairs = _PAIRS[hops](graph)
    pairs = [pair[terms.worth[graph.begins[pairs[0]]] > 0] for pair in pairs]
    start = graph.begins[pairs[0]]
    ways, looked_at = _narrowed(graph, pairs, terms)
    cycle = np.arange(len(start))
    rate, curvature = np.ones(len(start)), np.zeros(len(start))
    max_out, gas = np.full(len(start), np.inf), np.zeros(len(start))
    max_profit = max_out
    edges = np.empty((0, len(start)), dtype=np.intp)
    for hop, way in enumerate(ways):
        best_rest, gas_rest = np.ones(len(start)), np.zeros(len(start))
        for later in ways[hop + 1 :]:
            best_rest *= later.best_rate
            gas_rest += later.min_gas
        came, edge = way.of(cycle)
        looked_at += len(edge)
        cycle = cycle[came]
        max_out = np.minimum(max_out[came] * graph.rate[edge], graph.max_out[edge])
        curvature = curvature[came] + rate[came] * graph.curvature[edge]
        rate, gas = rate[came] * graph.rate[edge], gas[came] + graph.gas[edge]
        edges = edges[:, came]
        rest = best_rest[cycle]
        max_profit = _max_profit(rate * rest, curvature, max_out * rest)
        needed = terms.needed(start[cycle], gas + gas_rest[cycle])
        keep = (max_profit > needed) & (graph.pool[edges] != graph.pool[edge]).all(axis=0)
        cycle, rate, curvature, max_out = cycle[keep], rate[keep], curvature[keep], max_out[keep]
        gas, max_profit = gas[keep], max_profit[keep]
        edges = np.vstack((edges[:, keep], edge[keep]))
    return Cycles(edges, start[cycle], rate, max_profit, looked_at)


class _Ways:
    """One hop of cycles of pairs: which edges each may take there, the best rate first."""

    def __init__(self, graph: Graph, count: int, cycle: Ints, edge: Ints) -> None:
        self.cycle, self.edge = cycle, edge
        self.first = np.searchsorted(cycle, np.arange(count + 1))
        filled = np.flatnonzero(np.diff(self.first))
        starts = self.first[filled]
        self.best_rate, self.min_gas = np.zeros(count), np.zeros(count)
        self.best_rate[filled] = graph.rate[edge[starts]]
        if len(starts):
            self.min_gas[filled] = np.minimum.reduceat(graph.gas[edge], starts)

    def of(self, cycles: Ints) -> tuple[Ints, Ints]:
        """The edges of several: for each edge the position of its cycle, and the edge."""
        came, place = spread(self.first, cycles)
        return came, self.edge[place]


def _narrowed(graph: Graph, pairs: Sequence[Ints], terms: Terms) -> tuple[list[_Ways], int]:
    """The edges of each hop with which its cycle of pairs can earn enough; and how many were tried.

    Most edges with a good rate are of pools too shallow to earn the gas. Without them the best rate
    of a hop is lower, which others fail by then: so it is done until no edge is left out.
    """
    count = len(pairs[0])
    ways = [_Ways(graph, count, *spread(graph.first_edge, pair)) for pair in pairs]
    start, looked_at = graph.begins[pairs[0]], 0
    while True:
        size = sum(len(way.edge) for way in ways)
        looked_at += size
        for hop in range(len(ways)):
            ways[hop] = _kept(graph, ways, hop, start, terms)
        if sum(len(way.edge) for way in ways) == size:
            return ways, looked_at


def _kept(graph: Graph, ways: Sequence[_Ways], hop: int, start: Ints, terms: Terms) -> _Ways:
    """One hop's edges with which a cycle over the best of the others could earn enough.

    By the edge's own part of the cycle's curvature, and by its own maximum output, both as the best
    of what follows makes them.
    """
    before, gas = np.ones(len(start)), np.zeros(len(start))
    behind = np.ones(len(start))
    for number, way in enumerate(ways):
        if number < hop:
            before *= way.best_rate
        elif number > hop:
            behind *= way.best_rate
        if number != hop:
            gas += way.min_gas
    cycle, edge = ways[hop].cycle, ways[hop].edge
    out = graph.rate[edge] * behind[cycle]
    rate = before[cycle] * out
    possible = rate > 1
    cycle, edge, out, rate = cycle[possible], edge[possible], out[possible], rate[possible]
    needed = terms.needed(start[cycle], graph.gas[edge] + gas[cycle])
    max_profit = _max_profit(
        rate, rate * graph.curvature[edge] / out, graph.max_out[edge] * behind[cycle]
    )
    keep = max_profit > needed
    return _Ways(graph, len(start), cycle[keep], edge[keep])


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
