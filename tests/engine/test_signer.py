"""The signer: a record, and what it refuses to contradict."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from macrostrike.devchain import local_account
from macrostrike.engine import EngineSigner, Forecast
from macrostrike.errors import SigningError
from macrostrike.errors.predicting import BothSides, ClaimLoses, NonceSigned, UnderFloor
from macrostrike.signing import recover_engine
from macrostrike.types import Prediction, Signal

ENGINE = local_account(2)
DIAMOND = "0x" + "Dd" * 20
NOW = 1_700_000_000
FORECAST = Forecast(
    signal=Signal.LONG,
    confidence_bps=9500,
    model_id=1,
    horizon=3600,
    take_profit_bps=20,
    stop_loss_bps=300,
)


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "engine.db"


def signer_of(record: Path, **options: int) -> EngineSigner:
    return EngineSigner(ENGINE, chain_id=1, diamond=DIAMOND, record=record, **options)


@pytest.fixture
def signer(record: Path) -> EngineSigner:
    return signer_of(record)


def prediction(nonce: int = 1, now: int = NOW, **changes: object) -> Prediction:
    made = FORECAST.prediction(engine=ENGINE.address, nonce=nonce, now=now)
    return replace(made, **changes)  # type: ignore[arg-type]


def test_it_signs_as_the_engine(signer: EngineSigner) -> None:
    made = prediction()
    assert recover_engine(made, signer.sign(made), 1, DIAMOND) == ENGINE.address


def test_the_same_again_has_the_same_signature(signer: EngineSigner, record: Path) -> None:
    signature = signer.sign(prediction())
    assert signer.sign(prediction()) == signature
    assert signer_of(record).sign(prediction()) == signature


def test_one_nonce_is_one_prediction_even_for_another_process(
    signer: EngineSigner, record: Path
) -> None:
    signer.sign(prediction())
    other = prediction(confidence_bps=9600)
    for each in (signer, signer_of(record)):
        with pytest.raises(NonceSigned) as refused:
            each.sign(other)
        assert refused.value.nonce == 1


def test_one_side_of_a_market_in_one_window(signer: EngineSigner) -> None:
    signer.sign(prediction())
    until = prediction().valid_until
    short = {"signal": Signal.STRONG_SHORT}
    with pytest.raises(BothSides) as refused:
        signer.sign(prediction(2, until, **short))
    assert (refused.value.nonce, refused.value.valid_until) == (1, until)
    # The refused one left no trace: its nonce is free.
    signer.sign(prediction(2, market=1, **short))
    signer.sign(prediction(3, until + 1, **short))
    signer.sign(prediction(4, signal=Signal.STRONG_LONG))


def test_under_its_floor_it_signs_nothing(record: Path) -> None:
    signer = signer_of(record, floor_bps=9600)
    with pytest.raises(UnderFloor):
        signer.sign(prediction(confidence_bps=9599))
    signer.sign(prediction(confidence_bps=9600))


def test_a_claim_that_loses_by_its_own_arithmetic_is_refused(signer: EngineSigner) -> None:
    # 9375 × 20 = 625 × 300: not a gain yet.
    with pytest.raises(ClaimLoses):
        signer.sign(prediction(confidence_bps=9375))
    signer.sign(prediction(confidence_bps=9376))
    signer.sign(prediction(2, confidence_bps=9375, take_profit_bps=0))


def test_nonces_go_above_the_record_and_the_chain(signer: EngineSigner) -> None:
    assert signer.next_nonce(0) == 1
    assert signer.next_nonce(41) == 42
    signer.sign(prediction(nonce=50))
    assert signer.next_nonce(41) == 51
    assert signer.next_nonce(60) == 61


def test_another_diamond_has_its_own_record(signer: EngineSigner, record: Path) -> None:
    signer.sign(prediction())
    other = EngineSigner(ENGINE, chain_id=1, diamond="0x" + "Ee" * 20, record=record)
    assert other.next_nonce(0) == 1
    other.sign(prediction(confidence_bps=9600))


def test_a_key_that_fails_says_nothing_of_itself(record: Path) -> None:
    class Broken:
        address = ENGINE.address

        def sign_message(self, _: object) -> object:
            raise RuntimeError("key 0x1234")

    signer = EngineSigner(Broken(), chain_id=1, diamond=DIAMOND, record=record)
    with pytest.raises(SigningError) as failed:
        signer.sign(prediction())
    assert "1234" not in str(failed.value)
