"""Executing an arbitrage: what it earns, what it says, what the books keep."""

from __future__ import annotations

from typing import Any

import pytest

from macrostrike.errors import (
    ActionNotAllowed,
    AMMCapExceeded,
    BudgetExceeded,
    ConfidenceOutOfRange,
    ConfidenceTooLow,
    ContractError,
    CycleNotClosed,
    EnforcedPause,
    FleetHalted,
    InvalidHops,
    NotOperator,
    NotProfitable,
    OrderExpired,
    PoolRepeated,
    TokenNotInPool,
    TokenRepeated,
    UnknownPool,
    ZeroAmount,
)
from macrostrike.types import Action, Signal

from ..environment import DAY, TOKEN, Env, altered
from ..readers import refuses
from .pools import CAP, UNIT, Amm

U = UNIT["usdc"]
AMOUNT = 20_000 * U
FOREVER = (1 << 256) - 1

# Where the maker leaves the price off, and the cycles that bring it back: every place that the pool
# which pays first can have in a cycle, with all kinds before and behind it.
SKEWED = ("a_usdc_weth", "high_usdc_weth", "eth_usdc_weth", "tri_usdc_weth")
CYCLES = {
    "v2_v2": ("b_usdc_weth", "a_usdc_weth"),
    "v2_v3": ("b_usdc_weth", "high_usdc_weth"),
    "v3_v2": ("low_usdc_weth", "a_usdc_weth"),
    "v3_v3": ("low_usdc_weth", "high_usdc_weth"),
    "v2_v2_v2": ("a_usdc_third", "a_third_weth", "a_usdc_weth"),
    "v2_v2_v3": ("a_usdc_third", "a_third_weth", "high_usdc_weth"),
    "v2_v3_v2": ("a_usdc_third", "low_third_weth", "a_usdc_weth"),
    "v2_v3_v3": ("a_usdc_third", "low_third_weth", "high_usdc_weth"),
    "v3_v2_v2": ("high_usdc_third", "a_third_weth", "a_usdc_weth"),
    "v3_v2_v3": ("high_usdc_third", "a_third_weth", "high_usdc_weth"),
    "v3_v3_v2": ("high_usdc_third", "low_third_weth", "a_usdc_weth"),
    "v2_v2_v3_v2": ("a_usdc_third", "a_third_fourth", "low_fourth_weth", "a_usdc_weth"),
    "v3_v2_v3_v3": ("high_usdc_third", "a_third_fourth", "low_fourth_weth", "high_usdc_weth"),
    "v3_v3_v3": ("high_usdc_third", "low_third_weth", "high_usdc_weth"),
    "v2_eth": ("b_usdc_weth", "eth_usdc_weth"),
    "v3_eth": ("low_usdc_weth", "eth_usdc_weth"),
    "v4_v2": ("v4_usdc_weth", "a_usdc_weth"),
    "v4_v3": ("v4_usdc_weth", "high_usdc_weth"),
    "v4_eth": ("v4_usdc_weth", "eth_usdc_weth"),
    "v2_v4_v2": ("a_usdc_third", "v4_third_weth", "a_usdc_weth"),
    "v2_eth_v2": ("a_usdc_third", "eth_third_weth", "a_usdc_weth"),
    "v2_eth_v3": ("a_usdc_third", "eth_third_weth", "high_usdc_weth"),
    "v3_v4_v3": ("high_usdc_third", "v4_third_weth", "high_usdc_weth"),
    "v3_eth_v2": ("high_usdc_third", "eth_third_weth", "a_usdc_weth"),
    "v3_v2_eth": ("high_usdc_third", "a_third_weth", "eth_usdc_weth"),
    "v4_v4_v2": ("v4_usdc_third", "v4_third_weth", "a_usdc_weth"),
    "v4_eth_eth": ("v4_usdc_third", "eth_third_weth", "eth_usdc_weth"),
    "v4_v2_eth": ("v4_usdc_third", "a_third_weth", "eth_usdc_weth"),
    "v4_v2_v3_eth": ("v4_usdc_third", "a_third_fourth", "low_fourth_weth", "eth_usdc_weth"),
    "v2_bal": ("b_usdc_weth", "tri_usdc_weth"),
    "v3_bal": ("low_usdc_weth", "tri_usdc_weth"),
    "v4_bal": ("v4_usdc_weth", "tri_usdc_weth"),
    "bal_v2": ("bal_usdc_weth", "a_usdc_weth"),
    "bal_v3": ("bal_usdc_weth", "high_usdc_weth"),
    "bal_eth": ("bal_usdc_weth", "eth_usdc_weth"),
    "stable_v2_v2": ("stable_usdc_third", "a_third_weth", "a_usdc_weth"),
    "stable_bal_v2": ("stable_usdc_third", "bal_third_weth", "a_usdc_weth"),
    "stable_v4_bal": ("stable_usdc_third", "v4_third_weth", "tri_usdc_weth"),
    "v2_bal_v3": ("a_usdc_third", "bal_third_weth", "high_usdc_weth"),
    "v2_stable_v3_bal": (
        *("a_usdc_third", "composable_third_fourth"),
        *("low_fourth_weth", "tri_usdc_weth"),
    ),
}

