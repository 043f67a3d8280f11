"""Balancer's pools by the client: what is found is what the vault pays, to the unit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_abi.abi import encode

from macrostrike import MacroStrike
from macrostrike.arbitrage import (
    Excluded,
    Fault,
    Find,
    Pool,
    StablePool,
    TokenNotInPool,
    WeightedPool,
    read_pools,
)
from macrostrike.build import npm, ours
from macrostrike.loop import Watch
from macrostrike.testing import World
from macrostrike.types import PoolConfig, Venue

from ..evm import Payer
from ..unit.amm.balancer import AUTHORIZER, POOL, VAULT, WEIGHTED, Balancer
from ..unit.pools import make_pair
from .support import client_of, owner_does

USDC, WETH, ONE = 10**6, 10**18, 10**18
STABLE_POOL = npm(
    "@balancer-labs/v2-deployments/dist/tasks/20230206-composable-stable-pool-v3/artifact/"
    "ComposableStablePool.json"
)
# Answers everything with the block's time, in billionths: a rate that always moves.
CLOCK = bytes.fromhex("600f600c600039600f6000f3") + bytes.fromhex("42633b9aca000260005260206000f3")
KINDS = ("weighted", "stable", "composable")
DAY = 86_400
_EXACT_TOKENS_IN = 1


class Pools(Payer):
    """The local venue's dollar and ether, another dollar, and pools of them on a real Balancer.

    The other dollar is dearer on a pair of Uniswap's, which is registered, than anywhere else.
    """

    def __init__(self, world: World) -> None:
        super().__init__(world.transport, world.venues.maker)
        self.world = world
        self.quote, self.base = world.venues.fixtures.quote, world.venues.fixtures.base
        self.third = self.deploy(ours("LocalUSD"))
        self.tell(ours("LocalUSD"), self.third, "mint", self.address, 10**15)
        self.balancer = Balancer(world.transport, self.key)
        for token in (self.quote, self.base, self.third):
            self.balancer.allow(token)
        owner_does(world, "unregisterPools", [2])

    def weighted(self, dear: int = 0) -> str:
        """Ether and dollars, four to one; ether is dear by so many percent."""
        dollars = 500_000 * (100 + dear) // 100
        amounts = {self.base: 1250 * WETH, self.quote: dollars * USDC}
        return self.balancer.weighted(amounts, {self.base: 80, self.quote: 20}, 3000)

    def thirds(self, dear: int = 0) -> str:
        """Ether and both dollars."""
        dollars = 1_000_000 * (100 + dear) // 100 * USDC
        amounts = {self.base: 625 * WETH, self.quote: dollars, self.third: dollars}
        return self.balancer.weighted(
            amounts, {self.base: 34, self.quote: 33, self.third: 33}, 1000
        )

    def stable(self) -> str:
        return self.balancer.stable(self._dollars(), 400)

    def composable(self) -> str:
        return self.balancer.composable(self._dollars(), 400)

    def register(self, pool: str, *pairs: tuple[str, str]) -> None:
        """By these pairs of its tokens."""
        at = self.balancer
        factory, venue = next(
            (factory, venue)
            for factory, venue in (
                (at.weighted_factory, Venue.BALANCER_WEIGHTED),
                (at.stable_factory, Venue.BALANCER_STABLE),
                (at.composable_factory, Venue.BALANCER_STABLE),
            )
            if self._is_from(factory, pool)
        )
        owner_does(self.world, "setFactory", factory, venue, True)
        for pair in pairs:
            token0, token1 = sorted(pair, key=str.lower)
            config = PoolConfig(factory=factory, pool=pool, fee=0, token0=token0, token1=token1)
            owner_does(self.world, "registerPools", [config])

    def make(self, kind: str) -> str:
        """A pool of that kind, registered, and something registered that it differs from."""
        if kind == "weighted":
            pool = self.weighted(dear=5)
            self.register(pool, (self.base, self.quote))
            return pool
        pool = self.stable() if kind == "stable" else self.composable()
        self.register(pool, (self.quote, self.third))
        self.pair({self.quote: 1_030_000 * USDC, self.third: 1_000_000 * USDC})
        return pool

    def pair(self, amounts: dict[str, int]) -> None:
        """A pair of Uniswap's, registered."""
        factory = self.world.venues.fixtures.pair_factory
        pair = make_pair(self, factory, amounts)
        owner_does(self.world, "registerPools", [PoolConfig(factory=factory, pool=pair, fee=3000)])

    def vault_out(self, pool: str, paid: str, bought: str, amount: int) -> int:
        step = (self.balancer.pool_id(pool), 0, 1, amount, b"")
        funds = (self.address, False, self.address, False)
        query = ("queryBatchSwap", 0, [step], [paid, bought], funds)
        return -int(self.ask(VAULT, self.balancer.vault, *query)[1])

    def bring(self, pool: str, amounts: dict[str, int]) -> None:
        """More of a pool's tokens, for a share of it."""
        tokens = sorted(amounts, key=str.lower)
        brought = [amounts[token] for token in tokens]
        data = encode(["uint256", "uint256[]", "uint256"], [_EXACT_TOKENS_IN, brought, 0])
        pool_id, maker = self.balancer.pool_id(pool), self.address
        request = (tokens, brought, data, False)
        self.tell(VAULT, self.balancer.vault, "joinPool", pool_id, maker, maker, request)

    def may(self, where: str, function: str) -> None:
        """Balancer's governance lets the maker do this there."""
        abi = (VAULT if where == self.balancer.vault else STABLE_POOL).abi
        authorizer = self.ask(VAULT, self.balancer.vault, "getAuthorizer")
        action = self.ask(POOL, where, "getActionId", abi.selector(function))
        self.tell(AUTHORIZER, authorizer, "grantRole", action, self.address)

    def clock(self) -> str:
        return self.create(CLOCK)

    def _dollars(self) -> dict[str, int]:
        return {self.quote: 1_000_000 * USDC, self.third: 1_000_000 * USDC}

    def _is_from(self, factory: str, pool: str) -> bool:
        return bool(self.ask(WEIGHTED, factory, "isPoolFromFactory", pool))


