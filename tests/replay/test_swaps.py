"""Minutes from a node: what a pool's swaps say, as price and liquidity."""

from __future__ import annotations

from decimal import Decimal

import pytest

from macrostrike.chain import LocalTransport, RevmTransport
from macrostrike.errors import InvalidValue
from macrostrike.replay import MarketDriver, pool_price, read_swaps, set_stage
from macrostrike.testing import World

PRICES = (Decimal(1600), Decimal(1610), Decimal("1590.5"), Decimal(1650), Decimal(1649))


def swapped(world: World, chain: LocalTransport) -> tuple[int, int, int]:
    """Five swaps, the first three within a minute; the first block, the last, and its start."""
    begins = (chain.timestamp() // 60 + 2) * 60
    first = chain.block_number() + 1
    chain.block_time = 12
    chain.mine(begins - 12 - chain.timestamp())
    for place, price in enumerate(PRICES):
        if place == 3:
            chain.mine(120)
        world.venues.move_price(price + 1)
    return first, chain.block_number(), begins


def test_a_minutes_bar_is_of_its_swaps(world: World, local_chain: LocalTransport) -> None:
    first, last, begins = swapped(world, local_chain)
    at = world.venues.fixtures
    market = read_swaps(local_chain, at.pool, at.base, from_block=first, to_block=last)
    one, two = market.bars
    assert (one.timestamp, two.timestamp) == (begins, begins + 120)
    shown = [[round(price, 6) for price in (b.open, b.high, b.low, b.close)] for b in market.bars]
    assert shown == [
        [Decimal(1601), Decimal(1611), Decimal("1591.5"), Decimal("1591.5")],
        [Decimal(1651), Decimal(1651), Decimal(1650), Decimal(1650)],
    ]
    assert one.liquidity == two.liquidity > 0
    assert market.notes == ("1 of 3 minutes have no swap",)
    assert "5 swaps of the pool" in market.source
    assert not market.is_made_up


def test_what_was_read_can_be_replayed(world: World, local_chain: LocalTransport) -> None:
    first, last, _ = swapped(world, local_chain)
    at = world.venues.fixtures
    market = read_swaps(local_chain, at.pool, at.base, from_block=first, to_block=last)
    stage = set_stage(
        RevmTransport(timestamp=market.bars[0].timestamp - 3600),
        price=market.bars[0].open,
        depth=1000,
    )
    driver = MarketDriver(stage, 0)
    for bar in market.bars:
        driver.follow(bar)
        assert stage.sqrt_price() == pool_price(bar, base_is_token0=stage.base_is_token0)
        assert stage.pool().liquidity == bar.liquidity


def test_what_is_not_of_the_pool_is_refused(world: World, local_chain: LocalTransport) -> None:
    at = world.venues.fixtures
    with pytest.raises(InvalidValue, match="trades other tokens"):
        read_swaps(local_chain, at.pool, at.router, from_block=0, to_block=1)
    local_chain.mine()
    now = local_chain.block_number()
    with pytest.raises(InvalidValue, match="swapped nothing there"):
        read_swaps(local_chain, at.pool, at.base, from_block=now, to_block=now)
