"""One deployed world for all tests here: each finds it as it was deployed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from .readers import assert_rebuilt
from .scene import Scene, deploy_scene

# A scene is put back after each example by `Scene.undone`, not by pytest.
settings.register_profile(
    "macrostrike", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("macrostrike")


@pytest.fixture(scope="session")
def deployed() -> Scene:
    return deploy_scene()


@pytest.fixture
def scene(deployed: Scene) -> Iterator[Scene]:
    """The world as it was deployed. Whatever a test does, the events alone must tell it."""
    with deployed.undone():
        block = deployed.chain.block_number()
        yield deployed
        if deployed.chain.logs(deployed.diamond, block + 1):
            assert_rebuilt(deployed)