@pytest.fixture
def pools(world: World) -> Pools:
    world.transport.set_balance(world.venues.maker.address, 10**24)
    return Pools(world)


@pytest.fixture
def client(world: World) -> MacroStrike:
    return client_of(world)


def key(pools: Pools, pool: str) -> str:
    return f"0x{pools.balancer.pool_id(pool).hex()}"


def read(client: MacroStrike, pools: Pools, pool: str) -> Pool:
    found, excluded = read_pools(client.transport, client.pools())
    assert excluded == []
    return next(each for each in found if each.id == key(pools, pool))


def left_out(client: MacroStrike) -> Excluded:
    _, (excluded,) = read_pools(client.transport, client.pools())
    return excluded


def find_of(client: MacroStrike) -> Find:
    (find,) = client.search()
    return find


# Reading.


@pytest.mark.parametrize("kind", KINDS)
def test_they_are_read_as_they_trade(client: MacroStrike, pools: Pools, kind: str) -> None:
    pool = pools.make(kind)
    model = read(client, pools, pool)
    assert isinstance(model, WeightedPool if kind == "weighted" else StablePool)
    # Its own share, which a composable pool lists too, is none of its tokens.
    assert pool not in model.tokens
    assert model.version == (2 if kind == "composable" else 1)
    for paid, bought in (model.tokens, model.tokens[::-1]):
        kept = model.balances[model.tokens.index(paid)]
        for amount in (kept // 10**6 + 1, kept // 1000, kept // 7):
            assert model.amount_out(paid, bought, amount) == pools.vault_out(
                pool, paid, bought, amount
            )


def test_rates_are_read_with_them(client: MacroStrike, pools: Pools) -> None:
    pool = pools.balancer.composable(
        {pools.quote: 1_700_000 * USDC, pools.third: 1_000_000 * USDC},
        400,
        {pools.third: pools.clock()},
        keeps=7 * DAY,
    )
    pools.register(pool, (pools.quote, pools.third))
    model = read(client, pools, pool)
    assert isinstance(model, StablePool)
    assert max(model.scales) > 1.5 * min(model.scales)
    for amount in (USDC, 100_000 * USDC):
        assert model.amount_out(pools.third, pools.quote, amount) == pools.vault_out(
            pool, pools.third, pools.quote, amount
        )


def test_a_pool_of_three_is_one_and_trades_what_is_registered(
    client: MacroStrike, pools: Pools
) -> None:
    pool = pools.thirds()
    pools.register(pool, (pools.base, pools.quote), (pools.quote, pools.third))
    model = read(client, pools, pool)
    assert {frozenset(way[:2]) for way in model.directions()} == {
        frozenset((pools.base, pools.quote)),
        frozenset((pools.quote, pools.third)),
    }
    assert model.amount_out(pools.quote, pools.third, USDC) > 0
    with pytest.raises(TokenNotInPool):
        model.amount_out(pools.base, pools.third, WETH)
    pools.register(pool, (pools.base, pools.third))
    whole = read(client, pools, pool)
    assert isinstance(whole, WeightedPool)
    assert len(list(whole.directions())) == 6


# What is left out.


def test_a_paused_pool(client: MacroStrike, pools: Pools) -> None:
    pool = pools.make("composable")
    assert client.search()
    pools.may(pool, "pause")
    pools.tell(STABLE_POOL, pool, "pause")
    assert left_out(client).fault is Fault.PAUSED
    assert client.search() == []


def test_a_paused_vault(client: MacroStrike, pools: Pools) -> None:
    pools.make("weighted")
    assert client.search()
    vault = pools.balancer.vault
    pools.may(vault, "setPaused")
    pools.tell(VAULT, vault, "setPaused", True)
    excluded = left_out(client)
    assert (excluded.fault, vault in excluded.detail) == (Fault.PAUSED, True)
    assert client.search() == []


def test_an_amplification_that_moves(client: MacroStrike, pools: Pools) -> None:
    pool = pools.make("stable")
    ends = client.transport.timestamp() + 3 * DAY
    pools.tell(STABLE_POOL, pool, "startAmplificationParameterUpdate", 250, ends)
    assert "amplification is moving" in left_out(client).detail


def test_a_rate_that_the_next_swap_asks_anew(client: MacroStrike, pools: Pools) -> None:
    """What the pool has of it is old by then: the vault is asked, and answers something else."""
    amounts = {pools.quote: 1_700_000 * USDC, pools.third: 1_000_000 * USDC}
    pool = pools.balancer.composable(amounts, 400, {pools.third: pools.clock()}, keeps=60)
    pools.register(pool, (pools.quote, pools.third))
    client.transport.mine(3600 * 24)  # type: ignore[attr-defined]
    assert "the vault answers" in left_out(client).detail


# Finding, quoting and taking.


@pytest.mark.parametrize("kind", KINDS)
def test_found_is_quoted_is_executed_is_counted(
    client: MacroStrike, pools: Pools, kind: str
) -> None:
    pool = pools.make(kind)
    find = find_of(client)
    found = find.opportunity
    assert key(pools, pool) in [hop.pool for hop in found.hops]
    order = replace(client.order(find, confidence_bps=9500), resize=False)
    quoted = client.quote_arbitrage(order)
    assert (quoted.amount_in, quoted.profit) == (found.amount_in, found.profit)
    done = client.arbitrage(order)
    assert (done.amount_in, done.profit) == (found.amount_in, found.profit)
    stats = next(each for each in client.amm_stats() if each.token == found.token)
    assert stats.profit == stats.capital == found.profit
    assert client.search() == []


def test_of_a_pool_of_three_the_right_pair_is_ordered_and_one_alone(
    client: MacroStrike, pools: Pools
) -> None:
    pool = pools.thirds(dear=4)
    pools.register(
        pool,
        (pools.quote, pools.third),
        (pools.base, pools.third),
        (pools.base, pools.quote),
    )
    pools.pair({pools.third: 1_000_000 * USDC, pools.base: 650 * WETH})
    pools.pair({pools.third: 1_000_000 * USDC, pools.quote: 1_020_000 * USDC})
    by_id = {each.id: each for each in client.pools()}
    taken = 0
    while finds := client.search():
        for find in finds:
            hops = find.opportunity.hops
            assert len({hop.pool for hop in hops}) == len(hops)
            for hop, ordered in zip(hops, find.pools, strict=True):
                registered = by_id[ordered]
                tokens = {registered.token0, registered.token1}
                assert {hop.token_in, hop.token_out} == tokens
        order = replace(client.order(finds[0], confidence_bps=9500), resize=False)
        assert client.arbitrage(order).profit == finds[0].opportunity.profit
        taken += 1
    assert taken


def test_balancer_alone_needs_capital_and_puts_in_no_more(
    client: MacroStrike, pools: Pools
) -> None:
    owner_does(pools.world, "unregisterPools", [1])
    for pool in (pools.weighted(dear=5), pools.thirds()):
        pools.register(pool, (pools.base, pools.quote))
    watch = Watch(client, confidence_bps=9500, dry_run=True)
    assert client.search() == list(watch.look()) == []
    owner_does(pools.world, "fundAMM", pools.base, WETH)
    find = find_of(client)
    (seen,) = watch.look()
    assert seen.find.pools == find.pools
    assert find.opportunity.token == pools.base
    assert 0 < find.opportunity.amount_in <= WETH
    order = replace(client.order(find, confidence_bps=9500), resize=False)
    assert client.quote_arbitrage(order).profit == find.opportunity.profit
    assert client.arbitrage(order).profit == find.opportunity.profit


# Watching.


def test_the_vault_says_of_swaps_and_the_pool_of_its_fee(client: MacroStrike, pools: Pools) -> None:
    pool = pools.weighted()
    pools.register(pool, (pools.base, pools.quote))
    watch = Watch(client, confidence_bps=9500, dry_run=True)
    assert list(watch.look()) == []
    assert watch.pools == 2
    pools.balancer.swap(pool, pools.quote, pools.base, 20_000 * USDC)
    (seen,) = watch.look()
    assert seen.quoted is not None
    assert key(pools, pool) in [hop.pool for hop in seen.find.opportunity.hops]
    pools.world.transport.mine()
    assert list(watch.look()) == []
    # At the highest fee nothing is left of it; at the old one it is reported anew.
    for fee, reported in ((100, 0), (3, 1)):
        pools.tell(POOL, pool, "setSwapFeePercentage", fee * ONE // 1000)
        assert len(list(watch.look())) == reported


def test_and_of_what_is_brought(client: MacroStrike, pools: Pools) -> None:
    pool = pools.make("weighted")
    watch = Watch(client, confidence_bps=9500, dry_run=True)
    (before,) = watch.look()
    pools.bring(pool, {pools.base: 125 * WETH, pools.quote: 52_500 * USDC})
    (seen,) = watch.look()
    # A deeper pool at the same price.
    assert seen.find.opportunity.amount_in > before.find.opportunity.amount_in
    assert seen.quoted is not None
    assert seen.quoted.profit > 0
