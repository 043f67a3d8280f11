"""The pools that a diamond has registered, in the state that they are in on chain."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from macrostrike.arbitrage._block import Block
from macrostrike.arbitrage._errors import Excluded, Fault
from macrostrike.arbitrage._keys import pool_key
from macrostrike.arbitrage.pools._pool import Pool
from macrostrike.arbitrage.venues import VENUES
from macrostrike.arbitrage.venues._spec import Scope
from macrostrike.chain.transport import Block as Header
from macrostrike.chain.transport import Transport
from macrostrike.types import ZERO_ADDRESS, Venue
from macrostrike.types import Pool as Registered

REACH = 3000
"""Ticks to either side of a pool's price that are read at the minimum: 35 % of it."""

_CONTRACTS = tuple(dict.fromkeys(name for spec in VENUES.values() for name in spec.contracts))
_LEADING = {name: count for spec in VENUES.values() for name, count in spec.leading.items()}


def read_pools(
    transport: Transport,
    registered: Iterable[Registered],
    *,
    wrapped_native: str = ZERO_ADDRESS,
    reach: int = REACH,
    at: Header | None = None,
) -> tuple[list[Pool], list[Excluded]]:
    """The pools as they are in a block, by default the latest, and those that can't be read.

    Their ids are those of `pool_key`. `wrapped_native` is what V4's ether counts as, as the
    diamond counts it.

    Of concentrated liquidity, what is within `reach` ticks of the price, and the rest of its words
    of the bitmap. A pool so read takes no amount that would move the price further than that.

    A pool of Balancer's is one, however many of its pairs are registered, and trades those.
    """
    block = Block(transport, _CONTRACTS, _LEADING, at)
    wanted = [pool for pool in registered if pool.registered]
    scope = Scope(wrapped_native, reach)
    made: list[Pool | Excluded] = [
        Excluded(pool_key(pool), Fault.VENUE, str(pool.venue))
        for pool in wanted
        if pool.venue not in VENUES
    ]
    for read in dict.fromkeys(spec.read for spec in VENUES.values()):
        made += read(block, _of(wanted, [v for v in VENUES if VENUES[v].read == read]), scope)
    excluded = [each for each in made if isinstance(each, Excluded)]
    return [each for each in made if not isinstance(each, Excluded)], excluded


def emitters(transport: Transport, registered: Iterable[Registered]) -> frozenset[str]:
    """Other contracts whose events tell of changes to these pools, such as Balancer's vault."""
    block, pools = Block(transport, _CONTRACTS, _LEADING), list(registered)
    return frozenset(
        emitter
        for ask in dict.fromkeys(spec.emitters for spec in VENUES.values())
        for emitter in ask(block, _of(pools, [v for v in VENUES if VENUES[v].emitters == ask]))
    )


def _of(pools: Iterable[Registered], venues: Collection[Venue]) -> list[Registered]:
    return [pool for pool in pools if pool.venue in venues]
