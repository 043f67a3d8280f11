"""Why a mined transaction failed. Receipts don't say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from macrostrike.chain._answers import data, mapping, quantity
from macrostrike.chain._jsonrpc import JsonRpc, Question
from macrostrike.errors import ChainError, Reverted


def why_failed(rpc: JsonRpc, transaction_hash: bytes) -> Reverted:
    """From the trace, and where nodes give none, from a call at the state that the block began
    with, which is nearly always the same. Never raises: that it failed is known already.
    """
    named = "0x" + transaction_hash.hex()
    tracer = {"tracer": "callTracer"}
    try:
        found: Reverted = rpc.ask(Question("debug_traceTransaction", (named, tracer), _traced))
        return found
    except ChainError:
        pass
    try:
        sent = rpc.ask(Question("eth_getTransactionByHash", (named,), mapping))
        return _replayed(rpc, sent)
    except ChainError as failure:
        return Reverted(b"", f"it failed when mined, and the node can't say why: {failure}")


def _traced(trace: Any, method: str) -> Reverted:
    of = mapping(trace, method)
    output = data(of.get("output") or "0x", method)
    return Reverted(output, "" if output else str(of.get("error") or ""))


def _replayed(rpc: JsonRpc, sent: Mapping[str, Any]) -> Reverted:
    message = {name: sent[name] for name in ("from", "to", "value", "input") if sent.get(name)}
    before = hex(quantity(sent.get("blockNumber"), "eth_getTransactionByHash") - 1)
    try:
        rpc.ask(Question("eth_call", (message, before)))
    except Reverted as reverted:
        return reverted
    return Reverted(b"", "it failed when mined, but a call at its block succeeds")
