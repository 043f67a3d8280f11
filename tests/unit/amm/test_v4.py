"""Uniswap V4: which of its pools may be used, and where ether goes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from macrostrike.arbitrage import read_pools
from macrostrike.build import npm, ours
from macrostrike.errors import (
    CallFailed,
    FunctionNotFound,
    HooksNotAllowed,
    InvalidPoolTokens,
    NotOwner,
    PoolAlreadyRegistered,
    PoolNotCanonical,
    PoolNotInitialized,
    SecondManager,
    UnexpectedCallback,
    WrappedNativeAlreadySet,
    WrappedNativeNotSet,
    ZeroAddress,
)
from macrostrike.types import DYNAMIC_FEE, FacetCutAction, Venue

from ..environment import ZERO, altered, event, reverts, typed_errors
from ..readers import refuses
from .pools import UNIT, Amm, Pool
from .v4 import AFTER_INITIALIZE, BEFORE_SWAP, V4, V4_MANAGER, deploy_hooks

U = UNIT["usdc"]
AMOUNT = 20_000 * U
_OUT = "@uniswap/v4-core/out"
FEE_HOOK = npm(f"{_OUT}/DynamicFeesTestHook.sol/DynamicFeesTestHook.json")


@pytest.fixture
def hooked(amm: Amm) -> Pool:
    """A pool whose fee its hooks set, 1 % for now; not registered."""
    env, at = amm.env, amm.v4.manager
    hooks = deploy_hooks(env.caller(amm.maker), FEE_HOOK, AFTER_INITIALIZE | BEFORE_SWAP)
    amm.tell(FEE_HOOK, hooks, "setManager", at)
    amm.tell(FEE_HOOK, hooks, "setFee", 10_000)
    tokens = (amm.tokens["usdc"], amm.tokens["weth"])
    pool = Pool("hooked", Venue.UNISWAP_V4, at, at, DYNAMIC_FEE, tokens, hooks=hooks)
    usdc, weth = tokens
    amm.v4.create_pool(pool.key, {usdc: 2_000_000 * U, weth: 2_000_000 * UNIT["weth"] // 1600})
    amm.pools[pool.name] = pool
    return pool


class TestRegistering:
    def test_the_event_says_all_of_it(self, amm: Amm) -> None:
        for name in ("v4_usdc_weth", "eth_usdc_weth"):
            pool = amm[name]
            amm.env.owner.send("unregisterPools", [pool.id])
            assert amm.env.owner.send("registerPools", [pool.config]) == [
                event(
                    "PoolRegistered",
                    id=amm.env.read("poolCount"),
                    pool=amm.v4.manager,
                    factory=amm.v4.manager,
                    venue=Venue.UNISWAP_V4,
                    token0=pool.token0,
                    token1=pool.token1,
                    fee=3000,
                    pool_id=pool.pool_id,
                    tick_spacing=60,
                    hooks=ZERO,
                )
            ]
            assert (pool.token0 == ZERO) == (name == "eth_usdc_weth")

    def test_not_twice(self, amm: Amm) -> None:
        pool = amm["v4_usdc_weth"]
        with refuses(amm.env, PoolAlreadyRegistered(amm.v4.manager, pool.id)):
            amm.env.owner.send("registerPools", [pool.config])

    @pytest.mark.parametrize("change", [{"fee": 500}, {"tick_spacing": 10}, {"token1": "fourth"}])
    def test_a_pool_that_the_manager_does_not_know(
        self, amm: Amm, change: dict[str, int | str]
    ) -> None:
        named = {k: amm.tokens.get(str(v), v) for k, v in change.items()}
        config = altered(amm["v4_usdc_weth"].config, **named)
        with pytest.raises(PoolNotInitialized):
            amm.env.owner.send("registerPools", [config])

    def test_what_is_not_a_manager_is_refused_with_what_it_answers(self, amm: Amm) -> None:
        """It might answer nothing, and have any price then."""
        env, place = amm.env, amm.tokens["third"]
        env.owner.send("setFactory", place, Venue.UNISWAP_V4, True)
        config = altered(amm["v4_usdc_weth"].config, pool=place, factory=place)
        with refuses(env, CallFailed(place, b"")):
            env.owner.send("registerPools", [config])

    def test_the_pool_is_the_manager(self, amm: Amm) -> None:
        other = amm["low_usdc_weth"].address
        config = altered(amm["v4_usdc_weth"].config, pool=other)
        with refuses(amm.env, PoolNotCanonical(other, amm.v4.manager)):
            amm.env.owner.send("registerPools", [config])

    def test_hooks_are_refused_unless_allowed(self, amm: Amm) -> None:
        hooks = amm.env.stranger.address
        pool = replace(amm["v4_usdc_weth"], hooks=hooks)
        with refuses(amm.env, HooksNotAllowed(hooks)):
            amm.env.owner.send("registerPools", [pool.config])
        reported = amm.env.owner.send("setHooks", hooks, True)
        assert reported == [event("HooksSet", hooks=hooks, allowed=True)]
        assert amm.env.read("hooksAllowed", hooks)
        # Allowed; but there is no such pool.
        with refuses(amm.env, PoolNotInitialized(pool.pool_id)):
            amm.env.owner.send("registerPools", [pool.config])
        amm.env.owner.send("setHooks", hooks, False)
        with refuses(amm.env, HooksNotAllowed(hooks)):
            amm.env.owner.send("registerPools", [pool.config])

    def test_hooks_that_set_the_fee(self, amm: Amm, hooked: Pool) -> None:
        env = amm.env
        with refuses(env, HooksNotAllowed(hooked.hooks)):
            env.owner.send("registerPools", [hooked.config])
        env.owner.send("setHooks", hooked.hooks, True)
        reported = env.owner.only("PoolRegistered", "registerPools", [hooked.config])
        assert (reported["fee"], reported["hooks"]) == (DYNAMIC_FEE, hooked.hooks)
        amm.pools[hooked.name] = replace(hooked, id=reported["id"])
        amm.swap("a_usdc_weth", "usdc", 300_000 * U)
        order = amm.order("usdc", AMOUNT, hooked.name, "a_usdc_weth")
        profits = []
        for fee in (10_000, 500):
            amm.tell(FEE_HOOK, hooked.hooks, "setFee", fee)
            profits.append(amm.quote(order)[1])
            assert profits[-1] == amm.by_hand(order)
        assert amm.execute(order)["profit"] == profits[1] > profits[0]
        # Resizing knows the fee that was set last.
        resized = altered(order, amount_in=10**6 * U, resize=True)
        amount_in, profit = amm.quote(resized)
        for share in (-3, 3):
            other = altered(order, amount_in=amount_in * (1000 + share) // 1000)
            assert amm.quote(other)[1] <= profit

    def test_no_hooks_are_not_hooks(self, amm: Amm) -> None:
        with refuses(amm.env, ZeroAddress()):
            amm.env.owner.send("setHooks", ZERO, True)

    def test_owner_only(self, amm: Amm) -> None:
        env = amm.env
        for name in ("operator", "guardian", "keeper"):
            actor = getattr(env, name)
            for call in (("setHooks", env.base, True), ("setWrappedNative", env.base)):
                with refuses(env, NotOwner(actor.address, env.owner.address)):
                    actor.send(*call)


class TestWrappedNative:
    def test_set_once(self, amm: Amm) -> None:
        weth = amm.tokens["weth"]
        assert amm.env.read("wrappedNative") == weth
        for token in (weth, amm.tokens["third"]):
            with refuses(amm.env, WrappedNativeAlreadySet(weth)):
                amm.env.owner.send("setWrappedNative", token)

    def test_ether_against_itself_is_not_a_pool(self, amm: Amm) -> None:
        weth = amm.tokens["weth"]
        tokens = (ZERO, weth)
        pool = Pool("odd", Venue.UNISWAP_V4, amm.v4.manager, amm.v4.manager, 3000, tokens)
        amm.v4.create_pool(pool.key, {ZERO: 10**18, weth: 10**18})
        with refuses(amm.env, InvalidPoolTokens(amm.v4.manager, ZERO, weth)):
            amm.env.owner.send("registerPools", [pool.config])

    def test_without_it_pools_of_ether_are_refused(self, amm: Amm) -> None:
        """On a diamond of its own, which does not know it yet."""
        env = amm.env
        cuts = []
        for name, functions in (
            ("PoolsFacet", ("registerPools", "setWrappedNative")),
            ("MarketFacet", ("setFactory",)),
        ):
            abi = ours(name).abi
            selectors = [abi.selector(function) for function in functions]
            cuts.append((env.deploy(ours(name)), FacetCutAction.ADD, selectors))
        owner, manager = env.owner, amm.v4.manager
        bare = env.deploy(ours("MacroStrikeDiamond"), cuts, owner.address, ZERO, b"")
        market, pools = ours("MarketFacet").abi, ours("PoolsFacet").abi
        env.tell(owner.key, market, bare, "setFactory", manager, Venue.UNISWAP_V4, True)
        config = amm["eth_usdc_weth"].config
        with reverts(WrappedNativeNotSet()):
            env.tell(owner.key, pools, bare, "registerPools", [config])
        with reverts(ZeroAddress()):
            env.tell(owner.key, pools, bare, "setWrappedNative", ZERO)
        env.tell(owner.key, pools, bare, "setWrappedNative", amm.tokens["weth"])
        env.tell(owner.key, pools, bare, "registerPools", [config])


class TestEther:
    @pytest.mark.parametrize(
        "cycle",
        [
            ("eth_usdc_weth", "low_usdc_weth"),
            ("eth_usdc_weth", "v4_usdc_weth"),
            ("eth_usdc_weth", "a_usdc_third", "eth_third_weth"),
            ("a_usdc_weth", "a_usdc_third", "eth_third_weth"),
            ("high_usdc_weth", "v4_usdc_third", "eth_third_weth"),
            ("eth_usdc_weth", "v4_usdc_third", "eth_third_weth"),
        ],
    )
    def test_cycles_that_start_in_wrapped_ether(self, amm: Amm, cycle: tuple[str, ...]) -> None:
        amm.swap(cycle[0], "usdc", 200_000 * U)
        order = amm.order("weth", 5 * UNIT["weth"], *cycle)
        profit = amm.by_hand(order)
        assert profit > 0
        assert amm.execute(order)["profit"] == profit

    def test_none_stays(self, amm: Amm) -> None:
        amm.swap("eth_usdc_weth", "usdc", 200_000 * U)
        amm.execute(amm.order("usdc", AMOUNT, "low_usdc_weth", "eth_usdc_weth"))
        assert amm.env.chain.balance(amm.env.diamond) == 0

    @pytest.mark.parametrize("name", ["keeper", "operator", "owner"])
    def test_a_strangers_is_refused_at_rest(self, amm: Amm, name: str) -> None:
        env = amm.env
        env.chain.set_balance(getattr(env, name).address, 10**18)
        with refuses(env, FunctionNotFound(bytes(4))), typed_errors():
            env.chain.send(getattr(env, name).key, env.diamond, b"", value=1)

    def test_what_lay_there_is_not_a_profit(self, amm: Amm) -> None:
        """Nothing can refuse ether that a dying contract leaves; it is not counted as anyone's."""
        env = amm.env
        env.chain.set_balance(env.diamond, 10**18)
        amm.swap("eth_usdc_weth", "usdc", 200_000 * U)
        order = amm.order("usdc", AMOUNT, "low_usdc_weth", "eth_usdc_weth")
        profit = amm.by_hand(order)
        assert amm.execute(order)["profit"] == profit
        assert env.chain.balance(env.diamond) == 10**18


