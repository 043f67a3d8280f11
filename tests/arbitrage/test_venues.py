"""Venues: each is one spec, and all that the contracts have is there."""

from __future__ import annotations

from dataclasses import fields

import pytest

from macrostrike.abi import artifact
from macrostrike.arbitrage import VENUES, strike_market, venue_named
from macrostrike.deploy.target import AmmPool
from macrostrike.types import ZERO_ADDRESS, Pool, PoolConfig, Venue

BALANCER = {Venue.BALANCER_WEIGHTED, Venue.BALANCER_STABLE}


def test_every_venue_of_the_contracts_has_a_spec_and_a_name() -> None:
    assert set(VENUES) == set(Venue)
    assert [venue_named(str(venue)) for venue in VENUES] == list(VENUES)
    with pytest.raises(ValueError, match="known are UniswapV2, UniswapV3, UniswapV4, Balancer"):
        venue_named("UniswapV5")


@pytest.mark.parametrize("venue", VENUES)
def test_a_spec_names_what_is_there(venue: Venue) -> None:
    spec = VENUES[venue]
    asked = {entry.get("name") for name in spec.contracts for entry in artifact(name).abi}
    assert spec.leading.keys() <= asked
    assert spec.naming.required | spec.naming.optional <= AmmPool.model_fields.keys()
    for pool in (Pool, PoolConfig):
        assert set(spec.naming.identity) <= {field.name for field in fields(pool)}


def test_markets_are_where_a_pool_says_its_price() -> None:
    assert {venue for venue, spec in VENUES.items() if spec.market is None} == BALANCER
    uniswap = (Venue.UNISWAP_V2, Venue.UNISWAP_V3, Venue.UNISWAP_V4)
    v2, v3, v4 = map(strike_market, uniswap)
    assert [each.keeps_history for each in (v2, v3, v4)] == [False, True, False]
    pool = _pool()
    assert v2.ratio(lambda *_: (7, 9, 123), pool) == (7, 9)
    assert v3.ratio(lambda *_: (3 << 96, 0), pool) == (1 << 192, 9 << 192)
    # The protocol takes 0.1 % one way, 0.05 % the other; the pool 0.3 % of the rest.
    word = (3000 << 208 | 500 << 196 | 1000 << 184 | 3 << 96).to_bytes(32, "big")
    assert v4.ratio(lambda *_: word, pool) == (1 << 192, 9 << 192)
    assert v4.fee(lambda *_: word, pool) == 3997
    assert (v2.fee(lambda *_: 0, pool), v3.fee(lambda *_: 500, pool)) == (3000, 500)


def _pool() -> Pool:
    return Pool(
        id=0,
        registered=True,
        venue=Venue.UNISWAP_V4,
        pool=ZERO_ADDRESS,
        factory=ZERO_ADDRESS,
        token0=ZERO_ADDRESS,
        token1=ZERO_ADDRESS,
        fee=3000,
        pool_id=bytes(32),
        tick_spacing=60,
        hooks=ZERO_ADDRESS,
    )
