"""One deployed world for all tests here: each finds it as it was deployed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .readers import assert_rebuilt
from .scene import Scene, deploy_other, deploy_scene


@pytest.fixture(scope="session")
def deployed() -> Scene:
    return deploy_scene()


@pytest.fixture
def scene(deployed: Scene) -> Iterator[Scene]:
    """The world as it was deployed. Whatever a test does, the events alone must tell it."""
    yield from _put_back(deployed)


def _put_back(scene: Scene) -> Iterator[Scene]:
    with scene.undone():
        block = scene.chain.block_number()
        yield scene
        if scene.chain.logs(scene.diamond, block + 1):
            assert_rebuilt(scene)


OTHERS = {
    "18-18": {"quote_decimals": 18, "base_decimals": 18, "unit_exponent": 12, "base_first": False},
    "6-8": {"quote_decimals": 6, "base_decimals": 8, "unit_exponent": 2, "base_first": False},
    "2-18": {"quote_decimals": 2, "base_decimals": 18, "unit_exponent": 0, "base_first": True},
    "18-2": {"quote_decimals": 18, "base_decimals": 2, "unit_exponent": 14, "base_first": True},
}


@pytest.fixture(scope="session", params=["6-18", *OTHERS])
def _any_deployed(request: pytest.FixtureRequest) -> Scene:
    if request.param in OTHERS:
        return deploy_other(**OTHERS[request.param])
    deployed: Scene = request.getfixturevalue("deployed")
    return deployed


@pytest.fixture
def any_scene(_any_deployed: Scene) -> Iterator[Scene]:
    """A scene of each kind: by the decimals of quote and base, in either order in the pool."""
    yield from _put_back(_any_deployed)
