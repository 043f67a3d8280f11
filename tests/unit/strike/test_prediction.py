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

from ..readers import refuses
from ..scene import DAY, Scene, altered

WORD = 32


def recovered(scene: Scene, prediction: Prediction, signature: bytes) -> str:
    """The account that the chain must recover as the signer."""
    return recover_engine(prediction, signature, scene.chain.chain_id, scene.diamond)


def test_another_chains_signature_is_refused(scene: Scene) -> None:
    prediction = scene.prediction()
    signature = sign_prediction(prediction, scene.engine.key, 1, scene.diamond)
    signer = recovered(scene, prediction, signature)
    with refuses(scene, InvalidSignature(scene.engine.address, signer)):
        scene.execute(prediction, signature)


def test_another_diamonds_signature_is_refused(scene: Scene) -> None:
    prediction = scene.prediction()
    signature = sign_prediction(prediction, scene.engine.key, scene.chain.chain_id, scene.pool)
    signer = recovered(scene, prediction, signature)
    with refuses(scene, InvalidSignature(scene.engine.address, signer)):
        scene.execute(prediction, signature)


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
def test_a_field_changed_after_signing_is_refused(scene: Scene, field: str) -> None:
    prediction = scene.prediction()
    signature = scene.sign(prediction)
    tampered = replace(prediction, **{field: TAMPERED[field]})
    assert tampered != prediction
    signer = recovered(scene, tampered, signature)
    with refuses(scene, InvalidSignature(scene.engine.address, signer)):
        scene.execute(tampered, signature)


def test_another_engines_name_on_it_is_refused(scene: Scene) -> None:
    second = scene.second_engine.address
    scene.owner.send("setEngine", second, scene.now + DAY)
    prediction = scene.prediction()
    signature = scene.sign(prediction)
    tampered = replace(prediction, engine=second)
    signer = recovered(scene, tampered, signature)
    with refuses(scene, InvalidSignature(second, signer)):
        scene.execute(tampered, signature)


@pytest.mark.parametrize("field", range(len(fields(Prediction))))
def test_dirty_bits_over_a_field_are_refused(scene: Scene, field: int) -> None:
    """They are not a second form of what was signed: the digest is over the words as they came."""
    prediction = scene.prediction()
    signature = scene.sign(prediction)
    data = bytearray(diamond_abi().encode_call("executeStrike", prediction, signature, 0))
    data[4 + field * WORD] |= 0x80
    # The engine's own word is looked at before the digest.
    error: ContractError = UnknownRevert(b"")
    if field != 0:
        signer = Account._recover_hash(_digest(scene, data[4:]), signature=signature)
        error = InvalidSignature(scene.engine.address, signer)
    with refuses(scene, error):
        scene.transact(scene.operator.key, scene.diamond, bytes(data))


def _digest(scene: Scene, words: bytes) -> bytes:
    """EIP-712, by hand."""
    members = ",".join(f"{each['type']} {each['name']}" for each in PREDICTION_TYPES["Prediction"])
    domain = {
        "name": "MacroStrike",
        "version": "1",
        "chainId": scene.chain.chain_id,
        "verifyingContract": scene.diamond,
    }
    typehash = keccak(text=f"Prediction({members})")
    struct = keccak(typehash + words[: len(fields(Prediction)) * WORD])
    return keccak(b"\x19\x01" + hash_domain(domain) + struct)


def test_a_signal_that_there_is_not_is_refused(scene: Scene) -> None:
    prediction = scene.prediction()
    impossible = altered(prediction, signal=4)
    signature = sign_prediction(impossible, scene.engine.key, scene.chain.chain_id, scene.diamond)
    with refuses(scene, UnknownRevert(b"")):
        scene.execute(impossible, signature)


def test_a_prediction_is_executed_once(scene: Scene) -> None:
    prediction = scene.prediction()
    scene.execute(prediction)
    with refuses(scene, NonceUsed(scene.engine.address, prediction.nonce)):
        scene.execute(prediction)


def test_another_prediction_with_its_nonce_is_refused(scene: Scene) -> None:
    prediction = scene.prediction()
    scene.execute(prediction)
    with refuses(scene, NonceUsed(scene.engine.address, prediction.nonce)):
        scene.execute(replace(prediction, signal=Signal.SHORT))


def test_it_is_valid_from_its_first_second(scene: Scene) -> None:
    first = scene.now + 100
    prediction = scene.prediction(valid_from=first)
    scene.at(first - 1)
    with refuses(scene, PredictionNotYetValid(first, first - 1)):
        scene.execute(prediction)
    scene.at(first)
    scene.execute(prediction)


