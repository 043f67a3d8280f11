"""Keys elsewhere: a double of a key service's HTTP API, which signs as such services do."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from coincurve import PrivateKey
from coincurve.ecdsa import cdata_to_der, deserialize_compact
from eth_account import Account
from eth_utils.crypto import keccak

from macrostrike import load_signer
from macrostrike.chain import AnvilTransport
from macrostrike.chain.remote import _SPKI, DigestSigner, KmsKey, RemoteSigner, recoverable
from macrostrike.chain.signed import read_signed
from macrostrike.errors import SigningError
from macrostrike.signing import recover_engine, sign_prediction
from macrostrike.types import Prediction, Signal

SECRET = b"\x5a" * 32
ADDRESS = Account.from_key(SECRET).address
TOKEN = "t0p-s3cret-authorization"
_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@dataclass
class Service:
    """Signs as a cloud's service does: any of two values of s, without v. `asked`: what for."""

    url: str = ""
    curve: bytes = _SPKI
    high: bool = True
    status: int = 200
    key: bytes = SECRET
    body: bytes | None = None
    asked: list[str] = field(default_factory=list)

    def answer(self, headers: Mapping[str, str], body: dict[str, Any]) -> dict[str, str]:
        assert headers["Authorization"] == TOKEN
        assert body["KeyId"] == "alias/operator"
        _, _, action = headers["X-Amz-Target"].partition(".")
        self.asked.append(action)
        if action == "GetPublicKey":
            point = PrivateKey(SECRET).public_key.format(compressed=False)
            return {"PublicKey": base64.b64encode(self.curve + point).decode()}
        assert (body["MessageType"], body["SigningAlgorithm"]) == ("DIGEST", "ECDSA_SHA_256")
        digest = base64.b64decode(body["Message"])
        return {"Signature": base64.b64encode(der_of(self.key, digest, high=self.high)).decode()}


def der_of(key: bytes, digest: bytes, *, high: bool) -> bytes:
    """A signature as services give it."""
    made = PrivateKey(key).sign_recoverable(digest, hasher=None)
    s = int.from_bytes(made[32:64], "big")
    return der(made[:32], (_ORDER - s if high else s).to_bytes(32, "big"))


def der(r: bytes, s: bytes) -> bytes:
    return bytes(cdata_to_der(deserialize_compact(r + s)))


@contextmanager
def running(service: Service) -> Iterator[Service]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            reply = json.dumps(service.answer(self.headers, body)).encode()
            reply = reply if service.body is None else service.body
            self.send_response(service.status)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_: object) -> None:
            """Not on the tests' output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    service.url = f"http://127.0.0.1:{server.server_port}/"
    yield service
    server.shutdown()
    server.server_close()


@pytest.fixture
def service() -> Iterator[Service]:
    with running(Service()) as one:
        yield one


def key_of(service: Service) -> KmsKey:
    def authorize(_: str, __: bytes, headers: Mapping[str, str]) -> Mapping[str, str]:
        return {**headers, "Authorization": TOKEN}

    return KmsKey(service.url, "alias/operator", authorize=authorize)


def signer_of(service: Service) -> DigestSigner:
    key = key_of(service)
    return DigestSigner(key.address, key.sign_digest)


@pytest.mark.parametrize("high", [True, False])
def test_a_transaction_is_signed_as_by_the_key_itself(service: Service, high: bool) -> None:
    service.high = high
    signer = signer_of(service)
    assert signer.address == ADDRESS
    fields = {"chainId": 1, "nonce": 3, "gas": 21_000, "value": 1, "data": b"", "to": ADDRESS}
    for fees in ({"gasPrice": 7}, {"maxFeePerGas": 9, "maxPriorityFeePerGas": 2}):
        raw = signer.sign_transaction(fields | fees).raw_transaction
        assert raw == bytes(
            Account.from_key(SECRET).sign_transaction(fields | fees).raw_transaction
        )
        assert read_signed(raw).sender == ADDRESS


def test_a_node_takes_its_transactions(service: Service, node: AnvilTransport) -> None:
    signer = signer_of(service)
    node.set_balance(signer.address, 10**18)
    assert node.send(signer, ADDRESS, b"", value=1).succeeded
    assert node.nonce(signer.address) == 1


def test_predictions_are_signed_too(service: Service) -> None:
    signer = signer_of(service)
    prediction = Prediction(
        engine=signer.address,
        nonce=1,
        market=0,
        signal=Signal.LONG,
        confidence_bps=9_500,
        valid_from=0,
        valid_until=100,
        horizon=60,
        take_profit_bps=100,
        stop_loss_bps=100,
    )
    signature = sign_prediction(prediction, signer, 1, ADDRESS)
    assert signature[64] in (27, 28)
    assert recover_engine(prediction, signature, 1, ADDRESS) == signer.address


def test_short_numbers_are_read_as_what_they_are() -> None:
    point = PrivateKey(SECRET).public_key.format(compressed=False)
    found = set()
    for number in range(1_500):
        digest = keccak(number.to_bytes(4, "big"))
        made = recoverable(der_of(SECRET, digest, high=bool(number % 2)), digest, point)
        assert made == PrivateKey(SECRET).sign_recoverable(digest, hasher=None)
        found.add(made[0] == 0)
    assert found == {True, False}, "one r of 31 bytes at least"


def test_a_service_that_signs_with_another_key_is_refused(service: Service) -> None:
    signer = signer_of(service)
    service.key = b"\x11" * 32
    with pytest.raises(SigningError, match="another key"):
        signer.sign_digest(bytes(32))


def test_a_key_of_another_curve_is_refused(service: Service) -> None:
    service.curve = _SPKI.replace(bytes.fromhex("052b8104000a"), bytes.fromhex("052b81040022"))
    with pytest.raises(SigningError, match="secp256k1"):
        key_of(service)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (
            400,
            b'{"message": "AccessDenied for t0p-s3cret-authorization"}',
            "refuses Sign: HTTP 400",
        ),
        (200, b"<html>", "no JSON"),
        (200, b"{}", "without its Signature"),
        (200, b'{"Signature": "%%%"}', "without its Signature"),
        (200, b'{"Signature": "AAAA"}', "no signature in DER"),
    ],
)
def test_what_goes_wrong_is_said_without_secrets(
    service: Service, status: int, body: bytes, said: str
) -> None:
    signer = signer_of(service)
    service.status, service.body = status, body
    with pytest.raises(SigningError, match=said) as failure:
        signer.sign_digest(bytes(32))
    assert TOKEN not in str(failure.value)


def test_a_service_that_is_gone_is_named_by_its_host_alone() -> None:
    with pytest.raises(SigningError, match=r"no answer from the key service at 127\.0\.0\.1$"):
        KmsKey(f"http://127.0.0.1:1/{TOKEN}", "alias/operator")


def test_keystores_are_signers_as_they_are(service: Service, tmp_path: Any) -> None:
    path = tmp_path / "key.json"
    path.write_text(json.dumps(Account.encrypt(SECRET, "secret", iterations=2)), encoding="utf-8")
    signers: list[RemoteSigner] = [signer_of(service), load_signer(path, "secret")]
    assert {str(signer.address) for signer in signers} == {ADDRESS}
