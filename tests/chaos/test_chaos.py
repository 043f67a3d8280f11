"""A short run of what `make chaos` does at length."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from macrostrike.chain import AnvilTransport, start_anvil
from macrostrike.testing import World, deploy_world

from .run import FOREIGN, REORGS, SECRET, TWO, Chaos


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with start_anvil() as url:
        yield deploy_world(AnvilTransport(url))


def test_nothing_is_lost_doubled_or_other_than_the_chain_says(world: World, tmp_path: Path) -> None:
    chaos = Chaos(world, tmp_path)
    for kind in ("cut after it arrived", REORGS, FOREIGN, TWO):
        result = chaos.faults(kind, 2)
        assert (result.lost, result.doubled, result.differing) == (0, 0, 0), result
    assert chaos.leaks() == []
    log = (tmp_path / "log.txt").read_text(encoding="utf-8")
    assert "POST … HTTP" in log, "requests are in the log, without their paths"
    # The search finds what is there.
    (tmp_path / "leak").write_bytes(world.operator.key.hex().encode())
    assert chaos.leaks() == [str(tmp_path / "leak")]
    logging.getLogger("any").debug("a URL ends in %s", SECRET)
    assert str(tmp_path / "log.txt") in chaos.leaks()
    chaos.close()
