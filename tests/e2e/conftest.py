"""A node of a file's own, since commands write where they are run, and change what is there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from macrostrike.chain import start_anvil


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with start_anvil() as url:
        yield url
