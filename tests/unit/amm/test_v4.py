"""Uniswap V4: which of its pools may be used, and where ether goes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from macrostrike.arbitrage import read_pools
from macrostrike.build import npm, ours
from macrostrike.errors import (
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

from ..readers import refuses
from ..scene import ZERO, altered, event, reverts, typed_errors
from .pools import UNIT, Amm, Pool
from .v4 import AFTER_INITIALIZE, BEFORE_SWAP, V4, V4_MANAGER, deploy_hooks

U = UNIT["usdc"]
AMOUNT = 20_000 * U
_OUT = "@uniswap/v4-core/out"
FEE_HOOK = npm(f"{_OUT}/DynamicFeesTestHook.sol/DynamicFeesTestHook.json")


@pytest.fixture
def hooked(amm: Amm) -> Pool:
    """A pool whose fee its hooks set, 1 % for now; not registered."""
    scene, at = amm.scene, amm.v4.manager
    hooks = deploy_hooks(scene.caller(amm.maker), FEE_HOOK, AFTER_INITIALIZE | BEFORE_SWAP)
    amm.tell(FEE_HOOK, hooks, "setManager", at)
    amm.tell(FEE_HOOK, hooks, "setFee", 10_000)
    tokens = (amm.tokens["usdc"], amm.tokens["weth"])
    pool = Pool("hooked", Venue.UNISWAP_V4, at, at, DYNAMIC_FEE, tokens, hooks=hooks)
    usdc, weth = tokens
    amm.v4.create_pool(pool.key, {usdc: 2_000_000 * U, weth: 2_000_000 * UNIT["weth"] // 1600})
    amm.pools[pool.name] = pool
    return pool


class TestRegistering:
    def test_the_event_tells_all_of_it(self, amm: Amm) -> None:
        for name in ("v4_usdc_weth", "eth_usdc_weth"):
            pool = amm[name]
            amm.scene.owner.send("unregisterPools", [pool.id])
            assert amm.scene.owner.send("registerPools", [pool.config]) == [
                event(
                    "PoolRegistered",
                    id=amm.scene.read("poolCount"),
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
        with refuses(amm.scene, PoolAlreadyRegistered(amm.v4.manager, pool.id)):
            amm.scene.owner.send("registerPools", [pool.config])

    @pytest.mark.parametrize("change", [{"fee": 500}, {"tick_spacing": 10}, {"token1": "fourth"}])
    def test_a_pool_that_the_manager_does_not_know(
        self, amm: Amm, change: dict[str, int | str]
    ) -> None:
        named = {k: amm.tokens.get(str(v), v) for k, v in change.items()}
        config = altered(amm["v4_usdc_weth"].config, **named)
        with pytest.raises(PoolNotInitialized):
            amm.scene.owner.send("registerPools", [config])

    def test_the_pool_is_the_manager(self, amm: Amm) -> None:
        other = amm["low_usdc_weth"].address
        config = altered(amm["v4_usdc_weth"].config, pool=other)
        with refuses(amm.scene, PoolNotCanonical(other, amm.v4.manager)):
            amm.scene.owner.send("registerPools", [config])

    def test_hooks_are_refused_unless_allowed(self, amm: Amm) -> None:
        hooks = amm.scene.stranger.address
        pool = replace(amm["v4_usdc_weth"], hooks=hooks)
        with refuses(amm.scene, HooksNotAllowed(hooks)):
            amm.scene.owner.send("registerPools", [pool.config])
        told = amm.scene.owner.send("setHooks", hooks, True)
        assert told == [event("HooksSet", hooks=hooks, allowed=True)]
        assert amm.scene.read("hooksAllowed", hooks)
        # Allowed; but there is no such pool.
        with refuses(amm.scene, PoolNotInitialized(pool.pool_id)):
            amm.scene.owner.send("registerPools", [pool.config])
        amm.scene.owner.send("setHooks", hooks, False)
        with refuses(amm.scene, HooksNotAllowed(hooks)):
            amm.scene.owner.send("registerPools", [pool.config])

    def test_hooks_that_set_the_fee(self, amm: Amm, hooked: Pool) -> None:
        scene = amm.scene
        with refuses(scene, HooksNotAllowed(hooked.hooks)):
            scene.owner.send("registerPools", [hooked.config])
        scene.owner.send("setHooks", hooked.hooks, True)
        told = scene.owner.only("PoolRegistered", "registerPools", [hooked.config])
        assert (told["fee"], told["hooks"]) == (DYNAMIC_FEE, hooked.hooks)
        amm.pools[hooked.name] = replace(hooked, id=told["id"])
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

    def test_no_hooks_are_no_hooks(self, amm: Amm) -> None:
        with refuses(amm.scene, ZeroAddress()):
            amm.scene.owner.send("setHooks", ZERO, True)

    def test_owner_only(self, amm: Amm) -> None:
        scene = amm.scene
        for name in ("operator", "guardian", "keeper"):
            actor = getattr(scene, name)
            for call in (("setHooks", scene.base, True), ("setWrappedNative", scene.base)):
                with refuses(scene, NotOwner(actor.address, scene.owner.address)):
                    actor.send(*call)


class TestWrappedNative:
    def test_set_once(self, amm: Amm) -> None:
        weth = amm.tokens["weth"]
        assert amm.scene.read("wrappedNative") == weth
        for token in (weth, amm.tokens["third"]):
            with refuses(amm.scene, WrappedNativeAlreadySet(weth)):
                amm.scene.owner.send("setWrappedNative", token)

    def test_ether_against_itself_is_no_pool(self, amm: Amm) -> None:
        weth = amm.tokens["weth"]
        tokens = (ZERO, weth)
        pool = Pool("odd", Venue.UNISWAP_V4, amm.v4.manager, amm.v4.manager, 3000, tokens)
        amm.v4.create_pool(pool.key, {ZERO: 10**18, weth: 10**18})
        with refuses(amm.scene, InvalidPoolTokens(amm.v4.manager, ZERO, weth)):
            amm.scene.owner.send("registerPools", [pool.config])

    def test_without_it_pools_of_ether_are_refused(self, amm: Amm) -> None:
        """On a diamond of its own, which does not know it yet."""
        scene = amm.scene
        cuts = []
        for name, functions in (
            ("PoolsFacet", ("registerPools", "setWrappedNative")),
            ("MarketFacet", ("setFactory",)),
        ):
            abi = ours(name).abi
            selectors = [abi.selector(function) for function in functions]
            cuts.append((scene.deploy(ours(name)), FacetCutAction.ADD, selectors))
        owner, manager = scene.owner, amm.v4.manager
        bare = scene.deploy(ours("MacroStrikeDiamond"), cuts, owner.address, ZERO, b"")
        market, pools = ours("MarketFacet").abi, ours("PoolsFacet").abi
        scene.tell(owner.key, market, bare, "setFactory", manager, Venue.UNISWAP_V4, True)
        config = amm["eth_usdc_weth"].config
        with reverts(WrappedNativeNotSet()):
            scene.tell(owner.key, pools, bare, "registerPools", [config])
        with reverts(ZeroAddress()):
            scene.tell(owner.key, pools, bare, "setWrappedNative", ZERO)
        scene.tell(owner.key, pools, bare, "setWrappedNative", amm.tokens["weth"])
        scene.tell(owner.key, pools, bare, "registerPools", [config])


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
        assert amm.scene.chain.balance(amm.scene.diamond) == 0

    @pytest.mark.parametrize("name", ["keeper", "operator", "owner"])
    def test_a_strangers_is_refused_at_rest(self, amm: Amm, name: str) -> None:
        scene = amm.scene
        scene.chain.set_balance(getattr(scene, name).address, 10**18)
        with refuses(scene, FunctionNotFound(bytes(4))), typed_errors():
            scene.chain.send(getattr(scene, name).key, scene.diamond, b"", value=1)

    def test_what_lay_there_is_no_profit(self, amm: Amm) -> None:
        """Nothing can refuse ether that a dying contract leaves; it is not counted as anyone's."""
        scene = amm.scene
        scene.chain.set_balance(scene.diamond, 10**18)
        amm.swap("eth_usdc_weth", "usdc", 200_000 * U)
        order = amm.order("usdc", AMOUNT, "low_usdc_weth", "eth_usdc_weth")
        profit = amm.by_hand(order)
        assert amm.execute(order)["profit"] == profit
        assert scene.chain.balance(scene.diamond) == 10**18


