"""A node of the tests' own, a key with ether, and a journal in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount

from macrostrike.chain import AnvilTransport, Outcome, start_anvil
from macrostrike.executor import Executor, Settings
from macrostrike.journal import IntentState, Journal

from ..evm import calmed

ETHER = 10**18
KEY: LocalAccount = Account.from_key("0x" + "a1" * 32)
RECEIVER: str = Account.from_key("0x" + "b0" * 32).address


class Watched(AnvilTransport):
    """A node's transport that shows each broadcast to the test, before or instead of doing it."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.on_broadcast: Callable[[bytes], Any] = lambda signed: None

    def broadcast(self, signed: bytes) -> Outcome | None:
        self.on_broadcast(signed)
        return super().broadcast(signed)


def states(journal: Journal) -> list[IntentState]:
    return [intent.state for intent in journal.intents()]


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


@pytest.fixture
def watched(node: AnvilTransport) -> Watched:
    return Watched(node.url)


@pytest.fixture
def sender(watched: Watched, journal: Journal) -> Executor:
    return Executor(watched, KEY, journal, Settings(mined_within=10))
