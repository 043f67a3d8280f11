"""Several strikes or settlements in one call: all of them, or those that can be."""

from __future__ import annotations

from typing import Any

import pytest

from macrostrike.abi import Event
from macrostrike.errors import (
    BudgetExceeded,
    ConfidenceTooLow,
    ContractError,
    CooldownActive,
    EnforcedPause,
    FleetHalted,
    InvalidSignature,
    LengthMismatch,
    NonceUsed,
    NotOperator,
    SlippageExceeded,
    StrikeNotOpen,
)
from macrostrike.reverts import decode_revert
from macrostrike.types import Prediction, Signal

from ..readers import answers, refuses, unchanged
from ..scene import Scene, altered, shown

Order = tuple[Prediction, bytes, int]
MOST = (1 << 256) - 1


def order(scene: Scene, limit: int | None = None, **changes: Any) -> Order:
    prediction = scene.prediction(**changes)
    if limit is None:
        limit = 0 if prediction.signal.is_long else MOST
    return prediction, scene.sign(prediction), limit


def reasons(events: list[Event]) -> dict[int, ContractError]:
    """Why what was skipped was, by its place."""
    return {
        event.args["index"]: decode_revert(event.args["reason"])
        for event in events
        if event.name in ("Skipped", "SettlementSkipped")
    }


def told(found: dict[int, ContractError], expected: dict[int, ContractError]) -> bool:
    return {i: shown(e) for i, e in found.items()} == {i: shown(e) for i, e in expected.items()}


@pytest.mark.parametrize("skip", [False, True])
def test_a_batch_is_its_strikes_one_after_the_other(scene: Scene, skip: bool) -> None:
    orders = [order(scene, signal=signal, valid_from=0) for signal in Signal]
    with scene.frozen():
        with scene.undone():
            for each in orders:
                scene.operator.send("executeStrike", *each)
            apart = answers(scene)
        assert scene.operator.call("executeStrikes", orders, skip) == (1, 2, 3, 4)
        events = scene.operator.send("executeStrikes", orders, skip)
        assert [event.name for event in events] == ["StrikeOpened"] * 4
        assert answers(scene) == apart


@pytest.mark.parametrize("skip", [False, True])
def test_an_empty_batch_does_nothing(scene: Scene, skip: bool) -> None:
    with unchanged(scene):
        assert scene.operator.send("executeStrikes", [], skip) == []
        assert scene.keeper.send("settleStrikes", [], [], skip) == []


@pytest.mark.parametrize("bad", [0, 1, 2])
def test_one_failure_fails_all(scene: Scene, bad: int) -> None:
    orders = [order(scene) for _ in range(3)]
    orders[bad] = order(scene, confidence_bps=9299)
    with refuses(scene, ConfidenceTooLow(9299, 9300)):
        scene.operator.send("executeStrikes", orders, False)


def test_what_fails_is_skipped_and_told(scene: Scene) -> None:
    used = scene.strike()["nonce"]
    orders = [
        order(scene, confidence_bps=9299),
        order(scene),
        order(scene, nonce=used),
        order(scene, signal=Signal.SHORT, limit=0),
        order(scene, signal=Signal.SHORT),
    ]
    with scene.undone():
        scene.operator.send("executeStrikes", orders[1:2], False)
        scene.execute(orders[3][0])
        sold = scene.read("getStrike", 3).record.base_amount
    assert scene.operator.call("executeStrikes", orders, True) == (0, 2, 0, 0, 3)
    events = scene.operator.send("executeStrikes", orders, True)
    assert [event.name for event in events] == [
        "Skipped",
        "StrikeOpened",
        "Skipped",
        "Skipped",
        "StrikeOpened",
    ]
    assert told(
        reasons(events),
        {
            0: ConfidenceTooLow(9299, 9300),
            2: NonceUsed(scene.engine.address, used),
            3: SlippageExceeded(sold, 0),
        },
    )


