"""Local chains, and the whole deployed world on them.

What asks for `local_chain` or `world` runs twice: in process, and on a real anvil.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from macrostrike.chain import AnvilTransport, LocalTransport, RevmTransport, start_anvil
from macrostrike.testing import World, deploy_world

from .evm import undone

# What a machine is slow at says nothing of what is tested. Fixtures are put back after each
# example by what they are (`Env.undone`), not by pytest.
settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("unhurried")

# Thousands of tests are found, and all of it stays: looking through it for garbage, again and
# again, was half of the time that this takes.
gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first: at the end no process is left alone with one."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session")
def anvil_url() -> Iterator[str]:
    """A real anvil, for the whole run."""
    with start_anvil() as url:
        yield url


@pytest.fixture(scope="module", params=["revm", "anvil"])
def _chain(request: pytest.FixtureRequest) -> Iterator[LocalTransport]:
    """A chain of the module's own: what another one deployed would be found, and named around."""
    if request.param == "revm":
        yield RevmTransport()
        return
    with start_anvil() as url:
        yield AnvilTransport(url)


@pytest.fixture(scope="module")
def _deployed(_chain: LocalTransport) -> World:
    return deploy_world(_chain)


@pytest.fixture
def local_chain(_chain: LocalTransport) -> Iterator[LocalTransport]:
    """A local chain, brought back afterwards to what it was before."""
    with undone(_chain):
        yield _chain


@pytest.fixture
def world(_deployed: World, local_chain: LocalTransport) -> World:
    """A deployed diamond with its venue and everyone's keys, brought back afterwards."""
    return _deployed
