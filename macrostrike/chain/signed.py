"""Signed transactions, read back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import rlp  # type: ignore[import-untyped]
from eth_account import Account
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from eth_utils.address import to_checksum_address
from hexbytes import HexBytes

from macrostrike.chain.transport import Fees

_LEGACY = ("nonce", "gasPrice", "gas", "to", "value", "data")
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
        fields = _fields(raw)
        to = bytes(fields["to"] or b"")
        return Signed(
            sender=str(Account.recover_transaction(raw)),
            nonce=_number(fields["nonce"]),
            to=to_checksum_address(to) if to else None,
            data=bytes(fields["data"]),
            value=_number(fields["value"]),
            gas=_number(fields["gas"]),
            fees=_fees(fields),
        )
    except Exception as failure:  # of rlp, eth-account and eth-keys, each its own
        raise ValueError(f"not a signed transaction: {type(failure).__name__}") from None


def _fields(raw: bytes) -> dict[str, Any]:
    if raw[0] >= _FIRST_OF_LIST:
        return dict(zip(_LEGACY, rlp.decode(raw), strict=False))
    return dict(TypedTransaction.from_bytes(HexBytes(raw)).as_dict())


def _fees(fields: dict[str, Any]) -> Fees:
    if "maxFeePerGas" not in fields:
        return Fees(max_fee=_number(fields["gasPrice"]), priority=None)
    tip = _number(fields["maxPriorityFeePerGas"])
    return Fees(max_fee=_number(fields["maxFeePerGas"]), priority=tip)


def _number(value: Any) -> int:
    return int.from_bytes(value, "big") if isinstance(value, bytes) else int(value)
