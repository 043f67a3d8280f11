"""Keys that are elsewhere: a device or a service that signs digests, as a signer of everything.

    key = KmsKey("https://kms.eu-central-1.amazonaws.com", "alias/operator", authorize=signed_by_us)
    operator = DigestSigner(key.address, key.sign_digest)
    client = MacroStrike.connect(manifest, rpc_url=url, signer=operator)

What is asked of a signer are three calls, see `RemoteSigner`. Accounts of eth-account, of its
keystore files (`macrostrike.load_signer`) and of Ape are such signers as they are.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

import urllib3
from coincurve import PublicKey
from coincurve.ecdsa import der_to_cdata, serialize_compact, signature_normalize
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from macrostrike.chain._signing import signed
from macrostrike.errors import SigningError
from macrostrike.signing import typed_data_digest

_SPKI = bytes.fromhex("3056301006072a8648ce3d020106052b8104000a034200")
"""What a public key of secp256k1 begins with, in DER."""
_POINT = 65  # bytes of a public key that is not compressed
_ALGORITHM = "ECDSA_SHA_256"  # of the curve: what is signed is a digest already
_TIMEOUT = urllib3.Timeout(connect=5.0, read=10.0)

Authorize = Callable[[str, bytes, Mapping[str, str]], Mapping[str, str]]
"""The headers with which a request may be made, from its URL, body and headers."""


class RemoteSigner(Protocol):
    """What signs transactions and predictions, wherever its key is."""

    @property
    def address(self) -> Any:
        """The account's address."""

    def sign_transaction(self, transaction_dict: Any) -> Any:
        """The transaction, signed, with its bytes in `raw_transaction`."""

    def sign_message(self, signable_message: Any) -> Any:
        """The signature: 65 bytes in its `signature`, or r, s and v."""


@dataclass(frozen=True, slots=True)
class SignedTransaction:
    """Its bytes, ready to be sent."""

    raw_transaction: bytes


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """r, s, and v of 27 or 28."""

    signature: bytes


@dataclass(frozen=True, slots=True)
class DigestSigner:
    """A `RemoteSigner` of a key that signs digests.

    sign_digest: 65 bytes of 32: r, s, and v of 0 or 1, with the lower s.
    """

    address: str
    sign_digest: Callable[[bytes], bytes]

    def sign_transaction(self, transaction_dict: dict[str, Any]) -> SignedTransaction:
        return SignedTransaction(signed(transaction_dict, self.sign_digest))

    def sign_message(self, signable_message: Any) -> SignedMessage:
        made = self.sign_digest(typed_data_digest(signable_message))
        return SignedMessage(made[:64] + bytes([made[64] + 27]))


class KmsKey:
    """A key in a cloud's key service, by the HTTP API of AWS KMS (ECC_SECG_P256K1).

    url: of the service, or of a proxy that signs requests. key_id: an id, ARN or alias.
    authorize: see `Authorize`; by default no header is added.

    Raises `SigningError`, which shows nothing of answers or headers.
    """

    def __init__(self, url: str, key_id: str, *, authorize: Authorize | None = None) -> None:
        self._url, self._key_id, self._authorize = url, key_id, authorize
        self._host = urlsplit(url).hostname or "?"
        self._pool = urllib3.PoolManager(timeout=_TIMEOUT, retries=False)
        self._point = self._public_key()
        self.address = to_checksum_address(keccak(self._point[1:])[12:])

    def sign_digest(self, digest: bytes) -> bytes:
        """As `DigestSigner` wants it."""
        body = {
            "Message": base64.b64encode(digest).decode(),
            "MessageType": "DIGEST",
            "SigningAlgorithm": _ALGORITHM,
        }
        return recoverable(self._bytes("Sign", body, "Signature"), digest, self._point)

    def _public_key(self) -> bytes:
        der = self._bytes("GetPublicKey", {}, "PublicKey")
        if not der.startswith(_SPKI) or len(der) != len(_SPKI) + _POINT:
            raise SigningError(f"key {self._key_id} is not of the curve secp256k1")
        return der[-_POINT:]

    def _bytes(self, action: str, body: Mapping[str, str], field: str) -> bytes:
        try:
            return base64.b64decode(self._asked(action, body)[field], validate=True)
        except (KeyError, TypeError, ValueError):
            raise SigningError(f"{self._host} answers {action} without its {field}") from None

    def _asked(self, action: str, body: Mapping[str, str]) -> Any:
        content = json.dumps({"KeyId": self._key_id, **body}).encode()
        headers: Mapping[str, str] = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"TrentService.{action}",
        }
        if self._authorize is not None:
            headers = self._authorize(self._url, content, headers)
        try:
            answer = self._pool.request("POST", self._url, body=content, headers=dict(headers))
        except urllib3.exceptions.HTTPError:
            raise SigningError(f"no answer from the key service at {self._host}") from None
        if answer.status != 200:
            raise SigningError(f"{self._host} refuses {action}: HTTP {answer.status}")
        try:
            return json.loads(answer.data)
        except ValueError:
            raise SigningError(f"{self._host} answers {action} with no JSON") from None


def recoverable(der: bytes, digest: bytes, point: bytes) -> bytes:
    """r, s and v of a signature in DER, with the lower s, as chains want it.

    point: the public key, 65 bytes. Raises `SigningError` where it was made by another key.
    """
    try:
        _, low = signature_normalize(der_to_cdata(der))
        compact = serialize_compact(low)
    except ValueError:
        raise SigningError("the key service gave no signature in DER") from None
    for v in (0, 1):
        made: bytes = compact + bytes([v])
        if _recovered(made, digest) == point:
            return made
    raise SigningError("the key service signed with another key")


def _recovered(signature: bytes, digest: bytes) -> bytes | None:
    try:
        key = PublicKey.from_signature_and_message(signature, digest, hasher=None)
    except Exception:  # of the library, where there is no such point
        return None
    return bytes(key.format(compressed=False))
