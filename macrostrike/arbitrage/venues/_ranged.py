"""Concentrated liquidity, wherever pools keep their state: price, range, and the ticks in reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from macrostrike.arbitrage._block import Block, Question
from macrostrike.arbitrage._errors import Excluded, Fault, PoolInvalid
from macrostrike.arbitrage._keys import pool_key
from macrostrike.arbitrage.pools._pool import Pool
from macrostrike.arbitrage.pools._ticks import MAX_TICK, TickMap
from macrostrike.arbitrage.pools.concentrated import ConcentratedPool
from macrostrike.arbitrage.venues._spec import Scope
from macrostrike.types import ZERO_ADDRESS
from macrostrike.types import Pool as Registered

_WORD = 256  # ticks' worth of bits in a word of the bitmap


class State(NamedTuple):
    """A pool, but for its ticks. `unlike` says why it is not of this kind; empty if it is."""

    sqrt_price: int
    tick: int
    liquidity: int
    spacing: int
    fee: int
    unlike: str = ""
    protocol_fees: tuple[int, int] = (0, 0)


class Store(Protocol):
    """Asks for parts of pools."""

    def states(self, block: Block, pools: Sequence[Registered]) -> list[State]:
        """All but the ticks."""

    def swap_gas(self, pool: Registered) -> int:
        """What a swap costs, as part of a longer transaction. Measured."""

    def bitmap(self, pool: Registered, word: int) -> Question:
        """Which ticks of a word are in use."""

    def tick(self, pool: Registered, tick: int) -> Question:
        """What a tick has."""

    def bits(self, answer: Any) -> int:
        """The bitmap's answer."""

    def net(self, answer: Any) -> int:
        """What a rising price gains, of the tick's answer."""


@dataclass(frozen=True, slots=True)
class RangedReader:
    """Reads pools from their store."""

    store: Store

    def __call__(
        self, block: Block, pools: Sequence[Registered], scope: Scope
    ) -> list[Pool | Excluded]:
        states = self.store.states(block, pools)
        words = [_words(state.tick, state.spacing, scope.reach) for state in states]
        ticks = _ticks(block, self.store, pools, states, words)
        return [
            self._pool(pool, state, _ended(net, state, within), scope.wrapped_native)
            for pool, state, within, net in zip(pools, states, words, ticks, strict=True)
        ]

    def _pool(
        self, pool: Registered, state: State, net: dict[int, int], wrapped_native: str
    ) -> Pool | Excluded:
        if state.unlike:
            return Excluded(pool_key(pool), Fault.VENUE, state.unlike)
        token0 = wrapped_native if pool.token0 == ZERO_ADDRESS else pool.token0
        try:
            return ConcentratedPool(
                id=pool_key(pool),
                tokens=(token0, pool.token1),
                fee=state.fee,
                protocol_fees=state.protocol_fees,
                sqrt_price=state.sqrt_price,
                tick=state.tick,
                liquidity=state.liquidity,
                ticks=TickMap(net, state.spacing),
                swap_gas=self.store.swap_gas(pool),
            )
        except PoolInvalid as invalid:
            return Excluded(invalid.pool, invalid.fault, invalid.detail)


def _words(tick: int, spacing: int, reach: int) -> range:
    """The words of the bitmap in which the ticks within reach are, and the next ones."""
    reach = max(reach, spacing)
    low, high = max(tick - reach, -MAX_TICK), min(tick + reach, MAX_TICK)
    return range(low // spacing // _WORD, high // spacing // _WORD + 1)


def _ticks(
    block: Block,
    store: Store,
    pools: Sequence[Registered],
    states: Sequence[State],
    words: Sequence[range],
) -> list[dict[int, int]]:
    """What a rising price gains at each initialised tick of these words, pool by pool."""
    places = [(at, word) for at, within in enumerate(words) for word in within]
    bitmaps = block.ask([store.bitmap(pools[at], word) for at, word in places])
    used = [
        (at, (word * _WORD + bit) * states[at].spacing)
        for (at, word), bitmap in zip(places, map(store.bits, bitmaps), strict=True)
        for bit in range(_WORD)
        if bitmap >> bit & 1
    ]
    found = block.ask([store.tick(pools[at], tick) for at, tick in used])
    net: list[dict[int, int]] = [{} for _ in pools]
    for (at, tick), answer in zip(used, found, strict=True):
        net[at][tick] = store.net(answer)
    return net


def _ended(net: dict[int, int], state: State, words: range) -> dict[int, int]:
    """The ticks, with all liquidity ending where the words do: the rest is not read."""
    spacing, inside = state.spacing, state.liquidity
    limit = MAX_TICK // spacing * spacing
    low = max(words.start * _WORD * spacing, -limit)
    high = min((words.stop * _WORD - 1) * spacing, limit)
    below = inside - sum(gains for at, gains in net.items() if at <= state.tick)
    above = inside + sum(gains for at, gains in net.items() if at > state.tick)
    ended = dict(net)
    for end, gains in ((low, below), (high, -above)):
        if gains:
            ended[end] = ended.get(end, 0) + gains
    return ended