def test_it_is_valid_to_its_last_second(scene: Scene) -> None:
    last = scene.now + 100
    prediction = scene.prediction(valid_until=last)
    with scene.undone():
        scene.at(last)
        scene.execute(prediction)
    scene.at(last + 1)
    with refuses(scene, PredictionExpired(last, last + 1)):
        scene.execute(prediction)


def test_92_99_percent_is_refused_and_93_passes(scene: Scene) -> None:
    with refuses(scene, ConfidenceTooLow(9299, 9300)):
        scene.strike(confidence_bps=9299)
    scene.strike(confidence_bps=9300)


def test_100_percent_passes_and_more_is_refused(scene: Scene) -> None:
    scene.strike(confidence_bps=BPS)
    with refuses(scene, ConfidenceOutOfRange(BPS + 1)):
        scene.strike(confidence_bps=BPS + 1)


@pytest.mark.parametrize("confidence", [0, 1, 9299])
def test_nothing_lets_less_than_93_percent_through(scene: Scene, confidence: int) -> None:
    scene.owner.send("setThreshold", 9300)
    with refuses(scene, ConfidenceTooLow(confidence, 9300)):
        scene.strike(confidence_bps=confidence)


def test_a_raised_threshold_is_met_on_both_sides(scene: Scene) -> None:
    scene.owner.send("setThreshold", 9999)
    with refuses(scene, ConfidenceTooLow(9998, 9999)):
        scene.strike(confidence_bps=9998)
    scene.strike(confidence_bps=9999)
    scene.owner.send("setThreshold", BPS)
    with refuses(scene, ConfidenceTooLow(9999, BPS)):
        scene.strike(confidence_bps=9999)
    scene.strike(confidence_bps=BPS)


@pytest.mark.parametrize(("horizon", "max_horizon"), [(0, 3600), (3601, 3600), (100, 99)])
def test_s3_a_strike_ends_in_time(scene: Scene, horizon: int, max_horizon: int) -> None:
    scene.rule(max_horizon=max_horizon)
    with refuses(scene, InvalidHorizon(horizon, max_horizon)):
        scene.strike(horizon=horizon)
    scene.strike(horizon=1)
    scene.strike(horizon=max_horizon)


@pytest.mark.parametrize(
    ("stop_loss", "widest"), [(0, 300), (301, 300), (9_999, 9_998), (65_535, 1)]
)
def test_s3_a_strike_has_a_stop_loss(scene: Scene, stop_loss: int, widest: int) -> None:
    scene.rule(max_stop_loss_bps=widest)
    with refuses(scene, InvalidStopLoss(stop_loss, widest)):
        scene.strike(stop_loss_bps=stop_loss, take_profit_bps=0)
    scene.strike(stop_loss_bps=1)
    scene.strike(stop_loss_bps=widest, take_profit_bps=0)


@pytest.mark.parametrize(
    ("confidence", "stop_loss", "most"),
    [(9300, 300, 22), (9300, 1, 0), (9999, 9999, 1), (9500, 95, 5), (10_000, 300, 0)],
)
def test_r6_a_prediction_must_gain_by_its_own_claim(
    scene: Scene, confidence: int, stop_loss: int, most: int
) -> None:
    """`most` is the greatest take-profit that loses or breaks even: 0 stands for none at all."""
    claim = {"confidence_bps": confidence, "stop_loss_bps": stop_loss}
    if most:
        with refuses(scene, NegativeExpectation(confidence, most, stop_loss)):
            scene.strike(take_profit_bps=most, **claim)
    scene.strike(take_profit_bps=most + 1, **claim)
    scene.strike(take_profit_bps=0, **claim)


@pytest.mark.parametrize(
    "barriers",
    [
        {"horizon": 1, "take_profit_bps": 0, "stop_loss_bps": 1},
        {"horizon": 30 * DAY, "take_profit_bps": 65_535, "stop_loss_bps": BPS - 1},
    ],
)
def test_barriers_at_their_ends(scene: Scene, barriers: dict[str, int]) -> None:
    opened = scene.strike(**barriers)
    record = scene.read("getStrike", opened["strike_id"]).record
    assert {name: getattr(record, name) for name in barriers} == barriers


@pytest.mark.parametrize("market", [1, 255])
def test_a_market_that_there_is_not_is_refused(scene: Scene, market: int) -> None:
    with refuses(scene, UnknownMarket(market)):
        scene.strike(market=market)


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
    scene: Scene, engine: bytes, times: list[int], **values: Any
) -> None:
    prediction = Prediction(
        engine="0x" + engine.hex(), valid_from=times[0], valid_until=times[1], **values
    )
    expected = prediction_digest(prediction, scene.chain.chain_id, scene.diamond)
    assert scene.read("hashPrediction", prediction) == expected
