"""What a target says of arbitrages: pools of all venues, hooks, wrapped ether, capital."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import pytest
from eth_account.signers.local import LocalAccount

from macrostrike.chain import RevmTransport
from macrostrike.deploy import CannotPlan, complete, inspect, parse_target
from macrostrike.deploy.target import Amm, Target
from macrostrike.devchain import Venues, deploy_venues
from macrostrike.testing import World, deploy_world
from macrostrike.types import DYNAMIC_FEE, ZERO_ADDRESS, Venue

from ..evm import undone
from ..unit.amm.balancer import Balancer
from ..unit.amm.v4 import SPACING, V4
from .amm import HOOKS, text_of
from .support import STRANGER, again, ask, tell

USDC, WETH = 10**6, 10**18


@dataclass(frozen=True)
class Env:
    """A chain with all venues, and a diamond deployed to a target that names them."""

    world: World
    text: str
    manager: str
    balancer: Balancer
    pool: str

    @property
    def target(self) -> Target:
        return parse_target(self.text)

    @property
    def owner(self) -> LocalAccount:
        return self.world.owner

    def failing(self, target: Target | None = None) -> dict[str, tuple[str, str]]:
        """The checks that fail, with what is meant and what is."""
        checks = inspect(self.world.transport, target or self.target, self.world.manifest)
        return {check.name: (check.expected, check.actual) for check in checks if not check.ok}

    def fix(self, target: Target | None = None) -> list[str]:
        """Plans and applies. Returns what was called; nothing is left to do."""
        target = target or self.target
        deployment = again(self.world, target)
        deployed = complete(deployment, {self.owner.address: self.owner})
        assert all(check.ok for check in deployed.checks)
        assert not again(self.world, target).plan.steps
        return [step.function for step in deployment.plan.steps]

    def tell(self, function: str, *args: object) -> None:
        tell(self.world, self.owner, function, *args)

    def capital(self, token: str) -> int:
        at = {"USDC": self.world.venues.fixtures.quote, "WETH": self.world.venues.fixtures.base}
        stats = {each.token: each.capital for each in ask(self.world, "getAMMStats")}
        return int(stats[at[token]])

    def id_of(self, **said: object) -> int:
        """The registered pool of which so much is true."""
        (found,) = [
            pool.id
            for pool in ask(self.world, "getPools", 0, ask(self.world, "poolCount"))
            if pool.registered and all(getattr(pool, name) == said[name] for name in said)
        ]
        return int(found)


def _pools(venues: Venues) -> tuple[str, Balancer, str]:
    """Pools of V4 and of Balancer. Returns the manager, Balancer, and its pool."""
    chain, at = venues.transport, venues.fixtures
    v4, balancer = V4(chain, venues.maker, at.base), Balancer(chain, venues.maker)
    amounts = {at.quote: 1_600_000 * USDC, at.base: 1_000 * WETH, ZERO_ADDRESS: 1_000 * WETH}
    for token in (at.quote, at.base):
        v4.allow(token)
        balancer.allow(token)
    chain.set_balance(venues.maker.address, 10_000 * WETH)
    wrapped = sorted((at.quote, at.base), key=str.lower)
    ether = (ZERO_ADDRESS, at.quote)
    v4.create_pool((ether[0], ether[1], 3000, SPACING, ZERO_ADDRESS), amounts)
    v4.create_pool((ether[0], ether[1], DYNAMIC_FEE, SPACING, HOOKS), amounts)
    for fee in (500, 3000):
        v4.create_pool((wrapped[0], wrapped[1], fee, SPACING, ZERO_ADDRESS), amounts)
    brought = {token: amounts[token] for token in (at.quote, at.base)}
    pool = balancer.weighted(brought, {at.quote: 50, at.base: 50}, 3000)
    return v4.manager, balancer, pool


@pytest.fixture(scope="module")
def _env() -> Env:
    chain = RevmTransport()
    manager, balancer, pool = _pools(deploy_venues(chain))
    text = text_of(manager, balancer.weighted_factory, pool)
    world = deploy_world(chain, target=parse_target(text))
    return Env(world, text, manager, balancer, pool)


@pytest.fixture
def env(_env: Env) -> Iterator[Env]:
    with undone(_env.world.transport):
        yield _env


def amm_of(target: Target) -> Amm:
    assert target.amm is not None
    return target.amm


def with_amm(target: Target, **changes: object) -> Target:
    return target.model_copy(update={"amm": amm_of(target).model_copy(update=changes)})


def test_all_that_the_target_says_is_there_and_a_second_plan_is_empty(env: Env) -> None:
    assert not env.failing()
    assert env.fix() == []
    found = [
        (pool.venue, pool.pool, pool.fee, pool.hooks) for pool in ask(env.world, "getPools", 0, 100)
    ]
    at, v4 = env.world.venues.fixtures, Venue.UNISWAP_V4
    assert found == [
        (Venue.UNISWAP_V3, at.pool, 500, ZERO_ADDRESS),
        (Venue.UNISWAP_V2, at.pair, 3000, ZERO_ADDRESS),
        (v4, env.manager, 3000, ZERO_ADDRESS),
        (v4, env.manager, 3000, ZERO_ADDRESS),
        (v4, env.manager, 500, ZERO_ADDRESS),
        (v4, env.manager, DYNAMIC_FEE, HOOKS),
        (Venue.BALANCER_WEIGHTED, env.pool, 3000, ZERO_ADDRESS),
    ]
    assert ask(env.world, "wrappedNative") == at.base
    assert ask(env.world, "hooksAllowed", HOOKS)
    assert (env.capital("USDC"), env.capital("WETH")) == (100_000 * USDC, 50 * WETH)
    # Beside what is meant to be there.
    assert ask(env.world, "inventoryOf", at.base) == 500 * WETH


def test_a_pool_that_is_gone_is_said_by_its_key_and_registered_again(env: Env) -> None:
    gone = [
        env.id_of(venue=Venue.UNISWAP_V4, fee=500),
        env.id_of(venue=Venue.UNISWAP_V4, hooks=HOOKS),
        env.id_of(venue=Venue.BALANCER_WEIGHTED),
    ]
    env.tell("unregisterPools", gone)
    factory, at = env.balancer.weighted_factory, env.world.venues.fixtures
    pair = "WETH/USDC" if int(at.base, 16) < int(at.quote, 16) else "USDC/WETH"
    of, absent = f"of {env.manager}", "not registered"
    v4 = f"registered as UniswapV4 {of}"
    assert env.failing() == {
        f"arbitrage pool {pair}, fee 500, tick spacing 60, no hooks, {of}": (v4, absent),
        f"arbitrage pool ether/USDC, fee {DYNAMIC_FEE}, tick spacing 60, hooks {HOOKS}, {of}": (
            v4,
            absent,
        ),
        f"arbitrage pool {env.pool}, {pair}": (
            f"registered as BalancerWeighted of {factory}",
            absent,
        ),
    }
    assert env.fix() == ["registerPools"] * 3
    assert not env.failing()


def test_a_pool_that_the_target_does_not_name_is_unregistered_and_it_alone(env: Env) -> None:
    target = env.target
    pools = amm_of(target).pools
    for dropped, venue in ((pools[4], "UniswapV4"), (pools[6], "BalancerWeighted")):
        fewer = with_amm(target, pools=tuple(pool for pool in pools if pool != dropped))
        ((name, (expected, actual)),) = env.failing(fewer).items()
        assert expected == "not registered"
        assert actual.startswith(f"registered as {venue} of ")
        assert name.startswith("arbitrage pool ")
        deployment = again(env.world, fewer)
        assert [step.function for step in deployment.plan.steps] == ["unregisterPools"]


def test_a_key_that_differs_in_one_part_is_another_pool(env: Env) -> None:
    """All of V4's pools are at one address: those that are meant stay when one of them goes."""
    pools = amm_of(env.target).pools
    assert env.fix(with_amm(env.target, pools=(*pools[:4], *pools[5:]))) == ["unregisterPools"]
    ((name, (expected, actual)),) = env.failing().items()
    assert "fee 500, tick spacing 60" in name
    assert (expected, actual) == (f"registered as UniswapV4 of {env.manager}", "not registered")
    assert env.fix() == ["registerPools"]
    assert env.id_of(venue=Venue.UNISWAP_V4, fee=500) == 8


