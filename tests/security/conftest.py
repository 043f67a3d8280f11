"""One deployed world; each test finds it as it was deployed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..stateful.seeded import cuts
from ..unit.amm.pools import Amm
from ..unit.deployed import deploy_env
from ..unit.environment import ZERO, Env
from ..unit.readers import assert_rebuilt


@pytest.fixture(scope="session")
def deployed() -> Env:
    return deploy_env()


@pytest.fixture
def env(deployed: Env) -> Iterator[Env]:
    with deployed.undone():
        yield deployed
        assert_rebuilt(deployed)


@pytest.fixture(scope="session")
def _sown() -> Env:
    env = deploy_env()
    env.owner.send("diamondCut", cuts(env.world.manifest, env.chain), ZERO, b"")
    return env


@pytest.fixture
def sown(_sown: Env) -> Iterator[Env]:
    """A world whose diamond has all weakened rules, none of them switched on."""
    with _sown.undone():
        yield _sown


@pytest.fixture(scope="session")
def amm_world() -> Amm:
    return Amm(deploy_env())


@pytest.fixture
def amm(amm_world: Amm) -> Iterator[Amm]:
    """Another world, with real pools all around the diamond."""
    with amm_world.env.undone():
        yield amm_world
        assert_rebuilt(amm_world.env)
