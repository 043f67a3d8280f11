"""docs/how-to/cut-any-diamond.md, typed as it stands into an empty folder, on its own anvil."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from macrostrike.build import NPM, ROOT
from macrostrike.chain import start_anvil

from ..e2e.support import tools

pytestmark = pytest.mark.long

PAGE = ROOT / "docs" / "how-to" / "cut-any-diamond.md"
_BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_TITLE = re.compile(r'title="([^"]+)"')
_URL = "http://127.0.0.1:8545"


@dataclass
class Typed:
    """A line that is typed, and what the page then shows of its output."""

    line: str
    shown: list[str] = field(default_factory=list)


def files() -> dict[str, str]:
    """The page's files, by their names."""
    blocks = _BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    return {title[1]: text for _, info, text in blocks if (title := _TITLE.search(info))}


def typed() -> Iterator[Typed]:
    """The page's commands, in order."""
    for language, info, text in _BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if language != "console" or "not-run" in info:
            continue
        lines: list[Typed] = []
        for line in text.splitlines():
            if line.startswith("$ "):
                lines.append(Typed(line[2:]))
            elif line:
                lines[-1].shown.append(line)
        yield from lines


def test_a_session_on_a_foreign_diamond(tmp_path: Path) -> None:
    (tmp_path / "node_modules").symlink_to(NPM)
    with start_anvil("--chain-id", "1337") as url:
        for name, text in files().items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text.replace(_URL, url), encoding="utf-8")
        environment = {**os.environ, "COLUMNS": "160"}
        environment["PATH"] = f"{tools()}:{Path(sys.executable).parent}:{environment['PATH']}"
        for step in typed():
            command, _, remark = (part.strip() for part in step.line.partition("  #"))
            if remark == "offline: no" or command.startswith("anvil"):
                continue
            if command.startswith("export "):
                name, value = command.removeprefix("export ").split("=")
                environment[name] = value.replace(_URL, url)
                continue
            ran = subprocess.run(
                ["bash", "-c", command],
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
                timeout=300,
            )
            output = ran.stdout + ran.stderr
            assert ran.returncode == (1 if remark == "refused" else 0), f"$ {command}\n{output}"
            for line in step.shown:
                assert line in output, f"$ {command}\n{output}"


def test_each_file_of_the_page_is_used() -> None:
    text = PAGE.read_text(encoding="utf-8")
    commands = [step.line for step in typed()]
    for name in files():
        if name.endswith(".py"):
            assert f"python {name}" in commands
    assert set(re.findall(r"`ape diamond (\w+)", text)) <= {
        line.split()[2] for line in commands if line.startswith("ape diamond")
    } | {"layout", "load"}