def test_hooks_are_allowed_and_forbidden_as_the_target_says(env: Env) -> None:
    env.tell("setHooks", HOOKS, False)
    env.tell("setHooks", STRANGER, True)
    assert env.failing() == {
        f"hooks {HOOKS}": ("allowed", "not allowed"),
        f"hooks {STRANGER}": ("not allowed", "allowed"),
    }
    assert env.fix() == ["setHooks", "setHooks"]
    assert ask(env.world, "hooksAllowed", HOOKS)
    assert not ask(env.world, "hooksAllowed", STRANGER)


def test_wrapped_ether_that_is_another_token_is_said_and_no_plan_fixes_it(env: Env) -> None:
    at = env.world.venues.fixtures
    pools = tuple(
        pool for pool in amm_of(env.target).pools if "ether" not in (pool.token0, pool.token1)
    )
    other = with_amm(env.target, wrapped_native="USDC", pools=pools, hooks=())
    assert env.failing(other)["wrapped ether"] == (at.quote, at.base)
    with pytest.raises(CannotPlan, match=f"wrapped ether: {at.base}, where {at.quote} is meant"):
        again(env.world, other)


class TestFunding:
    def test_only_what_is_short_is_given(self, env: Env) -> None:
        at = env.world.venues.fixtures
        env.tell("defundAMM", at.quote, 30_000 * USDC)
        env.tell("defundAMM", at.base, 20 * WETH)
        assert env.failing() == {
            "arbitrage funding of USDC": ("at least 100,000 USDC", "70,000 USDC"),
            "arbitrage funding of WETH": ("at least 50 WETH", "30 WETH"),
        }
        # It went to the reserve and the inventory, and comes from there.
        assert not any(again(env.world, env.target).plan.spends.values())
        assert env.fix() == ["fundAMM", "fundAMM"]
        assert (env.capital("USDC"), env.capital("WETH")) == (100_000 * USDC, 50 * WETH)

    def test_what_is_not_there_is_deposited_first(self, env: Env) -> None:
        at, owner = env.world.venues.fixtures, env.owner.address
        env.tell("defundAMM", at.quote, 30_000 * USDC)
        env.tell("withdraw", 20_000 * USDC, owner)
        env.tell("defundAMM", at.base, 20 * WETH)
        env.tell("withdrawInventory", at.base, 25 * WETH, owner)
        plan = again(env.world, env.target).plan
        assert plan.spends == {at.quote: 20_000 * USDC, at.base: 25 * WETH}
        # The inventory's own 5, then 20 for the AMM bots.
        assert env.fix() == [
            *("approve", "depositInventory"),
            *("approve", "deposit", "fundAMM"),
            *("approve", "depositInventory", "fundAMM"),
        ]
        assert ask(env.world, "inventoryOf", at.base) == 500 * WETH

    def test_bots_and_amm_bots_do_not_count_on_the_same_reserve(self, env: Env) -> None:
        at = env.world.venues.fixtures
        env.tell("defundAMM", at.quote, 30_000 * USDC)
        more = parse_target(env.text.replace("funding: 32_000", "funding: 33_000", 1))
        plan = again(env.world, more).plan
        # 1,000 of the 30,000 go to the bot.
        assert plan.spends[at.quote] == 1_000 * USDC
        assert env.fix(more) == ["fundBots", "approve", "deposit", "fundAMM"]

    def test_what_is_over_the_target_stays(self, env: Env) -> None:
        less = with_amm(env.target, funding={"USDC": Decimal(1)})
        assert env.fix(less) == []
        assert env.capital("USDC") == 100_000 * USDC

    def test_an_approval_is_used_once(self, env: Env) -> None:
        """Where a plan was cut short between it and the first of two payments of one amount."""
        at, owner = env.world.venues.fixtures, env.owner.address
        env.tell("defundAMM", at.base, 20 * WETH)
        env.tell("withdrawInventory", at.base, 40 * WETH, owner)
        target = env.target
        first = again(env.world, target)
        assert [step.function for step in first.plan.steps][:2] == ["approve", "depositInventory"]
        cut = first.plan.steps[0]
        env.world.transport.send(env.owner, cut.to, cut.data)
        assert env.fix() == ["depositInventory", "approve", "depositInventory", "fundAMM"]
