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

from ..readers import answers, refuses, unchanged
from ..scene import Scene, shown

MOST = (1 << 256) - 1
Order = tuple[Any, bytes, int]


def order(scene: Scene, limit: int | None = None, **changes: Any) -> Order:
    prediction = scene.prediction(valid_from=0, **changes)
    if limit is None:
        limit = 0 if prediction.signal.is_long else MOST
    return prediction, scene.sign(prediction), limit


def core(scene: Scene) -> bytes:
    """The fleet's word."""
    slot = 0x2B583CD0DCB4BFF4C7FC541709496EA4ECD936410073415C32A460890E5D4A00
    return bytes(scene.chain.storage(scene.diamond, slot))


@pytest.mark.parametrize("may_fail", [False, True])
@pytest.mark.parametrize("signal", Signal)
def test_a_roll_is_a_settlement_and_a_strike(scene: Scene, signal: Signal, may_fail: bool) -> None:
    scene.strike(signal=signal)
    following = order(scene, signal=Signal.SHORT)
    limit = 0 if signal.is_long else MOST
    with scene.frozen():
        with scene.undone():
            pnl = scene.settle(1)["pnl"]
            scene.operator.send("executeStrike", *following)
            apart, word = answers(scene), core(scene)
        assert scene.operator.call("roll", 1, limit, following, may_fail) == (pnl, 2)
        events = scene.operator.send("roll", 1, limit, following, may_fail)
        assert [event.name for event in events] == ["StrikeSettled", "StrikeOpened"]
        assert answers(scene) == apart
        assert core(scene) == word


FAILING: dict[str, tuple[Callable[[Scene], Order], Callable[[Scene], ContractError]]] = {
    "threshold": (
        lambda scene: order(scene, confidence_bps=9299),
        lambda _: ConfidenceTooLow(9299, 9300),
    ),
    "nonce": (
        lambda scene: order(scene, nonce=1),
        lambda scene: NonceUsed(scene.engine.address, 1),
    ),
    "participants": (lambda scene: order(scene, strategies=0), lambda _: NoParticipants()),
    "market": (lambda scene: order(scene, market=9), lambda _: UnknownMarket(9)),
    "model": (
        lambda scene: order(scene, model_id=999),
        lambda scene: ModelNotRegistered(scene.engine.address, 999),
    ),
    "horizon": (
        lambda scene: order(scene, horizon=0),
        lambda scene: InvalidHorizon(0, scene.read("getMarket", 0).rules.max_horizon),
    ),
    "stop-loss": (
        lambda scene: order(scene, stop_loss_bps=0),
        lambda scene: InvalidStopLoss(0, scene.read("getMarket", 0).rules.max_stop_loss_bps),
    ),
    "expectation": (
        lambda scene: order(scene, confidence_bps=9300, take_profit_bps=1, stop_loss_bps=100),
        lambda _: NegativeExpectation(9300, 1, 100),
    ),
}


@pytest.mark.parametrize("gate", FAILING)
def test_an_opening_that_fails_undoes_all_or_leaves_the_settlement(scene: Scene, gate: str) -> None:
    assert scene.strike()["nonce"] == 1
    make, error = FAILING[gate]
    failing = make(scene)
    with refuses(scene, error(scene)):
        scene.operator.send("roll", 1, 0, failing, False)
    with scene.frozen():
        with scene.undone():
            scene.settle(1)
            settled = answers(scene)
        assert scene.operator.call("roll", 1, 0, failing, True)[1] == 0
        first, skipped = scene.operator.send("roll", 1, 0, failing, True)
        assert answers(scene) == settled
    assert (first.name, skipped.name) == ("StrikeSettled", "Skipped")
    assert (skipped.args["index"], skipped.args["nonce"]) == (0, failing[0].nonce)
    assert shown(decode_revert(skipped.args["reason"])) == shown(error(scene))


def test_a_limit_of_the_opening_that_is_not_met_undoes_its_swap(scene: Scene) -> None:
    scene.strike()
    failing = order(scene, limit=MOST)
    settled, skipped = scene.operator.send("roll", 1, 0, failing, True)
    assert (settled.name, skipped.name) == ("StrikeSettled", "Skipped")
    assert isinstance(decode_revert(skipped.args["reason"]), SlippageExceeded)
    assert not scene.read("isNonceUsed", scene.engine.address, failing[0].nonce)
    assert scene.read("getOpenStrikes") == ()


