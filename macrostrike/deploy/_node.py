"""What only chains behind a node can be asked."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, Protocol, runtime_checkable

from macrostrike.chain import Transport
from macrostrike.deploy._errors import DeployError

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
                    f"{waiting} transactions of {account} are in no block after {within:.0f} s: "
                    "replace them at a higher price, or wait, and plan again"
                )
            time.sleep(_PAUSE)


def _waiting(node: Node, account: str) -> int:
    sent, mined = (
        int(node.request("eth_getTransactionCount", account, block), 16)
        for block in ("pending", "latest")
    )
    return max(0, sent - mined)
