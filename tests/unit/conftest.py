"""One deployed world for all tests here: each finds it as it was deployed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .deployed import deploy_env, deploy_other
from .environment import Env
from .readers import assert_rebuilt


@pytest.fixture(scope="session")
def deployed() -> Env:
    return deploy_env()


@pytest.fixture
def env(deployed: Env) -> Iterator[Env]:
    """The world as it was deployed. Whatever a test does, the events alone must tell it."""
    yield from _put_back(deployed)


def _put_back(env: Env) -> Iterator[Env]:
    with env.undone():
        block = env.chain.block_number()
        yield env
        if env.chain.logs(env.diamond, block + 1):
            assert_rebuilt(env)


OTHERS = {
    "18-18": {"quote_decimals": 18, "base_decimals": 18, "unit_exponent": 12, "base_first": False},
    "6-8": {"quote_decimals": 6, "base_decimals": 8, "unit_exponent": 2, "base_first": False},
    "2-18": {"quote_decimals": 2, "base_decimals": 18, "unit_exponent": 0, "base_first": True},
    "18-2": {"quote_decimals": 18, "base_decimals": 2, "unit_exponent": 14, "base_first": True},
}


@pytest.fixture(scope="session", params=["6-18", *OTHERS])
def _any_deployed(request: pytest.FixtureRequest) -> Env:
    if request.param in OTHERS:
        return deploy_other(**OTHERS[request.param])
    deployed: Env = request.getfixturevalue("deployed")
    return deployed


@pytest.fixture
def any_env(_any_deployed: Env) -> Iterator[Env]:
    """One of each kind: by the decimals of quote and base, in either order in the pool."""
    yield from _put_back(_any_deployed)
