"""One deployed world; each test finds it as it was deployed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..stateful.seeded import cuts
from ..unit.amm.pools import Amm
from ..unit.readers import assert_rebuilt
from ..unit.scene import ZERO, Scene, deploy_scene


@pytest.fixture(scope="session")
def deployed() -> Scene:
    return deploy_scene()


@pytest.fixture
def scene(deployed: Scene) -> Iterator[Scene]:
    with deployed.undone():
        yield deployed
        assert_rebuilt(deployed)


@pytest.fixture(scope="session")
def _sown() -> Scene:
    scene = deploy_scene()
    maker = scene.caller(scene.world.venues.maker)
    scene.owner.send("diamondCut", cuts(scene.world.manifest, maker.create), ZERO, b"")
    return scene


@pytest.fixture
def sown(_sown: Scene) -> Iterator[Scene]:
    """A world whose diamond has all weakened rules, none of them switched on."""
    with _sown.undone():
        yield _sown


@pytest.fixture(scope="session")
def amm_world() -> Amm:
    return Amm(deploy_scene())


@pytest.fixture
def amm(amm_world: Amm) -> Iterator[Amm]:
    """Another world, with real pools all around the diamond."""
    with amm_world.scene.undone():
        yield amm_world
        assert_rebuilt(amm_world.scene)
