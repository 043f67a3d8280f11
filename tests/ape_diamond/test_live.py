"""A live network, as far as Ape can see: a node that says that it is Ethereum's main chain."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from macrostrike.build import ours
from macrostrike.chain import AnvilTransport, start_anvil
from macrostrike.types import FacetCutAction

from ..diamonds import OWNER, create, cut, reference_diamond, selector
from ..e2e.support import tools

pytestmark = pytest.mark.long


@dataclass(frozen=True)
class Live:
    """Someone's folder, with data of Ape of its own."""

    chain: AnvilTransport
    diamond: str
    folder: Path

    @property
    def network(self) -> str:
        return f"ethereum:mainnet:{self.chain.url}"

    def ape(self, *arguments: str) -> str:
        return self._run("ape", "diamond", *arguments, "--network", self.network)

    def python(self, *lines: str) -> str:
        """What lines print in a process of their own, connected by Ape."""
        head = ("from ape import Contract, networks", "with networks.parse_network_choice(")
        body = "\n".join(f"    {line}" for line in lines)
        return self._run("python", "-c", f"{head[0]}\n{head[1]}{self.network!r}):\n{body}")

    def _run(self, *command: str) -> str:
        path = f"{tools()}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "COLUMNS": "160"}
        environment["APE_DATA_FOLDER"] = str(self.folder / "ape")
        ran = subprocess.run(
            ["env", *command], cwd=self.folder, env=environment, capture_output=True, text=True
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    with start_anvil("--chain-id", "1") as url:
        chain = AnvilTransport(url)
        # A fork has a port of its own: at the usual one may be somebody's node.
        (tmp_path / "ape-config.yaml").write_text("foundry: {host: auto}\n")
        yield Live(chain, reference_diamond(chain), tmp_path)


def test_what_is_loaded_is_known_to_every_later_process_until_it_is_loaded_anew(
    live: Live,
) -> None:
    assert "has 8 functions" in live.ape("load", live.diamond)
    ask = f"print(Contract({live.diamond!r}).owner(), hasattr(Contract({live.diamond!r}), 'noop'))"
    assert live.python(ask).split()[-2:] == [OWNER.address, "False"]
    facet = create(live.chain, ours("DiamondProbeFacet"), 1)
    cut(live.chain, live.diamond, facet, FacetCutAction.ADD, selector("noop()"))
    abi = live.folder / "Probe.json"
    abi.write_text('[{"type": "function", "name": "noop", "inputs": [], "outputs": []}]')
    assert "+ noop()" in live.ape("load", live.diamond, "--abi", str(abi))
    assert live.python(ask).split()[-2:] == [OWNER.address, "True"]


def test_a_rehearsal_is_on_a_fork(live: Live) -> None:
    live.ape("plan", live.diamond, "--remove", "supportsInterface(bytes4)")
    block = live.chain.block_number()
    assert "the cut does what the plan says" in live.ape("rehearse", "diamond-plan.json")
    assert live.chain.block_number() == block
    assert "8 functions on 3 facets, 1 cut\n" in live.ape("verify", live.diamond)
