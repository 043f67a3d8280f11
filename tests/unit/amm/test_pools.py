"""Pools, caps and capital of the AMM bots: what the owner sets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from macrostrike.build import ours
from macrostrike.errors import (
    AMMAlreadyInitialized,
    FactoryNotAllowed,
    InsufficientFunds,
    InvalidPoolFee,
    NotGuardian,
    NotOwner,
    PoolAlreadyRegistered,
    PoolNotCanonical,
    QuoteNotSet,
    UnknownPool,
    ZeroAmount,
)
from macrostrike.types import FEE_BASE, FacetCutAction, PoolConfig, TokenCap, Venue
from macrostrike.types import Pool as PoolView

from ...arbitrage.real import with_fee
from ..environment import TOKEN, ZERO, altered, call_failed, event, reverts
from ..readers import refuses
from .pools import PAIR, UNIT, V2_FACTORY, Amm, Pool

U = UNIT["usdc"]


def view(pool: Pool, **changes: Any) -> PoolView:
    seen = PoolView(
        id=pool.id,
        registered=True,
        venue=pool.venue,
        pool=pool.address,
        factory=pool.factory,
        token0=pool.token0,
        token1=pool.token1,
        fee=pool.fee,
        pool_id=pool.pool_id,
        tick_spacing=pool.config.tick_spacing,
        hooks=pool.hooks,
    )
    return replace(seen, **changes)


def new_pair(amm: Amm, factory: str = "b") -> Pool:
    """A pair that is not registered."""
    tokens = (amm.tokens["third"], amm.tokens["weth"])
    amm.tell(V2_FACTORY, amm.v2_factories[factory], "createPair", *tokens)
    pair = amm.env.ask(V2_FACTORY.abi, amm.v2_factories[factory], "getPair", *tokens)
    at = amm.v2_factories[factory]
    return Pool("new", Venue.UNISWAP_V2, pair, at, 3000, tokens, len(amm.pools) + 1)


class TestRegistering:
    def test_pools_are_as_registered(self, amm: Amm) -> None:
        assert amm.env.read("poolCount") == len(amm.pools)
        expected = tuple(view(pool) for pool in amm.pools.values())
        assert amm.env.read("getPools", 0, 100) == expected

    def test_the_event_says_all_of_it(self, amm: Amm) -> None:
        pool = new_pair(amm)
        assert amm.env.owner.send("registerPools", [pool.config]) == [
            event(
                "PoolRegistered",
                id=pool.id,
                pool=pool.address,
                factory=pool.factory,
                venue=Venue.UNISWAP_V2,
                token0=pool.token0,
                token1=pool.token1,
                fee=3000,
                pool_id=bytes(32),
                tick_spacing=0,
                hooks=ZERO,
            )
        ]

    def test_of_a_pool_without_hooks_none_are_looked_at(self, amm: Amm) -> None:
        """What an owner says of them there means nothing."""
        config = altered(new_pair(amm).config, hooks=amm.env.stranger.address)
        assert amm.env.owner.only("PoolRegistered", "registerPools", [config])["hooks"] == ZERO

    def test_pages(self, amm: Amm) -> None:
        every = amm.env.read("getPools", 0, 1 << 255)
        assert amm.env.read("getPools", 2, 3) == every[2:5]
        assert amm.env.read("getPools", len(every) - 1, 5) == every[-1:]
        assert amm.env.read("getPools", len(every), 5) == ()
        assert amm.env.read("getPools", 1 << 255, 1 << 255) == ()
        assert amm.env.read("getPools", 0, 0) == ()

    def test_owner_only(self, amm: Amm) -> None:
        config, env = new_pair(amm).config, amm.env
        for name in ("operator", "guardian", "keeper"):
            actor = getattr(env, name)
            with refuses(env, NotOwner(actor.address, env.owner.address)):
                actor.send("registerPools", [config])

    def test_not_twice(self, amm: Amm) -> None:
        pool = amm["a_usdc_weth"]
        with refuses(amm.env, PoolAlreadyRegistered(pool.address, pool.id)):
            amm.env.owner.send("registerPools", [pool.config])

    def test_a_new_one_not_twice_either(self, amm: Amm) -> None:
        pool = new_pair(amm)
        amm.env.owner.send("registerPools", [pool.config])
        with refuses(amm.env, PoolAlreadyRegistered(pool.address, pool.id)):
            amm.env.owner.send("registerPools", [pool.config])

    def test_all_or_none(self, amm: Amm) -> None:
        pool, known = new_pair(amm), amm["a_usdc_weth"]
        with refuses(amm.env, PoolAlreadyRegistered(known.address, known.id)):
            amm.env.owner.send("registerPools", [pool.config, known.config])

    def test_a_fake_factory(self, amm: Amm) -> None:
        fake = amm.env.deploy(ours("HostilePair"), *amm["a_usdc_weth"].tokens)
        with refuses(amm.env, FactoryNotAllowed(fake)):
            amm.env.owner.send("registerPools", [PoolConfig(factory=fake, pool=fake, fee=3000)])

    def test_a_factory_that_is_allowed_no_more(self, amm: Amm) -> None:
        pool = new_pair(amm)
        amm.env.owner.send("setFactory", pool.factory, Venue.UNISWAP_V2, False)
        with refuses(amm.env, FactoryNotAllowed(pool.factory)):
            amm.env.owner.send("registerPools", [pool.config])

    @pytest.mark.parametrize("factory", ["a", "low_usdc_weth"])
    def test_a_fake_pool(self, amm: Amm, factory: str) -> None:
        # It claims the tokens, and the fee, of a real one.
        tokens = sorted(amm["a_usdc_weth"].tokens, key=str.lower)
        is_v2 = factory == "a"
        if is_v2:
            fake = amm.env.deploy(ours("HostilePair"), *tokens)
            at = amm.v2_factories["a"]
        else:
            fake = amm.env.deploy(ours("HostilePool"), *tokens, 1 << 96)
            at = amm[factory].factory
        config = PoolConfig(factory=at, pool=fake, fee=3000 if is_v2 else 500)
        with refuses(amm.env, PoolNotCanonical(fake, at)):
            amm.env.owner.send("registerPools", [config])

    def test_a_pool_of_another_factory(self, amm: Amm) -> None:
        pool, other = new_pair(amm), amm.v2_factories["a"]
        with refuses(amm.env, PoolNotCanonical(pool.address, other)):
            amm.env.owner.send("registerPools", [replace(pool, factory=other).config])

    def test_nothing_there(self, amm: Amm) -> None:
        no_pool, factory = amm.env.keeper.address, amm.v2_factories["a"]
        with refuses(amm.env, PoolNotCanonical(no_pool, factory)):
            config = PoolConfig(factory=factory, pool=no_pool, fee=3000)
            amm.env.owner.send("registerPools", [config])

    def test_a_v3_pools_fee_is_its_own(self, amm: Amm) -> None:
        pool = amm["high_usdc_weth"]
        amm.env.guardian.send("unregisterPools", [pool.id])
        for fee in (0, 2999, 500):
            with refuses(amm.env, InvalidPoolFee(pool.address, fee)):
                amm.env.owner.send("registerPools", [replace(pool, fee=fee).config])

    def test_a_pairs_fee_is_under_100_percent(self, amm: Amm) -> None:
        pool = new_pair(amm)
        config = altered(pool.config, fee=FEE_BASE)
        with refuses(amm.env, InvalidPoolFee(pool.address, FEE_BASE)):
            amm.env.owner.send("registerPools", [config])
        amm.env.owner.send("registerPools", [replace(pool, fee=FEE_BASE - 1).config])

    def test_a_pairs_fee_that_is_too_low_has_the_pair_refuse(self, amm: Amm) -> None:
        pool = amm["a_usdc_weth"]
        amm.swap(pool.name, "usdc", 300_000 * U)
        env = amm.env
        env.owner.send("unregisterPools", [pool.id])
        env.owner.send("registerPools", [replace(pool, fee=2900).config])
        order = amm.order("usdc", 9000 * U, "low_usdc_weth", pool.name)
        order = altered(order, pools=(order.pools[0], env.read("poolCount")))
        with refuses(env, call_failed(pool.config.pool, "Error(string)", "UniswapV2: K")):
            amm.execute(order)


class TestForks:
    """A fork's pairs have other code, and so other addresses: the factory is asked."""

    def test_a_fork_with_another_fee(self, amm: Amm) -> None:
        fork = with_fee(V2_FACTORY, 2500)
        assert fork.creation != V2_FACTORY.creation
        at = amm.env.deploy(fork, amm.maker.address)
        pool = self._pair(amm, at)
        with refuses(amm.env, FactoryNotAllowed(at)):
            amm.env.owner.send("registerPools", [pool.config])
        amm.env.owner.send("setFactory", at, Venue.UNISWAP_V2, True)
        reported = amm.env.owner.only("PoolRegistered", "registerPools", [pool.config])
        assert (reported["pool"], reported["fee"]) == (pool.address, 2500)
        # Ether is cheap there, and the fee is the fork's.
        order = amm.order("usdc", 9000 * U, pools=(reported["id"], amm["a_usdc_weth"].id))
        amount, into = 9000 * U * 9975, 1400 * 1000 * U
        ether = amount * 1000 * UNIT["weth"] // (into * 10_000 + amount)
        back = amm.pair_out(amm["a_usdc_weth"], amm.tokens["weth"], ether)
        assert amm.execute(order)["profit"] == back - 9000 * U > 0

    def test_a_pair_of_the_original_is_none_of_the_forks(self, amm: Amm) -> None:
        at = amm.env.deploy(with_fee(V2_FACTORY, 2500), amm.maker.address)
        amm.env.owner.send("setFactory", at, Venue.UNISWAP_V2, True)
        self._pair(amm, at)
        known = amm["a_usdc_weth"]
        amm.env.owner.send("unregisterPools", [known.id])
        with refuses(amm.env, PoolNotCanonical(known.address, at)):
            amm.env.owner.send("registerPools", [replace(known, factory=at).config])

    def _pair(self, amm: Amm, factory: str) -> Pool:
        """With 1,000 ether at 1,400 dollars."""
        usdc, weth = tokens = (amm.tokens["usdc"], amm.tokens["weth"])
        amm.tell(V2_FACTORY, factory, "createPair", *tokens)
        pair = str(amm.env.ask(V2_FACTORY.abi, factory, "getPair", *tokens))
        amm.tell(TOKEN, usdc, "transfer", pair, 1400 * 1000 * U)
        amm.tell(TOKEN, weth, "transfer", pair, 1000 * UNIT["weth"])
        amm.tell(PAIR, pair, "mint", amm.maker.address)
        return Pool("fork", Venue.UNISWAP_V2, pair, factory, 2500, tokens)


