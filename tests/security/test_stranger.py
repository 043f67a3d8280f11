"""What a stranger can do to open strikes, with real Uniswap pools: properties 1, 2, 3, 8 and 12.

He has no role and as many tokens as he likes. Within one second he pushes the pool, takes a strike
over, and trades back, in any order. Depths of pools are those recorded in ../shared/data/pools.
"""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from macrostrike.types import Signal

from ..unit.pools import POOL
from ..unit.scene import Scene
from . import pushes
from .depths import DOLLAR, POOLS, quantiles, recorded_depths
from .stranger import LONG, SHORT, Stranger, due_strike, stranger_of

# Each example is put back by `Scene.undone`.
_SHARED = [HealthCheck.function_scoped_fixture]
SIZES = [size * DOLLAR for size in (500, 5_000, 16_000, 102_480)]
LAGS = (0, 1, 2, 5)
recorded = pytest.mark.skipif(not POOLS.exists(), reason=f"{POOLS} is not there")


@recorded
@pytest.mark.parametrize("notional", SIZES)
def test_s1_no_push_within_the_second_earns_more_than_the_plain_take(notional: int) -> None:
    """Property 3, over all recorded depths, both sides, with the pool's exact arithmetic."""
    for case in pushes.cases(recorded_depths(), [notional], LAGS):
        rule, pool = pushes.by_the_start(case), case.pool
        best, push = pushes.best_push(pool, rule)
        plain = pushes.gain(pool, rule)
        assert plain is not None
        assert best <= plain, (case, push)


@recorded
@pytest.mark.parametrize("weaker", [pushes.by_the_spot, pushes.by_a_sale])
def test_the_search_finds_what_a_weaker_rule_gives_away(weaker: pushes.OfCase) -> None:
    """Price of the moment; a sale of the diamond's that a stranger calls for (S1)."""
    found = pushes.survey(weaker, quantiles(8), SIZES[-1:], LAGS)
    assert {lag for (_, lag), paid in found.items() if paid.pools} >= {1, 2, 5}
    assert found[SIZES[-1], 5].most > 2_000 * DOLLAR


@pytest.mark.parametrize("signal", [LONG, SHORT])
@pytest.mark.parametrize(("lots", "lag"), [(1, 0), (30, 5), (1023, 2), (1023, 5)])
def test_the_contracts_give_what_the_arithmetic_says(
    scene: Scene, signal: Signal, lots: int, lag: int
) -> None:
    """Whole executions: the plain take, the worst push for the fleet, and one either way."""
    ahead = Fraction(lag if signal.is_long else -lag, 100)
    with scene.undone():
        stranger = stranger_of(scene, 20_000_000 * DOLLAR, lots)
        strike_id = due_strike(stranger, signal, ahead)
        terms = terms_of(stranger, strike_id, signal)
        pool = pool_of(stranger)
        plain = gain(stranger, strike_id, signal, 1)
        for share in (1, 0.97, 1.05, 0.7):
            known = pushes.gain(pool, lambda _: terms, share)
            told = gain(stranger, strike_id, signal, share)
            assert known is not None
            # The pool steps from word to word of its ticks, and rounds at each.
            assert abs(told - known) <= 50
            assert told <= plain


def pool_of(stranger: Stranger) -> pushes.Pool:
    """What its pool is now, base first."""
    liquidity = stranger.scene.ask(POOL.abi, stranger.pool, "liquidity")
    price = stranger.price()
    return pushes.Pool(pushes.root_of(price), liquidity, 500)


def terms_of(stranger: Stranger, strike_id: int, signal: Signal) -> tuple[int, int]:
    """What a takeover leaves its taker with in the next transaction: quote, base."""
    _, _, paid, got = stranger.scene.stranger.call("quoteTake", strike_id)
    return (-paid, got) if signal.is_long else (got, -paid)


def gain(stranger: Stranger, strike_id: int, signal: Signal, share: float) -> int:
    """What he has more of quote after pushing, taking and trading back, in one second."""
    with stranger.scene.undone(), stranger.scene.frozen():
        quote, base = stranger.holds()
        if share != 1:
            stranger.push(Fraction(share) - 1)
        stranger.take(strike_id, signal)
        stranger.even(base)
        return stranger.holds()[0] - quote


@settings(max_examples=15, deadline=None, suppress_health_check=_SHARED)
@given(seed=st.integers(0, 1 << 32), signal=st.sampled_from([LONG, SHORT]))
def test_a_takeovers_price_is_of_the_seconds_beginning(
    scene: Scene, seed: int, signal: Signal
) -> None:
    """Property 1: whatever is traded within the second, not a unit of it changes."""
    random = Random(seed)
    with scene.undone():
        stranger = stranger_of(scene, 10**13)
        strike_id = due_strike(stranger, signal, Fraction(random.randint(-30, 30), 1000))
        with scene.frozen():
            expected = scene.stranger.call("quoteTake", strike_id)
            for _ in range(random.randint(1, 4)):
                stranger.push(Fraction(random.choice((-1, 1)) * random.randint(1, 300), 1000))
                if random.random() < 0.3:
                    grow = POOL.abi.encode_call("increaseObservationCardinalityNext", 70)
                    scene.transact(stranger.key, stranger.pool, grow)
                assert scene.stranger.call("quoteTake", strike_id) == expected