def test_a_stranger_unlocks_nothing(amm: Amm) -> None:
    for name in ("keeper", "operator", "owner"):
        actor = getattr(amm.env, name)
        with refuses(amm.env, UnexpectedCallback(actor.address, ZERO)):
            actor.send("unlockCallback", b"")


def test_one_manager_a_cycle(amm: Amm) -> None:
    env = amm.env
    other = V4(env.chain, amm.maker, amm.tokens["weth"])
    for token in amm.tokens.values():
        other.allow(token)
    pool = replace(amm["v4_usdc_weth"], address=other.manager, factory=other.manager)
    amounts = {amm.tokens["usdc"]: 1700 * 1000 * U, amm.tokens["weth"]: 1000 * UNIT["weth"]}
    other.create_pool(pool.key, amounts)
    env.owner.send("setFactory", other.manager, Venue.UNISWAP_V4, True)
    second = env.owner.only("PoolRegistered", "registerPools", [pool.config])["id"]
    order = amm.order("usdc", AMOUNT, pools=(amm["v4_usdc_weth"].id, second))
    with refuses(env, SecondManager(other.manager)):
        amm.execute(order)
    assert amm.execute(altered(order, pools=(amm["low_usdc_weth"].id, second)))["profit"] > 0


def test_the_protocols_part_of_the_fee_is_seen(amm: Amm) -> None:
    """V4's owner may take up to 0.1 % on top: resizing and search must know, or take too much."""
    env, pool = amm.env, amm["v4_usdc_weth"]
    env.tell(
        amm.maker, V4_MANAGER.abi, amm.v4.manager, "setProtocolFeeController", amm.maker.address
    )
    both = 1000 << 12 | 1000
    env.tell(amm.maker, V4_MANAGER.abi, amm.v4.manager, "setProtocolFee", pool.key, both)
    amm.swap("a_usdc_weth", "usdc", 150_000 * U)
    order = amm.order("usdc", 10**6 * U, pool.name, "a_usdc_weth", resize=True)
    amount_in, profit = amm.quote(order)
    for share in (-3, 3):
        other = altered(order, amount_in=amount_in * (1000 + share) // 1000, resize=False)
        assert amm.quote(other)[1] <= profit
    registered = env.read("getPools", 0, 100)
    models = {each.id: each for each in read_pools(env.chain, registered)[0]}
    keys = {
        each.id: f"0x{each.pool_id.hex()}" if each.id == pool.id else each.pool
        for each in registered
    }
    amount, usdc, weth = amount_in, amm.tokens["usdc"], amm.tokens["weth"]
    for hop, way in ((pool.id, (usdc, weth)), (amm["a_usdc_weth"].id, (weth, usdc))):
        amount = models[keys[hop]].amount_out(*way, amount)
    assert amount - amount_in == profit
    assert amm.execute(order)["profit"] == profit > 0
