"""Arbitrage by the client: what is found is what the chain quotes, executes and counts."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from macrostrike import ArbitrageOrder, AsyncMacroStrike, MacroStrike
from macrostrike.arbitrage import (
    AmountRefused,
    ConcentratedPool,
    ConstantProductPool,
    Fault,
    Find,
    read_pools,
)
from macrostrike.devchain import Pair
from macrostrike.errors import (
    ActionNotAllowed,
    AMMCapExceeded,
    ConfidenceTooLow,
    EnforcedPause,
    InvalidValue,
    NotOperator,
    NotProfitable,
    OrderExpired,
    SignerMissing,
    UnknownPool,
)
from macrostrike.testing import World
from macrostrike.types import Action, Pool, Venue

from ..evm import FOREVER, Caller
from ..unit.pools import MANAGER, POOL, ROUTER, in_order
from .support import STRANGER, client_of, owner_does

USDC, WETH = 10**6, 10**18


@pytest.fixture
def pair(world: World) -> Pair:
    """The second venue, off the first one's price by a sale."""
    pair = world.venues.pair
    pair.sell(30 * WETH)
    return pair


@pytest.fixture
def client(world: World, pair: Pair) -> MacroStrike:
    return client_of(world)


def find_of(client: MacroStrike) -> Find:
    (find,) = client.search()
    return find


def order_of(client: MacroStrike, **changes: Any) -> ArbitrageOrder:
    deadline = client.transport.timestamp() + 600
    return replace(find_of(client).order(confidence_bps=9500, deadline=deadline), **changes)


def state_of(world: World) -> tuple[object, ...]:
    client = client_of(world)
    return (
        client.amm_stats(),
        client.treasury(),
        client.operator(world.operator.address),
        world.transport.nonce(world.operator.address),
        world.transport.block_number(),
    )


def maker_of(world: World) -> Caller:
    return Caller(world.transport, world.venues.maker)


# Finding.


def test_the_pools_are_read_as_they_trade(world: World, client: MacroStrike, pair: Pair) -> None:
    pools, excluded = read_pools(world.transport, client.pools())
    assert excluded == []
    two, three = pools
    assert isinstance(two, ConstantProductPool)
    assert isinstance(three, ConcentratedPool)
    assert (two.id, three.id) == (pair.address, world.venues.fixtures.pool)
    quote, base = pair.reserves()
    assert sorted(two.reserves) == sorted((quote, base))
    assert three.sqrt_price == world.venues.sqrt_price()
    assert (two.fee, three.fee) == (3000, 500)


