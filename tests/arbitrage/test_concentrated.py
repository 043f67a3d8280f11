"""Uniswap V3 and V4 pools give what the model says, over any number of ticks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from macrostrike.arbitrage import AmountRefused, ConcentratedPool, Fault, PoolInvalid, TickMap
from macrostrike.arbitrage.pools._ticks import MAX_TICK, MIN_TICK, sqrt_price_at
from macrostrike.errors import UnknownRevert

from .real import Chain, NotTaken, RealPool, RealV3Pool, RealV4Pool, contract
from .states import PAIR, against_bytecode, amounts, concentrated, ways

POOL = ConcentratedPool(
    id="pool",
    tokens=PAIR,
    fee=3000,
    sqrt_price=1 << 96,
    tick=0,
    liquidity=7 * 10**18,
    ticks=TickMap({-600: 10**18, -60: 6 * 10**18, 120: -6 * 10**18, 660: -(10**18)}, 60),
)


def assert_out(pool: RealPool, model: ConcentratedPool, token_in: str, amount_in: int) -> None:
    token_out = model.tokens[1 - model.tokens.index(token_in)]
    try:
        expected = model.amount_out(token_in, token_out, amount_in)
    except AmountRefused:
        # Without liquidity it walks to the last of all prices, and may run out of gas.
        with pytest.raises((NotTaken, UnknownRevert)):
            pool.quote(token_in, token_out, amount_in)
        return
    assert pool.quote(token_in, token_out, amount_in) == expected


@against_bytecode
@given(data=st.data(), model=concentrated())
def test_amounts_are_the_v3_pools_to_the_unit(data: st.DataObject, model: ConcentratedPool) -> None:
    pool = RealV3Pool(Chain(), model)
    for _ in range(4):
        token_in, _ = data.draw(ways(model))
        assert_out(pool, model, token_in, data.draw(amounts()))


@against_bytecode
@given(data=st.data(), model=concentrated(furthest=400_000))  # V4 counts no amount over 2^127
def test_amounts_are_the_v4_pools_to_the_unit(data: st.DataObject, model: ConcentratedPool) -> None:
    if sqrt_price_at(model.tick + 1) == model.sqrt_price:
        model = at_price(model, model.tick + 1)
    taken = st.sampled_from((0, 0, 1, 250, 999, 1000))  # at most a tenth of a percent
    model = replace(model, protocol_fees=data.draw(st.tuples(taken, taken)))
    pool = RealV4Pool(Chain(), model)
    for _ in range(4):
        token_in, _ = data.draw(ways(model))
        assert_out(pool, model, token_in, data.draw(amounts()))


@pytest.mark.parametrize("token_in", POOL.tokens)
@pytest.mark.parametrize("amount_in", [1, 10**15, 2 * 10**16, 5 * 10**16, 7 * 10**16])
def test_ticks_crossed_either_way(token_in: str, amount_in: int) -> None:
    assert_out(RealV3Pool(Chain(), POOL), POOL, token_in, amount_in)


@pytest.mark.parametrize("token_in", POOL.tokens)
def test_more_than_the_liquidity_takes_is_refused(token_in: str) -> None:
    token_out = POOL.tokens[1 - POOL.tokens.index(token_in)]
    with pytest.raises(AmountRefused, match="liquidity ends"):
        POOL.amount_out(token_in, token_out, 10**18)
    with pytest.raises(NotTaken):
        RealV3Pool(Chain(), POOL).quote(token_in, token_out, 10**18)


def test_prices_of_ticks_are_the_contracts() -> None:
    chain = Chain()
    math = contract("@uniswap/v4-core/out/TickMathTest.sol/TickMathTest.json")
    at = chain.deploy(math)
    every_bit = [sign * (1 << bit) - 1 for sign in (-1, 1) for bit in range(20)]
    for tick in (MIN_TICK, *every_bit, MAX_TICK):
        assert chain.ask(math, at, "getSqrtPriceAtTick", tick) == sqrt_price_at(tick), tick


def test_liquidity_that_its_ticks_contradict_is_refused() -> None:
    with pytest.raises(PoolInvalid, match="add up to a liquidity of 7000") as refused:
        replace(POOL, liquidity=POOL.liquidity + 1)
    assert refused.value.fault is Fault.TICKS


def test_a_price_outside_its_tick_is_refused() -> None:
    with pytest.raises(PoolInvalid, match="is not at tick 1"):
        replace(POOL, tick=1)


def test_ticks_that_take_away_what_is_not_there_are_refused() -> None:
    ticks = TickMap({**POOL.ticks.net, 660: -(10**18) - 1}, 60)
    with pytest.raises(PoolInvalid, match="take away liquidity"):
        replace(POOL, ticks=ticks)


def at_price(model: ConcentratedPool, tick: int) -> ConcentratedPool:
    """The pool, where the price came to from below: on the tick, not before it."""
    liquidity = model.ticks.liquidity[model.ticks.range_of(tick)]
    return replace(model, tick=tick, liquidity=liquidity)