class TestUnregistering:
    def test_it_stays_to_be_seen(self, amm: Amm) -> None:
        pool = amm["low_usdc_weth"]
        for actor in (amm.env.owner, amm.env.guardian):
            with amm.env.undone():
                events = actor.send("unregisterPools", [pool.id])
                assert events == [event("PoolUnregistered", id=pool.id, pool=pool.address)]
                seen = amm.env.read("getPools", pool.id - 1, 1)
                assert seen == (view(pool, registered=False),)

    def test_registered_again_it_has_a_new_id(self, amm: Amm) -> None:
        pool = amm["low_usdc_weth"]
        amm.env.owner.send("unregisterPools", [pool.id])
        reported = amm.env.owner.only("PoolRegistered", "registerPools", [pool.config])
        assert reported["id"] == len(amm.pools) + 1 == amm.env.read("poolCount")

    def test_owner_or_guardian(self, amm: Amm) -> None:
        for name in ("operator", "keeper"):
            actor = getattr(amm.env, name)
            with refuses(amm.env, NotGuardian(actor.address)):
                actor.send("unregisterPools", [1])

    def test_known_ones_only(self, amm: Amm) -> None:
        for unknown in (0, 99):
            with refuses(amm.env, UnknownPool(unknown)):
                amm.env.owner.send("unregisterPools", [1, unknown])
        with refuses(amm.env, UnknownPool(1)):
            amm.env.owner.send("unregisterPools", [1, 1])


