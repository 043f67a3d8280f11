"""The deterministic-deployment proxy, made to be there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from macrostrike.build import (
    PROXY,
    PROXY_COST,
    PROXY_CREATION,
    PROXY_CREATOR,
    PROXY_RUNTIME,
    PROXY_TRANSACTION,
)
from macrostrike.chain import Transport
from macrostrike.chain.chains import LOCAL_CHAINS
from macrostrike.deploy.run._node import Node, await_mined
from macrostrike.errors.deploying import DeployError


@dataclass(frozen=True, slots=True)
class _Creator:
    """The account that created the proxy. No one has its key."""

    address: str = PROXY_CREATOR

    def sign_transaction(self, transaction_dict: Any) -> Any:
        raise DeployError(f"no one has the key of {self.address}")


def ensure_proxy(transport: Transport) -> None:
    """Sees to it that the proxy is there: put there on local chains, asked for on others.

    Raises `DeployError`.
    """
    _create(transport)
    if transport.code(PROXY) != PROXY_RUNTIME:
        raise DeployError(
            f"the deterministic-deployment proxy is not at {PROXY} on chain {transport.chain_id}, "
            f"and addresses depend on it. Anyone who sends {PROXY_COST / 10**18} ether to "
            f"{PROXY_CREATOR} can create it there, with eth_sendRawTransaction of "
            f"0x{PROXY_TRANSACTION.hex()}"
        )


def _create(transport: Transport) -> None:
    if transport.chain_id not in LOCAL_CHAINS or transport.code(PROXY):
        return
    if not isinstance(transport, Node):
        transport.send(_Creator(), None, PROXY_CREATION)
        return
    transport.request("anvil_setBalance", PROXY_CREATOR, hex(PROXY_COST))
    transport.request("eth_sendRawTransaction", "0x" + PROXY_TRANSACTION.hex())
    await_mined(transport, [PROXY_CREATOR])
