"""The manifest of what was deployed."""

from __future__ import annotations

from dataclasses import asdict

from eth_utils.crypto import keccak

from macrostrike.arbitrage import pool_of, strike_market
from macrostrike.build import Contract
from macrostrike.chain import BoundContract, Transport
from macrostrike.deploy.run._values import Deployment
from macrostrike.deploy.state.snapshot import ChainState, DiamondState
from macrostrike.manifest import FacetEntry, Manifest, MarketEntry, TokenEntry
from macrostrike.types import Market as MarketState


def manifest_of(
    deployment: Deployment, state: ChainState, deployed_at: int, genesis: str | None
) -> Manifest:
    """What is on chain once all steps are done. `genesis` is of local chains."""
    target, diamond = deployment.target, state.diamond
    assert diamond is not None
    transport, venues = deployment.transport, deployment.venues
    return Manifest(
        network=deployment.network,
        name=deployment.name,
        chain_id=state.chain_id,
        diamond=diamond.address,
        owner=diamond.owner,
        deployed_at=deployed_at,
        facets={name: _facet(facet, diamond) for name, facet in deployment.build.facets.items()},
        quote=_token(transport, target.quote.address),
        markets=tuple(
            MarketEntry(
                id=i,
                base=_token(transport, market.base),
                pool=market.pool,
                factory=market.factory,
                venue=str(market.venue),
                fee=_fee(transport, market, target.quote.address),
            )
            for i, market in enumerate(diamond.markets)
        ),
        engines=tuple(engine.address for engine in target.roles.engines),
        operators=tuple(operator.address for operator in target.roles.operators),
        guardians=target.roles.guardians,
        fixtures={} if venues is None else asdict(venues.fixtures),
        genesis=genesis,
    )


def _facet(facet: Contract, diamond: DiamondState) -> FacetEntry:
    home = diamond.functions[next(iter(facet.functions))]
    return FacetEntry(
        address=home,
        code_hash="0x" + keccak(diamond.codes[home]).hex(),
        selectors=tuple("0x" + selector.hex() for selector in facet.functions),
    )


def _token(transport: Transport, token: str) -> TokenEntry:
    at = BoundContract.of(transport, token, "IToken")
    return TokenEntry(address=token, symbol=at.call("symbol"), decimals=at.call("decimals"))


def _fee(transport: Transport, market: MarketState, quote: str) -> int:
    trades = strike_market(market.venue)
    ask = BoundContract.of(transport, market.pool, trades.contract).call
    return trades.fee(ask, pool_of(transport, market, quote))