def test_the_opening_sees_a_halt_that_the_settlement_tripped(scene: Scene) -> None:
    scene.rule(max_bot_lots=10)
    ids = [scene.strike()["strike_id"] for _ in range(7)]
    for strike_id in ids[:6]:
        scene.owner.send("writeOffStrike", strike_id)
    assert not scene.read("getStrikeStats").halted
    following = order(scene)
    with refuses(scene, FleetHalted()):
        scene.operator.send("roll", ids[6], 0, following, False)
    names = [each.name for each in scene.operator.send("roll", ids[6], 0, following, True)]
    assert sorted(names) == ["Halted", "Skipped", "StrikeSettled"]
    assert scene.read("getOpenStrikes") == ()


def test_paused_it_settles_and_does_not_open(scene: Scene) -> None:
    scene.strike()
    scene.owner.send("pause")
    following = order(scene)
    with refuses(scene, EnforcedPause()):
        scene.operator.send("roll", 1, 0, following, False)
    scene.operator.send("roll", 1, 0, following, True)
    assert scene.read("getOpenStrikes") == ()


def test_the_opening_has_the_lots_and_caps_that_the_settlement_frees(scene: Scene) -> None:
    lots = sum(scene.read("getStrike", scene.strike()["strike_id"]).lots)
    scene.rule(max_open_lots=lots)
    following = order(scene)
    with unchanged(scene), pytest.raises(CapExceeded):
        scene.execute(following[0], following[1])
    scene.operator.send("roll", 1, 0, following, False)
    assert scene.read("getMarket", 0).open_lots <= lots


def test_with_64_open_the_next_has_the_slot_that_is_freed(scene: Scene) -> None:
    scene.rule(max_bot_lots=1, max_open_lots=60_000)
    for _ in range(64):
        scene.strike()
    scene.operator.send("roll", 5, 0, order(scene), False)
    assert scene.read("getOpenStrikes") == (*range(64, 65), *range(1, 5), 69, *range(6, 64))


def test_a_cooldown_holds_for_a_roll_too(scene: Scene) -> None:
    scene.strike()
    scene.rule(cooldown=1000)
    ready = scene.read("getMarket", 0).last_strike_at + 1000
    with refuses(scene, CooldownActive(0, ready)):
        scene.operator.send("roll", 1, 0, order(scene), False)


def test_a_key_that_may_only_settle_rolls_nothing(scene: Scene) -> None:
    scene.strike()
    following = order(scene)
    settled, skipped = scene.settler.send("roll", 1, 0, following, True)
    assert (settled.name, skipped.name) == ("StrikeSettled", "Skipped")
    with refuses(scene, NotOperator(scene.keeper.address, 0)):
        scene.keeper.send("roll", 1, 0, following, True)


def test_what_is_not_open_is_not_rolled(scene: Scene) -> None:
    for may_fail in (False, True):
        with refuses(scene, StrikeNotOpen(1)):
            scene.operator.send("roll", 1, 0, order(scene), may_fail)


@pytest.mark.parametrize("skip", [False, True])
def test_a_batch_settles_several_and_opens_several(scene: Scene, skip: bool) -> None:
    for signal in (Signal.LONG, Signal.SHORT):
        scene.strike(signal=signal)
    orders = [order(scene, signal=signal) for signal in Signal]
    args = ([2, 1], [MOST, 0], orders, skip)
    with scene.frozen():
        with scene.undone():
            pnls = [scene.settle(strike_id)["pnl"] for strike_id in (2, 1)]
            for each in orders:
                scene.operator.send("executeStrike", *each)
            apart = answers(scene)
        assert scene.operator.call("rollStrikes", *args) == (tuple(pnls), (3, 4, 5, 6))
        scene.operator.send("rollStrikes", *args)
        assert answers(scene) == apart


def test_a_batch_needs_a_limit_for_each_settlement(scene: Scene) -> None:
    scene.strike()
    with refuses(scene, LengthMismatch(1, 0)):
        scene.operator.send("rollStrikes", [1], [], [], True)