def test_s22_what_is_skipped_says_whose_it_was(scene: Scene) -> None:
    low, high = order(scene, confidence_bps=9299), order(scene)
    skipped, opened = scene.operator.send("executeStrikes", [low, high], True)
    assert skipped.name == "Skipped"
    assert (skipped.args["engine"], skipped.args["nonce"]) == (low[0].engine, low[0].nonce)
    settled, other = scene.operator.send("settleStrikes", [1, 7], [0, 0], True)
    assert (opened.name, settled.name) == ("StrikeOpened", "StrikeSettled")
    assert other.name == "SettlementSkipped"
    assert (other.args["index"], other.args["strike_id"]) == (1, 7)


def test_of_what_is_skipped_nothing_remains(scene: Scene) -> None:
    """Not even of one that traded already: it fails for its limit, after everything else."""
    failing = [
        order(scene, limit=MOST, valid_from=0),
        order(scene, signal=Signal.STRONG_SHORT, limit=0, valid_from=0),
        order(scene, confidence_bps=9299, valid_from=0),
    ]
    with scene.frozen():
        before = answers(scene)
        scene.operator.send("executeStrikes", failing, True)
        assert answers(scene) == before
    for prediction, _, _ in failing:
        assert not scene.read("isNonceUsed", scene.engine.address, prediction.nonce)
    events = scene.operator.send("executeStrikes", [failing[0], order(scene), failing[1]], True)
    assert [event.name for event in events] == ["Skipped", "StrikeOpened", "Skipped"]
    scene.operator.send("settleStrikes", [1], [0], False)


def test_a_skipped_swap_leaves_no_callback_open(scene: Scene) -> None:
    """Its transient storage is undone with it."""
    orders = [order(scene, limit=MOST), order(scene), order(scene, limit=MOST), order(scene)]
    events = scene.operator.send("executeStrikes", orders, True)
    assert sum(event.name == "StrikeOpened" for event in events) == 2


def test_the_caller_is_asked_at_each_strike(scene: Scene) -> None:
    orders = [order(scene), order(scene)]
    error = NotOperator(scene.keeper.address, 0)
    with refuses(scene, error):
        scene.keeper.send("executeStrikes", orders, False)
    events = scene.keeper.send("executeStrikes", orders, True)
    assert told(reasons(events), {0: error, 1: error})
    assert scene.read("getOpenStrikes") == ()


def test_pausing_stops_every_one(scene: Scene) -> None:
    scene.owner.send("pause")
    orders = [order(scene), order(scene)]
    with refuses(scene, EnforcedPause()):
        scene.operator.send("executeStrikes", orders, False)
    events = scene.operator.send("executeStrikes", orders, True)
    assert told(reasons(events), {0: EnforcedPause(), 1: EnforcedPause()})


def test_a_budget_is_for_the_whole_batch(scene: Scene) -> None:
    with scene.undone():
        first, second = (scene.strike()["notional"] for _ in range(2))
    until = scene.now + 86_400
    budget = first + second - 1
    scene.owner.send("setOperator", scene.stranger.address, until, 1, budget)
    orders = [order(scene), order(scene)]
    error = BudgetExceeded(scene.stranger.address, second, second - 1)
    with refuses(scene, error):
        scene.stranger.send("executeStrikes", orders, False)
    events = scene.stranger.send("executeStrikes", orders, True)
    assert told(reasons(events), {1: error})


def test_a_cooldown_is_for_the_whole_batch(scene: Scene) -> None:
    scene.rule(cooldown=1)
    ready = scene.now + 1
    events = scene.operator.send("executeStrikes", [order(scene), order(scene)], True)
    assert told(reasons(events), {1: CooldownActive(0, ready)})


def test_one_prediction_is_executed_once_in_a_batch(scene: Scene) -> None:
    once = order(scene)
    events = scene.operator.send("executeStrikes", [once, once], True)
    error = NonceUsed(scene.engine.address, once[0].nonce)
    assert told(reasons(events), {1: error})
    again = order(scene)
    with refuses(scene, NonceUsed(scene.engine.address, again[0].nonce)):
        scene.operator.send("executeStrikes", [again, again], False)


