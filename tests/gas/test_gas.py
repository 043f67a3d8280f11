"""Gas is a guarantee too: no figure changes unnoticed."""

from __future__ import annotations

import pytest
from rich.console import Console

from .figures import measure
from .report import difference_table, differences

pytestmark = pytest.mark.long


def test_gas_and_sizes_are_as_in_the_snapshot() -> None:
    found = differences(measure(print))
    assert not found, _shown(found)


def _shown(found: list[tuple[str, int | None, int | None]]) -> str:
    console = Console(width=120)
    with console.capture() as captured:
        console.print(difference_table(found))
    return f"\n{captured.get()}If that is meant, run: make snapshots"
