"""Each side once."""

from __future__ import annotations

import pytest

from ..environment import Env
from .support import SIDES, Case, case_of


@pytest.fixture(params=SIDES)
def case(env: Env, request: pytest.FixtureRequest) -> Case:
    return case_of(env, request.param)
