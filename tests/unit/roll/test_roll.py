"""Settling one strike and opening the next in one call (R9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from macrostrike.errors import (
    CapExceeded,
    ConfidenceTooLow,
    ContractError,
    CooldownActive,
    EnforcedPause,
    FleetHalted,
    InvalidHorizon,
    InvalidStopLoss,
    LengthMismatch,
    ModelNotRegistered,
    NegativeExpectation,
    NonceUsed,
    NoParticipants,
    NotOperator,
    SlippageExceeded,
    StrikeNotOpen,
    UnknownMarket,
)
from macrostrike.reverts import decode_revert
from macrostrike.types import Signal

from ..environment import Env, shown
from ..readers import answers, refuses, unchanged

MAXIMUM = (1 << 256) - 1
Order = tuple[Any, bytes, int]


def order(env: Env, limit: int | None = None, **changes: Any) -> Order:
    prediction = env.prediction(valid_from=0, **changes)
    if limit is None:
        limit = 0 if prediction.signal.is_long else MAXIMUM
    return prediction, env.sign(prediction), limit


def core(env: Env) -> bytes:
    """The fleet's word."""
    slot = 0x2B583CD0DCB4BFF4C7FC541709496EA4ECD936410073415C32A460890E5D4A00
    return bytes(env.chain.storage(env.diamond, slot))


@pytest.mark.parametrize("may_fail", [False, True])
@pytest.mark.parametrize("signal", Signal)
def test_a_roll_is_a_settlement_and_a_strike(env: Env, signal: Signal, may_fail: bool) -> None:
    env.strike(signal=signal)
    following = order(env, signal=Signal.SHORT)
    limit = 0 if signal.is_long else MAXIMUM
    with env.frozen():
        with env.undone():
            pnl = env.settle(1)["pnl"]
            env.operator.send("executeStrike", *following)
            apart, word = answers(env), core(env)
        assert env.operator.call("roll", 1, limit, following, may_fail) == (pnl, 2)
        events = env.operator.send("roll", 1, limit, following, may_fail)
        assert [event.name for event in events] == ["StrikeSettled", "StrikeOpened"]
        assert answers(env) == apart
        assert core(env) == word


FAILING: dict[str, tuple[Callable[[Env], Order], Callable[[Env], ContractError]]] = {
    "threshold": (
        lambda env: order(env, confidence_bps=9299),
        lambda _: ConfidenceTooLow(9299, 9300),
    ),
    "nonce": (
        lambda env: order(env, nonce=1),
        lambda env: NonceUsed(env.engine.address, 1),
    ),
    "participants": (lambda env: order(env, strategies=0), lambda _: NoParticipants()),
    "market": (lambda env: order(env, market=9), lambda _: UnknownMarket(9)),
    "model": (
        lambda env: order(env, model_id=999),
        lambda env: ModelNotRegistered(env.engine.address, 999),
    ),
    "horizon": (
        lambda env: order(env, horizon=0),
        lambda env: InvalidHorizon(0, env.read("getMarket", 0).rules.max_horizon),
    ),
    "stop-loss": (
        lambda env: order(env, stop_loss_bps=0),
        lambda env: InvalidStopLoss(0, env.read("getMarket", 0).rules.max_stop_loss_bps),
    ),
    "expectation": (
        lambda env: order(env, confidence_bps=9300, take_profit_bps=1, stop_loss_bps=100),
        lambda _: NegativeExpectation(9300, 1, 100),
    ),
}


@pytest.mark.parametrize("gate", FAILING)
def test_an_opening_that_fails_reverts_all_or_leaves_the_settlement(env: Env, gate: str) -> None:
    assert env.strike()["nonce"] == 1
    make, error = FAILING[gate]
    failing = make(env)
    with refuses(env, error(env)):
        env.operator.send("roll", 1, 0, failing, False)
    with env.frozen():
        with env.undone():
            env.settle(1)
            settled = answers(env)
        assert env.operator.call("roll", 1, 0, failing, True)[1] == 0
        first, skipped = env.operator.send("roll", 1, 0, failing, True)
        assert answers(env) == settled
    assert (first.name, skipped.name) == ("StrikeSettled", "Skipped")
    assert (skipped.args["index"], skipped.args["nonce"]) == (0, failing[0].nonce)
    assert shown(decode_revert(skipped.args["reason"])) == shown(error(env))


