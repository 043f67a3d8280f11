"""What a strike's position sells for on its own market's pool now, to the unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from macrostrike.arbitrage import AmountRefused, pool_of, read_pools
from macrostrike.arbitrage.pools._pool import Pool
from macrostrike.chain.transport import Block
from macrostrike.types import Pool as Registered
from macrostrike.types import Venue

if TYPE_CHECKING:
    from macrostrike.client import MacroStrike

_LENDERS = (Venue.UNISWAP_V3, Venue.UNISWAP_V2)


@dataclass(frozen=True, slots=True)
class Place:
    """A pool of a market's tokens at one moment. `state` is None where it can't be read."""

    base: str
    quote: str
    state: Pool | None
    pool: Registered

    def amount_back(self, token: str, amount: int) -> int:
        """What it pays in one of its tokens for an amount of the other; 0 where it takes no such
        amount."""
        other = self.quote if token == self.base else self.base
        try:
            return 0 if self.state is None else self.state.amount_out(other, token, amount)
        except AmountRefused:
            return 0


class Resale:
    """The pools that a diamond's markets trade on, fee and impact included."""

    def __init__(self, client: MacroStrike) -> None:
        self._client = client
        self._known: dict[int, tuple[str, Registered]] = {}
        self._quote = ""

    def place(self, market: int, at: Block) -> Place:
        """A market's pool as it is in a block. Raises `ChainError`."""
        return self._as_it_is(*self._of(market), at)

    def lenders(self, market: int, at: Block) -> list[Place]:
        """The pools of its tokens that a `FlashTaker` can borrow of: the market's own, and those
        that the diamond has registered. Raises `ChainError`."""
        base, own = self._of(market)
        pair = {own.token0, own.token1}
        others = [p for p in self._registered() if {p.token0, p.token1} == pair]
        # What the market's own pair takes is known; what a registered one does, its owner has said.
        found = {p.pool: p for p in (*others, own) if p.venue in _LENDERS}
        return [self._as_it_is(base, pool, at) for pool in found.values()]

    def _registered(self) -> list[Registered]:
        return [pool for pool in self._client.pools() if pool.registered]

    def _as_it_is(self, base: str, pool: Registered, at: Block) -> Place:
        states, _ = read_pools(self._client.transport, [pool], at=at)
        return Place(base, self._quote, states[0] if states else None, pool)

    def _of(self, market: int) -> tuple[str, Registered]:
        """A market's base, and its own pool."""
        if market not in self._known:
            self._known[market] = self._look_up(market)
        return self._known[market]

    def _look_up(self, market: int) -> tuple[str, Registered]:
        view = self._client.market(market)
        self._quote = self._client.treasury().quote
        return view.base, pool_of(self._client.transport, view, self._quote)
