"""The pools that a diamond has registered, in the state that they are in on chain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from macrostrike.abi import Abi
from macrostrike.arbitrage._errors import Excluded, Fault, PoolInvalid
from macrostrike.arbitrage.pools._pool import Pool
from macrostrike.arbitrage.pools._ticks import MAX_TICK, TickMap
from macrostrike.arbitrage.pools.concentrated import ConcentratedPool
from macrostrike.arbitrage.pools.constant_product import ConstantProductPool
from macrostrike.chain.transport import Transport
from macrostrike.types import Pool as Registered
from macrostrike.types import Venue

REACH = 3000
"""Ticks to either side of a pool's price that are read at the least: 35 % of it."""

_WORD = 256  # ticks' worth of bits in a word of the bitmap


def _reader(name: str, inputs: Sequence[str], outputs: Sequence[str]) -> dict[str, Any]:
    def parameters(types: Sequence[str]) -> list[dict[str, str]]:
        return [{"name": "", "type": kind} for kind in types]

    return {
        "type": "function",
        "name": name,
        "inputs": parameters(inputs),
        "outputs": parameters(outputs),
    }


# No more of the answers than is needed: forks differ in the rest.
_ABI = Abi(
    [
        _reader("getReserves", (), ("uint112", "uint112")),
        _reader("slot0", (), ("uint160", "int24")),
        _reader("liquidity", (), ("uint128",)),
        _reader("tickSpacing", (), ("int24",)),
        _reader("tickBitmap", ("int16",), ("uint256",)),
        _reader("ticks", ("int24",), ("uint128", "int128")),
    ]
)


def read_pools(
    transport: Transport, registered: Iterable[Registered], *, reach: int = REACH
) -> tuple[list[Pool], list[Excluded]]:
    """The pools as they are in the latest block, by their addresses, and those that can't be had.

    Of concentrated liquidity, what is within `reach` ticks of the price, and the rest of its words
    of the bitmap. A pool so read takes no amount that would move the price further than that.
    """
    chain = _Block(transport)
    wanted = [pool for pool in registered if pool.registered]
    pairs = [pool for pool in wanted if pool.venue is Venue.UNISWAP_V2]
    ranged = [pool for pool in wanted if pool.venue is Venue.UNISWAP_V3]
    pools: list[Pool] = []
    excluded = [
        Excluded(pool.pool, Fault.VENUE, str(pool.venue))
        for pool in wanted
        if pool not in pairs and pool not in ranged
    ]
    for make, several in ((_pairs, pairs), (_ranged, ranged)):
        for made in make(chain, several, reach):
            if isinstance(made, Excluded):
                excluded.append(made)
            else:
                pools.append(made)
    return pools, excluded


class _Block:
    """Answers of many contracts, all on one block's state."""

    def __init__(self, transport: Transport) -> None:
        self._transport, self._number = transport, transport.block_number()

    def ask(self, questions: Sequence[tuple[str, str, tuple[int, ...]]]) -> list[Any]:
        """An answer to each: contract, function, arguments."""
        calls = [(to, _ABI.encode_call(function, *args)) for to, function, args in questions]
        answers = self._transport.call_many(calls, block=self._number)
        return [
            _ABI.decode_result(function, answer)
            for (_, function, _), answer in zip(questions, answers, strict=True)
        ]

    def ask_each(self, pools: Sequence[Registered], function: str) -> list[Any]:
        return self.ask([(pool.pool, function, ()) for pool in pools])


def _pairs(chain: _Block, pools: Sequence[Registered], _: int) -> list[Pool | Excluded]:
    made: list[Pool | Excluded] = []
    for pool, (reserve0, reserve1) in zip(pools, chain.ask_each(pools, "getReserves"), strict=True):
        tokens = (pool.token0, pool.token1)
        try:
            made.append(ConstantProductPool(pool.pool, tokens, (reserve0, reserve1), pool.fee))
        except PoolInvalid as invalid:
            made.append(Excluded(invalid.pool, invalid.fault, invalid.detail))
    return made


def _ranged(chain: _Block, pools: Sequence[Registered], reach: int) -> list[Pool | Excluded]:
    states = chain.ask_each(pools, "slot0")
    liquidity = chain.ask_each(pools, "liquidity")
    spacings = chain.ask_each(pools, "tickSpacing")
    words = [
        _words(tick, spacing, reach) for (_, tick), spacing in zip(states, spacings, strict=True)
    ]
    ticks = _ticks(chain, pools, spacings, words)
    made: list[Pool | Excluded] = []
    for pool, (price, tick), inside, spacing, within, net in zip(
        pools, states, liquidity, spacings, words, ticks, strict=True
    ):
        try:
            made.append(
                ConcentratedPool(
                    id=pool.pool,
                    tokens=(pool.token0, pool.token1),
                    fee=pool.fee,
                    sqrt_price=price,
                    tick=tick,
                    liquidity=inside,
                    ticks=TickMap(_ended(net, tick, inside, spacing, within), spacing),
                )
            )
        except PoolInvalid as invalid:
            made.append(Excluded(invalid.pool, invalid.fault, invalid.detail))
    return made


def _words(tick: int, spacing: int, reach: int) -> range:
    """The words of the bitmap in which the ticks within reach are, and the next ones."""
    reach = max(reach, spacing)
    low, high = max(tick - reach, -MAX_TICK), min(tick + reach, MAX_TICK)
    return range(low // spacing // _WORD, high // spacing // _WORD + 1)


def _ticks(
    chain: _Block, pools: Sequence[Registered], spacings: Sequence[int], words: Sequence[range]
) -> list[dict[int, int]]:
    """What a rising price gains at each initialised tick of these words, pool by pool."""
    places = [(at, word) for at, within in enumerate(words) for word in within]
    bitmaps = chain.ask([(pools[at].pool, "tickBitmap", (word,)) for at, word in places])
    used = [
        (at, (word * _WORD + bit) * spacings[at])
        for (at, word), bitmap in zip(places, bitmaps, strict=True)
        for bit in range(_WORD)
        if bitmap >> bit & 1
    ]
    gained = chain.ask([(pools[at].pool, "ticks", (tick,)) for at, tick in used])
    net: list[dict[int, int]] = [{} for _ in pools]
    for (at, tick), (_, gains) in zip(used, gained, strict=True):
        net[at][tick] = gains
    return net


def _ended(
    net: dict[int, int], tick: int, inside: int, spacing: int, words: range
) -> dict[int, int]:
    """The ticks, with all liquidity ending where the words do: nobody asked what is beyond."""
    most = MAX_TICK // spacing * spacing
    low = max(words.start * _WORD * spacing, -most)
    high = min((words.stop * _WORD - 1) * spacing, most)
    below = inside - sum(gains for at, gains in net.items() if at <= tick)
    above = inside + sum(gains for at, gains in net.items() if at > tick)
    ended = dict(net)
    for end, gains in ((low, below), (high, -above)):
        if gains:
            ended[end] = ended.get(end, 0) + gains
    return ended
