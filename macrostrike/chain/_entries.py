"""Blocks, logs and receipts, from a node's JSON. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from macrostrike.chain._answers import data, field, mapping, quantity, sequence, shown
from macrostrike.chain.transport import Block, Log, Receipt, Transaction
from macrostrike.errors import MalformedAnswer, NodeError
from macrostrike.types import checksummed


def block(entry: Any, method: str) -> Block:
    """A block's header."""
    if entry is None:
        raise MalformedAnswer(method, "the node does not know this block")
    of = mapping(entry, method)
    return Block(
        number=_quantity_in(of, "number", method),
        hash=_hash_in(of, "hash", method),
        parent_hash=_hash_in(of, "parentHash", method),
        timestamp=timestamp(of, method),
        logs_bloom=_bloom(of.get("logsBloom"), method),
    )


def _bloom(entry: Any, method: str) -> bytes:
    return b"" if entry is None else data(entry, method)


def known(entry: Any, method: str) -> bool:
    """True: the node has the block. Raises `NodeError` where it has not, or not yet."""
    if entry is None:
        raise NodeError(method, 0, "block not found: the node is behind the others")
    return True


def timestamp(entry: Any, method: str) -> int:
    """The time of a block, which a pending one has too."""
    return quantity(field(mapping(entry, method), "timestamp", method), method)


def logs(entries: Any, method: str) -> list[Log]:
    """Events."""
    return [_log(mapping(entry, method), method) for entry in sequence(entries, method)]


def receipt(entry: Any, method: str) -> Receipt | None:
    """A receipt; None while the transaction is in no block.

    Its `timestamp` is 0 where the logs do not tell it.
    """
    if entry is None:
        return None
    of = mapping(entry, method)
    if of.get("blockNumber") is None or of.get("blockHash") is None:
        return None  # executed, but in no block yet
    status = _quantity_in(of, "status", method)
    events = logs(field(of, "logs", method), method)
    created = of.get("contractAddress")
    return Receipt(
        transaction_hash=_hash_in(of, "transactionHash", method),
        block_number=_quantity_in(of, "blockNumber", method),
        timestamp=_time_of(of, method),
        gas_used=_quantity_in(of, "gasUsed", method),
        logs=tuple(events),
        contract_address=None if created is None else address(created, method),
        succeeded=status == 1,
        block_hash=_hash_in(of, "blockHash", method),
        gas_price=quantity(of.get("effectiveGasPrice") or 0, method),
        l1_fee=quantity(of.get("l1Fee") or 0, method),
    )


def transaction(sent: Mapping[str, Any], entry: Mapping[str, Any]) -> Transaction:
    """A mined transaction, of what was sent and its receipt."""
    method = "eth_getTransactionReceipt"
    to = sent.get("to")
    return Transaction(
        hash=_hash_in(entry, "transactionHash", method),
        block_number=_quantity_in(entry, "blockNumber", method),
        index=_quantity_in(entry, "transactionIndex", method),
        account=_address_in(entry, "from", method),
        to=None if to is None else address(to, method),
        data=data(field(sent, "input", method), method),
        gas_used=_quantity_in(entry, "gasUsed", method),
        gas_price=quantity(entry.get("effectiveGasPrice") or 0, method),
        l1_fee=quantity(entry.get("l1Fee") or 0, method),
    )


def address(value: Any, method: str) -> str:
    """An address, checksummed."""
    return _address(_text(value, method), method)


def word(value: Any, method: str) -> bytes:
    """A storage word, which some nodes give without its leading zeros."""
    if isinstance(value, str) and len(value) % 2:
        value = "0x0" + value[2:]
    found = data(value, method)
    if len(found) > 32:
        raise MalformedAnswer(method, f"{shown(value)} is more than a word")
    return found.rjust(32, b"\0")


# The logs of a receipt say the same again and again.


@lru_cache(maxsize=4096)
def _address(text: str, method: str) -> str:
    return checksummed(data(text, method, 20))


@lru_cache(maxsize=4096)
def _hash(text: str, method: str) -> bytes:
    return data(text, method, 32)


_quantity = lru_cache(maxsize=4096)(quantity)


def _text(value: Any, method: str) -> str:
    if isinstance(value, str):
        return value
    raise MalformedAnswer(method, f"{shown(value)} is not bytes")


def _address_in(of: Mapping[str, Any], name: str, method: str) -> str:
    value = of.get(name)
    return _address(value if type(value) is str else _text(field(of, name, method), method), method)


def _hash_in(of: Mapping[str, Any], name: str, method: str) -> bytes:
    value = of.get(name)
    return _hash(value if type(value) is str else _text(field(of, name, method), method), method)


def _quantity_in(of: Mapping[str, Any], name: str, method: str) -> int:
    value = of.get(name)
    if type(value) is str:
        return _quantity(value, method)
    return quantity(field(of, name, method), method)


def _log(of: Any, method: str) -> Log:
    return Log(
        address=_address_in(of, "address", method),
        topics=tuple(
            [
                _hash(_text(topic, method), method)
                for topic in sequence(field(of, "topics", method), method)
            ]
        ),
        data=data(field(of, "data", method), method),
        block_number=_quantity_in(of, "blockNumber", method),
        transaction_hash=_hash_in(of, "transactionHash", method),
        index=_quantity_in(of, "logIndex", method),
        block_hash=_hash_in(of, "blockHash", method),
        transaction_index=_quantity_in(of, "transactionIndex", method),
    )


def _time_of(of: Any, method: str) -> int:
    """Many nodes give the block's time with each log, which saves asking; some give 0."""
    for entry in of["logs"] or ():
        stated = entry.get("blockTimestamp") if isinstance(entry, dict) else None
        if stated not in (None, 0, "0x0", "0x", ""):
            return quantity(stated, method)
    return 0
