"""What became of what was sent: by a transaction's hash, or by a prediction's nonce."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from macrostrike.abi import Event, diamond_abi
from macrostrike.chain.transport import Log, Outcome, Receipt
from macrostrike.client import _outcomes
from macrostrike.errors import ContractError
from macrostrike.reverts import decode_revert
from macrostrike.types import Mined, StrikeOpened

if TYPE_CHECKING:
    from macrostrike.client._core import Core

_FIRST_PORTION = 5_000  # blocks, from the latest backwards: what is asked for is mostly new
_GROWTH = 4


@dataclass(frozen=True, slots=True)
class SentTransaction:
    """What the chain knows of a transaction now.

    outcome: `CONFIRMED` where it is mined, failed or not; `UNKNOWN` where no receipt is known: it
        may still be mined.
    error: why it failed, where it is mined and did.
    events: the diamond's, decoded.
    """

    transaction_hash: bytes
    outcome: Outcome
    receipt: Receipt | None = None
    error: ContractError | None = None
    events: tuple[Event, ...] = ()


def outcome_of(client: Core, transaction_hash: bytes) -> SentTransaction:
    """As `MacroStrike.outcome` says."""
    receipt = client.transport.receipt(transaction_hash)
    if receipt is None:
        return SentTransaction(transaction_hash, Outcome.UNKNOWN)
    error = None
    if not receipt.succeeded:
        failure = client.transport.why_failed(transaction_hash)
        error = decode_revert(failure.data, failure.reason)
    events = tuple(client.events(receipt.logs))
    return SentTransaction(transaction_hash, Outcome.CONFIRMED, receipt, error, events)


def strike_of(client: Core, engine: str, nonce: int) -> StrikeOpened | None:
    """As `MacroStrike.strike_of` says."""
    if not client.call("isNonceUsed", engine, nonce):
        return None
    topics = [diamond_abi().topic("StrikeOpened"), None, bytes(12) + bytes.fromhex(engine[2:])]
    last, portion = client.transport.block_number(), _FIRST_PORTION
    while last >= client.first_block:
        first = max(client.first_block, last - portion + 1)
        logs = client.transport.logs(client.diamond, first, last, topics)
        for log, event in zip(logs, client.events(logs), strict=True):
            if event.args["nonce"] == nonce:
                return _outcomes.opened(event, _mined(client, log))
        last, portion = first - 1, portion * _GROWTH
    return None


def _mined(client: Core, log: Log) -> Mined:
    receipt = client.transport.receipt(log.transaction_hash)
    if receipt is not None:
        return _outcomes.mined(receipt)
    timestamp = client.transport.block(log.block_number).timestamp
    return Mined(log.transaction_hash, log.block_number, timestamp, gas_used=0)
