"""A real anvil, an account with ether on it, a contract that counts, and a proxy with faults."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount

from macrostrike.chain import AnvilTransport, RpcTransport, start_anvil
from tests.client.test_transports import COUNTER, creation_of
from tests.faults import FaultProxy

SENDER: LocalAccount = Account.from_key("0x" + "a1" * 32)


@pytest.fixture(scope="module")
def node() -> Iterator[AnvilTransport]:
    with start_anvil() as url:
        chain = AnvilTransport(url)
        chain.set_balance(SENDER.address, 10**20)
        yield chain


@pytest.fixture(scope="module")
def counter(node: AnvilTransport) -> str:
    return str(node.send(SENDER, None, creation_of(COUNTER)).contract_address)


@pytest.fixture
def proxy(node: AnvilTransport) -> Iterator[FaultProxy]:
    with FaultProxy(node.url) as between:
        yield between


@pytest.fixture
def chain(proxy: FaultProxy) -> RpcTransport:
    """Through the proxy, with little patience."""
    return RpcTransport(proxy.url, timeout=2.0, mined_within=2.0, patience=0.4)
