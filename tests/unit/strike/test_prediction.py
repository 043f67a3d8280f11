"""What an engine signed, and nothing else, is executed: once, here, in time."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from eth_account import Account
from eth_account._utils.encode_typed_data.encoding_and_hashing import hash_domain
from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike._generated.eip712 import PREDICTION_TYPES
from macrostrike.abi import diamond_abi
from macrostrike.errors import (
    ConfidenceOutOfRange,
    ConfidenceTooLow,
    ContractError,
    InvalidHorizon,
    InvalidSignature,
    InvalidStopLoss,
    NegativeExpectation,
    NonceUsed,
    PredictionExpired,
    PredictionNotYetValid,
    UnknownMarket,
    UnknownRevert,
)
from macrostrike.signing import prediction_digest, recover_engine, sign_prediction
from macrostrike.types import ALL_STRATEGIES, BPS, Prediction, Signal

from ..environment import DAY, Env, altered
from ..readers import refuses

WORD = 32


def recovered(env: Env, prediction: Prediction, signature: bytes) -> str:
    """The account that the chain must recover as the signer."""
    return recover_engine(prediction, signature, env.chain.chain_id, env.diamond)


def test_another_chains_signature_is_refused(env: Env) -> None:
    prediction = env.prediction()
    signature = sign_prediction(prediction, env.engine.key, 1, env.diamond)
    signer = recovered(env, prediction, signature)
    with refuses(env, InvalidSignature(env.engine.address, signer)):
        env.execute(prediction, signature)


def test_another_diamonds_signature_is_refused(env: Env) -> None:
    prediction = env.prediction()
    signature = sign_prediction(prediction, env.engine.key, env.chain.chain_id, env.pool)
    signer = recovered(env, prediction, signature)
    with refuses(env, InvalidSignature(env.engine.address, signer)):
        env.execute(prediction, signature)


TAMPERED: dict[str, Any] = {
    "nonce": 77,
    "market": 1,
    "signal": Signal.LONG,
    "confidence_bps": 9600,
    "strategies": 1,
    "model_id": 2,
    "valid_from": 1,
    "valid_until": (1 << 40) - 1,
    "horizon": 7200,
    "take_profit_bps": 1,
    "stop_loss_bps": 9999,
}


def test_every_field_but_the_engine_is_tampered_with_below() -> None:
    assert {"engine", *TAMPERED} == {field.name for field in fields(Prediction)}


@pytest.mark.parametrize("field", TAMPERED)
def test_a_field_changed_after_signing_is_refused(env: Env, field: str) -> None:
    prediction = env.prediction()
    signature = env.sign(prediction)
    tampered = replace(prediction, **{field: TAMPERED[field]})
    assert tampered != prediction
    signer = recovered(env, tampered, signature)
    with refuses(env, InvalidSignature(env.engine.address, signer)):
        env.execute(tampered, signature)


def test_another_engines_name_on_it_is_refused(env: Env) -> None:
    second = env.second_engine.address
    env.owner.send("setEngine", second, env.now + DAY)
    prediction = env.prediction()
    signature = env.sign(prediction)
    tampered = replace(prediction, engine=second)
    signer = recovered(env, tampered, signature)
    with refuses(env, InvalidSignature(second, signer)):
        env.execute(tampered, signature)


@pytest.mark.parametrize("field", range(len(fields(Prediction))))
def test_dirty_bits_over_a_field_are_refused(env: Env, field: int) -> None:
    """They are not a second form of what was signed: the digest is over the words as they came."""
    prediction = env.prediction()
    signature = env.sign(prediction)
    data = bytearray(diamond_abi().encode_call("executeStrike", prediction, signature, 0))
    data[4 + field * WORD] |= 0x80
    # The engine's own word is looked at before the digest.
    error: ContractError = UnknownRevert(b"")
    if field != 0:
        signer = Account._recover_hash(_digest(env, data[4:]), signature=signature)
        error = InvalidSignature(env.engine.address, signer)
    with refuses(env, error):
        env.transact(env.operator.key, env.diamond, bytes(data))


def _digest(env: Env, words: bytes) -> bytes:
    """EIP-712, by hand."""
    members = ",".join(f"{each['type']} {each['name']}" for each in PREDICTION_TYPES["Prediction"])
    domain = {
        "name": "MacroStrike",
        "version": "1",
        "chainId": env.chain.chain_id,
        "verifyingContract": env.diamond,
    }
    typehash = keccak(text=f"Prediction({members})")
    struct = keccak(typehash + words[: len(fields(Prediction)) * WORD])
    return keccak(b"\x19\x01" + hash_domain(domain) + struct)


def test_a_signal_that_there_is_not_is_refused(env: Env) -> None:
    prediction = env.prediction()
    impossible = altered(prediction, signal=4)
    signature = sign_prediction(impossible, env.engine.key, env.chain.chain_id, env.diamond)
    with refuses(env, UnknownRevert(b"")):
        env.execute(impossible, signature)


def test_a_prediction_is_executed_once(env: Env) -> None:
    prediction = env.prediction()
    env.execute(prediction)
    with refuses(env, NonceUsed(env.engine.address, prediction.nonce)):
        env.execute(prediction)


def test_another_prediction_with_its_nonce_is_refused(env: Env) -> None:
    prediction = env.prediction()
    env.execute(prediction)
    with refuses(env, NonceUsed(env.engine.address, prediction.nonce)):
        env.execute(replace(prediction, signal=Signal.SHORT))


def test_it_is_valid_from_its_first_second(env: Env) -> None:
    first = env.now + 100
    prediction = env.prediction(valid_from=first)
    env.at(first - 1)
    with refuses(env, PredictionNotYetValid(first, first - 1)):
        env.execute(prediction)
    env.at(first)
    env.execute(prediction)


def test_it_is_valid_to_its_last_second(env: Env) -> None:
    last = env.now + 100
    prediction = env.prediction(valid_until=last)
    with env.undone():
        env.at(last)
        env.execute(prediction)
    env.at(last + 1)
    with refuses(env, PredictionExpired(last, last + 1)):
        env.execute(prediction)


def test_92_99_percent_is_refused_and_93_passes(env: Env) -> None:
    with refuses(env, ConfidenceTooLow(9299, 9300)):
        env.strike(confidence_bps=9299)
    env.strike(confidence_bps=9300)


def test_100_percent_passes_and_more_is_refused(env: Env) -> None:
    env.strike(confidence_bps=BPS)
    with refuses(env, ConfidenceOutOfRange(BPS + 1)):
        env.strike(confidence_bps=BPS + 1)


@pytest.mark.parametrize("confidence", [0, 1, 9299])
def test_nothing_lets_less_than_93_percent_through(env: Env, confidence: int) -> None:
    env.owner.send("setThreshold", 9300)
    with refuses(env, ConfidenceTooLow(confidence, 9300)):
        env.strike(confidence_bps=confidence)


def test_a_raised_threshold_is_met_on_both_sides(env: Env) -> None:
    env.owner.send("setThreshold", 9999)
    with refuses(env, ConfidenceTooLow(9998, 9999)):
        env.strike(confidence_bps=9998)
    env.strike(confidence_bps=9999)
    env.owner.send("setThreshold", BPS)
    with refuses(env, ConfidenceTooLow(9999, BPS)):
        env.strike(confidence_bps=9999)
    env.strike(confidence_bps=BPS)


@pytest.mark.parametrize(("horizon", "max_horizon"), [(0, 3600), (3601, 3600), (100, 99)])
def test_s3_a_strike_ends_in_time(env: Env, horizon: int, max_horizon: int) -> None:
    env.rule(max_horizon=max_horizon)
    with refuses(env, InvalidHorizon(horizon, max_horizon)):
        env.strike(horizon=horizon)
    env.strike(horizon=1)
    env.strike(horizon=max_horizon)


@pytest.mark.parametrize(
    ("stop_loss", "widest"), [(0, 300), (301, 300), (9_999, 9_998), (65_535, 1)]
)
def test_s3_a_strike_has_a_stop_loss(env: Env, stop_loss: int, widest: int) -> None:
    env.rule(max_stop_loss_bps=widest)
    with refuses(env, InvalidStopLoss(stop_loss, widest)):
        env.strike(stop_loss_bps=stop_loss, take_profit_bps=0)
    env.strike(stop_loss_bps=1)
    env.strike(stop_loss_bps=widest, take_profit_bps=0)


@pytest.mark.parametrize(
    ("confidence", "stop_loss", "maximum"),
    [(9300, 300, 22), (9300, 1, 0), (9999, 9999, 1), (9500, 95, 5), (10_000, 300, 0)],
)
def test_r6_a_prediction_must_gain_by_its_own_claim(
    env: Env, confidence: int, stop_loss: int, maximum: int
) -> None:
    """`most` is the greatest take-profit that loses or breaks even: 0 stands for none at all."""
    claim = {"confidence_bps": confidence, "stop_loss_bps": stop_loss}
    if maximum:
        with refuses(env, NegativeExpectation(confidence, maximum, stop_loss)):
            env.strike(take_profit_bps=maximum, **claim)
    env.strike(take_profit_bps=maximum + 1, **claim)
    env.strike(take_profit_bps=0, **claim)


@pytest.mark.parametrize(
    "barriers",
    [
        {"horizon": 1, "take_profit_bps": 0, "stop_loss_bps": 1},
        {"horizon": 30 * DAY, "take_profit_bps": 65_535, "stop_loss_bps": BPS - 1},
    ],
)
def test_barriers_at_their_ends(env: Env, barriers: dict[str, int]) -> None:
    opened = env.strike(**barriers)
    record = env.read("getStrike", opened["strike_id"]).record
    assert {name: getattr(record, name) for name in barriers} == barriers


@pytest.mark.parametrize("market", [1, 255])
def test_a_market_that_there_is_not_is_refused(env: Env, market: int) -> None:
    with refuses(env, UnknownMarket(market)):
        env.strike(market=market)


def uint(bits: int) -> st.SearchStrategy[int]:
    return st.integers(0, (1 << bits) - 1)


@settings(max_examples=50)
@given(
    engine=st.binary(min_size=20, max_size=20),
    nonce=uint(64),
    market=uint(8),
    signal=st.sampled_from(Signal),
    confidence_bps=st.integers(0, BPS),
    strategies=st.integers(1, ALL_STRATEGIES),
    model_id=uint(16),
    times=st.tuples(uint(40), uint(40)).map(sorted),
    horizon=st.integers(1, (1 << 24) - 1),
    take_profit_bps=uint(16),
    stop_loss_bps=st.integers(1, BPS - 1),
)
def test_the_digest_is_that_of_eth_account(
    env: Env, engine: bytes, times: list[int], **values: Any
) -> None:
    prediction = Prediction(
        engine="0x" + engine.hex(), valid_from=times[0], valid_until=times[1], **values
    )
    expected = prediction_digest(prediction, env.chain.chain_id, env.diamond)
    assert env.read("hashPrediction", prediction) == expected
