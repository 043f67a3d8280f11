"""Transports: one way to talk to a chain, whether it is a node or in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike._lazy import lazy_exports

if TYPE_CHECKING:
    from macrostrike.chain._nodes import Traffic
    from macrostrike.chain.anvil import AnvilTransport, start_anvil
    from macrostrike.chain.contract import BoundContract
    from macrostrike.chain.revm import RevmTransport
    from macrostrike.chain.rpc import RpcTransport
    from macrostrike.chain.sender import Call, DirectSender, Purpose, Sender
    from macrostrike.chain.transport import (
        Block,
        DataCost,
        Fees,
        LocalTransport,
        Log,
        Outcome,
        Receipt,
        Signer,
        Terms,
        Ticket,
        Transaction,
        Transport,
    )
    from macrostrike.errors import Reverted

__all__ = [
    "AnvilTransport",
    "Block",
    "BoundContract",
    "Call",
    "DataCost",
    "DirectSender",
    "Fees",
    "LocalTransport",
    "Log",
    "Outcome",
    "Purpose",
    "Receipt",
    "Reverted",
    "RevmTransport",
    "RpcTransport",
    "Sender",
    "Signer",
    "Terms",
    "Ticket",
    "Traffic",
    "Transaction",
    "Transport",
    "start_anvil",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "AnvilTransport": ".anvil",
        "Block": ".transport",
        "BoundContract": ".contract",
        "Call": ".sender",
        "DataCost": ".transport",
        "DirectSender": ".sender",
        "Fees": ".transport",
        "LocalTransport": ".transport",
        "Log": ".transport",
        "Outcome": ".transport",
        "Purpose": ".sender",
        "Receipt": ".transport",
        "Reverted": "macrostrike.errors",
        "RevmTransport": ".revm",
        "RpcTransport": ".rpc",
        "Sender": ".sender",
        "Signer": ".transport",
        "Terms": ".transport",
        "Ticket": ".transport",
        "Traffic": "._nodes",
        "Transaction": ".transport",
        "Transport": ".transport",
        "start_anvil": ".anvil",
    },
)
