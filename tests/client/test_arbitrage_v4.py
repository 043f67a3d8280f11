"""Pools of Uniswap V4 by the client: found, executed and watched as all others are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from macrostrike import MacroStrike
from macrostrike.arbitrage import Fault, read_pools
from macrostrike.loop import Watch
from macrostrike.testing import World
from macrostrike.types import ZERO_ADDRESS, PoolConfig, Venue

from ..unit.amm.v4 import V4
from ..unit.pools import in_order
from .support import STRANGER, client_of, owner_does

USDC, WETH = 10**6, 10**18


@pytest.fixture
def client(world: World) -> MacroStrike:
    # The pair's price is another one, as in `test_arbitrage.py`.
    world.venues.pair.sell(30 * WETH)
    return client_of(world)


def v4_pool(world: World, token0: str) -> bytes:
    """A pool of ether, wrapped or not, and dollars on a real V4, registered; its id."""
    at, maker = world.venues.fixtures, world.venues.maker
    world.transport.set_balance(maker.address, 10**24)
    venue = V4(world.transport, maker, at.base)
    for token in (at.base, at.quote):
        venue.allow(token)
    tokens = in_order(token0, at.quote)
    amounts = {token0: 3125 * WETH, at.quote: 5_000_000 * USDC}
    venue.create_pool((tokens[0], tokens[1], 3000, 60, ZERO_ADDRESS), amounts)
    owner_does(world, "setFactory", venue.manager, Venue.UNISWAP_V4, True)
    if token0 == ZERO_ADDRESS:
        owner_does(world, "setWrappedNative", at.base)
    config = PoolConfig(
        factory=venue.manager,
        pool=venue.manager,
        fee=3000,
        token0=tokens[0],
        token1=tokens[1],
        tick_spacing=60,
    )
    owner_does(world, "registerPools", [config])
    return client_of(world).pools()[-1].pool_id


@pytest.mark.parametrize("native", [False, True])
def test_pools_of_v4_are_found_executed_and_watched(
    world: World, client: MacroStrike, native: bool
) -> None:
    base = world.venues.fixtures.base
    owner_does(world, "unregisterPools", [2])
    pool_id = v4_pool(world, ZERO_ADDRESS if native else base)
    watch = Watch(client, confidence_bps=9500, dry_run=True)
    assert list(watch.look()) == []

    world.venues.move_price(1680)
    (seen,) = watch.look()
    assert sorted(seen.find.pools) == [1, 3]
    found = seen.find.opportunity
    assert f"0x{pool_id.hex()}" in [hop.pool for hop in found.hops]
    assert {hop.token_in for hop in found.hops} == {base, world.venues.fixtures.quote}
    order = replace(client.order(seen.find, confidence_bps=9500), resize=False)
    done = client.arbitrage(order)
    assert (done.amount_in, done.profit) == (found.amount_in, found.profit)
    # The manager's event tells which pool it was, and nothing is left of it.
    assert list(watch.look()) == []


def test_pools_with_hooks_are_left_out(world: World, client: MacroStrike) -> None:
    v4_pool(world, world.venues.fixtures.base)
    *_, third = client.pools()
    hooked = replace(third, hooks=STRANGER.address)
    pools, (left_out,) = read_pools(world.transport, [hooked])
    assert pools == []
    assert left_out.fault is Fault.VENUE
    assert STRANGER.address in left_out.detail
