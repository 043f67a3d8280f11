"""Balancer V2: which of its pools may be used, and cycles that need capital."""

from __future__ import annotations

from dataclasses import replace

import pytest

from macrostrike.errors import (
    InsufficientAMMCapital,
    InvalidPoolTokens,
    NotProfitable,
    PoolAlreadyRegistered,
    PoolNotCanonical,
    PoolRepeated,
)
from macrostrike.types import Venue

from ..environment import TOKEN, ZERO, altered, call_failed, event, reverts
from ..market.markets import config as market_config
from ..readers import refuses
from .balancer import POOL
from .pools import UNIT, Amm
from .test_arbitrage import AMOUNT, CYCLES, ON_CAPITAL, SKEWED

U = UNIT["usdc"]
BALANCER = {name: cycle for name, cycle in CYCLES.items() if "bal" in name or "stable" in name}


@pytest.fixture
def amm(amm: Amm) -> Amm:
    """Ether is dear in one pool of each kind."""
    for name in SKEWED:
        amm.swap(name, "usdc", 150_000 * U)
    return amm


def fund(amm: Amm, amount: int) -> None:
    amm.env.owner.send("defundBots", [each.equity // 2 for each in amm.env.read("getBots")])
    amm.env.owner.send("fundAMM", amm.env.quote, amount)


class TestRegistering:
    @pytest.mark.parametrize("name", ["tri_usdc_weth", "stable_usdc_third"])
    def test_the_event_says_all_of_it(self, amm: Amm, name: str) -> None:
        pool = amm[name]
        amm.env.owner.send("unregisterPools", [pool.id])
        config = altered(pool.config, fee=0)  # the pool says it itself
        assert amm.env.owner.send("registerPools", [config]) == [
            event(
                "PoolRegistered",
                id=amm.env.read("poolCount"),
                pool=pool.address,
                factory=pool.factory,
                venue=pool.venue,
                token0=pool.token0,
                token1=pool.token1,
                fee=pool.fee,
                pool_id=pool.vault_id,
                tick_spacing=0,
                hooks=ZERO,
            )
        ]

    def test_a_fee_is_rounded_down_to_hundredths_of_a_basis_point(self, amm: Amm) -> None:
        pool = amm["bal_usdc_weth"]
        amm.balancer.tell(POOL, pool.address, "setSwapFeePercentage", 3001 * 10**12 - 1)
        amm.env.owner.send("unregisterPools", [pool.id])
        assert amm.env.owner.only("PoolRegistered", "registerPools", [pool.config])["fee"] == 3000

    def test_a_pool_of_three_is_three_pairs(self, amm: Amm) -> None:
        pool = amm["tri_usdc_weth"]
        for second in ("usdc", "weth"):
            pair = replace(pool, tokens=(amm.tokens["third"], amm.tokens[second]))
            amm.env.owner.only("PoolRegistered", "registerPools", [pair.config])
        with refuses(amm.env, PoolAlreadyRegistered(pool.address, pool.id)):
            amm.env.owner.send("registerPools", [pool.config])

    def test_one_pair_of_a_pool_a_cycle(self, amm: Amm) -> None:
        pool = amm["tri_usdc_weth"]
        pair = replace(pool, tokens=(amm.tokens["third"], amm.tokens["weth"]))
        other = amm.env.owner.only("PoolRegistered", "registerPools", [pair.config])["id"]
        ids = (amm["a_usdc_third"].id, other, pool.id)
        with refuses(amm.env, PoolRepeated(pool.id)):
            amm.execute(amm.order("usdc", AMOUNT, pools=ids))

    def test_tokens_in_order_and_of_the_pool(self, amm: Amm) -> None:
        pool = amm["bal_usdc_weth"]
        strange = sorted((amm.tokens["fourth"], amm.tokens["weth"]), key=str.lower)
        for token0, token1 in (
            (pool.token1, pool.token0),
            (pool.token0, pool.token0),
            (ZERO, pool.token1),
            tuple(strange),
        ):
            config = altered(pool.config, token0=token0, token1=token1)
            with refuses(amm.env, InvalidPoolTokens(pool.address, token0, token1)):
                amm.env.owner.send("registerPools", [config])

    def test_a_pools_own_share_is_not_a_token_of_it(self, amm: Amm) -> None:
        pool = amm["composable_third_fourth"]
        token0, token1 = sorted((pool.address, pool.token0), key=str.lower)
        config = altered(pool.config, token0=token0, token1=token1)
        with refuses(amm.env, InvalidPoolTokens(pool.address, token0, token1)):
            amm.env.owner.send("registerPools", [config])

    def test_a_pool_of_another_factory(self, amm: Amm) -> None:
        pool, other = amm["bal_usdc_weth"], amm.balancer.stable_factory
        with refuses(amm.env, PoolNotCanonical(pool.address, other)):
            amm.env.owner.send("registerPools", [replace(pool, factory=other).config])

    def test_a_pool_of_another_factory_of_its_kind(self, amm: Amm) -> None:
        pool, other = amm["stable_usdc_third"], amm.balancer.composable_factory
        with refuses(amm.env, PoolNotCanonical(pool.address, other)):
            amm.env.owner.send("registerPools", [replace(pool, factory=other).config])

    def test_a_factory_named_as_of_the_other_kind(self, amm: Amm) -> None:
        for name, venue in (
            ("bal_usdc_weth", Venue.BALANCER_STABLE),
            ("stable_usdc_third", Venue.BALANCER_WEIGHTED),
        ):
            pool = amm[name]
            with amm.env.undone():
                amm.env.owner.send("setFactory", pool.factory, venue, True)
                with refuses(amm.env, PoolNotCanonical(pool.address, pool.factory)):
                    amm.env.owner.send("registerPools", [pool.config])

    def test_no_market_trades_there(self, amm: Amm) -> None:
        factory = amm.balancer.weighted_factory
        asked = market_config(amm.env, factory=factory)
        with refuses(amm.env, PoolNotCanonical(asked.pool, factory)):
            amm.env.owner.send("registerMarket", asked)


class TestApprovals:
    @pytest.mark.parametrize("cycle", BALANCER.values(), ids=BALANCER)
    def test_none_is_left(self, amm: Amm, cycle: tuple[str, ...]) -> None:
        amm.execute(amm.order("usdc", AMOUNT, *cycle))
        for token in amm.tokens.values():
            vault, diamond = amm.balancer.vault, amm.env.diamond
            assert amm.env.ask(TOKEN.abi, token, "allowance", diamond, vault) == 0


@pytest.mark.parametrize("cycle", ON_CAPITAL.values(), ids=ON_CAPITAL)
class TestCapital:
    def test_the_profit_is_what_swapping_by_hand_returns(
        self, amm: Amm, cycle: tuple[str, ...]
    ) -> None:
        fund(amm, AMOUNT)
        order = amm.order("usdc", AMOUNT, *cycle)
        profit = amm.by_hand(order)
        assert profit > 0
        excess, kept = (
            amm.env.read("excessOf", amm.env.quote),
            amm.env.balance(amm.env.quote),
        )
        assert amm.quote(order) == (AMOUNT, profit)
        assert amm.execute(order)["profit"] == profit
        assert amm.stats("usdc").capital == AMOUNT + profit
        assert amm.env.balance(amm.env.quote) == kept + profit
        assert amm.env.read("excessOf", amm.env.quote) == excess

    def test_no_more_than_there_is(self, amm: Amm, cycle: tuple[str, ...]) -> None:
        # The bots' capital is there too, and is not touched.
        assert amm.env.balance(amm.env.quote) > AMOUNT
        order = amm.order("usdc", AMOUNT, *cycle)
        for capital in (0, AMOUNT - 1):
            with amm.env.undone():
                if capital:
                    fund(amm, capital)
                error = InsufficientAMMCapital(amm.env.quote, AMOUNT, capital)
                with refuses(amm.env, error):
                    amm.execute(order)
                with reverts(error):
                    amm.quote(order)

    def test_resized_to_what_there_is(self, amm: Amm, cycle: tuple[str, ...]) -> None:
        order = amm.order("usdc", AMOUNT, *cycle, resize=True)
        with refuses(amm.env, NotProfitable(0, 0, 0)):
            amm.execute(order)
        fund(amm, 1000 * U)
        assert amm.execute(order)["amount_in"] == 1000 * U

    def test_a_loss_is_refused(self, amm: Amm, cycle: tuple[str, ...]) -> None:
        fund(amm, AMOUNT)
        order = amm.order("usdc", AMOUNT, *reversed(cycle))
        loss = amm.by_hand(order)
        assert loss < 0
        with refuses(amm.env, NotProfitable(AMOUNT, loss, 0)):
            amm.execute(order)


class TestResize:
    ALL = BALANCER | ON_CAPITAL

    @pytest.mark.parametrize("cycle", ALL.values(), ids=ALL)
    def test_it_comes_close_to_the_best_amount(self, amm: Amm, cycle: tuple[str, ...]) -> None:
        """To a millionth of the profit, where the pools' curves are not of one kind."""
        fund(amm, 400_000 * U)
        order = amm.order("usdc", 400_000 * U, *cycle, resize=True)
        amount_in, profit = amm.quote(order)
        assert 0 < amount_in < 400_000 * U
        for share in (-20, -5, -1, 1, 5, 20):
            other = altered(order, amount_in=amount_in * (1000 + share) // 1000, resize=False)
            better = amm.quote(other)[1]
            assert better <= profit + profit // 10**6, f"{share} in 1000 gives {better - profit}"
        reported = amm.execute(order)
        assert (reported["amount_in"], reported["profit"]) == (amount_in, profit)


def test_more_than_the_pool_takes(amm: Amm) -> None:
    """Weighted pools take 30 % of what they have and no more: their own error says so."""
    amm.env.owner.send("setAMMCap", amm.env.quote, 10**7 * U)
    order = amm.order("usdc", 3_000_000 * U, "bal_usdc_weth", "a_usdc_weth")
    with refuses(amm.env, call_failed(amm.balancer.vault, "Error(string)", "BAL#304")):
        amm.execute(order)