# Where none can pay first: they start with the AMM bots' own capital.
ON_CAPITAL = {
    "bal_bal": ("bal_usdc_weth", "tri_usdc_weth"),
    "stable_bal_bal": ("stable_usdc_third", "bal_third_weth", "tri_usdc_weth"),
}


@pytest.fixture
def amm(amm: Amm) -> Amm:
    """Ether is dear in one pool of each kind: cycles that end there make a profit."""
    for name in SKEWED:
        amm.swap(name, "usdc", 150_000 * U)
    return amm


def usual(amm: Amm, **changes: Any) -> Any:
    return altered(amm.order("usdc", AMOUNT, *CYCLES["v3_v2"]), **changes)


class TestEffect:
    @pytest.mark.parametrize("cycle", CYCLES.values(), ids=CYCLES)
    def test_the_profit_is_what_swapping_by_hand_returns(
        self, amm: Amm, cycle: tuple[str, ...]
    ) -> None:
        order = amm.order("usdc", AMOUNT, *cycle)
        profit = amm.by_hand(order)
        assert profit > 0
        assert amm.execute(order)["profit"] == profit

    @pytest.mark.parametrize("cycle", CYCLES.values(), ids=CYCLES)
    def test_it_needs_no_capital(self, amm: Amm, cycle: tuple[str, ...]) -> None:
        # Nothing but the profit comes to the diamond, and nothing was there for the AMM bots.
        assert amm.stats("usdc").capital == 0
        kept = {token: amm.env.balance(token) for token in amm.tokens.values()}
        profit = amm.execute(amm.order("usdc", AMOUNT, *cycle))["profit"]
        kept[amm.env.quote] += profit
        assert {token: amm.env.balance(token) for token in amm.tokens.values()} == kept

    def test_a_cycle_may_start_in_any_token_with_a_cap(self, amm: Amm) -> None:
        order = amm.order("weth", 5 * UNIT["weth"], *reversed(CYCLES["v3_v2"]))
        profit = amm.by_hand(order)
        assert amm.execute(order)["profit"] == profit > 0
        assert amm.stats("weth").capital == profit

    def test_the_event_says_all_of_it(self, amm: Amm) -> None:
        order = usual(amm)
        reported = amm.execute(order)
        first, second = order.pools
        assert reported == {
            "operator": amm.env.operator.address,
            "token_in": amm.env.quote,
            "amount_in": AMOUNT,
            "profit": amm.env.read("getTreasury")[2],
            "model_id": 0,
            "confidence_bps": order.confidence_bps,
            "pools": first | second << 32,
        }

    def test_the_books_keep_count_profit_best_volume(self, amm: Amm) -> None:
        profits = [amm.execute(usual(amm, amount_in=n * U))["profit"] for n in (9000, 20_000, 100)]
        stats = amm.stats("usdc")
        assert stats.executed == 3
        assert stats.profit == stats.capital == sum(profits)
        assert stats.best == max(profits) == profits[1]
        assert stats.volume == 29_100 * U
        assert stats.max_amount_in == CAP["usdc"]

    def test_profit_is_booked_and_so_no_donation(self, amm: Amm) -> None:
        excess = amm.env.read("excessOf", amm.env.quote)
        amm.execute(usual(amm))
        assert amm.env.read("excessOf", amm.env.quote) == excess

    def test_what_was_donated_before_is_not_a_profit(self, amm: Amm) -> None:
        profit = amm.by_hand(usual(amm))
        amm.env.give(amm.env.diamond, quote=10_000 * U, base=UNIT["weth"])
        amm.tell(TOKEN, amm.tokens["third"], "transfer", amm.env.diamond, 10_000 * U)
        assert amm.execute(usual(amm))["profit"] == profit

    def test_a_pair_that_was_given_something_is_traded_by_its_reserves(self, amm: Amm) -> None:
        order = usual(amm)
        profit = amm.by_hand(order)
        for token in ("usdc", "weth"):
            amount = 1000 * UNIT[token] // (1 if token == "usdc" else 1600)
            amm.tell(TOKEN, amm.tokens[token], "transfer", amm["a_usdc_weth"].address, amount)
        assert amm.execute(order)["profit"] == profit

    def test_open_strikes_are_not_touched(self, amm: Amm) -> None:
        env = amm.env
        for signal in (Signal.STRONG_LONG, Signal.STRONG_SHORT):
            env.strike(signal=signal)
        bots = env.read("getBots")
        amm.execute(usual(amm))
        assert env.read("getBots") == bots
        assert env.read("excessOf", env.quote) == env.read("excessOf", env.base) == 0