def test_liquidity_is_read_tick_by_tick(world: World, client: MacroStrike) -> None:
    """What a pool with several ranges pays is what the router would, as far as was read."""
    at = world.venues.fixtures
    maker, (token0, token1) = maker_of(world), in_order(at.base, at.quote)
    middle = maker.ask(POOL, at.pool, "slot0")[1] // 10 * 10
    amounts = (10**18, 10**12) if token0 == at.base else (10**12, 10**18)
    for low, high in ((-400, -100), (-100, 200), (30, 2000), (-30_000, 30_000)):
        ends = (middle + low, middle + high)
        position = (token0, token1, 500, *ends, *amounts, 0, 0, maker.address, FOREVER)
        maker.tell(MANAGER, at.position_manager, "mint", position)

    def router_out(paid: str, bought: str, amount: int) -> int:
        swap = (paid, bought, 500, maker.address, amount, 0, 0)
        return int(maker.ask(ROUTER, at.router, "exactInputSingle", swap))

    near, far = (
        next(pool for pool in read_pools(world.transport, client.pools(), reach=reach)[0][1:])
        for reach in (100, 3000)
    )
    assert isinstance(near, ConcentratedPool)
    assert isinstance(far, ConcentratedPool)
    assert len(near.ticks.ticks) < len(far.ticks.ticks) + 2
    refused = 0
    for paid, bought, unit in ((at.base, at.quote, WETH), (at.quote, at.base, 1600 * USDC)):
        for size in (unit // 1000, unit, 100 * unit, 3000 * unit, 8000 * unit):
            expected = router_out(paid, bought, size)
            assert far.amount_out(paid, bought, size) == expected
            try:
                assert near.amount_out(paid, bought, size) == expected
            except AmountRefused:
                refused += 1
        with pytest.raises(AmountRefused):
            far.amount_out(paid, bought, 10**6 * unit)
    assert refused < 5


def test_what_cannot_be_read_is_left_out_with_its_reason(world: World, client: MacroStrike) -> None:
    first, second = client.pools()
    unknown = replace(first, venue=7)  # type: ignore[arg-type]
    pools, (left_out,) = read_pools(world.transport, [unknown, second])
    assert (left_out.pool, left_out.fault) == (first.pool, Fault.VENUE)
    assert [pool.id for pool in pools] == [second.pool]
    gone = replace(first, registered=False)
    assert read_pools(world.transport, [gone]) == ([], [])


def test_a_difference_of_prices_is_found(world: World, client: MacroStrike) -> None:
    find, at = find_of(client), world.venues.fixtures
    found = find.opportunity
    assert found.token == at.base
    # Sold where it is dear, bought where it was sold off.
    assert [hop.token_in for hop in found.hops] == [at.base, at.quote]
    by_id = {pool.id: pool for pool in client.pools()}
    assert [by_id[pool].venue for pool in find.pools] == [Venue.UNISWAP_V3, Venue.UNISWAP_V2]
    assert find.block_number == world.transport.block_number()
    assert found.net_profit_wei == found.profit - found.gas * find.gas_price_wei


def test_without_one_nothing_is(world: World, client: MacroStrike) -> None:
    client.arbitrage(find_of(client), confidence_bps=9500)
    assert client.search() == []


def test_nor_with_too_little_to_earn(client: MacroStrike) -> None:
    net = find_of(client).opportunity.net_profit_wei
    assert client.search(min_profit_wei=2 * net) == []


def test_unregistered_pools_are_not_searched(world: World, client: MacroStrike) -> None:
    assert find_of(client)
    owner_does(world, "unregisterPools", [2])
    assert client.search() == []
    assert [pool.registered for pool in client.pools()] == [True, False]


def test_it_begins_with_what_has_a_cap_and_puts_in_no_more(
    world: World, client: MacroStrike
) -> None:
    quote, base = world.venues.fixtures.quote, world.venues.fixtures.base
    owner_does(world, "setAMMCap", base, 0)
    found = find_of(client).opportunity
    assert found.token == quote
    owner_does(world, "setAMMCap", quote, 1000 * USDC)
    small = find_of(client).opportunity
    assert 999 * USDC < small.amount_in <= 1000 * USDC
    assert 0 < small.profit < found.profit
    owner_does(world, "setAMMCap", quote, 0)
    assert client.search() == []


# Quoting and taking.


@pytest.mark.parametrize("starts_with", ["base", "quote"])
def test_found_is_quoted_is_executed_is_counted(
    world: World, client: MacroStrike, starts_with: str
) -> None:
    other = "quote" if starts_with == "base" else "base"
    owner_does(world, "setAMMCap", getattr(world.venues.fixtures, other), 0)
    find = find_of(client)
    found = find.opportunity
    order = replace(order_of(client), resize=False)
    quoted = client.quote_arbitrage(order)
    assert (quoted.amount_in, quoted.profit) == (found.amount_in, found.profit)

    done = client.arbitrage(order)
    assert (done.amount_in, done.profit) == (found.amount_in, found.profit)
    assert done.token_in == found.token == getattr(world.venues.fixtures, starts_with)
    assert done.pools == find.pools
    assert done.operator == world.operator.address
    assert done.mined.block_number == world.transport.block_number()

    stats = next(each for each in client.amm_stats() if each.token == found.token)
    assert (stats.executed, stats.volume) == (1, found.amount_in)
    assert stats.profit == stats.best == stats.capital == found.profit


def test_a_find_is_taken_as_it_is(world: World, client: MacroStrike) -> None:
    find = find_of(client)
    done = client.arbitrage(find, confidence_bps=9300)
    # The chain sizes it anew, by prices and reserves alone, up to the same amount.
    assert done.amount_in <= find.opportunity.amount_in
    assert done.profit == pytest.approx(find.opportunity.profit, rel=1e-6)


def test_what_has_shrunk_since_is_taken_smaller(
    world: World, client: MacroStrike, pair: Pair
) -> None:
    find = find_of(client)
    pair.buy(15_000 * USDC)
    done = client.arbitrage(find, confidence_bps=9500)
    assert done.amount_in < find.opportunity.amount_in
    assert 0 < done.profit < find.opportunity.profit


def test_a_find_must_pay_for_its_gas(world: World, client: MacroStrike) -> None:
    find = replace(find_of(client), gas_price_wei=10**9)
    found = find.opportunity
    dear = replace(
        find, opportunity=replace(found, net_profit_wei=found.profit - found.gas * 10**9)
    )
    assert dear.min_profit == found.gas * 10**9
    order = dear.order(confidence_bps=9500, deadline=2**40 - 1)
    assert (order.min_profit, order.amount_in) == (dear.min_profit, found.amount_in)


def test_awaited_it_is_the_same(world: World, client: MacroStrike) -> None:
    async def take() -> tuple[int, int]:
        awaited = AsyncMacroStrike(client)
        (find,) = await awaited.search()
        done = await awaited.arbitrage(find, confidence_bps=9500)
        (stats,) = [each for each in await awaited.amm_stats() if each.executed]
        return done.profit, stats.profit

    done, counted = asyncio.run(take())
    assert done == counted > 0


# Refusals: the chain's own, before anything is sent.


def test_gone_is_gone(world: World, client: MacroStrike, pair: Pair) -> None:
    find = find_of(client)
    pair.buy(200_000 * USDC)
    before = state_of(world)
    with pytest.raises(NotProfitable) as refused:
        client.arbitrage(find, confidence_bps=9500)
    assert refused.value.min_profit == find.min_profit
    assert state_of(world) == before


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"confidence_bps": 9299}, ConfidenceTooLow(9299, 9300)),
        ({"pools": (1, 9)}, UnknownPool(9)),
    ],
)
def test_what_the_order_lacks(
    world: World, client: MacroStrike, changes: dict[str, Any], error: Exception
) -> None:
    order = order_of(client, **changes)
    before = state_of(world)
    with pytest.raises(type(error)) as refused:
        client.arbitrage(order)
    assert repr(refused.value) == repr(error)
    assert state_of(world) == before


