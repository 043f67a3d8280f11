"""What engines sign: the EIP-712 digest of a prediction, its signature, and whose it is.

The domain binds a signature to one chain and one diamond. Encoding and curve are eth-account's,
which uses coincurve where it is installed.
"""

from __future__ import annotations

import json
import os
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from eth_account import Account
from eth_account.messages import SignableMessage, encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

from macrostrike._generated.eip712 import PREDICTION_DOMAIN, PREDICTION_TYPES
from macrostrike._keccak import keccak
from macrostrike.errors import InvalidValue, SigningError
from macrostrike.types import Prediction, checked_address

SIGNATURE_BYTES = 65
"""r, s and v."""
_V_OF_ETHEREUM = 27


class PredictionSigner(Protocol):
    """Signs predictions: an account of eth-account's or of Ape's, or anything alike."""

    def sign_message(self, signable_message: Any) -> Any:
        """The signature: 65 bytes in its `signature`, or r, s and v."""


class Engine(PredictionSigner, Protocol):
    """A signer that says which engine it is."""

    @property
    def address(self) -> Any:
        """The engine's address."""


def prediction_digest(prediction: Prediction, chain_id: int, diamond: str) -> bytes:
    """The 32 bytes that are signed, as of the chain's `hashPrediction`."""
    return typed_data_digest(_signable(prediction, chain_id, diamond))


def sign_prediction(
    prediction: Prediction, signer: PredictionSigner, chain_id: int, diamond: str
) -> bytes:
    """65 bytes: r, s, v. Raises `SigningError`."""
    if not hasattr(signer, "sign_message"):
        raise SigningError(f"a {type(signer).__name__} signs nothing: give an account, or bytes")
    try:
        signature = _bytes_of(signer.sign_message(_signable(prediction, chain_id, diamond)))
    except Exception as failure:
        # A signer is anybody's code. What it raises may show what it holds, so it is not passed on.
        raise SigningError(f"the signer failed with {type(failure).__name__}") from None
    return with_ethereum_v(signature, prediction, chain_id, diamond)


def signature_bytes(signature: bytes | bytearray | memoryview | str) -> bytes:
    """A signature as it comes: bytes of any kind, or `0x…`. Raises `SigningError`."""
    if isinstance(signature, (bytes, bytearray, memoryview)):
        return bytes(signature)
    if isinstance(signature, str):
        try:
            return bytes.fromhex(signature[2:] if signature[:2] in ("0x", "0X") else signature)
        except ValueError:
            raise SigningError("a signature as text is 0x and hexadecimal digits") from None
    raise SigningError(f"a {type(signature).__name__} is not a signature: give bytes, or 0x…")


def with_ethereum_v(signature: bytes, prediction: Prediction, chain_id: int, diamond: str) -> bytes:
    """The engine's signature with v 27 or 28, where its device gave 0 or 1.

    Any other is left as it is: what a contract engine takes for one is its own affair.
    """
    if len(signature) == SIGNATURE_BYTES and signature[-1] in (0, 1):
        changed = signature[:-1] + bytes([signature[-1] + _V_OF_ETHEREUM])
        try:
            if recover_engine(prediction, changed, chain_id, diamond) == prediction.engine:
                return changed
        except SigningError:
            pass
    return signature


def recover_engine(prediction: Prediction, signature: bytes, chain_id: int, diamond: str) -> str:
    """The account whose key made the signature. Raises `SigningError` when none can have.

    A contract engine (ERC-1271) has no key: only the chain can tell whether it agrees.
    """
    if len(signature) != SIGNATURE_BYTES:
        raise SigningError(f"{len(signature)} bytes are not a signature: it has {SIGNATURE_BYTES}")
    signable = _signable(prediction, chain_id, diamond)
    try:
        return str(Account.recover_message(signable, signature=signature))
    except (BadSignature, ValidationError, ValueError) as failure:
        raise SigningError(
            f"these {len(signature)} bytes are not a signature: {failure}"
        ) from failure


def typed_data_digest(signable: SignableMessage) -> bytes:
    """The EIP-712 digest of what `encode_typed_data` gave."""
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


def _bytes_of(signed: Any) -> bytes:
    """What eth-account calls `signature`, Ape r, s and v, and others give as it is."""
    if hasattr(signed, "signature"):
        return signature_bytes(signed.signature)
    if all(hasattr(signed, name) for name in ("v", "r", "s")):
        r, s = (
            each.to_bytes(32, "big") if isinstance(each, int) else bytes(each).rjust(32, b"\0")
            for each in (signed.r, signed.s)
        )
        return r + s + bytes([signed.v])
    return signature_bytes(signed)


@lru_cache(maxsize=256)  # a strike needs it to sign, and for its journal
def _signable(prediction: Prediction, chain_id: int, diamond: str) -> SignableMessage:
    # As `encode_typed_data` returns it, a hundred times as fast: all members are single words.
    words = [_TYPE_HASH]
    for member in fields(prediction):
        value = getattr(prediction, member.name)
        number = int(value, 16) if isinstance(value, str) else int(value)
        words.append(number.to_bytes(32, "big"))
    return SignableMessage(b"\x01", _domain_separator(chain_id, diamond), keccak(b"".join(words)))


@lru_cache(maxsize=64)
def _domain_separator(chain_id: int, diamond: str) -> bytes:
    domain = {**PREDICTION_DOMAIN, "chainId": chain_id, "verifyingContract": diamond}
    return bytes(encode_typed_data(domain, {"Nothing": []}, {}).header)


def _type_hash() -> bytes:
    (name, members), *_ = PREDICTION_TYPES.items()
    listed = ",".join(f"{member['type']} {member['name']}" for member in members)
    return keccak(f"{name}({listed})".encode())


_TYPE_HASH = _type_hash()


def keystore_address(keystore: str | os.PathLike[str]) -> str:
    """The address that a keystore file says is its account's. Raises `SigningError`."""
    try:
        content = json.loads(Path(keystore).read_text(encoding="utf-8"))
        return checked_address(f"0x{str(content['address']).removeprefix('0x')}")
    except (OSError, ValueError, KeyError, TypeError, InvalidValue) as failure:
        kind = type(failure).__name__
        raise SigningError(f"{keystore} is not a keystore that says its address ({kind})") from None


def load_signer(keystore: str | os.PathLike[str], passphrase: str) -> LocalAccount:
    """The account of a keystore file, as eth-account, geth and Ape write them.

    Raises `SigningError`, which shows nothing of file or passphrase.
    """
    try:
        content = json.loads(Path(keystore).read_text(encoding="utf-8-sig"))
        key = Account.decrypt(content, passphrase)
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError) as failure:
        kind = type(failure).__name__
        raise SigningError(f"{keystore} is not a keystore that can be read ({kind})") from None
    except ValueError:
        raise SigningError(f"{keystore} does not open with this passphrase") from None
    account: LocalAccount = Account.from_key(key)
    return account
