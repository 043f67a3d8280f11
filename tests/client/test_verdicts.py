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
    BudgetExceeded,
    CallbackAmountExceeded,
    CapExceeded,
    ConfidenceTooLow,
    ContractError,
    CooldownActive,
    EnforcedPause,
    EngineNotActive,
    FleetHalted,
    InvalidHorizon,
    InvalidSignature,
    InvalidStopLoss,
    MalformedSignature,
    MarketNotEnabled,
    NegativeExpectation,
    NonceUsed,
    NoParticipants,
    NotInitialized,
    NotOperator,
    OracleDeviation,
    OracleUnavailable,
    PredictionExpired,
    PredictionNotYetValid,
    SideNotAllowed,
    TooManyOpenStrikes,
    UnknownMarket,
)
from macrostrike.reverts import decode_revert

from .attempts import BOT, EVERYONE, LAST_NONCE, Drawn, attempts, prepared, start_of
from .support import STRANGER, state_of

GAS = 30_000_000

# What the check without a signature promises: all up to the barriers, but the signature.
PROMISED = (
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


def assert_same_verdict(drawn: Drawn) -> ContractError | None:
    """Class and values, of every way to ask. What is refused is not sent, what is not opens."""
    with prepared(drawn) as (client, prediction, signature, right):
        world = start_of(drawn.get("past", "traded")).world
        address = client.address or ""
        verdict = contracts_verdict(client, prediction, signature)
        before = state_of(world), world.transport.nonce(address)

        told = verdict_of(lambda: client.pre_check(prediction, signature))
        assert repr(told) == repr(verdict)
        rightful = contracts_verdict(client, prediction, right)
        promised = rightful if isinstance(rightful, PROMISED) else None
        assert repr(verdict_of(lambda: client.pre_check(prediction))) == repr(promised)
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


@settings(max_examples=400)
@given(attempts())
def test_the_checks_say_what_the_contract_says(drawn: Drawn) -> None:
    event(type(assert_same_verdict(drawn)).__name__)


SHORT = {"signal": Signal.STRONG_SHORT}


@pytest.mark.parametrize(
    ("drawn", "error"),
    [
        ({}, None),
        (SHORT, None),
        ({"paused": True}, EnforcedPause),
        ({"past": "halted"}, FleetHalted),
        ({"sender": "stranger"}, NotOperator),
        ({"operator revoked": True}, NotOperator),
        ({"operator until": -1}, NotOperator),
        ({"operator until": 0}, None),
        ({"operator may": 14}, ActionNotAllowed),
        ({"operator may": 1}, None),
        ({"operator budget": -1}, BudgetExceeded),
        ({"operator budget": 0}, None),
        ({"engine": STRANGER.address}, EngineNotActive),
        ({"engine revoked": True}, EngineNotActive),
        ({"engine until": -1}, EngineNotActive),
        ({"engine until": 0}, None),
        ({"signature": "of another"}, InvalidSignature),
        ({"signature": "of another prediction"}, InvalidSignature),
        ({"signature": "cut"}, MalformedSignature),
        ({"valid from": 1}, PredictionNotYetValid),
        ({"valid from": 0}, None),
        ({"valid until": -1}, PredictionExpired),
        ({"valid until": 0}, None),
        ({"nonce": LAST_NONCE}, NonceUsed),
        ({"nonce": LAST_NONCE - 128}, NonceUsed),
        ({"nonce": LAST_NONCE - 127}, None),
        ({"confidence_bps": 9299}, ConfidenceTooLow),
        ({"threshold": 9500, "confidence_bps": 9499}, ConfidenceTooLow),
        ({"threshold": 9500, "confidence_bps": 9500}, None),
        ({"market": 2}, UnknownMarket),
        ({"disabled": 0}, MarketNotEnabled),
        ({"rule longs": False}, SideNotAllowed),
        ({"rule shorts": False} | SHORT, SideNotAllowed),
        ({"cooldown": 1}, CooldownActive),
        ({"cooldown": 0}, None),
        ({"bots": (EVERYONE, replace(BOT, active=False))}, NoParticipants),
        ({"bots": (EVERYONE, replace(BOT, min_confidence_bps=9301))}, NoParticipants),
        ({"bots": (EVERYONE - 1, replace(BOT, longs=False))}, None),
        ({"caps": ("strike", -1)}, CapExceeded),
        ({"caps": ("strike", 0)}, None),
        ({"caps": ("open", -1)}, CapExceeded),
        ({"caps": ("open", 0)}, None),
        ({"caps": ("day", -1), "clock": 60_000}, CapExceeded),
        ({"caps": ("day", 0), "clock": 60_000}, None),
        ({"past": "full"}, TooManyOpenStrikes),
        ({"inventory": -(10**16)} | SHORT, CallbackAmountExceeded),
        ({"inventory": 10**16} | SHORT, None),
        ({"rule oracle_window": 7000}, OracleUnavailable),
        ({"price": "1640"}, OracleDeviation),
        ({"rule max_deviation_bps": 1}, OracleDeviation),
        ({"market": 1}, BaseAmountOverflow),
        ({"market": 1} | SHORT, BaseAmountOverflow),
        ({"market": 1, "strategies": 1}, None),
    ],
)
def test_each_gate_is_met_on_either_side(drawn: Drawn, error: type[ContractError] | None) -> None:
    assert type(assert_same_verdict(drawn)) is (error or type(None))
