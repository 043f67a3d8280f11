"""What was asked for: every command of the table in docs/asked-for.md, typed in its order."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from macrostrike.chain import start_anvil

from .support import ROOT, run

pytestmark = pytest.mark.long

PAGE = ROOT / "docs" / "asked-for.md"
_COMMAND = re.compile(r"`((?:ape run|make) [^`]+)`")


def rows() -> list[tuple[str, str]]:
    """What was asked for, and the command that shows it; without those that need a network."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    shown = [(cell[0], cell[1]) for cell in cells if len(cell) > 1 and "`" in cell[1]]
    return [
        (asked, command)
        for asked, by in shown
        if "needs a network" not in by
        for command in _COMMAND.findall(by)
    ]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """`--network` and `--manifest` of an anvil of one's own."""
    manifest = tmp_path_factory.mktemp("asked") / "macrostrike.json"
    with start_anvil() as url:
        yield f"--network ethereum:local:{url}", f"--manifest {manifest}"


def test_each_thing_that_was_asked_for_is_shown_by_its_command(node: tuple[str, str]) -> None:
    network, manifest = node
    typed = [(asked, command) for asked, command in rows() if command.startswith("ape ")]
    assert len(typed) > 15
    for asked, command in typed:
        arguments = command.removeprefix("ape ").replace(" N", f" {network} {manifest}").split()
        code, output = run(*arguments)
        assert code == 0, f"{asked}: {command}\n{output}"


def test_each_target_of_make_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = {command.split()[1] for _, command in rows() if command.startswith("make ")}
    assert {"demo", "replay", "test"} <= named
    for target in named:
        assert re.search(rf"^{target}:.* ## ", makefile, re.MULTILINE), target