@pytest.mark.parametrize("skip", [False, True])
def test_settlements_one_after_the_other(scene: Scene, skip: bool) -> None:
    for signal in Signal:
        scene.strike(signal=signal)
    with scene.frozen():
        with scene.undone():
            pnls = [scene.settle(strike_id)["pnl"] for strike_id in (3, 1, 4, 2)]
            apart = answers(scene)
        args = ([3, 1, 4, 2], [MOST, 0, MOST, 0], skip)
        assert scene.operator.call("settleStrikes", *args) == tuple(pnls)
        events = scene.operator.send("settleStrikes", *args)
        assert [event.args["pnl"] for event in events] == pnls
        assert answers(scene) == apart


def test_one_settlement_that_fails_fails_all(scene: Scene) -> None:
    for _ in range(2):
        scene.strike()
    with refuses(scene, StrikeNotOpen(9)):
        scene.operator.send("settleStrikes", [1, 2, 9], [0, 0, 0], False)
    with refuses(scene, StrikeNotOpen(1)):
        scene.operator.send("settleStrikes", [1, 1], [0, 0], False)


def test_settlements_that_fail_are_skipped_and_told(scene: Scene) -> None:
    for _ in range(3):
        scene.strike()
    with scene.undone():
        scene.settle(1)
        received = scene.settle(2)["quote_amount"]
    args = ([1, 2, 9, 1, 3], [0, received + 1, 0, 0, 0], True)
    assert [pnl != 0 for pnl in scene.operator.call("settleStrikes", *args)] == [
        *(True, False, False, False, True)
    ]
    events = scene.operator.send("settleStrikes", *args)
    assert told(
        reasons(events),
        {1: SlippageExceeded(received, received + 1), 2: StrikeNotOpen(9), 3: StrikeNotOpen(1)},
    )
    assert scene.read("getOpenStrikes") == (2,)


def test_a_keeper_settles_nothing_however_due(scene: Scene) -> None:
    scene.strike(horizon=10)
    scene.wait(20)
    error = NotOperator(scene.keeper.address, 0)
    with refuses(scene, error):
        scene.keeper.send("settleStrikes", [1], [0], False)
    events = scene.keeper.send("settleStrikes", [1], [0], True)
    assert told(reasons(events), {0: error})


@pytest.mark.parametrize(("strikes", "limits"), [([1], []), ([], [0]), ([1, 2], [0])])
@pytest.mark.parametrize("skip", [False, True])
def test_there_is_a_limit_for_each_settlement(
    scene: Scene, strikes: list[int], limits: list[int], skip: bool
) -> None:
    scene.strike()
    with refuses(scene, LengthMismatch(len(strikes), len(limits))):
        scene.operator.send("settleStrikes", strikes, limits, skip)


def test_a_batch_that_halts_goes_on_settling_and_stops_striking(scene: Scene) -> None:
    for _ in range(8):
        scene.strike()
    scene.price(1500)
    events = scene.operator.send("settleStrikes", list(range(1, 9)), [0] * 8, False)
    names = [event.name for event in events]
    assert names == ["StrikeSettled"] * 6 + ["Halted"] + ["StrikeSettled"] * 2
    skipped = scene.operator.send("executeStrikes", [order(scene)], True)
    assert told(reasons(skipped), {0: FleetHalted()})


def test_a_signal_that_there_is_not_is_skipped_alone(scene: Scene) -> None:
    """No client makes it, no engine signs it: it is refused in its own strike's call frame."""
    prediction, signature, limit = order(scene)
    impossible = (altered(prediction, signal=4), signature, limit)
    with pytest.raises(InvalidSignature):
        scene.operator.send("executeStrikes", [impossible], False)
    events = scene.operator.send("executeStrikes", [impossible, order(scene)], True)
    assert [event.name for event in events] == ["Skipped", "StrikeOpened"]
    assert isinstance(reasons(events)[0], InvalidSignature)
