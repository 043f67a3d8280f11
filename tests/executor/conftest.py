"""A node of the tests' own, a key with ether, and a journal in a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount

from macrostrike.chain import AnvilTransport, start_anvil
from macrostrike.executor import Executor, Settings
from macrostrike.journal import Journal

from ..evm import calmed

ETHER = 10**18
KEY: LocalAccount = Account.from_key("0x" + "a1" * 32)
RECEIVER: str = Account.from_key("0x" + "b0" * 32).address


@pytest.fixture(scope="module")
def _node() -> Iterator[AnvilTransport]:
    with start_anvil() as url:
        yield AnvilTransport(url)


@pytest.fixture
def node(_node: AnvilTransport) -> Iterator[AnvilTransport]:
    """A real node, brought back afterwards. It mines each transaction at once."""
    with calmed(_node):
        _node.set_balance(KEY.address, 100 * ETHER)
        yield _node


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path / "journal.sqlite", busy_seconds=0.1) as opened:
        yield opened


@pytest.fixture
def executor(node: AnvilTransport, journal: Journal) -> Executor:
    return Executor(node, KEY, journal, Settings(mined_within=10))
