"""Signing transactions: by whatever signer, and fast where the key is in this process.

eth-account checks and converts each field twice, which takes ten times as long as the signature;
rlp looks at the kind of each item, of which all are known here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from coincurve import PrivateKey
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_canonical_address

from macrostrike._keccak import keccak
from macrostrike.chain.transport import Signer

Sign = Callable[[dict[str, Any]], bytes]
_address = lru_cache(maxsize=64)(to_canonical_address)  # of few contracts
_TYPE_2 = b"\x02"
_BYTES, _LIST, _SHORT = 0x80, 0xC0, 55


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
    fields = b"".join(
        [
            _number(transaction["chainId"]),
            _number(transaction["nonce"]),
            _number(transaction["maxPriorityFeePerGas"]),
            _number(transaction["maxFeePerGas"]),
            _rest(transaction),
            _list(b""),
        ]
    )
    v, signature = _signature(_TYPE_2 + _list(fields), sign)
    return _TYPE_2 + _list(fields + _number(v) + signature)


def _legacy(transaction: dict[str, Any], sign: Callable[[bytes], bytes]) -> bytes:
    """With the chain's id, as of EIP-155."""
    chain_id = transaction["chainId"]
    price = _number(transaction["gasPrice"])
    fields = _number(transaction["nonce"]) + price + _rest(transaction)
    v, signature = _signature(_list(fields + _number(chain_id) + 2 * _bytes(b"")), sign)
    return _list(fields + _number(35 + 2 * chain_id + v) + signature)


def _rest(transaction: dict[str, Any]) -> bytes:
    """Gas, receiver, value and data, which both kinds have in this order."""
    to = transaction.get("to")
    return (
        _number(transaction["gas"])
        + _bytes(b"" if to is None else _address(to))
        + _number(transaction["value"])
        + _bytes(bytes(transaction["data"]))
    )


def _signature(content: bytes, sign: Callable[[bytes], bytes]) -> tuple[int, bytes]:
    """v, and r and s as they are in a transaction."""
    made = sign(keccak(content))
    return made[64], _bytes(made[:32].lstrip(b"\0")) + _bytes(made[32:64].lstrip(b"\0"))


# RLP


def _number(value: int) -> bytes:
    return _bytes(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _bytes(value: bytes) -> bytes:
    if len(value) == 1 and value[0] < _BYTES:
        return value
    return _head(_BYTES, len(value)) + value


def _list(content: bytes) -> bytes:
    return _head(_LIST, len(content)) + content


def _head(kind: int, length: int) -> bytes:
    if length <= _SHORT:
        return bytes([kind + length])
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([kind + _SHORT + len(size)]) + size
