"""Signing transactions: by whatever signer, and fast where the key is in this process.

eth-account checks and converts each field twice, which takes ten times as long as the signature.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from coincurve import PrivateKey
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_canonical_address
from eth_utils.crypto import keccak
from rlp.codec import encode_raw  # type: ignore[import-untyped]

from macrostrike.chain.transport import Signer

Sign = Callable[[dict[str, Any]], bytes]
_TYPE_2 = b"\x02"


def signing(signer: Signer) -> Sign:
    """What makes the signed bytes of a transaction, as `Signer.sign_transaction` is given it."""
    if type(signer) is LocalAccount:
        return _local(PrivateKey(bytes(signer.key)))
    return lambda transaction: bytes(signer.sign_transaction(transaction).raw_transaction)


def _local(key: PrivateKey) -> Sign:
    def sign(transaction: dict[str, Any]) -> bytes:
        if "gasPrice" in transaction:
            return _legacy(key, transaction)
        fields = [
            _number(transaction["chainId"]),
            _number(transaction["nonce"]),
            _number(transaction["maxPriorityFeePerGas"]),
            _number(transaction["maxFeePerGas"]),
            *_rest(transaction),
            [],
        ]
        v, r, s = _signature(key, _TYPE_2 + encode_raw(fields))
        return _TYPE_2 + bytes(encode_raw([*fields, _number(v), r, s]))

    return sign


def _legacy(key: PrivateKey, transaction: dict[str, Any]) -> bytes:
    """With the chain's id, as of EIP-155."""
    chain_id = transaction["chainId"]
    price = _number(transaction["gasPrice"])
    fields = [_number(transaction["nonce"]), price, *_rest(transaction)]
    v, r, s = _signature(key, encode_raw([*fields, _number(chain_id), b"", b""]))
    return bytes(encode_raw([*fields, _number(35 + 2 * chain_id + v), r, s]))


def _rest(transaction: dict[str, Any]) -> list[bytes]:
    """Gas, receiver, value and data, which both kinds have in this order."""
    to = transaction.get("to")
    return [
        _number(transaction["gas"]),
        b"" if to is None else to_canonical_address(to),
        _number(transaction["value"]),
        bytes(transaction["data"]),
    ]


def _signature(key: PrivateKey, content: bytes) -> tuple[int, bytes, bytes]:
    signed = key.sign_recoverable(keccak(content), hasher=None)
    return signed[64], signed[:32].lstrip(b"\0"), signed[32:64].lstrip(b"\0")


def _number(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8, "big")
