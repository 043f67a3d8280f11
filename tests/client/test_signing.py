"""EIP-712: the public vectors, the chain's own hash, and keys that are never shown."""

from __future__ import annotations

import dataclasses
import gzip
import json
import traceback
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from macrostrike import MacroStrike, Prediction, Signal, recover_engine, sign_prediction
from macrostrike._generated.eip712 import PREDICTION_TYPES
from macrostrike.abi import diamond_abi
from macrostrike.errors import SigningError
from macrostrike.signing import prediction_digest, typed_data_digest
from macrostrike.testing import World

from .support import ROOT, client_of, prediction_of

VECTORS = ROOT / "node_modules/@ethersproject/testcases/testcases/eip712.json.gz"
DIAMOND = "0x" + "d1" * 20
KEY = "0x" + "5e" * 32
ENGINE = Account.from_key(KEY)
PREDICTION = Prediction(
    engine=ENGINE.address,
    nonce=1,
    market=0,
    signal=Signal.LONG,
    confidence_bps=9300,
    valid_from=100,
    valid_until=200,
    horizon=60,
    stop_loss_bps=1,
)


@st.composite
def predictions(draw: st.DrawFn) -> Prediction:
    start, end = sorted(draw(st.tuples(*[st.integers(0, 2**40 - 1)] * 2)))
    return Prediction(
        engine="0x" + draw(st.binary(min_size=20, max_size=20)).hex(),
        nonce=draw(st.integers(0, 2**64 - 1)),
        market=draw(st.integers(0, 255)),
        signal=draw(st.sampled_from(Signal)),
        confidence_bps=draw(st.integers(0, 10_000)),
        strategies=draw(st.integers(1, 31)),
        model_id=draw(st.integers(0, 2**16 - 1)),
        valid_from=start,
        valid_until=end,
        horizon=draw(st.integers(1, 2**24 - 1)),
        take_profit_bps=draw(st.integers(0, 2**16 - 1)),
        stop_loss_bps=draw(st.integers(1, 9999)),
    )


def test_the_encoder_returns_the_digests_of_the_public_vectors() -> None:
    vectors: list[dict[str, Any]] = json.loads(gzip.decompress(VECTORS.read_bytes()))
    wrong = []
    for vector in vectors:
        signable = encode_typed_data(vector["domain"], vector["types"], vector["data"])
        if "0x" + typed_data_digest(signable).hex() != vector["digest"]:
            wrong.append(vector["name"])
        if "signature" in vector:
            signed = Account.sign_message(signable, vector["privateKey"])
            assert "0x" + signed.signature.hex() == vector["signature"]
    assert len(vectors) == 1025
    assert wrong == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(prediction=predictions())
def test_the_digest_is_the_chains(world: World, prediction: Prediction) -> None:
    client = client_of(world)
    digest = prediction_digest(prediction, world.transport.chain_id, world.diamond)
    assert client.call("hashPrediction", prediction) == digest


@given(prediction=predictions(), chain_id=st.integers(1, 2**64))
def test_the_digest_is_that_of_eth_accounts_typed_data(
    prediction: Prediction, chain_id: int
) -> None:
    members = zip(PREDICTION_TYPES["Prediction"], dataclasses.fields(prediction), strict=True)
    message = {member["name"]: getattr(prediction, field.name) for member, field in members}
    domain = {
        "name": "MacroStrike",
        "version": "1",
        "chainId": chain_id,
        "verifyingContract": DIAMOND,
    }
    signable = encode_typed_data(domain, PREDICTION_TYPES, message)
    assert prediction_digest(prediction, chain_id, DIAMOND) == typed_data_digest(signable)


def test_the_type_is_the_struct_of_the_abi() -> None:
    (entry,) = (
        entry["inputs"][0]
        for entry in json.loads((ROOT / "macrostrike/_artifacts/IMacroStrike.json").read_text())[
            "abi"
        ]
        if entry.get("name") == "hashPrediction"
    )
    members = [{"name": part["name"], "type": part["type"]} for part in entry["components"]]
    assert {"Prediction": members} == PREDICTION_TYPES


def test_the_digest_is_as_the_standard_writes_it() -> None:
    # By hand, from EIP-712: every member is one word, so that the ABI's encoding is the standard's.
    members = ",".join(f"{m['type']} {m['name']}" for m in PREDICTION_TYPES["Prediction"])
    domain_type = (
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    )
    domain = keccak(
        keccak(text=domain_type)
        + keccak(text="MacroStrike")
        + keccak(text="1")
        + (31337).to_bytes(32, "big")
        + bytes.fromhex(DIAMOND[2:]).rjust(32, b"\0")
    )
    words = diamond_abi().encode_call("hashPrediction", PREDICTION)[4:]
    struct = keccak(keccak(text=f"Prediction({members})") + words)
    assert prediction_digest(PREDICTION, 31337, DIAMOND) == keccak(b"\x19\x01" + domain + struct)


def test_a_signature_names_its_engine() -> None:
    signature = sign_prediction(PREDICTION, ENGINE, 31337, DIAMOND)
    assert len(signature) == 65
    assert recover_engine(PREDICTION, signature, 31337, DIAMOND) == ENGINE.address


@pytest.mark.parametrize(
    ("chain_id", "diamond", "changes"),
    [
        (1, DIAMOND, {}),
        (31337, "0x" + "d2" * 20, {}),
        (31337, DIAMOND, {"confidence_bps": 9301}),
        (31337, DIAMOND, {"nonce": 2}),
    ],
)
def test_a_signature_is_worth_nothing_elsewhere(
    chain_id: int, diamond: str, changes: dict[str, Any]
) -> None:
    signature = sign_prediction(PREDICTION, ENGINE, 31337, DIAMOND)
    other = dataclasses.replace(PREDICTION, **changes)
    assert recover_engine(other, signature, chain_id, diamond) != ENGINE.address


@pytest.mark.parametrize("signature", [b"", b"\x01" * 64, b"\x01" * 66, b"\0" * 65, b"\xff" * 65])
def test_bytes_that_are_not_signature_are_refused(signature: bytes) -> None:
    with pytest.raises(SigningError, match=f"{len(signature)} bytes"):
        recover_engine(PREDICTION, signature, 31337, DIAMOND)


def test_signing_goes_the_fast_way() -> None:
    from eth_keys.main import KeyAPI

    assert type(KeyAPI().backend).__name__ == "CoinCurveECCBackend"


class Leaky:
    """A signer whose failure shows its key."""

    address = ENGINE.address

    def sign_message(self, signable_message: Any) -> Any:
        raise ValueError(f"can't sign with {KEY}")

    def sign_transaction(self, transaction_dict: Any) -> Any:
        raise ValueError(f"can't sign with {KEY}")


def test_a_signer_that_fails_does_not_leak_its_key() -> None:
    with pytest.raises(SigningError, match="ValueError") as failure:
        sign_prediction(PREDICTION, Leaky(), 31337, DIAMOND)
    assert KEY[2:] not in "".join(traceback.format_exception(failure.value))


def test_keys_are_never_shown(world: World) -> None:
    client = client_of(world)
    opened = client.strike(prediction_of(world), world.engine)
    keys = [bytes(account.key).hex() for account in (world.operator, world.engine, world.owner)]
    for shown in (client, opened, world, world.transport, world.operator, vars(client)):
        assert not any(key in repr(shown) for key in keys)
    assert world.operator.address in repr(client)
    assert isinstance(client, MacroStrike)
