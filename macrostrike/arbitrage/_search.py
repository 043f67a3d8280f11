"""The search: from pools to what could be earned with them, now."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import inf
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from macrostrike.arbitrage._cycles import TRANSACTION_GAS, Cycles, Terms, profitable_cycles
from macrostrike.arbitrage._graph import Floats, Graph
from macrostrike.arbitrage._prices import reference_prices
from macrostrike.arbitrage._sizing import best_amount, exact_amounts, profit_of, trimmed_amounts
from macrostrike.arbitrage.pools._pool import Pool
from macrostrike.errors import InvalidValue

_HOPS = (2, 3)
_FLOATS = 1e-9  # more than they round


@dataclass(frozen=True, slots=True)
class Hop:
    """One swap of a cycle."""

    pool: str
    token_in: str
    token_out: str


@dataclass(frozen=True, slots=True)
class Opportunity:
    """A cycle that would earn something, at the amount at which it earns most.

    amounts: what goes into the first hop and what comes out of each, raw units, as the contracts
        would give it now.
    gas: estimated for the whole transaction.
    net_profit_wei: the profit in wei at the reference price, less gas and data.
    """

    hops: tuple[Hop, ...]
    amounts: tuple[int, ...]
    gas: int
    net_profit_wei: int

    @property
    def token(self) -> str:
        """What goes in, comes out and is earned."""
        return self.hops[0].token_in

    @property
    def amount_in(self) -> int:
        """Raw units of the first token."""
        return self.amounts[0]

    @property
    def amount_out(self) -> int:
        """Raw units of the same token, after the last pool."""
        return self.amounts[-1]

    @property
    def profit(self) -> int:
        """Raw units of `token`, before gas."""
        return self.amount_out - self.amount_in


def search(
    pools: Sequence[Pool],
    *,
    gas_price_wei: int,
    data_cost_wei: int = 0,
    base_token: str,
    max_hops: int = 3,
    min_profit: int = 0,
    prices: Mapping[str, float] | None = None,
    limits: Mapping[str, int] | None = None,
    capital: Mapping[str, int] | None = None,
    overlapping: bool = False,
    without: Collection[tuple[Hop, ...]] = (),
) -> list[Opportunity]:
    """The cycles of 2 to `max_hops` hops that earn over `min_profit` wei net of gas, best first.

    All can be had together: of those that share a pool, the best alone is there. With
    `overlapping` all are, each as if it were the only one. Cycles `without` are left out, and take
    no pool from others.

    A cycle begins and ends with `base_token`, the wrapped ether, where it passes through it;
    otherwise with the token of most pools, valued by `prices`, wei for a raw unit. By default they
    are worked out from the pools; pass them on when searching again. With `limits` a cycle begins
    with one of these tokens, `base_token` rather than another, and no more than that goes in, raw
    units. Where no pool of a cycle lends before it is paid, no more goes in than the `capital` of
    its first token either, if that is given. `data_cost_wei` is what each transaction costs beside
    its gas, as for its data on a chain below. What pools say is believed: `screen` them first when
    they come from a source that may be wrong. Raises `InvalidValue`.
    """
    if max_hops not in _HOPS:
        raise InvalidValue("max_hops", max_hops, "2 or 3 are allowed")
    _require_amounts(
        gas_price_wei=gas_price_wei, data_cost_wei=data_cost_wei, min_profit=min_profit
    )
    known = reference_prices(pools, base_token) if prices is None else prices
    known = {**known, base_token: 1.0}
    usable = [base_token] if limits is None else [token for token in limits if limits[token]]
    graph = Graph(pools, sorted(usable, key=lambda token: token != base_token))
    worth = np.array([known.get(token, 0.0) for token in graph.tokens])
    if limits is not None:
        worth[len(usable) :] = 0.0
    max_in = _max_in(graph.tokens, limits, capital)
    terms = Terms(worth, min_profit, gas_price_wei, data_cost_wei)
    candidates = [
        candidate
        for hops in range(2, max_hops + 1)
        for candidate in _candidates(graph, hops, terms, max_in)
    ]
    found = _best_first(
        graph, candidates, min_profit, overlapping=overlapping, without=frozenset(without)
    )
    return sorted(found, key=lambda each: each.net_profit_wei, reverse=True)


def _require_amounts(**amounts: int) -> None:
    for name, value in amounts.items():
        if value < 0:
            raise InvalidValue(name, value, "it is zero at least")


def _max_in(
    tokens: Sequence[str], limits: Mapping[str, int] | None, capital: Mapping[str, int] | None
) -> tuple[list[float], list[float]]:
    """What may go into a cycle that begins with each of the tokens; and where no pool lends."""
    max_in = [inf if limits is None else limits.get(token, inf) for token in tokens]
    own = [inf if capital is None else capital.get(token, 0) for token in tokens]
    return max_in, [min(pair) for pair in zip(max_in, own, strict=True)]


class _Candidate(NamedTuple):
    """A cycle that may earn something. Amounts are raw units of its first token.

    pools: by number. needed: what it has to earn. max_profit: what it can earn at most. max_in:
        what may go in.
    worth: wei for a raw unit. cost: wei of gas and data.
    """

    edges: list[int]
    pools: list[int]
    rate: float
    needed: float
    max_profit: float
    max_in: float
    worth: float
    gas: int
    cost: int


def _candidates(
    graph: Graph,
    hops: int,
    terms: Terms,
    max_in: tuple[Sequence[float], Sequence[float]],
) -> Iterator[_Candidate]:
    # What tokens of unknown worth earn counts for nothing, nor do those that none may start with.
    cycles = profitable_cycles(graph, hops, terms)
    swaps = graph.gas[cycles.edges].sum(axis=0)
    needed = terms.needed(cycles.start, swaps)
    pays = _may_pay(graph, cycles, needed / (cycles.rate - 1))
    edges, start = cycles.edges[:, pays], cycles.start[pays]
    alone = ~graph.lends_first[edges].any(axis=0)
    limits = [max_in[by][at] for by, at in zip(alone.tolist(), start.tolist(), strict=True)]
    gas = swaps[pays].tolist()
    every = map(
        _Candidate,
        edges.T.tolist(),
        graph.pool[edges].T.tolist(),
        cycles.rate[pays].tolist(),
        needed[pays].tolist(),
        cycles.max_profit[pays].tolist(),
        limits,
        terms.worth[start].tolist(),
        (TRANSACTION_GAS + each for each in gas),
        map(terms.cost, gas),
    )
    return (each for each in every if each.max_in > 0)


def _may_pay(graph: Graph, cycles: Cycles, amounts: Floats) -> npt.NDArray[np.bool_]:
    """Whether cycles still gain at the minimum amounts that could earn what they need.

    By the amount out of each hop for no more than it would get.
    """
    rate, free = np.ones(len(amounts)), np.zeros(len(amounts), dtype=np.bool_)
    for edges in cycles.edges:
        free |= amounts <= 0  # it needs nothing, or less than floats tell
        amounts, of_hop = graph.up_to(edges, np.where(free, 1.0, amounts))
        rate *= of_hop
    pays: npt.NDArray[np.bool_] = free | (rate > 1 - _FLOATS)
    return pays


def _best_first(
    graph: Graph,
    candidates: Sequence[_Candidate],
    min_profit: int,
    *,
    overlapping: bool,
    without: frozenset[tuple[Hop, ...]],
) -> Iterator[Opportunity]:
    """Sizes the most promising first, and those that a better one leaves nothing to not at all.

    One that turns out to earn less than another may is put back, to be sized only if its turn comes
    again: most of them share a pool with a better one by then.
    """
    put_back: set[int] = set()  # or sized: their turn has come
    queue = [
        (each.cost - each.max_profit * each.worth, number, 0.0)
        for number, each in enumerate(candidates)
    ]
    heapify(queue)
    used: set[int] = set()
    while queue:
        _, number, amount = heappop(queue)
        candidate = candidates[number]
        if not (overlapping or used.isdisjoint(candidate.pools)):
            continue
        if amount:
            opportunity = _opportunity(graph, candidate, amount)
            if (
                opportunity is not None
                and opportunity.net_profit_wei > min_profit
                and opportunity.hops not in without
            ):
                used.update(candidate.pools)
                yield opportunity
            continue
        curves = [graph.curve(edge) for edge in candidate.edges]
        enough = 0.0
        if queue and not overlapping and number not in put_back:
            enough = (candidate.cost - queue[0][0]) / candidate.worth
            put_back.add(number)
        amount, profit = best_amount(curves, candidate.rate, candidate.needed, enough)
        if amount > candidate.max_in:
            amount, profit = candidate.max_in, profit_of(curves, candidate.max_in)
        if amount or profit > candidate.needed:
            net = profit * candidate.worth - candidate.cost
            heappush(queue, (-net, number, amount))


def _opportunity(graph: Graph, candidate: _Candidate, amount: float) -> Opportunity | None:
    curves = [graph.curve(edge) for edge in candidate.edges]
    ways = [(graph.pool_of(edge), *graph.ends_of(edge)) for edge in candidate.edges]
    amounts = exact_amounts(ways, curves, amount)
    if amounts is not None and amounts[0] > candidate.max_in:
        amounts = trimmed_amounts(ways, int(candidate.max_in))
    if amounts is None:
        return None
    profit = amounts[-1] - amounts[0]
    worth = profit if candidate.worth == 1.0 else int(profit * candidate.worth)
    return Opportunity(
        hops=tuple(Hop(pool.id, token_in, token_out) for pool, token_in, token_out in ways),
        amounts=amounts,
        gas=candidate.gas,
        net_profit_wei=worth - candidate.cost,
    )
