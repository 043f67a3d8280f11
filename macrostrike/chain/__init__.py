"""Transports: one way to talk to a chain, whether it is a node or in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike._lazy import lazy_exports

if TYPE_CHECKING:
    from macrostrike.chain.anvil import AnvilTransport, start_anvil
    from macrostrike.chain.revm import RevmTransport
    from macrostrike.chain.rpc import RpcTransport
    from macrostrike.chain.transport import Block, LocalTransport, Log, Receipt, Signer, Transport
    from macrostrike.errors import Reverted

__all__ = [
    "AnvilTransport",
    "Block",
    "LocalTransport",
    "Log",
    "Receipt",
    "Reverted",
    "RevmTransport",
    "RpcTransport",
    "Signer",
    "Transport",
    "start_anvil",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "AnvilTransport": ".anvil",
        "Block": ".transport",
        "LocalTransport": ".transport",
        "Log": ".transport",
        "Receipt": ".transport",
        "Reverted": "macrostrike.errors",
        "RevmTransport": ".revm",
        "RpcTransport": ".rpc",
        "Signer": ".transport",
        "Transport": ".transport",
        "start_anvil": ".anvil",
    },
)
