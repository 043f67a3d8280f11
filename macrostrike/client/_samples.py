"""Calldata as strikes and arbitrages have it, for what their data costs before they are known.

Digests stand for signatures and addresses: a fee for compressed bytes must not come out too low.
"""

from __future__ import annotations

import hashlib
from functools import cache

from macrostrike.abi import diamond_abi
from macrostrike.types import ALL_STRATEGIES, ArbitrageOrder, Prediction, Signal

_TIME = 1_893_456_000  # Unix seconds


@cache
def strike_data() -> bytes:
    """Of one strike."""
    prediction = Prediction(
        engine="0x" + _bytes(20).hex(),
        nonce=0x9C51,
        market=1,
        signal=Signal.STRONG_LONG,
        confidence_bps=9_731,
        strategies=ALL_STRATEGIES,
        model_id=3,
        valid_from=_TIME,
        valid_until=_TIME + 119,
        horizon=3_600,
        take_profit_bps=117,
        stop_loss_bps=283,
    )
    limit = int.from_bytes(_bytes(9), "big")
    return diamond_abi().encode_call("executeStrike", prediction, _bytes(65), limit)


@cache
def arbitrage_data(hops: int) -> bytes:
    """Of one arbitrage with so many swaps."""
    order = ArbitrageOrder(
        pools=tuple(range(0xD1, 0xD1 + hops)),
        token_in="0x" + _bytes(20).hex(),
        amount_in=int.from_bytes(_bytes(10), "big"),
        min_profit=int.from_bytes(_bytes(8), "big"),
        confidence_bps=9_731,
        deadline=_TIME,
        resize=True,
    )
    return diamond_abi().encode_call("executeArbitrage", order)


def _bytes(length: int) -> bytes:
    digests = (hashlib.sha256(bytes([length, part])).digest() for part in range(3))
    return b"".join(digests)[:length]
