"""Venues: each is one spec, and all that the contracts have is there."""

from __future__ import annotations

from dataclasses import fields

import pytest

from macrostrike.abi import artifact
from macrostrike.arbitrage import VENUES, venue_named
from macrostrike.deploy.target import AmmPool
from macrostrike.types import Pool, PoolConfig, Venue

V4_AND_BALANCER = {Venue.UNISWAP_V4, Venue.BALANCER_WEIGHTED, Venue.BALANCER_STABLE}


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
    assert {venue for venue, spec in VENUES.items() if spec.market is None} == V4_AND_BALANCER
    v2, v3 = VENUES[Venue.UNISWAP_V2].market, VENUES[Venue.UNISWAP_V3].market
    assert v2 is not None
    assert v3 is not None
    assert (v2.keeps_history, v3.keeps_history) == (False, True)
    assert v2.ratio((7, 9, 123)) == (7, 9)
    assert v3.ratio((3 << 96, 0)) == (1 << 192, 9 << 192)
