"""Results of transactions, made of the diamond's events."""

from __future__ import annotations

from macrostrike.abi import Event
from macrostrike.chain.transport import Receipt
from macrostrike.types import Mined, StrikeOpened, StrikeRecord, StrikeSettled, split_weights


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
    args = dict(event.args)
    signal, lots = split_weights(args.pop("weights"))
    record = StrikeRecord.from_word(args.pop("record"))
    return StrikeOpened(**args, signal=signal, lots=lots, record=record, mined=mined)


def settled(event: Event, mined: Mined) -> StrikeSettled:
    """What `StrikeSettled` says."""
    return StrikeSettled(**event.args, mined=mined)