@settings(max_examples=10, deadline=None, suppress_health_check=_SHARED)
@given(seed=st.integers(0, 1 << 32))
def test_the_start_of_the_second_is_the_pools_true_price(scene: Scene, seed: int) -> None:
    """Property 2: random swaps in random seconds; the price of the last of them before this one."""
    random = Random(seed)
    with scene.undone():
        stranger = stranger_of(scene, 10**13)
        for _ in range(8):
            scene.wait(random.choice((1, 1, 2, 40)))
            with scene.frozen():
                known = scene.stranger.call("getReferencePrices", stranger.market, 10**18)[2]
                for _ in range(random.randint(0, 3)):
                    stranger.push(Fraction(random.choice((-1, 1)) * random.randint(1, 80), 1000))
                told = scene.stranger.call("getReferencePrices", stranger.market, 10**18)[2]
                assert told == known
                after = stranger.price() * 10**18
            scene.wait(1)
            start = scene.stranger.call("getReferencePrices", stranger.market, 10**18)[2]
            # By the tick, which is a basis point wide.
            assert abs(start - after) <= after / 9_900


@pytest.mark.parametrize("signal", [LONG, SHORT])
def test_an_operators_exit_is_not_refused_for_what_one_second_did(
    scene: Scene, signal: Signal
) -> None:
    """Property 8: pushed by 30 % and held over the end of a second, then traded back."""
    with scene.undone():
        stranger = stranger_of(scene, 10**13)
        opened = scene.strike(market=stranger.market, signal=signal, horizon=3600)
        scene.wait(600)
        price = stranger.price()
        stranger.push(Fraction(3, 10) if signal.is_long else Fraction(-3, 10))
        scene.stranger.send("markDue", [opened["strike_id"]])
        stranger.buy_to(price)
        scene.settle(opened["strike_id"])


def test_liveness_behind_a_dead_operator_in_a_falling_market(scene: Scene) -> None:
    """Property 7: halted, paused, the operator gone, the market falling 1 % a minute."""
    with scene.undone():
        stranger = stranger_of(scene, 10**13)
        strike_id = int(scene.strike(market=stranger.market, horizon=3600)["strike_id"])
        scene.guardian.send("pause")
        scene.guardian.send("revokeOperator", scene.operator.address)
        opened_at = scene.now
        rules = scene.read("getMarket", stranger.market).rules
        bound = 3600 + rules.keeper_delay + rules.auction_seconds + 2 * rules.oracle_window
        while scene.read("getOpenStrikes"):
            assert scene.now - opened_at <= bound
            stranger.push(Fraction(-1, 100))
            scene.wait(59)
            scene.stranger.send("markDue", [strike_id])
            takeable, _, cost, base = scene.stranger.call("quoteTake", strike_id)
            # He wants half a percent for his trouble.
            if takeable and cost <= stranger.price() * base * 995 / 1000:
                stranger.take(strike_id, LONG)


def test_no_push_of_one_block_trips_the_mark_to_market_halt(scene: Scene) -> None:
    """Property 12, for a flash and for a price held over the end of a second."""
    with scene.undone():
        stranger = stranger_of(scene, 10**13, 200)
        for _ in range(6):
            scene.strike(market=stranger.market)
        for held in (0, 1):
            price = stranger.price()
            with scene.frozen():
                stranger.push(Fraction(-9, 10))
                if not held:
                    assert not scene.stranger.call("markToMarket")[2]
            assert not scene.stranger.call("markToMarket")[2]
            stranger.buy_to(price)
            scene.wait(1000)


def test_s3_a_fall_that_holds_trips_it_and_resuming_is_not_undone(scene: Scene) -> None:
    with scene.undone():
        stranger = stranger_of(scene, 10**13, 1023)
        scene.rule(max_bot_lots=1023)
        ids = [scene.strike(market=stranger.market)["strike_id"] for _ in range(9)]
        stranger.push(Fraction(-80, 100))
        scene.wait(700)
        marked, unpriced, halted = scene.stranger.call("markToMarket")
        assert (marked < 0, unpriced, halted) == (True, 0, True)
        scene.stranger.send("markToMarket")
        assert scene.read("getStrikeStats").halted
        scene.owner.send("resume")
        scene.stranger.send("markToMarket")
        assert not scene.read("getStrikeStats").halted
        # What was lost is in the mark: closing the losers is no drawdown.
        for strike_id in ids[:4]:
            scene.settle(strike_id, by="owner")
        assert not scene.read("getStrikeStats").halted
