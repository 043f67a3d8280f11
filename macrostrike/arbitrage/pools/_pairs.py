"""A pool of several tokens, of which not every pair may be traded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from macrostrike.arbitrage._errors import TokenNotInPool
from macrostrike.arbitrage.pools._pool import Curve, Direction, Pool


@dataclass(frozen=True, slots=True)
class SomePairs:
    """One pool still: what goes through one pair moves the prices of the others.

    Its curves are those of all pairs, as what it has says what tokens are worth.
    """

    pool: Pool
    pairs: frozenset[frozenset[str]]

    @property
    def id(self) -> str:
        return self.pool.id

    @property
    def tokens(self) -> tuple[str, ...]:
        return self.pool.tokens

    @property
    def swap_gas(self) -> int:
        return self.pool.swap_gas

    @property
    def lends_first(self) -> bool:
        return self.pool.lends_first

    def amount_out(self, token_in: str, token_out: str, amount_in: int) -> int:
        if frozenset((token_in, token_out)) not in self.pairs:
            raise TokenNotInPool(self.id, token_in, token_out)
        return self.pool.amount_out(token_in, token_out, amount_in)

    def directions(self) -> Iterator[Direction]:
        for way in self.pool.directions():
            if frozenset((way.token_in, way.token_out)) in self.pairs:
                yield way

    def curve(self, token_in: str, token_out: str) -> Curve:
        return self.pool.curve(token_in, token_out)
