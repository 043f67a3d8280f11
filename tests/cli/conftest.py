"""A deployment on a real anvil, and a post at it: what a command of the day gets from Ape."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import ape
import pytest
from rich.console import Console

from macrostrike import MacroStrike
from macrostrike.chain import AnvilTransport, RpcTransport, start_anvil
from macrostrike.cli.networks import Network
from macrostrike.cli.post import Post
from macrostrike.testing import World


@pytest.fixture(scope="module")
def _chain() -> Iterator[AnvilTransport]:
    with start_anvil() as url, ape.networks.parse_network_choice(f"ethereum:local:{url}"):
        yield AnvilTransport(url, block_time=1)


@pytest.fixture
def at(world: World, tmp_path: Path) -> Post:
    assert isinstance(world.transport, RpcTransport)
    return Post(
        network=Network("local", world.transport.url, None, is_local=True, is_ours=True),
        transport=world.transport,
        manifest=world.manifest,
        journal_at=str(tmp_path / "macrostrike.sqlite"),
        account=None,
        console=Console(file=io.StringIO(), width=200),
    )


@pytest.fixture
def client(world: World) -> MacroStrike:
    return MacroStrike(world.transport, world.diamond)
