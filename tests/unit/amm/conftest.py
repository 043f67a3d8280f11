"""A world of its own, with pools that can be arbitraged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..deployed import deploy_env
from ..environment import Env
from .pools import Amm


@pytest.fixture(scope="session")
def amm_world() -> Amm:
    return Amm(deploy_env())


@pytest.fixture(scope="session")
def deployed(amm_world: Amm) -> Env:
    return amm_world.env


@pytest.fixture
def amm(amm_world: Amm, env: Env) -> Iterator[Amm]:
    """The pools, brought back afterwards to what they were; the events had all that was done."""
    assert amm_world.env is env
    pools = dict(amm_world.pools)
    yield amm_world
    amm_world.pools = pools
