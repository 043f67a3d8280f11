"""Several strikes or settlements in one call: all of them, or those that can be."""

from __future__ import annotations

from typing import Any

import pytest

from macrostrike.abi import Event, diamond_abi
from macrostrike.build import ours
from macrostrike.errors import (
    ActionNotAllowed,
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
from macrostrike.types import Action, Prediction, Signal

from ..environment import Env, altered, shown
from ..readers import answers, refuses, unchanged

Order = tuple[Prediction, bytes, int]
MAXIMUM = (1 << 256) - 1
ENGINE = ours("HostileEngine")
SPENDS_ALL_GAS = 4


def order(env: Env, limit: int | None = None, **changes: Any) -> Order:
    prediction = env.prediction(**changes)
    if limit is None:
        limit = 0 if prediction.signal.is_long else MAXIMUM
    return prediction, env.sign(prediction), limit


def reasons(events: list[Event]) -> dict[int, ContractError]:
    """Why what was skipped was, by its place."""
    return {
        event.args["index"]: decode_revert(event.args["reason"])
        for event in events
        if event.name in ("Skipped", "SettlementSkipped")
    }


def reported(found: dict[int, ContractError], expected: dict[int, ContractError]) -> bool:
    return {i: shown(e) for i, e in found.items()} == {i: shown(e) for i, e in expected.items()}


@pytest.mark.parametrize("skip", [False, True])
def test_a_batch_is_its_strikes_one_after_the_other(env: Env, skip: bool) -> None:
    orders = [order(env, signal=signal, valid_from=0) for signal in Signal]
    with env.frozen():
        with env.undone():
            for each in orders:
                env.operator.send("executeStrike", *each)
            apart = answers(env)
        assert env.operator.call("executeStrikes", orders, skip) == (1, 2, 3, 4)
        events = env.operator.send("executeStrikes", orders, skip)
        assert [event.name for event in events] == ["StrikeOpened"] * 4
        assert answers(env) == apart


@pytest.mark.parametrize("skip", [False, True])
def test_an_empty_batch_does_nothing(env: Env, skip: bool) -> None:
    with unchanged(env):
        assert env.operator.send("executeStrikes", [], skip) == []
        assert env.keeper.send("settleStrikes", [], [], skip) == []


@pytest.mark.parametrize("bad", [0, 1, 2])
def test_one_failure_fails_all(env: Env, bad: int) -> None:
    orders = [order(env) for _ in range(3)]
    orders[bad] = order(env, confidence_bps=9299)
    with refuses(env, ConfidenceTooLow(9299, 9300)):
        env.operator.send("executeStrikes", orders, False)


def test_what_fails_is_skipped_and_said(env: Env) -> None:
    used = env.strike()["nonce"]
    orders = [
        order(env, confidence_bps=9299),
        order(env),
        order(env, nonce=used),
        order(env, signal=Signal.SHORT, limit=0),
        order(env, signal=Signal.SHORT),
    ]
    with env.undone():
        env.operator.send("executeStrikes", orders[1:2], False)
        env.execute(orders[3][0])
        sold = env.read("getStrike", 3).record.base_amount
    assert env.operator.call("executeStrikes", orders, True) == (0, 2, 0, 0, 3)
    events = env.operator.send("executeStrikes", orders, True)
    assert [event.name for event in events] == [
        "Skipped",
        "StrikeOpened",
        "Skipped",
        "Skipped",
        "StrikeOpened",
    ]
    assert reported(
        reasons(events),
        {
            0: ConfidenceTooLow(9299, 9300),
            2: NonceUsed(env.engine.address, used),
            3: SlippageExceeded(sold, 0),
        },
    )


def test_s22_what_is_skipped_says_whose_it_was(env: Env) -> None:
    low, high = order(env, confidence_bps=9299), order(env)
    skipped, opened = env.operator.send("executeStrikes", [low, high], True)
    assert skipped.name == "Skipped"
    assert (skipped.args["engine"], skipped.args["nonce"]) == (low[0].engine, low[0].nonce)
    settled, other = env.operator.send("settleStrikes", [1, 7], [0, 0], True)
    assert (opened.name, settled.name) == ("StrikeOpened", "StrikeSettled")
    assert other.name == "SettlementSkipped"
    assert (other.args["index"], other.args["strike_id"]) == (1, 7)


def test_of_what_is_skipped_nothing_remains(env: Env) -> None:
    """Not even of one that traded already: it fails for its limit, after everything else."""
    failing = [
        order(env, limit=MAXIMUM, valid_from=0),
        order(env, signal=Signal.STRONG_SHORT, limit=0, valid_from=0),
        order(env, confidence_bps=9299, valid_from=0),
    ]
    with env.frozen():
        before = answers(env)
        env.operator.send("executeStrikes", failing, True)
        assert answers(env) == before
    for prediction, _, _ in failing:
        assert not env.read("isNonceUsed", env.engine.address, prediction.nonce)
    events = env.operator.send("executeStrikes", [failing[0], order(env), failing[1]], True)
    assert [event.name for event in events] == ["Skipped", "StrikeOpened", "Skipped"]
    env.operator.send("settleStrikes", [1], [0], False)


def test_a_skipped_swap_leaves_no_callback_open(env: Env) -> None:
    """Its transient storage is undone with it."""
    orders = [order(env, limit=MAXIMUM), order(env), order(env, limit=MAXIMUM), order(env)]
    events = env.operator.send("executeStrikes", orders, True)
    assert sum(event.name == "StrikeOpened" for event in events) == 2


def test_the_caller_is_asked_at_each_strike(env: Env) -> None:
    orders = [order(env), order(env)]
    error = NotOperator(env.keeper.address, 0)
    with refuses(env, error):
        env.keeper.send("executeStrikes", orders, False)
    # For an operator without this action they are skipped, and it is said why.
    events = env.settler.send("executeStrikes", orders, True)
    refused = ActionNotAllowed(env.settler.address, Action.STRIKE, Action.SETTLE)
    assert reported(reasons(events), {0: refused, 1: refused})
    assert env.read("getOpenStrikes") == ()


def test_to_the_second_of_its_expiry_an_operators_failures_are_skipped(env: Env) -> None:
    until = env.now + 1000
    env.owner.send("setOperator", env.stranger.address, until, Action.SETTLE, 0)
    env.at(until)
    skipped = env.stranger.send("settleStrikes", [9], [0], True)
    assert reported(reasons(skipped), {0: StrikeNotOpen(9)})


def test_what_the_owner_cannot_settle_is_skipped_and_said(env: Env) -> None:
    skipped = env.owner.send("settleStrikes", [9], [0], True)
    assert reported(reasons(skipped), {0: StrikeNotOpen(9)})


@pytest.mark.parametrize("role", ["keeper", "stranger", "expired", "guardian", "engine"])
def test_who_may_do_nothing_writes_no_skips_into_the_events(env: Env, role: str) -> None:
    """Engine, nonce and strike of a skip are the caller's words."""
    env.strike(horizon=10)
    env.wait(20)
    actor = getattr(env, role)
    error = NotOperator(actor.address, env.read("getOperator", actor.address)[0])
    orders = [order(env)]
    calls = (
        ("executeStrikes", (orders, True)),
        ("settleStrikes", ([1], [0], True)),
        ("rollStrikes", ([1], [0], orders, True)),
    )
    for function, arguments in calls:
        with refuses(env, error):
            actor.send(function, *arguments)


def test_pausing_stops_every_one(env: Env) -> None:
    env.owner.send("pause")
    orders = [order(env), order(env)]
    with refuses(env, EnforcedPause()):
        env.operator.send("executeStrikes", orders, False)
    events = env.operator.send("executeStrikes", orders, True)
    assert reported(reasons(events), {0: EnforcedPause(), 1: EnforcedPause()})


def test_a_budget_is_for_the_whole_batch(env: Env) -> None:
    with env.undone():
        first, second = (env.strike()["notional"] for _ in range(2))
    until = env.now + 86_400
    budget = first + second - 1
    env.owner.send("setOperator", env.stranger.address, until, 1, budget)
    orders = [order(env), order(env)]
    error = BudgetExceeded(env.stranger.address, second, second - 1)
    with refuses(env, error):
        env.stranger.send("executeStrikes", orders, False)
    events = env.stranger.send("executeStrikes", orders, True)
    assert reported(reasons(events), {1: error})


def test_a_cooldown_is_for_the_whole_batch(env: Env) -> None:
    env.rule(cooldown=1)
    ready = env.now + 1
    events = env.operator.send("executeStrikes", [order(env), order(env)], True)
    assert reported(reasons(events), {1: CooldownActive(0, ready)})


def test_one_prediction_is_executed_once_in_a_batch(env: Env) -> None:
    once = order(env)
    events = env.operator.send("executeStrikes", [once, once], True)
    error = NonceUsed(env.engine.address, once[0].nonce)
    assert reported(reasons(events), {1: error})
    again = order(env)
    with refuses(env, NonceUsed(env.engine.address, again[0].nonce)):
        env.operator.send("executeStrikes", [again, again], False)


@pytest.mark.parametrize("skip", [False, True])
def test_settlements_one_after_the_other(env: Env, skip: bool) -> None:
    for signal in Signal:
        env.strike(signal=signal)
    with env.frozen():
        with env.undone():
            pnls = [env.settle(strike_id)["pnl"] for strike_id in (3, 1, 4, 2)]
            apart = answers(env)
        args = ([3, 1, 4, 2], [MAXIMUM, 0, MAXIMUM, 0], skip)
        assert env.operator.call("settleStrikes", *args) == tuple(pnls)
        events = env.operator.send("settleStrikes", *args)
        assert [event.args["pnl"] for event in events] == pnls
        assert answers(env) == apart


def test_one_settlement_that_fails_fails_all(env: Env) -> None:
    for _ in range(2):
        env.strike()
    with refuses(env, StrikeNotOpen(9)):
        env.operator.send("settleStrikes", [1, 2, 9], [0, 0, 0], False)
    with refuses(env, StrikeNotOpen(1)):
        env.operator.send("settleStrikes", [1, 1], [0, 0], False)


def test_settlements_that_fail_are_skipped_and_said(env: Env) -> None:
    for _ in range(3):
        env.strike()
    with env.undone():
        env.settle(1)
        received = env.settle(2)["quote_amount"]
    args = ([1, 2, 9, 1, 3], [0, received + 1, 0, 0, 0], True)
    assert [pnl != 0 for pnl in env.operator.call("settleStrikes", *args)] == [
        *(True, False, False, False, True)
    ]
    events = env.operator.send("settleStrikes", *args)
    assert reported(
        reasons(events),
        {1: SlippageExceeded(received, received + 1), 2: StrikeNotOpen(9), 3: StrikeNotOpen(1)},
    )
    assert env.read("getOpenStrikes") == (2,)


def test_a_keeper_settles_nothing_however_due(env: Env) -> None:
    env.strike(horizon=10)
    env.wait(20)
    error = NotOperator(env.keeper.address, 0)
    with refuses(env, error):
        env.keeper.send("settleStrikes", [1], [0], False)
    events = env.striker.send("settleStrikes", [1], [0], True)
    refused = ActionNotAllowed(env.striker.address, Action.SETTLE, Action.STRIKE)
    assert reported(reasons(events), {0: refused})


@pytest.mark.parametrize(("strikes", "limits"), [([1], []), ([], [0]), ([1, 2], [0])])
@pytest.mark.parametrize("skip", [False, True])
def test_there_is_a_limit_for_each_settlement(
    env: Env, strikes: list[int], limits: list[int], skip: bool
) -> None:
    env.strike()
    with refuses(env, LengthMismatch(len(strikes), len(limits))):
        env.operator.send("settleStrikes", strikes, limits, skip)


def test_a_batch_that_halts_goes_on_settling_and_stops_striking(env: Env) -> None:
    for _ in range(8):
        env.strike()
    env.price(1500)
    events = env.operator.send("settleStrikes", list(range(1, 9)), [0] * 8, False)
    names = [event.name for event in events]
    assert names == ["StrikeSettled"] * 6 + ["Halted"] + ["StrikeSettled"] * 2
    skipped = env.operator.send("executeStrikes", [order(env)], True)
    assert reported(reasons(skipped), {0: FleetHalted()})


def test_a_signal_that_there_is_not_is_skipped_alone(env: Env) -> None:
    """No client makes it, no engine signs it: it is refused in its own strike's call frame."""
    prediction, signature, limit = order(env)
    impossible = (altered(prediction, signal=4), signature, limit)
    with pytest.raises(InvalidSignature):
        env.operator.send("executeStrikes", [impossible], False)
    events = env.operator.send("executeStrikes", [impossible, order(env)], True)
    assert [event.name for event in events] == ["Skipped", "StrikeOpened"]
    assert isinstance(reasons(events)[0], InvalidSignature)


def test_a_part_that_burns_all_gas_is_skipped_if_what_it_leaves_is_enough(env: Env) -> None:
    """It leaves a 64th of what there was."""
    engine = env.deploy(ENGINE)
    env.owner.send("setEngine", engine, env.now + 86_400)
    env.register(6, engine)
    env.tell(env.keeper.key, ENGINE.abi, engine, "behave", SPENDS_ALL_GAS)
    orders = [order(env), (env.prediction(engine=engine, model_id=6), b"", 0)]
    data = diamond_abi().encode_call("executeStrikes", orders, True)
    receipt = env.chain.send(env.operator.key, env.diamond, data, gas=10_000_000)
    env.times[receipt.block_number] = receipt.timestamp
    events = env.events(receipt)
    assert [event.name for event in events] == ["StrikeOpened", "Skipped"]
    assert events[1].args["engine"] == engine
