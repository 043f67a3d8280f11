"""Signing transactions: by whatever signer, and fast where the key is in this process.

eth-account checks and converts each field twice, which takes ten times as long as the signature.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
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
    if type(signer) is not LocalAccount:
        return lambda transaction: bytes(signer.sign_transaction(transaction).raw_transaction)
    key = PrivateKey(bytes(signer.key))
    return lambda transaction: signed(transaction, partial(key.sign_recoverable, hasher=None))


def signed(transaction: dict[str, Any], sign: Callable[[bytes], bytes]) -> bytes:
    """A transaction with the signature that `sign` makes of its digest: r, s, and v of 0 or 1."""
    if "gasPrice" in transaction:
        return _legacy(transaction, sign)
    fields = [
        _number(transaction["chainId"]),
        _number(transaction["nonce"]),
        _number(transaction["maxPriorityFeePerGas"]),
        _number(transaction["maxFeePerGas"]),
        *_rest(transaction),
        [],
    ]
    v, r, s = _signature(_TYPE_2 + encode_raw(fields), sign)
    return _TYPE_2 + bytes(encode_raw([*fields, _number(v), r, s]))


def _legacy(transaction: dict[str, Any], sign: Callable[[bytes], bytes]) -> bytes:
    """With the chain's id, as of EIP-155."""
    chain_id = transaction["chainId"]
    price = _number(transaction["gasPrice"])
    fields = [_number(transaction["nonce"]), price, *_rest(transaction)]
    v, r, s = _signature(encode_raw([*fields, _number(chain_id), b"", b""]), sign)
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


def _signature(content: bytes, sign: Callable[[bytes], bytes]) -> tuple[int, bytes, bytes]:
    made = sign(keccak(content))
    return made[64], made[:32].lstrip(b"\0"), made[32:64].lstrip(b"\0")


def _number(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8, "big")
