"""A node with diamonds of others on it, and `ape diamond` run against it in this process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import ape
import pytest
from click.testing import CliRunner

from ape_diamond._cli import cli
from macrostrike.chain import AnvilTransport, start_anvil

from ..diamonds import reference_diamond, solidstate, solidstate_diamond
from ..evm import undone


@dataclass(frozen=True)
class Node:
    """`reference` is the diamond of EIP-2535's author, `solidstate` one that is its own facet."""

    chain: AnvilTransport
    reference: str
    solidstate: str

    @property
    def network(self) -> str:
        return f"ethereum:local:{self.chain.url}"


@dataclass(frozen=True)
class Ran:
    """What a command wrote: for others on `stdout`, for people also on standard error."""

    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        return self.stdout + self.stderr


Run = Callable[..., Ran]


@pytest.fixture(scope="module")
def _node() -> Iterator[Node]:
    with start_anvil("--chain-id", "1337") as url:
        chain = AnvilTransport(url)
        yield Node(chain, reference_diamond(chain), solidstate_diamond(chain))


@pytest.fixture
def node(_node: Node) -> Iterator[Node]:
    """Brought back afterwards to what it was before."""
    with undone(_node.chain), ape.chain.contracts.use_temporary_caches():
        yield _node


@pytest.fixture
def run(node: Node) -> Run:
    """`ape diamond …` on the node; the exit code must be `code`."""

    def run(*arguments: str, code: int = 0, typed: str = "") -> Ran:
        asked = [*arguments, "--network", node.network]
        runner = CliRunner(mix_stderr=False)
        ran = runner.invoke(cli, asked, input=typed, env={"COLUMNS": "200"})
        assert ran.exit_code == code, f"{ran.stdout}\n{ran.stderr}\n{ran.exception!r}"
        return Ran(ran.stdout, ran.stderr)

    return run


@pytest.fixture(scope="session")
def solidstate_abi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SolidState's own ABI, as its compiler gives it."""
    path = tmp_path_factory.mktemp("abi") / "SolidStateDiamond.json"
    path.write_text(json.dumps(solidstate()["abi"]), encoding="utf-8")
    return path
