"""What only chains behind a node can be asked."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, Protocol, runtime_checkable

from macrostrike._counts import counted
from macrostrike.chain import Transport
from macrostrike.errors.deploying import DeployError

_MINED_WITHIN = 120.0
_PAUSE = 0.1


@runtime_checkable
class Node(Protocol):
    """A transport whose node takes requests."""

    def request(self, method: str, *params: Any) -> Any:
        """One JSON-RPC request's result."""


def await_mined(
    transport: Transport, accounts: Iterable[str], *, within: float = _MINED_WITHIN
) -> None:
    """Waits until all that the accounts ever sent is in a block.

    What was sent just before a deployment was cut short would otherwise be sent again. Raises
    `DeployError` after `within` seconds.
    """
    if not isinstance(transport, Node):
        return  # every transaction is a block at once
    deadline = time.monotonic() + within
    for account in sorted(set(accounts)):
        while waiting := _waiting(transport, account):
            if time.monotonic() > deadline:
                raise DeployError(
                    f"{counted(waiting, 'transaction')} of {account} in no block after "
                    f"{within:.0f} s: replace them at a higher price, or wait, and plan again"
                )
            time.sleep(_PAUSE)


def await_confirmed(
    transport: Transport, block: int, confirmations: int, *, within: float = _MINED_WITHIN
) -> None:
    """Waits until `block` is one of `confirmations` blocks at the chain's end, or deeper.

    Raises `DeployError` when `within` seconds bring no new block.
    """
    last, deadline = transport.block_number(), time.monotonic() + within
    while last < block + confirmations - 1:
        if time.monotonic() > deadline:
            raise DeployError(
                f"block {block} has {last - block + 1} of {confirmations} confirmations, and no "
                f"block came for {within:.0f} s. All is sent: run the same again to verify it."
            )
        time.sleep(_PAUSE)
        now = transport.block_number()
        if now != last:
            last, deadline = now, time.monotonic() + within


def _waiting(node: Node, account: str) -> int:
    sent, mined = (
        int(node.request("eth_getTransactionCount", account, block), 16)
        for block in ("pending", "latest")
    )
    return max(0, sent - mined)
