"""Results of transactions, made of the diamond's events."""

from __future__ import annotations

from macrostrike.abi import Event
from macrostrike.chain.transport import Receipt
from macrostrike.types import Mined, StrikeOpened, StrikeSettled


def mined(receipt: Receipt) -> Mined:
    """Where a transaction is on chain."""
    return Mined(
        transaction_hash=receipt.transaction_hash,
        block_number=receipt.block_number,
        timestamp=receipt.timestamp,
        gas_used=receipt.gas_used,
    )


def opened(event: Event, mined: Mined) -> StrikeOpened:
    """What `StrikeOpened` says."""
    return StrikeOpened.from_args(event.args, mined=mined)


def settled(event: Event, mined: Mined) -> StrikeSettled:
    """What `StrikeSettled` says."""
    return StrikeSettled.from_args(event.args, mined=mined)
