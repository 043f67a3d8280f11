"""A copy of the tree for each test that changes one."""

from __future__ import annotations

from pathlib import Path

import pytest

from .copies import Copy


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)