class TestCaps:
    def test_initialised_once(self, amm: Amm) -> None:
        with refuses(amm.env, AMMAlreadyInitialized()):
            amm.env.owner.send("initializeAMMBots", [])
        bare = amm.env.bare()
        bots = tuple(bot.config for bot in amm.env.read("getBots"))
        bare.owner.send("initializeStrikeBots", (bare.quote, 0, 1, bots))
        assert bare.owner.send("initializeAMMBots", []) == [event("AMMInitialized")]
        with refuses(bare, AMMAlreadyInitialized()):
            bare.owner.send("initializeAMMBots", [])

    def test_after_the_fleet(self, amm: Amm) -> None:
        env, abi = amm.env, ours("AMMBotFacet").abi
        facet = env.deploy(ours("AMMBotFacet"))
        selectors = [abi.selector(name) for name in ("initializeAMMBots", "setAMMCap")]
        cut = (facet, FacetCutAction.ADD, selectors)
        owner = env.owner
        bare = env.deploy(ours("MacroStrikeDiamond"), [cut], owner.address, ZERO, b"")
        with reverts(QuoteNotSet()):
            env.tell(owner.key, abi, bare, "initializeAMMBots", [])
        with reverts(QuoteNotSet()):
            env.tell(owner.key, abi, bare, "setAMMCap", env.quote, 1)

    def test_a_cap_is_set_and_taken_back(self, amm: Amm) -> None:
        third = amm.tokens["third"]
        for cap in (5, (1 << 128) - 1, 0):
            reported = amm.env.owner.only("AMMCapSet", "setAMMCap", third, cap)
            assert reported == {"token": third, "max_amount_in": cap}
            assert amm.stats("third").max_amount_in == cap

    def test_owner_only(self, amm: Amm) -> None:
        env = amm.env
        caps = [TokenCap(token=env.quote, max_amount_in=1)]
        for name in ("operator", "guardian", "keeper"):
            actor = getattr(env, name)
            error = NotOwner(actor.address, env.owner.address)
            for call in (
                ("setAMMCap", env.quote, 1),
                ("initializeAMMBots", caps),
                ("fundAMM", env.quote, 1),
                ("defundAMM", env.quote, 1),
            ):
                with refuses(env, error):
                    actor.send(*call)


