"""A desk that has traded: once for a module, and one that starts afresh for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from macrostrike.chain import RevmTransport
from macrostrike.journal import Journal
from macrostrike.testing import deploy_world
from macrostrike.types import Signal
from tests.browser import chromium as chromium
from tests.monitor.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A deployed world and an empty journal."""
    with Journal.open(tmp_path / "journal.sqlite") as journal:
        yield Desk(deploy_world(RevmTransport()), journal)


@pytest.fixture(scope="module")
def traded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """24 strikes settled, 22 of them won, by two models, and 2 open. Only to be read."""
    with Journal.open(tmp_path_factory.mktemp("desk") / "journal.sqlite") as journal:
        desk = Desk(deploy_world(RevmTransport()), journal)
        desk.trade(*[True] * 8, False, *[True] * 3)
        desk.trade(*[True] * 6, signal=Signal.STRONG_SHORT, confidence_bps=9750, model_id=2)
        desk.trade(False, *[True] * 5, signal=Signal.SHORT, model_id=2)
        desk.open(Signal.STRONG_LONG, confidence_bps=9930)
        desk.open(Signal.SHORT)
        desk.move("0.002")
        desk.sync()
        yield desk
