"""What engines sign: the EIP-712 digest of a prediction, its signature, and whose it is.

The domain binds a signature to one chain and one diamond. Encoding and curve are eth-account's,
which uses coincurve where it is installed.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Protocol

from eth_account import Account
from eth_account.messages import SignableMessage, encode_typed_data
from eth_keys.exceptions import BadSignature
from eth_utils.crypto import keccak
from eth_utils.exceptions import ValidationError

from macrostrike._generated.eip712 import PREDICTION_DOMAIN, PREDICTION_TYPES
from macrostrike.errors import SigningError
from macrostrike.types import Prediction

SIGNATURE_BYTES = 65
"""r, s and v."""


class PredictionSigner(Protocol):
    """Whoever signs predictions: an `eth_account` `LocalAccount`, or anything alike."""

    def sign_message(self, signable_message: Any) -> Any:
        """The signature, 65 bytes in its `signature`."""


def prediction_digest(prediction: Prediction, chain_id: int, diamond: str) -> bytes:
    """The 32 bytes that are signed, as of the chain's `hashPrediction`."""
    return typed_data_digest(_signable(prediction, chain_id, diamond))


def sign_prediction(
    prediction: Prediction, signer: PredictionSigner, chain_id: int, diamond: str
) -> bytes:
    """65 bytes: r, s, v. Raises `SigningError`."""
    try:
        signed = signer.sign_message(_signable(prediction, chain_id, diamond))
        return bytes(signed.signature)
    except Exception as failure:
        # A signer is anybody's code. What it raises may show what it holds, so it is not passed on.
        raise SigningError(f"the signer failed with {type(failure).__name__}") from None


def recover_engine(prediction: Prediction, signature: bytes, chain_id: int, diamond: str) -> str:
    """The account whose key made the signature. Raises `SigningError` when none can have.

    A contract engine (ERC-1271) has no key: only the chain can tell whether it agrees.
    """
    if len(signature) != SIGNATURE_BYTES:
        raise SigningError(f"{len(signature)} bytes are no signature: it has {SIGNATURE_BYTES}")
    signable = _signable(prediction, chain_id, diamond)
    try:
        return str(Account.recover_message(signable, signature=signature))
    except (BadSignature, ValidationError, ValueError) as failure:
        raise SigningError(f"these {len(signature)} bytes are no signature: {failure}") from failure


def typed_data_digest(signable: SignableMessage) -> bytes:
    """The EIP-712 digest of what `encode_typed_data` gave."""
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


def _signable(prediction: Prediction, chain_id: int, diamond: str) -> SignableMessage:
    domain = {**PREDICTION_DOMAIN, "chainId": chain_id, "verifyingContract": diamond}
    members = zip(PREDICTION_TYPES["Prediction"], fields(prediction), strict=True)
    message = {member["name"]: getattr(prediction, field.name) for member, field in members}
    return encode_typed_data(domain, PREDICTION_TYPES, message)
