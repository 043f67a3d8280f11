"""README and how-to pages, typed as they stand: each command and snippet, in order, on one anvil.

A block that is not for a local chain says so behind its language: ```console not-run.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from macrostrike.chain import RpcTransport
from macrostrike.chain.anvil import find_anvil
from macrostrike.errors import NodeUnavailable

from .support import ROOT, run

pytestmark = pytest.mark.long

_BLOCK = re.compile(r"^```(console|python)[ \t]*(.*?)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_PORT = "8545"
PAGES = ("deploy", "run-the-loop", "monitor", "watchdog", "recover", "upgrade", "add-a-chain")
_OURS = ROOT / "deployments" / "local"


@dataclass(frozen=True)
class Block:
    """What somebody would type. `line` is where it begins."""

    language: str
    text: str
    line: int


def blocks(page: str) -> list[Block]:
    return [
        Block(match[1], match[3], page.count("\n", 0, match.start()) + 1)
        for match in _BLOCK.finditer(page)
        if "not-run" not in match[2]
    ]


@contextmanager
def nothing_deployed() -> Iterator[None]:
    """Where somebody's own deployment is, it may be in use, and is left alone."""
    if _OURS.exists():
        pytest.skip(f"{_OURS.relative_to(ROOT)} is there: what is typed would be deployed over it")
    try:
        yield
    finally:
        shutil.rmtree(_OURS, ignore_errors=True)


class Typist:
    """Types blocks into one shell and one Python. The port is another one, as 8545 may be taken."""

    def __init__(self, port: int) -> None:
        self._port = str(port)
        self._python: dict[str, Any] = {}
        self._nodes = ExitStack()
        tools = f"{Path(sys.executable).parent}:{find_anvil().parent}"
        self._environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}

    def type(self, block: Block) -> str:
        text = block.text.replace(_PORT, self._port)
        if block.language == "console":
            lines = [line[2:] for line in text.splitlines() if line.startswith("$ ")]
            return "".join(map(self._command, lines))
        output = StringIO()
        with redirect_stdout(output):
            exec(compile(text, f"README.md, line {block.line}", "exec"), self._python)
        return output.getvalue()

    def type_quickly(self, block: Block) -> None:
        """As `type`, with Ape's commands forked; lines that need another network, or do not end by
        themselves, are left out."""
        for line in block.text.replace(_PORT, self._port).splitlines():
            command = shlex.split(line.removeprefix("$ "), comments=True)
            if line.endswith("# offline: no") or not line.startswith("$ ") or command[0] == ".":
                continue
            if command[0] != "ape":
                self._command(shlex.join(command))
                continue
            code, output = run(*command[1:])
            assert code == 0, f"{line}\n{output}"

    def close(self) -> None:
        self._nodes.close()

    def _command(self, line: str) -> str:
        if line.startswith("anvil"):
            self._nodes.enter_context(self._second_terminal(line))
            return ""
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, f"$ {line}\n{done.stdout}{done.stderr}"
        return done.stdout

    @contextmanager
    def _second_terminal(self, line: str) -> Iterator[None]:
        process = subprocess.Popen(
            ["bash", "-c", f"exec {line}"], env=self._environment, stdout=subprocess.DEVNULL
        )
        try:
            deadline = time.monotonic() + 30
            while True:
                try:
                    RpcTransport(f"http://127.0.0.1:{self._port}")
                    break
                except NodeUnavailable:
                    assert time.monotonic() < deadline, "anvil does not come up"
            yield
        finally:
            process.terminate()
            process.wait()


@pytest.fixture
def typist(monkeypatch: pytest.MonkeyPatch) -> Iterator[Typist]:
    monkeypatch.chdir(ROOT)
    with nothing_deployed():
        reader = Typist(port=18545 + os.getpid() % 1000)
        try:
            yield reader
        finally:
            reader.close()


def test_what_the_readme_says_works_as_it_stands(typist: Typist) -> None:
    typed = blocks((ROOT / "README.md").read_text(encoding="utf-8"))
    assert {block.language for block in typed} == {"console", "python"}
    for block in typed:
        typist.type(block)


def test_what_the_pages_of_a_day_say_works_as_it_stands(typist: Typist) -> None:
    for page in PAGES:
        path = ROOT / "docs" / "how-to" / f"{page}.md"
        for block in blocks(path.read_text(encoding="utf-8")):
            if block.language == "console":
                typist.type_quickly(block)


def test_the_users_node_keeps_its_clock(typist: Typist) -> None:
    deploys = (
        "$ anvil --port 8545\n$ ape run deploy --network ethereum:local:http://127.0.0.1:8545\n"
    )
    typist.type_quickly(Block("console", deploys, 0))
    chain = RpcTransport(f"http://127.0.0.1:{typist._port}")
    for _ in range(2):
        chain.request("evm_mine")
        assert abs(chain.timestamp() - time.time()) < 5
