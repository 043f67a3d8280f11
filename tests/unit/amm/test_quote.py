"""What is quoted is what executing earns; what is resized is the best there is."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike.abi import diamond_abi
from macrostrike.errors import (
    AMMCapExceeded,
    ArbitrageFailed,
    ArbitrageQuoted,
    CallFailed,
    ContractError,
    CycleNotClosed,
    NotProfitable,
    NotTheDiamond,
    UnknownPool,
    ZeroAmount,
)
from macrostrike.types import FacetCut, FacetCutAction, PoolConfig

from ..environment import ZERO, altered, ours, reverts
from ..readers import refuses, unchanged
from .pools import CAP, MANAGER, UNIT, V3_FACTORY, Amm
from .test_arbitrage import CYCLES, ON_CAPITAL, SKEWED
from .test_balancer import BALANCER, fund

U = UNIT["usdc"]
# Of pools of one kind of curve: for others, TestResize in test_balancer says how close it comes.
EXACT = {name: cycle for name, cycle in CYCLES.items() if name not in BALANCER}

cycles = st.sampled_from(sorted([*CYCLES.values(), *ON_CAPITAL.values()])).flatmap(
    lambda pools: st.sampled_from((pools, tuple(reversed(pools))))
)
amounts = st.integers(0, 7).flatmap(lambda zeros: st.integers(1, 1_500_000 * U // 10**zeros))
pools = st.sampled_from(
    (
        *(*SKEWED, "b_usdc_weth", "low_usdc_weth", "v4_usdc_weth", "v4_third_weth"),
        *("eth_third_weth", "bal_usdc_weth", "bal_third_weth", "stable_usdc_third"),
    )
)
moves = st.lists(st.tuples(pools, st.booleans(), st.integers(1, 400_000)), min_size=1, max_size=3)


def move(amm: Amm, pool: str, buys: bool, dollars: int) -> None:
    if buys or pool == "stable_usdc_third":
        amm.swap(pool, pool.split("_")[1], dollars * U)
    else:
        amm.swap(pool, "weth", dollars * UNIT["weth"] // 1600)


@settings(max_examples=150)
@given(moved=moves, cycle=cycles, amount=amounts, resize=st.booleans())
def test_executing_returns_what_was_quoted_and_what_hands_get(
    amm: Amm, moved: list[tuple[str, bool, int]], cycle: tuple[str, ...], amount: int, resize: bool
) -> None:
    with amm.env.undone():
        fund(amm, 300_000 * U)
        for each in moved:
            move(amm, *each)
        order = amm.order("usdc", amount, *cycle, resize=resize)
        try:
            amount_in, profit = amm.quote(order)
        except ContractError as refused:
            # Too little for a pool to give anything for: executing says the same.
            with reverts(refused):
                amm.execute(order)
            return
        assert amount_in == amount or resize
        if profit <= 0:
            with reverts(NotProfitable(amount_in, profit, 0)):
                amm.execute(order)
            return
        assert profit == amm.by_hand(order, amount_in)
        reported = amm.execute(order)
        assert (reported["amount_in"], reported["profit"]) == (amount_in, profit)


def skew(amm: Amm) -> None:
    for name in SKEWED:
        amm.swap(name, "usdc", 150_000 * U)


class TestQuote:
    def test_a_loss_is_quoted_too(self, amm: Amm) -> None:
        order = amm.order("usdc", 1000 * U, "a_usdc_weth", "b_usdc_weth")
        assert amm.quote(order) == (1000 * U, amm.by_hand(order))
        assert amm.quote(order)[1] < 0

    def test_anyone_may_ask_whatever_the_gates(self, amm: Amm) -> None:
        skew(amm)
        order = amm.order("usdc", 1000 * U, *CYCLES["v3_v2"])
        profit = amm.by_hand(order)
        amm.env.guardian.send("pause")
        amm.env.owner.send("setAMMCap", amm.env.quote, 0)
        asked = altered(order, deadline=0, confidence_bps=0, min_profit=profit + 1)
        for name in ("keeper", "operator", "owner"):
            assert amm.quote(asked, by=name) == (1000 * U, profit)

    def test_the_cycle_must_be_one(self, amm: Amm) -> None:
        with reverts(UnknownPool(99)):
            amm.quote(amm.order("usdc", 1, pools=(99, 98)))
        with reverts(CycleNotClosed(amm.env.quote, amm.tokens["third"])):
            amm.quote(amm.order("usdc", 1, "a_usdc_weth", "a_third_weth"))
        with reverts(ZeroAmount()):
            amm.quote(amm.order("usdc", 0, "a_usdc_weth", "b_usdc_weth"))

    @pytest.mark.parametrize("cycle", CYCLES.values(), ids=CYCLES)
    def test_sent_it_changes_nothing(self, amm: Amm, cycle: tuple[str, ...]) -> None:
        skew(amm)
        order = amm.order("usdc", 20_000 * U, *cycle)
        with unchanged(amm.env):
            assert amm.env.operator.send("quoteArbitrage", order) == []
            assert amm.env.keeper.send("quoteArbitrage", order) == []

    def test_a_trial_cannot_be_had_by_itself(self, amm: Amm) -> None:
        """The branch that runs swaps is for the diamond's own call: no one else has its address."""
        skew(amm)
        order = amm.order("usdc", 1000 * U, *CYCLES["v3_v2"])
        env = amm.env
        data = diamond_abi().encode_call("quoteArbitrage", order)
        answer = env.chain.call(env.diamond, data, sender=env.keeper.address)
        assert int.from_bytes(answer[32:], "big") == amm.by_hand(order)

    def test_what_a_trial_finds_it_says_by_failing(self, amm: Amm) -> None:
        """As only the diamond itself gets to see it: a facet is added that calls in its name."""
        skew(amm)
        order, env = amm.order("usdc", 1000 * U, *CYCLES["v3_v2"]), amm.env
        probe = ours("DiamondProbeFacet")
        add = FacetCut(env.deploy(probe, 1), FacetCutAction.ADD, (probe.abi.selector("callSelf"),))
        env.owner.send("diamondCut", [add], ZERO, b"")
        trial = diamond_abi().encode_call("quoteArbitrage", order)
        with refuses(env, ArbitrageQuoted(1000 * U, amm.by_hand(order))):
            env.tell(env.keeper.key, probe.abi, env.diamond, "callSelf", trial)
        unknown = altered(order, pools=(99, 98))
        trial = diamond_abi().encode_call("quoteArbitrage", unknown)
        failed = keccak(text="UnknownPool(uint32)")[:4] + encode(["uint32"], [99])
        with refuses(env, ArbitrageFailed(failed)):
            env.tell(env.keeper.key, probe.abi, env.diamond, "callSelf", trial)

    @pytest.mark.parametrize("name", ["keeper", "operator", "owner", "guardian"])
    def test_the_swaps_of_a_trial_are_for_the_diamond_alone(self, amm: Amm, name: str) -> None:
        skew(amm)
        actor = getattr(amm.env, name)
        order = amm.order("usdc", 1000 * U, *CYCLES["v3_v2"])
        with refuses(amm.env, NotTheDiamond(actor.address)):
            actor.send("tryArbitrage", order)