class TestGates:
    """In order: each case breaks one gate and all those behind it."""

    def test_paused(self, amm: Amm) -> None:
        order = usual(amm)
        amm.env.guardian.send("pause")
        with refuses(amm.env, EnforcedPause()):
            amm.execute(order, by="keeper")

    def test_halted(self, amm: Amm) -> None:
        halt(amm.env)
        with refuses(amm.env, FleetHalted()):
            amm.execute(usual(amm), by="keeper")

    def test_operators_only(self, amm: Amm) -> None:
        late = usual(amm, deadline=0)
        for name in ("keeper", "owner", "guardian", "engine"):
            with refuses(amm.env, NotOperator(getattr(amm.env, name).address, 0)):
                amm.execute(late, by=name)
        until = amm.env.read("getOperator", amm.env.expired.address)[0]
        with refuses(amm.env, NotOperator(amm.env.expired.address, until)):
            amm.execute(late, by="expired")

    @pytest.mark.parametrize("name", ["striker", "settler", "rebalancer"])
    def test_those_that_may_arbitrage(self, amm: Amm, name: str) -> None:
        actor = getattr(amm.env, name)
        allowed = amm.env.read("getOperator", actor.address)[1]
        error = ActionNotAllowed(actor.address, Action.ARBITRAGE, allowed)
        with refuses(amm.env, error):
            amm.execute(usual(amm, deadline=0), by=name)
        amm.execute(usual(amm), by="arbitrager")

    def test_deadline(self, amm: Amm) -> None:
        now = amm.env.now
        error = OrderExpired(now - 1, now)
        with refuses(amm.env, error):
            amm.execute(usual(amm, deadline=now - 1, confidence_bps=0))
        amm.execute(usual(amm, deadline=amm.env.now))

    def test_confidence(self, amm: Amm) -> None:
        for wrong in (0, 9299):
            with refuses(amm.env, ConfidenceTooLow(wrong, 9300)):
                amm.execute(usual(amm, confidence_bps=wrong, pools=()))
        with refuses(amm.env, ConfidenceOutOfRange(10_001)):
            amm.execute(usual(amm, confidence_bps=10_001, pools=()))
        for right in (9300, 10_000):
            with amm.env.undone():
                amm.execute(usual(amm, confidence_bps=right))

    def test_confidence_by_a_raised_threshold(self, amm: Amm) -> None:
        amm.env.owner.send("setThreshold", 9600)
        with refuses(amm.env, ConfidenceTooLow(9599, 9600)):
            amm.execute(usual(amm, confidence_bps=9599))
        amm.execute(usual(amm, confidence_bps=9600))

    @pytest.mark.parametrize("hops", [0, 1, 5])
    def test_two_to_four_hops(self, amm: Amm, hops: int) -> None:
        with refuses(amm.env, InvalidHops(hops)):
            amm.execute(usual(amm, pools=tuple(range(101, 101 + hops))))

    @pytest.mark.parametrize("pool", [0, 99, (1 << 32) - 1])
    def test_known_pools(self, amm: Amm, pool: int) -> None:
        first = amm["low_usdc_weth"].id
        with refuses(amm.env, UnknownPool(pool)):
            amm.execute(usual(amm, pools=(first, pool)))

    def test_unregistered_pools(self, amm: Amm) -> None:
        gone = amm["a_usdc_weth"].id
        amm.env.guardian.send("unregisterPools", [gone])
        with refuses(amm.env, UnknownPool(gone)):
            amm.execute(usual(amm))

    def test_no_pool_twice(self, amm: Amm) -> None:
        order = amm.order("usdc", AMOUNT, "low_usdc_weth", "low_usdc_weth")
        with refuses(amm.env, PoolRepeated(amm["low_usdc_weth"].id)):
            amm.execute(order)

    def test_no_token_twice(self, amm: Amm) -> None:
        pools = ("low_usdc_weth", "a_usdc_weth", "b_usdc_weth", "high_usdc_weth")
        with refuses(amm.env, TokenRepeated(amm.env.quote)):
            amm.execute(amm.order("usdc", AMOUNT, *pools))

    def test_hops_that_do_not_meet(self, amm: Amm) -> None:
        order = amm.order("usdc", AMOUNT, "low_usdc_weth", "a_usdc_third")
        with refuses(amm.env, TokenNotInPool(amm["a_usdc_third"].id, amm.env.base)):
            amm.execute(order)

    def test_a_cycle_that_ends_in_another_token(self, amm: Amm) -> None:
        order = amm.order("usdc", AMOUNT, "low_usdc_weth", "a_third_weth")
        error = CycleNotClosed(amm.env.quote, amm.tokens["third"])
        with refuses(amm.env, error):
            amm.execute(order)

    def test_an_amount(self, amm: Amm) -> None:
        with refuses(amm.env, ZeroAmount()):
            amm.execute(usual(amm, amount_in=0))

    def test_the_cap_of_the_token(self, amm: Amm) -> None:
        amm.env.owner.send("setAMMCap", amm.env.quote, AMOUNT)
        with refuses(amm.env, AMMCapExceeded(amm.env.quote, AMOUNT + 1, AMOUNT)):
            amm.execute(usual(amm, amount_in=AMOUNT + 1))
        amm.execute(usual(amm))

    def test_a_token_without_a_cap(self, amm: Amm) -> None:
        order = amm.order("third", AMOUNT, "a_third_weth", "low_third_weth")
        with refuses(amm.env, AMMCapExceeded(amm.tokens["third"], AMOUNT, 0)):
            amm.execute(order)

    def test_the_budget_in_quote(self, amm: Amm) -> None:
        arbitrager = amm.env.arbitrager.address
        until = amm.env.now + DAY
        amm.env.owner.send("setOperator", arbitrager, until, Action.ARBITRAGE, AMOUNT)
        error = BudgetExceeded(arbitrager, AMOUNT + 1, AMOUNT)
        with refuses(amm.env, error):
            amm.execute(usual(amm, amount_in=AMOUNT + 1), by="arbitrager")
        amm.execute(usual(amm), by="arbitrager")
        assert amm.env.read("getOperator", arbitrager)[3] == 0

    def test_no_budget_where_quote_is_not_what_goes_in(self, amm: Amm) -> None:
        arbitrager = amm.env.arbitrager.address
        amm.env.owner.send("setOperator", arbitrager, amm.env.now + DAY, Action.ARBITRAGE, 0)
        order = amm.order("weth", 5 * UNIT["weth"], *reversed(CYCLES["v3_v2"]))
        amm.execute(order, by="arbitrager")

    @pytest.mark.parametrize("cycle", CYCLES.values(), ids=CYCLES)
    def test_the_minimum_profit(self, amm: Amm, cycle: tuple[str, ...]) -> None:
        order = amm.order("usdc", AMOUNT, *cycle)
        profit = amm.by_hand(order)
        with refuses(amm.env, NotProfitable(AMOUNT, profit, profit + 1)):
            amm.execute(altered(order, min_profit=profit + 1))
        assert amm.execute(altered(order, min_profit=profit))["profit"] == profit

    @pytest.mark.parametrize("cycle", CYCLES.values(), ids=CYCLES)
    def test_a_loss_is_refused_whatever_the_minimum(self, amm: Amm, cycle: tuple[str, ...]) -> None:
        # The capital for it would be there: it is the bots'.
        order = amm.order("usdc", AMOUNT, *reversed(cycle))
        loss = amm.by_hand(order)
        assert loss < 0
        with refuses(amm.env, NotProfitable(AMOUNT, loss, 0)):
            amm.execute(order)

    def test_nothing_is_not_a_profit(self, amm: Amm) -> None:
        # One unit in, one unit back: no one gains.
        order = usual(amm, amount_in=self._breaks_even(amm))
        with refuses(amm.env, NotProfitable(order.amount_in, 0, 0)):
            amm.execute(order)

    def _breaks_even(self, amm: Amm) -> int:
        for amount in range(1, 2000):
            try:
                if amm.quote(usual(amm, amount_in=amount))[1] == 0:
                    return amount
            except ContractError:
                continue
        raise AssertionError("no amount breaks even")


