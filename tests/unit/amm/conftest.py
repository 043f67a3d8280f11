"""A world of its own, with pools that can be arbitraged."""

from __future__ import annotations

import pytest

from ..scene import Scene, deploy_scene
from .pools import Amm


@pytest.fixture(scope="session")
def amm_world() -> Amm:
    return Amm(deploy_scene())


@pytest.fixture(scope="session")
def deployed(amm_world: Amm) -> Scene:
    return amm_world.scene


@pytest.fixture
def amm(amm_world: Amm, scene: Scene) -> Amm:
    """The pools, brought back afterwards to what they were; the events had all that was done."""
    assert amm_world.scene is scene
    return amm_world