class TestResize:
    @pytest.mark.parametrize("cycle", EXACT.values(), ids=EXACT)
    def test_it_takes_the_best_amount(self, amm: Amm, cycle: tuple[str, ...]) -> None:
        skew(amm)
        order = amm.order("usdc", CAP["usdc"], *cycle, resize=True)
        amount_in, profit = amm.quote(order)
        assert 0 < amount_in < CAP["usdc"]
        for share in (-3, -1, 1, 3):
            other = amount_in + amount_in * share // 1000
            assert amm.quote(altered(order, amount_in=other, resize=False))[1] <= profit
        reported = amm.execute(order)
        assert (reported["amount_in"], reported["profit"]) == (amount_in, profit)

    @pytest.mark.parametrize("cycle", CYCLES.values(), ids=CYCLES)
    def test_a_second_one_finds_next_to_nothing(self, amm: Amm, cycle: tuple[str, ...]) -> None:
        skew(amm)
        order = amm.order("usdc", CAP["usdc"], *cycle, resize=True)
        first = amm.execute(order)["profit"]
        try:
            left = amm.quote(order)[1]
        except CallFailed:
            left = 0  # so little that a pool pays nothing for it
        assert left * 10**6 <= first

    @pytest.mark.parametrize("asked", [1 << 112, 1 << 128, (1 << 255) - 1, (1 << 256) - 1])
    @pytest.mark.parametrize("cycle", CYCLES.values(), ids=CYCLES)
    def test_a8_however_much_is_asked_for_it_takes_the_best(
        self, amm: Amm, cycle: tuple[str, ...], asked: int
    ) -> None:
        skew(amm)
        amm.env.owner.send("setAMMCap", amm.env.quote, (1 << 128) - 1)
        maximum = amm.quote(amm.order("usdc", 10**13, *cycle, resize=True))
        order = amm.order("usdc", asked, *cycle, resize=True)
        amount_in, profit = amm.quote(order)
        assert abs(amount_in - maximum[0]) <= maximum[0] // 1000
        assert profit > 0
        reported = amm.execute(order)
        assert (reported["amount_in"], reported["profit"]) == (amount_in, profit)

    @pytest.mark.parametrize("over", [-1, 0, 1])
    def test_a8_a_best_amount_over_the_cap_is_cut_to_it(self, amm: Amm, over: int) -> None:
        skew(amm)
        order = amm.order("usdc", CAP["usdc"], *CYCLES["v3_v2"], resize=True)
        best, _ = amm.quote(order)
        amm.env.owner.send("setAMMCap", amm.env.quote, best - over)
        assert amm.quote(order)[0] == min(best, best - over)
        assert amm.execute(order)["amount_in"] == min(best, best - over)

    def test_a_cap_of_zero_still_refuses(self, amm: Amm) -> None:
        skew(amm)
        order = amm.order("usdc", CAP["usdc"], *CYCLES["v3_v2"], resize=True)
        amount_in, _ = amm.quote(order)
        amm.env.owner.send("setAMMCap", amm.env.quote, 0)
        with refuses(amm.env, AMMCapExceeded(amm.env.quote, amount_in, 0)):
            amm.execute(order)
        assert amm.quote(order)[0] == amount_in

    def test_no_more_than_the_order_says(self, amm: Amm) -> None:
        skew(amm)
        order = amm.order("usdc", 1000 * U, *CYCLES["v3_v2"], resize=True)
        assert amm.execute(order)["amount_in"] == 1000 * U

    def test_the_state_moved_and_less_is_left(self, amm: Amm) -> None:
        skew(amm)
        order = amm.order("usdc", CAP["usdc"], *CYCLES["v3_v2"], resize=True)
        best, _ = amm.quote(order)
        somebody = amm.order("usdc", best // 2, *CYCLES["v3_v2"])
        amm.execute(somebody)
        fixed = altered(order, amount_in=best, resize=False)
        resized = amm.execute(order)
        assert 0 < resized["amount_in"] < best
        assert amm.quote(fixed)[1] < resized["profit"]

    def test_nothing_is_left(self, amm: Amm) -> None:
        order = amm.order("usdc", CAP["usdc"], "a_usdc_weth", "b_usdc_weth", resize=True)
        with refuses(amm.env, NotProfitable(0, 0, 0)):
            amm.execute(order)
        assert amm.quote(order) == (0, 0)

    def test_caps_and_budget_are_those_of_the_amount_taken(self, amm: Amm) -> None:
        skew(amm)
        order = amm.order("usdc", CAP["usdc"], *CYCLES["v3_v2"], resize=True)
        best, _ = amm.quote(order)
        amm.env.owner.send("setAMMCap", amm.env.quote, best)
        before = amm.env.read("getOperator", amm.env.operator.address)[3]
        amm.execute(order)
        used = before - amm.env.read("getOperator", amm.env.operator.address)[3]
        assert 0 <= best - used <= best // 1000  # some of it drained meanwhile

    def test_pools_without_liquidity_have_no_best_amount(self, amm: Amm) -> None:
        """Two V3 pools that were given a price and nothing else."""
        env, at = amm.env, amm.env.world.venues.fixtures
        token0, token1 = sorted((amm.tokens["usdc"], amm.tokens["fourth"]), key=str.lower)
        ids = []
        for fee in (500, 3000):
            create = ("createAndInitializePoolIfNecessary", token0, token1, fee, 1 << 96)
            amm.tell(MANAGER, at.position_manager, *create)
            pool = env.ask(V3_FACTORY.abi, at.factory, "getPool", token0, token1, fee)
            config = PoolConfig(factory=at.factory, pool=pool, fee=fee)
            ids.append(env.owner.only("PoolRegistered", "registerPools", [config])["id"])
        with refuses(env, NotProfitable(0, 0, 7)):
            amm.execute(amm.order("usdc", U, pools=tuple(ids), min_profit=7, resize=True))
