"""Whatever the state and the prediction, the client's checks say what the contract says.

The contract's own verdict is that of a transaction which nothing checked before it was sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import event, given, settings

from macrostrike import MacroStrike, Prediction, RevmTransport, Signal, Skipped
from macrostrike.abi import diamond_abi
from macrostrike.chain import Reverted
from macrostrike.errors import (
    ActionNotAllowed,
    BaseAmountOverflow,
    CallbackAmountExceeded,
    CapExceeded,
    ConfidenceTooLow,
    ContractError,
    CooldownActive,
    EnforcedPause,
    EngineNotActive,
    FleetHalted,
    GateError,
    InvalidHorizon,
    InvalidSignature,
    InvalidStopLoss,
    MalformedSignature,
    MarketNotEnabled,
    ModelNotRegistered,
    NegativeExpectation,
    NonceUsed,
    NoParticipants,
    NotInitialized,
    NotOperator,
    OracleDeviation,
    PredictionExpired,
    PredictionNotYetValid,
    SideNotAllowed,
    UnknownMarket,
)
from macrostrike.reverts import decode_revert

from ..gates import GATES, Gate, assert_is, walk
from .attempts import BOT, EVERYONE, LAST_NONCE, Drawn, attempts, prepared, start_of
from .support import STRANGER, state_of

GAS = 30_000_000

# What the check without a signature covers: all up to the barriers, but the signature.
COVERED = (
    ModelNotRegistered,
    NotInitialized,
    EnforcedPause,
    FleetHalted,
    NotOperator,
    ActionNotAllowed,
    EngineNotActive,
    PredictionNotYetValid,
    PredictionExpired,
    NonceUsed,
    ConfidenceTooLow,
    UnknownMarket,
    MarketNotEnabled,
    SideNotAllowed,
    CooldownActive,
    InvalidHorizon,
    InvalidStopLoss,
    NegativeExpectation,
)


def contracts_verdict(
    client: MacroStrike, prediction: Prediction, signature: bytes
) -> ContractError | None:
    limit = 0 if prediction.signal.is_long else (1 << 256) - 1
    data = diamond_abi().encode_call("executeStrike", prediction, signature, limit)
    transport, signer = client.transport, client.signer
    assert isinstance(transport, RevmTransport)
    assert signer is not None
    snapshot = transport.snapshot()
    try:
        transport.send(signer, client.diamond, data, gas=GAS)
    except Reverted as reverted:
        return decode_revert(reverted.data, reverted.reason)
    finally:
        transport.revert(snapshot)
    return None


def verdict_of(check: Callable[[], object]) -> ContractError | None:
    try:
        check()
    except ContractError as error:
        return error
    return None


def assert_same_verdict(drawn: Drawn, gate: Gate | None = None) -> ContractError | None:
    """Class and values, of every way to ask. What is refused is not sent, what is not opens.

    gate: the one that must refuse.
    """
    with prepared(drawn) as (client, prediction, signature, right):
        world = start_of(drawn.get("past", "traded")).world
        address = client.address or ""
        verdict = contracts_verdict(client, prediction, signature)
        if gate is not None:
            assert_is(verdict, gate.error(prediction, client))
            assert isinstance(verdict, GateError)
        before = state_of(world), world.transport.nonce(address)

        reported = verdict_of(lambda: client.pre_check(prediction, signature))
        assert repr(reported) == repr(verdict)
        rightful = contracts_verdict(client, prediction, right)
        covered = rightful if isinstance(rightful, COVERED) else None
        assert repr(verdict_of(lambda: client.pre_check(prediction))) == repr(covered)
        if verdict is None:
            opened = client.strike(prediction, signature)
            assert client.open_strikes()[-1] == opened.strike_id
            return None

        assert repr(verdict_of(lambda: client.strike(prediction, signature))) == repr(verdict)
        (skipped,) = client.strike_batch([(prediction, signature)], skip=True)
        assert isinstance(skipped, Skipped)
        assert repr(skipped.error) == repr(verdict)
        assert (state_of(world), world.transport.nonce(address)) == before
        return verdict


@settings(max_examples=120)
@given(attempts())
def test_the_checks_say_what_the_contract_says(drawn: Drawn) -> None:
    event(type(assert_same_verdict(drawn)).__name__)


SHORT = {"signal": Signal.STRONG_SHORT}
# Other ways to a gate of the table, boundaries of its own among them, and gates that only some
# strikes meet.
OTHERS: tuple[tuple[Drawn, type[ContractError] | None], ...] = (
    ({}, None),
    (SHORT, None),
    ({"operator revoked": True}, NotOperator),
    ({"operator until": -1}, NotOperator),
    ({"operator until": 0}, None),
    ({"engine": STRANGER.address}, EngineNotActive),
    ({"engine until": -1}, EngineNotActive),
    ({"engine until": 0}, None),
    ({"signature": "of another prediction"}, InvalidSignature),
    ({"signature": "cut"}, MalformedSignature),
    ({"nonce": LAST_NONCE}, NonceUsed),
    ({"threshold": 9500, "confidence_bps": 9499}, ConfidenceTooLow),
    ({"threshold": 9500, "confidence_bps": 9500}, None),
    ({"rule shorts": False} | SHORT, SideNotAllowed),
    ({"bots": (EVERYONE, replace(BOT, min_confidence_bps=9301))}, NoParticipants),
    ({"bots": (EVERYONE - 1, replace(BOT, longs=False))}, None),
    ({"caps": ("open", -1)}, CapExceeded),
    ({"caps": ("open", 0)}, None),
    ({"caps": ("day", -1), "clock": 60_000}, CapExceeded),
    ({"caps": ("day", 0), "clock": 60_000}, None),
    ({"inventory": -(10**16)} | SHORT, CallbackAmountExceeded),
    ({"inventory": 10**16} | SHORT, None),
    ({"rule max_deviation_bps": 1}, OracleDeviation),
    ({"market": 1}, BaseAmountOverflow),
    ({"market": 1} | SHORT, BaseAmountOverflow),
    ({"market": 1, "strategies": 1}, None),
)


@pytest.mark.parametrize("gate", GATES, ids=str)
def test_each_gate_is_met_on_either_side(gate: Gate) -> None:
    assert_same_verdict(gate.shut, gate)
    if gate.open is not None:
        assert assert_same_verdict(gate.open) is None


@pytest.mark.parametrize(("drawn", "error"), OTHERS)
def test_there_are_other_ways_to_a_gate(drawn: Drawn, error: type[ContractError] | None) -> None:
    assert type(assert_same_verdict(drawn)) is (error or type(None))


@pytest.mark.parametrize(
    ("gate", "drawn"), [pytest.param(*step, id=step[0].name) for step in walk()]
)
def test_gates_refuse_in_their_order(gate: Gate, drawn: Drawn) -> None:
    assert_same_verdict(drawn, gate)
