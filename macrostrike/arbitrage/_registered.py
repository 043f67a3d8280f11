"""The pools that a diamond has registered, in the state that they are in on chain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from macrostrike.arbitrage._block import Block
from macrostrike.arbitrage._errors import Excluded, Fault, PoolInvalid
from macrostrike.arbitrage._stores import InItself, InManager, State, Store
from macrostrike.arbitrage._vault import is_balancer, read_vault_pools, vaults_of
from macrostrike.arbitrage.pools._pool import Pool
from macrostrike.arbitrage.pools._ticks import MAX_TICK, TickMap
from macrostrike.arbitrage.pools.concentrated import ConcentratedPool
from macrostrike.arbitrage.pools.constant_product import ConstantProductPool
from macrostrike.chain.transport import Block as Header
from macrostrike.chain.transport import Transport
from macrostrike.types import ZERO_ADDRESS, Venue
from macrostrike.types import Pool as Registered

REACH = 3000
"""Ticks to either side of a pool's price that are read at the least: 35 % of it."""

_WORD = 256  # ticks' worth of bits in a word of the bitmap
_STORES: dict[Venue, Store] = {Venue.UNISWAP_V3: InItself(), Venue.UNISWAP_V4: InManager()}


def read_pools(
    transport: Transport,
    registered: Iterable[Registered],
    *,
    wrapped_native: str = ZERO_ADDRESS,
    reach: int = REACH,
    at: Header | None = None,
) -> tuple[list[Pool], list[Excluded]]:
    """The pools as they are in a block, by default the latest, and those that can't be had.

    Their ids are those of `pool_key`. `wrapped_native` is what V4's ether is taken for, as the
    diamond takes it.

    Of concentrated liquidity, what is within `reach` ticks of the price, and the rest of its words
    of the bitmap. A pool so read takes no amount that would move the price further than that.

    A pool of Balancer's is one, however many of its pairs are registered, and trades those.
    """
    block = Block(transport, at)
    wanted = [pool for pool in registered if pool.registered]
    made = _pairs(block, [pool for pool in wanted if pool.venue is Venue.UNISWAP_V2])
    for venue, store in _STORES.items():
        several = [pool for pool in wanted if pool.venue is venue]
        made += _ranged(block, store, several, wrapped_native, reach)
    made += read_vault_pools(block, [pool for pool in wanted if is_balancer(pool)])
    made += [
        Excluded(pool_key(pool), Fault.VENUE, str(pool.venue))
        for pool in wanted
        if not (pool.venue is Venue.UNISWAP_V2 or pool.venue in _STORES or is_balancer(pool))
    ]
    excluded = [each for each in made if isinstance(each, Excluded)]
    return [each for each in made if not isinstance(each, Excluded)], excluded


def pool_key(pool: Registered) -> str:
    """A pool's address, or its id where a manager or vault holds many."""
    return f"0x{pool.pool_id.hex()}" if any(pool.pool_id) else pool.pool


def pair_key(pool: Registered, wrapped_native: str) -> tuple[str, frozenset[str]]:
    """What tells it from all others: its key, and the tokens that it trades."""
    tokens = (pool.token0, pool.token1)
    return pool_key(pool), frozenset(
        wrapped_native if token == ZERO_ADDRESS else token for token in tokens
    )


def vaults(transport: Transport, registered: Iterable[Registered]) -> frozenset[str]:
    """The vaults that say what happens to these pools, as others say it themselves."""
    of_one = {pool.factory: pool for pool in registered if is_balancer(pool)}
    return frozenset(vaults_of(Block(transport), list(of_one.values())))


def _pairs(block: Block, pools: Sequence[Registered]) -> list[Pool | Excluded]:
    made: list[Pool | Excluded] = []
    reserves = block.ask([(pool.pool, "getReserves", ()) for pool in pools])
    for pool, held in zip(pools, reserves, strict=True):
        try:
            tokens = (pool.token0, pool.token1)
            made.append(ConstantProductPool(pool.pool, tokens, held[:2], pool.fee))
        except PoolInvalid as invalid:
            made.append(Excluded(invalid.pool, invalid.fault, invalid.detail))
    return made


def _ranged(
    block: Block,
    store: Store,
    pools: Sequence[Registered],
    wrapped_native: str,
    reach: int,
) -> list[Pool | Excluded]:
    states = store.states(block, pools)
    words = [_words(state.tick, state.spacing, reach) for state in states]
    ticks = _ticks(block, store, pools, states, words)
    made: list[Pool | Excluded] = []
    for pool, state, within, net in zip(pools, states, words, ticks, strict=True):
        if state.unlike:
            made.append(Excluded(pool_key(pool), Fault.VENUE, state.unlike))
            continue
        token0 = wrapped_native if pool.token0 == ZERO_ADDRESS else pool.token0
        try:
            made.append(
                ConcentratedPool(
                    id=pool_key(pool),
                    tokens=(token0, pool.token1),
                    fee=state.fee,
                    sqrt_price=state.sqrt_price,
                    tick=state.tick,
                    liquidity=state.liquidity,
                    ticks=TickMap(_ended(net, state, within), state.spacing),
                    swap_gas=store.swap_gas(pool),
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
    """The ticks, with all liquidity ending where the words do: nobody asked what is beyond."""
    spacing, inside = state.spacing, state.liquidity
    most = MAX_TICK // spacing * spacing
    low = max(words.start * _WORD * spacing, -most)
    high = min((words.stop * _WORD - 1) * spacing, most)
    below = inside - sum(gains for at, gains in net.items() if at <= state.tick)
    above = inside + sum(gains for at, gains in net.items() if at > state.tick)
    ended = dict(net)
    for end, gains in ((low, below), (high, -above)):
        if gains:
            ended[end] = ended.get(end, 0) + gains
    return ended