def test_a_stranger_unlocks_nothing(amm: Amm) -> None:
    for name in ("keeper", "operator", "owner"):
        actor = getattr(amm.scene, name)
        with refuses(amm.scene, UnexpectedCallback(actor.address, ZERO)):
            actor.send("unlockCallback", b"")


def test_one_manager_a_cycle(amm: Amm) -> None:
    scene = amm.scene
    other = V4(scene.chain, amm.maker, amm.tokens["weth"])
    for token in amm.tokens.values():
        other.allow(token)
    pool = replace(amm["v4_usdc_weth"], address=other.manager, factory=other.manager)
    amounts = {amm.tokens["usdc"]: 1700 * 1000 * U, amm.tokens["weth"]: 1000 * UNIT["weth"]}
    other.create_pool(pool.key, amounts)
    scene.owner.send("setFactory", other.manager, Venue.UNISWAP_V4, True)
    second = scene.owner.only("PoolRegistered", "registerPools", [pool.config])["id"]
    order = amm.order("usdc", AMOUNT, pools=(amm["v4_usdc_weth"].id, second))
    with refuses(scene, SecondManager(other.manager)):
        amm.execute(order)
    assert amm.execute(altered(order, pools=(amm["low_usdc_weth"].id, second)))["profit"] > 0


def test_the_protocols_part_of_the_fee_is_seen(amm: Amm) -> None:
    """V4's owner may take up to 0.1 % on top: resizing and search must know, or take too much."""
    scene, pool = amm.scene, amm["v4_usdc_weth"]
    scene.tell(
        amm.maker, V4_MANAGER.abi, amm.v4.manager, "setProtocolFeeController", amm.maker.address
    )
    both = 1000 << 12 | 1000
    scene.tell(amm.maker, V4_MANAGER.abi, amm.v4.manager, "setProtocolFee", pool.key, both)
    amm.swap("a_usdc_weth", "usdc", 150_000 * U)
    order = amm.order("usdc", 10**6 * U, pool.name, "a_usdc_weth", resize=True)
    amount_in, profit = amm.quote(order)
    for share in (-3, 3):
        other = altered(order, amount_in=amount_in * (1000 + share) // 1000, resize=False)
        assert amm.quote(other)[1] <= profit
    registered = scene.read("getPools", 0, 100)
    models = {each.id: each for each in read_pools(scene.chain, registered)[0]}
    keys = {
        each.id: f"0x{each.pool_id.hex()}" if each.id == pool.id else each.pool
        for each in registered
    }
    amount, usdc, weth = amount_in, amm.tokens["usdc"], amm.tokens["weth"]
    for hop, way in ((pool.id, (usdc, weth)), (amm["a_usdc_weth"].id, (weth, usdc))):
        amount = models[keys[hop]].amount_out(*way, amount)
    assert amount - amount_in == profit
    assert amm.execute(order)["profit"] == profit > 0
