"""The pools that strikes trade on, as arbitrages have them."""

from __future__ import annotations

from dataclasses import replace

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from macrostrike.arbitrage.venues import VENUES, StrikeMarket
from macrostrike.chain.contract import BoundContract
from macrostrike.chain.transport import Transport
from macrostrike.types import Market, Venue
from macrostrike.types import Pool as Registered


def strike_market(venue: Venue) -> StrikeMarket:
    """What a venue's pools say to strikes. Of one that the contracts have a market on."""
    found = VENUES[venue].market
    assert found is not None  # or the contracts had not registered it
    return found


def pool_of(transport: Transport, market: Market, quote: str) -> Registered:
    """The pool of a market, as if it were registered for arbitrages too. Raises `ChainError`.

    Its fee is what the pool takes now, in hundredths of a basis point; of UniswapV4 the one in its
    key.
    """
    trades, tokens = strike_market(market.venue), sorted((market.base, quote), key=_number)
    key = (*tokens, market.fee, market.tick_spacing, market.hooks)
    is_kept = not VENUES[market.venue].naming.has_address
    pool = Registered(
        id=0,
        registered=True,
        venue=market.venue,
        pool=market.pool,
        factory=market.factory,
        token0=tokens[0],
        token1=tokens[1],
        fee=market.fee,
        pool_id=keccak(encode(_KEY, key)) if is_kept else bytes(32),
        tick_spacing=market.tick_spacing,
        hooks=market.hooks,
    )
    ask = BoundContract.of(transport, market.pool, trades.contract).call
    return pool if is_kept else replace(pool, fee=trades.fee(ask, pool))


_KEY = ("address", "address", "uint24", "int24", "address")


def _number(address: str) -> int:
    return int(address, 16)
