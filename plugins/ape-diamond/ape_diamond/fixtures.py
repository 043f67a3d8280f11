"""A pytest fixture, registered as a plugin of pytest. It imports Ape when it is used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def load_diamond() -> Callable[..., Any]:
    """A diamond as one contract of Ape's: `load_diamond(address_or_name, abis=[…])`.

    To be called again after a cut. Needs a connected network, as `ape test` has.
    """

    def load(diamond: str, **options: Any) -> Any:
        from ape_diamond import loading

        return loading.load(diamond, **options).contract

    return load