def test_too_late(world: World, client: MacroStrike) -> None:
    order = order_of(client, deadline=world.transport.timestamp() - 1)
    before = state_of(world)
    with pytest.raises(OrderExpired) as refused:
        client.arbitrage(order)
    assert refused.value.deadline == order.deadline
    assert state_of(world) == before


def test_over_the_cap(world: World, client: MacroStrike) -> None:
    base = world.venues.fixtures.base
    order = order_of(client, amount_in=500 * WETH + 1, resize=False, min_profit=0)
    before = state_of(world)
    with pytest.raises(AMMCapExceeded) as refused:
        client.arbitrage(order)
    assert repr(refused.value) == repr(AMMCapExceeded(base, 500 * WETH + 1, 500 * WETH))
    assert state_of(world) == before


def test_paused(world: World, client: MacroStrike) -> None:
    find = find_of(client)
    owner_does(world, "pause")
    before = state_of(world)
    with pytest.raises(EnforcedPause):
        client.arbitrage(find, confidence_bps=9500)
    assert state_of(world) == before


def test_by_who_may_not(world: World, client: MacroStrike) -> None:
    find = find_of(client)
    with pytest.raises(NotOperator):
        client_of(world, STRANGER).arbitrage(find, confidence_bps=9500)
    grant = client.operator(world.operator.address)
    args = (grant.valid_until, int(Action.STRIKE), grant.daily_budget)
    owner_does(world, "setOperator", world.operator.address, *args)
    before = state_of(world)
    with pytest.raises(ActionNotAllowed):
        client.arbitrage(find, confidence_bps=9500)
    assert state_of(world) == before


def test_readers_search_and_quote_but_send_nothing(world: World, client: MacroStrike) -> None:
    reader = MacroStrike(world.transport, world.diamond)
    find = find_of(reader)
    order = order_of(reader)
    assert reader.quote_arbitrage(order).profit > 0
    with pytest.raises(SignerMissing):
        reader.arbitrage(find, confidence_bps=9500)


def test_a_find_needs_a_confidence(client: MacroStrike) -> None:
    with pytest.raises(InvalidValue, match="confidence_bps"):
        client.arbitrage(find_of(client))


def test_pools_come_page_by_page(
    world: World, client: MacroStrike, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole: tuple[Pool, ...] = client.pools()
    monkeypatch.setattr("macrostrike.client._arbitrage._PAGE", 1)
    assert client.pools() == whole
    assert [pool.id for pool in whole] == [1, 2]


def test_what_every_arbitrage_would_be_refused_for_is_said_beforehand(world: World) -> None:
    """D10, as the chain would: on both sides of the threshold, and for each account."""
    client = MacroStrike(world.transport, world.diamond, world.operator)
    client.pre_check_arbitrage(9300)
    with pytest.raises(ConfidenceTooLow):
        client.pre_check_arbitrage(9299)
    unsigned = MacroStrike(world.transport, world.diamond)
    unsigned.pre_check_arbitrage(9300)
    with pytest.raises(ConfidenceTooLow):
        unsigned.pre_check_arbitrage(9299)
    with pytest.raises(NotOperator):
        MacroStrike(world.transport, world.diamond, world.engine).pre_check_arbitrage(9300)
    owner = MacroStrike(world.transport, world.diamond, world.owner)
    operator = world.operator.address
    owner.transact("setOperator", operator, 4_000_000_000, int(Action.SETTLE), 10**9)
    with pytest.raises(ActionNotAllowed):
        client.pre_check_arbitrage(9300)
