"""Diamonds that there is no manifest of: what is needed of them is asked of the chain."""

from __future__ import annotations

from macrostrike.chain import BoundContract, Transport
from macrostrike.client import MacroStrike
from macrostrike.errors import AbiError, DiamondMissing
from macrostrike.manifest import Manifest, MarketEntry, TokenEntry
from macrostrike.types import Venue


def read_manifest(transport: Transport, diamond: str, network: str) -> Manifest:
    """What a diamond's manifest would say of its tokens and markets; of its roles, only the owner.

    Raises `InvalidValue` for an invalid address, `DiamondMissing` where nothing is.
    """
    client = MacroStrike(transport, diamond)
    if not transport.code(client.diamond):
        raise DiamondMissing(client.diamond, transport.chain_id)
    return Manifest(
        network=network,
        name=client.diamond.lower(),
        chain_id=transport.chain_id,
        diamond=client.diamond,
        owner=client.call("owner"),
        deployed_at=0,
        facets={},
        quote=_token(transport, client.treasury().quote),
        markets=tuple(
            MarketEntry(
                id=number,
                base=_token(transport, market.base),
                pool=market.pool,
                factory=market.factory,
                venue=str(Venue(market.venue)),
                fee=0,
            )
            for number, market in enumerate(client.markets())
        ),
        engines=(),
        operators=(),
        guardians=(),
    )


def _token(transport: Transport, address: str) -> TokenEntry:
    token = BoundContract.of(transport, address, "IToken")
    try:
        symbol = str(token.call("symbol"))
    except AbiError:  # a few say it as bytes
        symbol = address[:8]
    return TokenEntry(address=address, symbol=symbol, decimals=token.call("decimals"))