def halt(env: Env) -> None:
    """Loses seven strikes of 40."""
    while not env.read("getStrikeStats").halted:
        strike_id = env.strike()["strike_id"]
        env.owner.send("writeOffStrike", strike_id)


def test_the_gates_are_in_this_order(amm: Amm) -> None:
    """All are broken at first, and fixed one by one; each time the next one refuses."""
    env = amm.env
    halt(env)
    env.guardian.send("pause")
    state: dict[str, Any] = {
        "by": "keeper",
        "order": usual(
            amm,
            deadline=0,
            confidence_bps=1,
            pools=(),
            amount_in=CAP["usdc"] + 1,
            min_profit=FOREVER,
        ),
    }
    budget = env.read("getOperator", env.arbitrager.address)[2]
    env.owner.send("setOperator", env.arbitrager.address, env.now + DAY, Action.ARBITRAGE, 1)

    def order(**changes: Any) -> None:
        state["order"] = altered(state["order"], **changes)

    def grant() -> None:
        until = env.now + DAY
        env.owner.send("setOperator", env.arbitrager.address, until, Action.ARBITRAGE, budget)

    for refusal, fix in (
        ("EnforcedPause", lambda: env.owner.send("unpause")),
        ("FleetHalted", lambda: env.owner.send("resume")),
        ("NotOperator", lambda: state.update(by="striker")),
        ("ActionNotAllowed", lambda: state.update(by="arbitrager")),
        ("OrderExpired", lambda: order(deadline=env.now + DAY)),
        ("ConfidenceTooLow", lambda: order(confidence_bps=9300)),
        ("InvalidHops", lambda: order(pools=usual(amm).pools)),
        ("AMMCapExceeded", lambda: order(amount_in=AMOUNT)),
        ("BudgetExceeded", grant),
        ("NotProfitable", lambda: order(min_profit=0)),
    ):
        with pytest.raises(ContractError) as refused:
            amm.execute(state["order"], by=state["by"])
        assert type(refused.value).__name__ == refusal
        fix()
    amm.execute(state["order"], by=state["by"])