def test_a_limit_of_the_opening_that_is_not_met_reverts_its_swap(env: Env) -> None:
    env.strike()
    failing = order(env, limit=MAXIMUM)
    settled, skipped = env.operator.send("roll", 1, 0, failing, True)
    assert (settled.name, skipped.name) == ("StrikeSettled", "Skipped")
    assert isinstance(decode_revert(skipped.args["reason"]), SlippageExceeded)
    assert not env.read("isNonceUsed", env.engine.address, failing[0].nonce)
    assert env.read("getOpenStrikes") == ()


def test_the_opening_sees_a_halt_that_the_settlement_tripped(env: Env) -> None:
    env.rule(max_bot_lots=10)
    ids = [env.strike()["strike_id"] for _ in range(7)]
    for strike_id in ids[:6]:
        env.owner.send("writeOffStrike", strike_id)
    assert not env.read("getStrikeStats").halted
    following = order(env)
    with refuses(env, FleetHalted()):
        env.operator.send("roll", ids[6], 0, following, False)
    names = [each.name for each in env.operator.send("roll", ids[6], 0, following, True)]
    assert sorted(names) == ["Halted", "Skipped", "StrikeSettled"]
    assert env.read("getOpenStrikes") == ()


def test_paused_it_settles_and_does_not_open(env: Env) -> None:
    env.strike()
    env.owner.send("pause")
    following = order(env)
    with refuses(env, EnforcedPause()):
        env.operator.send("roll", 1, 0, following, False)
    env.operator.send("roll", 1, 0, following, True)
    assert env.read("getOpenStrikes") == ()


def test_the_opening_has_the_lots_and_caps_that_the_settlement_frees(env: Env) -> None:
    lots = sum(env.read("getStrike", env.strike()["strike_id"]).lots)
    env.rule(max_open_lots=lots)
    following = order(env)
    with unchanged(env), pytest.raises(CapExceeded):
        env.execute(following[0], following[1])
    env.operator.send("roll", 1, 0, following, False)
    assert env.read("getMarket", 0).open_lots <= lots


def test_with_64_open_the_next_has_the_slot_that_is_freed(env: Env) -> None:
    env.rule(max_bot_lots=1, max_open_lots=60_000)
    for _ in range(64):
        env.strike()
    env.operator.send("roll", 5, 0, order(env), False)
    assert env.read("getOpenStrikes") == (*range(64, 65), *range(1, 5), 69, *range(6, 64))


def test_a_cooldown_holds_for_a_roll_too(env: Env) -> None:
    env.strike()
    env.rule(cooldown=1000)
    ready = env.read("getMarket", 0).last_strike_at + 1000
    with refuses(env, CooldownActive(0, ready)):
        env.operator.send("roll", 1, 0, order(env), False)


def test_a_key_that_may_only_settle_rolls_nothing(env: Env) -> None:
    env.strike()
    following = order(env)
    settled, skipped = env.settler.send("roll", 1, 0, following, True)
    assert (settled.name, skipped.name) == ("StrikeSettled", "Skipped")
    with refuses(env, NotOperator(env.keeper.address, 0)):
        env.keeper.send("roll", 1, 0, following, True)


def test_what_is_not_open_is_not_rolled(env: Env) -> None:
    for may_fail in (False, True):
        with refuses(env, StrikeNotOpen(1)):
            env.operator.send("roll", 1, 0, order(env), may_fail)


@pytest.mark.parametrize("skip", [False, True])
def test_a_batch_settles_several_and_opens_several(env: Env, skip: bool) -> None:
    for signal in (Signal.LONG, Signal.SHORT):
        env.strike(signal=signal)
    orders = [order(env, signal=signal) for signal in Signal]
    args = ([2, 1], [MAXIMUM, 0], orders, skip)
    with env.frozen():
        with env.undone():
            pnls = [env.settle(strike_id)["pnl"] for strike_id in (2, 1)]
            for each in orders:
                env.operator.send("executeStrike", *each)
            apart = answers(env)
        assert env.operator.call("rollStrikes", *args) == (tuple(pnls), (3, 4, 5, 6))
        env.operator.send("rollStrikes", *args)
        assert answers(env) == apart


def test_a_batch_needs_a_limit_for_each_settlement(env: Env) -> None:
    env.strike()
    with refuses(env, LengthMismatch(1, 0)):
        env.operator.send("rollStrikes", [1], [], [], True)
