"""Pools as a graph of tokens, in arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from macrostrike.arbitrage.pools._pool import Curve, Pool

Ints: TypeAlias = npt.NDArray[np.intp]
Floats: TypeAlias = npt.NDArray[np.float64]

_POWERS = 4096  # of four, that a float can be: more than there are


class Graph:
    """All ways through all pools, as edges between tokens.

    Tokens are numbered by how many edges they have, after those that come `first`. Edges with the
    same ends are neighbours, the best rate first: those of pair `p` are `first_edge[p]` to
    `first_edge[p + 1]`. So are pairs with the same beginning: those of token `t` are
    `first_pair[t]` to `first_pair[t + 1]`.
    """

    def __init__(self, pools: Sequence[Pool], first: Sequence[str]) -> None:
        ways = [(index, way) for index, pool in enumerate(pools) for way in pool.directions()]
        degrees = Counter(token for _, way in ways for token in (way.token_in, way.token_out))
        self.pools = pools
        by_degree = sorted(degrees, key=degrees.__getitem__, reverse=True)
        self.tokens = list(dict.fromkeys((*first, *by_degree)))
        number = {token: index for index, token in enumerate(self.tokens)}
        count = len(self.tokens)
        begins = np.array([number[way.token_in] for _, way in ways], dtype=np.intp)
        ends = np.array([number[way.token_out] for _, way in ways], dtype=np.intp)
        rates = np.array([way.rate for _, way in ways], dtype=np.float64)
        order = np.lexsort((-rates, begins * count + ends))
        keys = (begins * count + ends)[order]

        # Of edges.
        self.pool: Ints = np.array([index for index, _ in ways], dtype=np.intp)[order]
        self.rate: Floats = rates[order]
        self.curvature: Floats = np.array([way.curvature for _, way in ways])[order]
        self.max_out: Floats = np.array([way.max_out for _, way in ways], dtype=np.float64)[order]
        self.gas: Ints = np.array([pools[index].swap_gas for index in self.pool], dtype=np.intp)
        self.lends_first = np.array([pools[index].lends_first for index in self.pool], dtype=bool)

        # Of pairs.
        self._pair_keys, starts = np.unique(keys, return_index=True)
        self.first_edge: Ints = np.append(starts, len(keys)).astype(np.intp)
        self.begins, self.ends = np.divmod(self._pair_keys, count)
        self.best_rate: Floats = self.rate[starts]
        self.first_pair: Ints = np.searchsorted(self.begins, np.arange(count + 1))
        self._pair_of_edge = np.repeat(np.arange(len(starts)), np.diff(self.first_edge))
        self._curves: dict[int, Curve] = {}
        self._steps: dict[int, tuple[float, float]] = {}

    def pairs(self, begins: Ints, ends: Ints) -> Ints:
        """The pairs between these tokens, -1 where there is none."""
        keys = begins * len(self.tokens) + ends
        found = np.searchsorted(self._pair_keys, keys)
        found[found == len(self._pair_keys)] = 0
        return np.where(self._pair_keys[found] == keys, found, -1)

    def pool_of(self, edge: int) -> Pool:
        """The pool that an edge goes through."""
        return self.pools[int(self.pool[edge])]

    def ends_of(self, edge: int) -> tuple[str, str]:
        """The tokens that an edge goes from and to."""
        pair = self._pair_of_edge[edge]
        return self.tokens[self.begins[pair]], self.tokens[self.ends[pair]]

    def up_to(self, edges: Ints, amounts: Floats) -> tuple[Floats, Floats]:
        """What edges give, and their rates there, for the power of four up to each amount, over 0.

        No more is given for that, and the rate at the amount itself is that or lower. Each is
        worked out once.
        """
        powers = (np.log2(amounts) // 2).astype(np.intp)
        steps, place = np.unique(edges * _POWERS + powers, return_inverse=True)
        known = np.array([self._step(step) for step in steps.tolist()]).reshape(-1, 2)
        return known[place, 0], known[place, 1]

    def _step(self, step: int) -> tuple[float, float]:
        known = self._steps.get(step)
        if known is None:
            edge, power = divmod(step + _POWERS // 2, _POWERS)
            known = self.curve(edge).at(4.0 ** (power - _POWERS // 2))[:2]
            self._steps[step] = known
        return known

    def curve(self, edge: int) -> Curve:
        """The amount out there; made once."""
        known = self._curves.get(edge)
        if known is None:
            known = self._curves[edge] = self.pool_of(edge).curve(*self.ends_of(edge))
        return known


def spread(first: Ints, groups: Ints, sizes: Ints | None = None) -> tuple[Ints, Ints]:
    """The members of several groups: for each member the position of its group, and the member.

    Members of group `g` are `first[g]` to `first[g + 1]`; of each so many as `sizes` says, or all.
    """
    if sizes is None:
        sizes = first[groups + 1] - first[groups]
    positions = np.repeat(np.arange(len(groups)), sizes)
    starts = np.cumsum(sizes) - sizes
    return positions, np.arange(len(positions)) - np.repeat(starts - first[groups], sizes)
