"""Signed transactions, read back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import rlp  # type: ignore[import-untyped]
from coincurve import PublicKey
from eth_account import Account
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from hexbytes import HexBytes

from macrostrike._keccak import keccak
from macrostrike.chain.transport import Fees
from macrostrike.types import checksummed

_LEGACY = ("nonce", "gasPrice", "gas", "to", "value", "data")
_TYPE_2, _ADDRESS_BYTES = b"\x02", 20
_FIRST_OF_LIST = 0xC0  # of RLP: what a legacy transaction begins with


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signed transaction does, and whose it is. `to` is None where it creates."""

    sender: str
    nonce: int
    to: str | None
    data: bytes
    value: int
    gas: int
    fees: Fees


def read_signed(raw: bytes) -> Signed:
    """Raises `ValueError` for bytes that are not a signed transaction."""
    try:
        return _type_2(raw) if raw[:1] == _TYPE_2 else _any(raw)
    except Exception as failure:  # of rlp, coincurve, eth-account and eth-keys, each its own
        raise ValueError(f"not a signed transaction: {type(failure).__name__}") from None


def _type_2(raw: bytes) -> Signed:
    """The kind that is signed here, by itself: eth-account takes ten times as long."""
    *fields, v, r, s = rlp.decode(raw[1:])
    _, nonce, tip, max_fee, gas, to, value, data, _ = fields
    digest = keccak(_TYPE_2 + bytes(rlp.encode(fields)))
    signature = _word(r) + _word(s) + bytes([_canonical(v)])
    key = PublicKey.from_signature_and_message(signature, digest, hasher=None)
    return Signed(
        sender=checksummed(keccak(key.format(compressed=False)[1:])[-_ADDRESS_BYTES:]),
        nonce=_canonical(nonce),
        to=_address(to),
        data=bytes(data),
        value=_canonical(value),
        gas=_canonical(gas),
        fees=Fees(max_fee=_canonical(max_fee), priority=_canonical(tip)),
    )


def _any(raw: bytes) -> Signed:
    fields = _fields(raw)
    return Signed(
        sender=str(Account.recover_transaction(raw)),
        nonce=_number(fields["nonce"]),
        to=_address(fields["to"]),
        data=bytes(fields["data"]),
        value=_number(fields["value"]),
        gas=_number(fields["gas"]),
        fees=_fees(fields),
    )


def _fields(raw: bytes) -> dict[str, Any]:
    if raw[0] >= _FIRST_OF_LIST:
        return dict(zip(_LEGACY, rlp.decode(raw), strict=False))
    return dict(TypedTransaction.from_bytes(HexBytes(raw)).as_dict())


def _fees(fields: dict[str, Any]) -> Fees:
    if "maxFeePerGas" not in fields:
        return Fees(max_fee=_number(fields["gasPrice"]), priority=None)
    tip = _number(fields["maxPriorityFeePerGas"])
    return Fees(max_fee=_number(fields["maxFeePerGas"]), priority=tip)


def _address(value: Any) -> str | None:
    at = bytes(value or b"")
    if len(at) not in (0, _ADDRESS_BYTES):
        raise ValueError("not an address")
    return checksummed(at) if at else None


def _word(value: bytes) -> bytes:
    return _canonical(value).to_bytes(32, "big")


def _canonical(value: bytes) -> int:
    if value[:1] == b"\0":
        raise ValueError("it has a leading zero")
    return int.from_bytes(value, "big")


def _number(value: Any) -> int:
    return int.from_bytes(value, "big") if isinstance(value, bytes) else int(value)
