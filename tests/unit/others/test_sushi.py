"""Sushi's factory, as Sushi deployed it, beside Uniswap's: a fork that is trusted like the original
and no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from macrostrike.abi import Abi
from macrostrike.errors import CallFailed, FactoryNotAllowed, PoolNotCanonical, RevertedWithReason
from macrostrike.types import PoolConfig, Signal, Venue

from ..amm.pools import UNIT, V2_FEE
from ..environment import altered
from ..market.markets import config
from ..pools import PAIR, make_pair
from ..readers import assert_rebuilt, refuses, unchanged
from .outcome import words
from .paths import AMOUNT, CYCLES, skew
from .world import SUSHI, V2_MARKET, World

# What Sushi's SDK computes pair addresses with, on every chain.
PAIR_CODE_HASH = "e18a34eb0e04b04f7a0ac29a6e80748dca96319b42c54d679cb821dca90c6303"
_OWN = Abi(
    [
        {
            "type": "function",
            "name": name,
            "stateMutability": "nonpayable",
            "inputs": [{"name": "to", "type": "address"}],
            "outputs": [],
        }
        for name in ("setMigrator", "setFeeTo")
    ]
)


@pytest.fixture(scope="module")
def _world() -> World:
    return World()


@pytest.fixture
def world(_world: World) -> Iterator[World]:
    with _world.env.undone():
        yield _world
        assert_rebuilt(_world.env)


def test_it_is_the_code_that_is_deployed(world: World) -> None:
    assert world.by.ask(SUSHI, world.sushi, "pairCodeHash").hex() == PAIR_CODE_HASH


def test_a_pair_belongs_to_one_factory(world: World) -> None:
    """Both have a pair of the same tokens; neither confirms the other's."""
    uniswap, sushi = world["a_usdc_weth"], world["sushi_usdc_weth"]
    for pool, factory in ((uniswap, world.sushi), (sushi, uniswap.factory)):
        wrong = PoolConfig(factory=factory, pool=pool.address, fee=V2_FEE)
        with refuses(world.env, PoolNotCanonical(pool.address, factory)):
            world.env.owner.send("registerPools", [wrong])
        market = config(world.env, pool=pool.address, factory=factory)
        with refuses(world.env, PoolNotCanonical(pool.address, factory)):
            world.env.owner.send("registerMarket", market)


def test_a_factory_that_is_let_go_registers_no_more(world: World) -> None:
    world.env.owner.send("setFactory", world.sushi, Venue.UNISWAP_V2, False)
    pair = make_pair(
        world.by, world.sushi, {world.tokens["third"]: 10**12, world.tokens["weth"]: 10**20}
    )
    with refuses(world.env, FactoryNotAllowed(world.sushi)):
        world.env.owner.send(
            "registerPools", [PoolConfig(factory=world.sushi, pool=pair, fee=V2_FEE)]
        )


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("fee_to", [False, True], ids=["no-fee", "fee-on"])
def test_a_strike_is_the_same_to_the_unit_as_on_uniswaps_pair(
    world: World, signal: Signal, fee_to: bool
) -> None:
    """On pairs that have the same of each token. A fee to the protocol is taken from those who
    provide liquidity."""
    if fee_to:
        world.by.tell(_OWN, world.sushi, "setFeeTo", world.maker.address)
    twin = world.twin()
    assert life(world, V2_MARKET, signal) == life(world, twin, signal)


def life(world: World, market: int, signal: Signal) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the events of an opening and a settlement say, but for which market."""
    env = world.env
    with env.undone():
        opened = env.strike(market=market, signal=signal)
        world.feed.tell(1600 * 10**8)
        settled = env.settle(opened["strike_id"])
    assert settled["pnl"] < 0  # the pair's fee, twice
    assert opened.pop("market") == settled.pop("market") == market
    return opened, settled


@pytest.mark.parametrize("cycle", [name for name in CYCLES if "Sushi" in name])
def test_an_arbitrage_returns_what_swapping_by_hand_returns(world: World, cycle: str) -> None:
    skew(world)
    order = world.order("usdc", AMOUNT, *CYCLES[cycle])
    profit = world.by_hand(order)
    assert profit > 0
    assert world.quote(order) == (AMOUNT, profit)
    assert world.execute(order)["profit"] == profit


def test_a_pair_that_waits_for_a_migrator_trades_nothing(world: World) -> None:
    """Sushi's own: while a migrator is set, it alone makes a pair's first liquidity."""
    by, env = world.by, world.env
    by.tell(_OWN, world.sushi, "setMigrator", env.keeper.address)
    tokens = (world.tokens["third"], world.tokens["weth"])
    pair = str(by.get(SUSHI, world.sushi, "createPair", *tokens))
    env.give(pair, base=UNIT["weth"])
    with pytest.raises(RevertedWithReason, match="Must not have migrator"):
        by.tell(PAIR, pair, "mint", by.address)
    at = PoolConfig(factory=world.sushi, pool=pair, fee=V2_FEE)
    (pool,) = env.owner.call("registerPools", [at])
    env.owner.send("registerPools", [at])
    ids = (pool, world["a_third_weth"].id)
    order = altered(world.order("weth", UNIT["weth"]), pools=ids)
    with unchanged(env), pytest.raises(CallFailed) as refused:
        env.operator.send("executeArbitrage", order)
    # The second pair is asked first, for what nothing buys.
    assert refused.value.target == world["a_third_weth"].address
    assert words("missing", refused.value.reason) == "INSUFFICIENT_OUTPUT_AMOUNT"
