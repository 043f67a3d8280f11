"""A6: an order's confidence means something: attempts are scored by model and bin, misses too."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike.abi import diamond_abi
from macrostrike.errors import (
    ConfidenceOutOfRange,
    ConfidenceTooLow,
    EnforcedPause,
    NotOperator,
    OrderExpired,
    ReentrancyGuardReentrantCall,
)
from macrostrike.reverts import decode_revert
from macrostrike.types import ArbitrageOrder, AttemptBin

from ..environment import Env, altered
from ..readers import refuses
from .hostile import HOST, HostileTokens
from .pools import UNIT, Amm
from .test_arbitrage import CYCLES, SKEWED

U = UNIT["usdc"]
HIT, MISS = CYCLES["v3_v2"], tuple(reversed(CYCLES["v3_v2"]))


def skew(amm: Amm) -> None:
    for name in SKEWED:
        amm.swap(name, "usdc", 150_000 * U)


def attempt(amm: Amm, order: ArbitrageOrder) -> list[Any]:
    return list(amm.env.operator.send("attemptArbitrage", order))


def bins(env: Env, model: int) -> tuple[AttemptBin, ...]:
    return tuple(env.read("getArbitrageCalibration", model))


def test_a_hit_is_executed_and_counted(amm: Amm) -> None:
    skew(amm)
    order = amm.order("usdc", 1000 * U, *HIT, model_id=7, confidence_bps=9550)
    profit = amm.by_hand(order)
    answer = amm.env.operator.call("attemptArbitrage", order)
    assert tuple(answer) == (True, 1000 * U, profit)
    executed, scored = attempt(amm, order)
    assert (executed.name, scored.name) == ("ArbitrageExecuted", "ArbitrageScored")
    assert (executed.args["model_id"], executed.args["confidence_bps"]) == (7, 9550)
    assert (executed.args["amount_in"], executed.args["profit"]) == (1000 * U, profit)
    assert scored.args == {
        "operator": amm.env.operator.address,
        "model_id": 7,
        "confidence_bps": 9550,
        "hit": True,
        "reason": b"",
    }
    counted = bins(amm.env, 7)
    assert counted[2] == AttemptBin(1, 1, 450 * 450 // 100)
    assert sum(each.attempts for each in counted) == 1


def test_a_miss_is_counted_and_leaves_nothing_else(amm: Amm) -> None:
    skew(amm)
    order = amm.order("usdc", 1000 * U, *MISS, model_id=7, confidence_bps=9300)
    before = amm.env.read("getAMMStats"), amm.env.balance(amm.env.quote)
    (scored,) = attempt(amm, order)
    assert not scored.args["hit"]
    assert type(decode_revert(scored.args["reason"])).__name__ == "NotProfitable"
    assert (amm.env.read("getAMMStats"), amm.env.balance(amm.env.quote)) == before
    assert bins(amm.env, 7)[0] == AttemptBin(1, 0, 9300 * 9300 // 100)


def test_whatever_fails_behind_the_gates_is_a_miss(amm: Amm) -> None:
    """The operator's own mistakes too: no score is the better for them."""
    skew(amm)
    good = amm.order("usdc", 1000 * U, *HIT, model_id=3)
    amm.env.owner.send("setAMMCap", amm.env.quote, 999 * U)
    for order, error in (
        (good, "AMMCapExceeded"),
        (altered(good, pools=(99, 98)), "UnknownPool"),
        (altered(good, amount_in=500 * U, min_profit=1 << 100), "NotProfitable"),
        (altered(good, amount_in=0), "ZeroAmount"),
    ):
        (scored,) = attempt(amm, order)
        assert type(decode_revert(scored.args["reason"])).__name__ == error
    assert sum(each.attempts for each in bins(amm.env, 3)) == 4


def test_the_gates_refuse_and_count_nothing(amm: Amm) -> None:
    skew(amm)
    env, order = amm.env, amm.order("usdc", 1000 * U, *HIT, model_id=3)
    with refuses(env, ConfidenceTooLow(9299, 9300)):
        attempt(amm, altered(order, confidence_bps=9299))
    with refuses(env, ConfidenceOutOfRange(10_001)):
        attempt(amm, altered(order, confidence_bps=10_001))
    with refuses(env, OrderExpired(1, env.now)):
        attempt(amm, altered(order, deadline=1))
    with refuses(env, NotOperator(env.keeper.address, 0)):
        env.keeper.send("attemptArbitrage", order)
    env.guardian.send("pause")
    with refuses(env, EnforcedPause()):
        attempt(amm, order)
    assert sum(each.attempts for each in bins(env, 3)) == 0


@pytest.mark.parametrize(("confidence", "index"), [(9300, 0), (9399, 0), (9400, 1), (9999, 6)])
def test_bins(amm: Amm, confidence: int, index: int) -> None:
    skew(amm)
    attempt(amm, amm.order("usdc", 1000 * U, *MISS, model_id=1, confidence_bps=confidence))
    assert [each.attempts for each in bins(amm.env, 1)].index(1) == index


def test_certainty_is_of_the_last_bin(amm: Amm) -> None:
    attempt(amm, amm.order("usdc", 1000 * U, *MISS, model_id=1, confidence_bps=10_000))
    assert bins(amm.env, 1)[6] == AttemptBin(1, 0, 10_000 * 10_000 // 100)


tries = st.lists(
    st.tuples(st.booleans(), st.integers(9300, 10_000), st.sampled_from((1, 2, 65535)))
)


@settings(max_examples=25)
@given(tried=tries)
def test_the_cells_are_what_the_attempts_came_to(
    amm: Amm, tried: list[tuple[bool, int, int]]
) -> None:
    with amm.env.undone():
        skew(amm)
        expected: dict[tuple[int, int], list[int]] = {}
        for wins, confidence, model in tried:
            pools = HIT if wins else MISS
            order = amm.order("usdc", U, *pools, model_id=model, confidence_bps=confidence)
            hit = attempt(amm, order)[-1].args["hit"]
            assert hit is wins
            cell = expected.setdefault((model, min((confidence - 9300) // 100, 6)), [0, 0, 0])
            cell[0] += 1
            cell[1] += hit
            cell[2] += (10_000 - confidence if hit else confidence) ** 2 // 100
        for model in (1, 2, 65535):
            reported = bins(amm.env, model)
            for index in range(7):
                cell = expected.get((model, index), [0, 0, 0])
                assert reported[index] == AttemptBin(*cell)


def test_none_is_counted_from_within_a_running_swap(amm: Amm) -> None:
    """Else a token could have an operator that is a contract miss."""
    tokens = HostileTokens(amm)
    call = diamond_abi().encode_call("attemptArbitrage", tokens.order(tokens.token, HOST))
    tokens.tell("arm", tokens.env.diamond, call)
    answers = tokens.answers(tokens.order(tokens.token, 10 * HOST))
    assert answers == [str(ReentrancyGuardReentrantCall())]