class TestCapital:
    def test_quote_comes_from_the_reserve_and_goes_back(self, amm: Amm) -> None:
        env, amount = amm.env, 1000 * U
        env.give(env.owner.address, quote=amount)
        env.owner.send("deposit", amount)
        _, reserve, capital = env.read("getTreasury")
        events = env.owner.send("fundAMM", env.quote, amount)
        assert events == [event("AMMFunded", token=env.quote, amount=amount)]
        assert env.read("getTreasury")[1:] == (reserve - amount, capital + amount)
        events = env.owner.send("defundAMM", env.quote, amount)
        assert events == [event("AMMDefunded", token=env.quote, amount=amount)]
        assert env.read("getTreasury")[1:] == (reserve, capital)

    def test_base_comes_from_the_inventory_and_goes_back(self, amm: Amm) -> None:
        env, amount = amm.env, UNIT["weth"]
        kept = env.read("inventoryOf", env.base)
        env.owner.send("fundAMM", env.base, amount)
        assert env.read("inventoryOf", env.base) == kept - amount
        assert amm.stats("weth").capital == amount
        assert env.read("excessOf", env.base) == 0
        env.owner.send("defundAMM", env.base, amount)
        assert env.read("inventoryOf", env.base) == kept

    def test_no_more_than_there_is(self, amm: Amm) -> None:
        env = amm.env
        reserve = env.read("getTreasury")[1]
        with refuses(env, InsufficientFunds(env.quote, reserve + 1, reserve)):
            env.owner.send("fundAMM", env.quote, reserve + 1)
        kept = env.read("inventoryOf", env.base)
        with refuses(env, InsufficientFunds(env.base, kept + 1, kept)):
            env.owner.send("fundAMM", env.base, kept + 1)
        for token in amm.tokens.values():
            with refuses(env, InsufficientFunds(token, 1, 0)):
                env.owner.send("defundAMM", token, 1)

    def test_not_nothing(self, amm: Amm) -> None:
        for function in ("fundAMM", "defundAMM"):
            with refuses(amm.env, ZeroAmount()):
                amm.env.owner.send(function, amm.env.quote, 0)

    def test_profit_can_be_taken_out_to_the_unit(self, amm: Amm) -> None:
        env = amm.env
        amm.swap("a_usdc_weth", "usdc", 300_000 * U)
        order = amm.order("usdc", 9000 * U, "low_usdc_weth", "a_usdc_weth")
        profit = amm.execute(order)["profit"]
        with refuses(env, InsufficientFunds(env.quote, profit + 1, profit)):
            env.owner.send("defundAMM", env.quote, profit + 1)
        env.owner.send("defundAMM", env.quote, profit)
        assert env.read("getTreasury")[2] == 0
        assert amm.stats("usdc").profit == profit
        env.owner.send("withdraw", profit, env.owner.address)

    def test_it_works_while_paused(self, amm: Amm) -> None:
        env = amm.env
        env.owner.send("fundAMM", env.base, 5)
        env.guardian.send("pause")
        env.owner.send("defundAMM", env.base, 5)
