"""Copies of a chain, on which everybody may send, and of which nothing stays.

In process the copy is the chain itself, taken back afterwards. Of a node it is an anvil's fork.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from macrostrike.chain import (
    AnvilTransport,
    LocalTransport,
    RevmTransport,
    RpcTransport,
    Transport,
    start_anvil,
)
from macrostrike.chain._ticket import RpcTicket
from macrostrike.chain.transport import hex_bytes
from macrostrike.errors.deploying import DeployError

FUNDS = 10**20
"""Wei that those get on a fork who pay for no gas on the chain itself."""


@dataclass(frozen=True, slots=True)
class Actor:
    """An account that needs no key, as it acts on a copy."""

    address: str

    def sign_transaction(self, transaction_dict: Any) -> Any:
        raise DeployError(f"{self.address} signs nothing on a copy of a chain")


class _Fork(AnvilTransport):
    """A fork on which everybody may send."""

    def _deliver(self, signer: Any, transaction: dict[str, Any], nonce: int | None) -> RpcTicket:
        sent = {
            name: hex(value) if isinstance(value, int) else value
            for name, value in transaction.items()
            if name != "data"
        }
        sent |= {"from": signer.address, "data": "0x" + transaction["data"].hex()}
        return RpcTicket(self, hex_bytes(self.request("eth_sendTransaction", sent)))


@contextmanager
def copy_of(transport: Transport, senders: Iterable[str]) -> Iterator[LocalTransport]:
    """A copy of the chain as it is now. `senders` may be contracts: Safes, timelocks.

    Raises `AnvilMissing` where a fork is needed and can't be had.
    """
    contracts = sorted({sender for sender in senders if transport.code(sender)})
    if isinstance(transport, RpcTransport):
        with start_anvil("--auto-impersonate", fork_url=transport.url) as url:
            fork = _Fork(url, chain_id=transport.chain_id)
            for contract in contracts:
                fork.set_balance(contract, FUNDS)
            yield fork
        return
    assert isinstance(transport, RevmTransport), "neither a node nor in process"
    with transport.undone(senders=contracts):
        yield transport
