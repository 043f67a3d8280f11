"""Predictions, signatures and calldata, made fast: a run makes hundreds of thousands of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from coincurve import PrivateKey
from eth_utils.crypto import keccak

from macrostrike._generated.eip712 import PREDICTION_TYPES
from macrostrike.abi import diamond_abi

_MASK = (1 << 256) - 1
_TYPE = "Prediction(" + ",".join(f"{f['type']} {f['name']}" for f in PREDICTION_TYPES["Prediction"])
_TYPEHASH = keccak(text=_TYPE + ")")
_EXECUTE = diamond_abi().selector("executeStrike")
_EXECUTE_ALL = diamond_abi().selector("executeStrikes")
_ROLL = diamond_abi().selector("roll")


class Said(NamedTuple):
    """A prediction, with whatever numbers: the chain is to refuse the wrong ones."""

    engine: int
    nonce: int
    market: int
    signal: int
    confidence_bps: int
    strategies: int
    model_id: int
    valid_from: int
    valid_until: int
    horizon: int
    take_profit_bps: int
    stop_loss_bps: int


class Order(NamedTuple):
    """A prediction as an operator sends it."""

    said: Said
    signature: bytes
    limit: int


def any_price(said: Said) -> int:
    """The limit that accepts whatever a strike of that prediction gets."""
    return 0 if said.signal <= 1 else (1 << 256) - 1


def words(*values: int) -> bytes:
    """Each number as an ABI word, negative ones in two's complement."""
    return b"".join([(value & _MASK).to_bytes(32, "big") for value in values])


def word(answer: bytes, index: int) -> int:
    """The ABI word at that place of an answer."""
    return int.from_bytes(answer[32 * index : 32 * index + 32], "big")


def number(address: str) -> int:
    return int(address, 16)


def domain(chain_id: int, diamond: str) -> bytes:
    """The EIP-712 domain separator."""
    text = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    parts = keccak(text=text) + keccak(text="MacroStrike") + keccak(text="1")
    return keccak(parts + words(chain_id, number(diamond)))


def digest(separator: bytes, said: Said) -> bytes:
    """What an engine signs."""
    return keccak(b"\x19\x01" + separator + keccak(_TYPEHASH + words(*said)))


def sign(key: PrivateKey, message: bytes) -> bytes:
    """65 bytes: r, s, v."""
    made = key.sign_recoverable(message, hasher=None)
    return made[:64] + bytes([made[64] + 27])


def execute_strike(order: Order) -> bytes:
    """Calldata of `executeStrike`."""
    return _EXECUTE + _order(order)


def execute_strikes(orders: Sequence[Order], skip: bool) -> bytes:
    """Calldata of `executeStrikes`."""
    encoded = [_order(order) for order in orders]
    # Each order's place, counted from behind the array's length.
    sizes = accumulate([32 * len(orders), *map(len, encoded)])
    places = list(sizes)[: len(orders)]
    return _EXECUTE_ALL + words(64, skip, len(orders), *places) + b"".join(encoded)


def roll(strike_id: int, limit: int, order: Order, may_fail: bool) -> bytes:
    """Calldata of `roll`."""
    return _ROLL + words(strike_id, limit, 128, may_fail) + _order(order)


def _order(order: Order) -> bytes:
    signature = order.signature
    padded = signature + bytes(-len(signature) % 32)
    # 12 words of prediction, the signature's offset, the limit; then the signature.
    return words(*order.said, 14 * 32, order.limit, len(signature)) + padded
