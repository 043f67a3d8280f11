"""What the pages say is there: links, files, floors, commands with their options, imports."""

from __future__ import annotations

import importlib
import os
import re
import shlex
import subprocess
import sys
import textwrap
from pathlib import Path

import click
import pytest
import yaml

from macrostrike.cli.plain import main
from tools._solc import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

LISTED = subprocess.check_output(["git", "ls-files", "*.md"], cwd=ROOT, text=True).split()
PAGES = [name for name in LISTED if name != ".github/pull_request_template.md"]
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FOLDERS = "contracts|macrostrike|tests|tools|docs|deployments|scripts|monitoring|plugins|notebooks"
_FILE = re.compile(rf"`((?:{_FOLDERS})/[\w./-]+)`")
_COMMAND = re.compile(r"(?:^\$ |`)((?:ape run|python -m macrostrike) [a-z][^`#\n]*)", re.MULTILINE)
_PYTHON = re.compile(r"^```python[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def anchors(page: str) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", text(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.strip().lower()).replace(" ", "-") for each in headings}


def test_a_newcomer_reads_a_readme_of_at_most_120_lines() -> None:
    assert len(text("README.md").splitlines()) <= 120


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_links_to_and_names_is_there(page: str) -> None:
    for link in _LINK.findall(text(page)):
        path, _, anchor = link.partition("#")
        if "://" in link:
            continue
        there = os.path.normpath(Path(page).parent / path) if path else page
        assert (ROOT / there).exists(), link
        assert not anchor or anchor in anchors(there), link
    for name in _FILE.findall(text(page)):
        is_made = "newvenue" in name.lower() or name.startswith("deployments/local/")
        assert is_made or (ROOT / name).exists(), name


def test_the_floors_are_those_of_the_lint() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    (layers,) = [each["layers"] for each in contracts if each["name"] == "One way down"]
    checked = {re.sub(r"[()\s]", "", name) for layer in layers for name in layer.split("|")}
    rows = re.findall(r"^\| \d \| (.*) \|$", text("docs/architecture.md"), re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)} - {"Sender"}
    assert named == checked - {"__main__"}


def commands_of_ape() -> dict[str, click.Command]:
    """By their names, as Ape finds them."""
    sys.path.insert(0, str(ROOT))
    try:
        names = [path.stem for path in (ROOT / "scripts").glob("*.py") if path.stem != "__init__"]
        return {name: importlib.import_module(f"scripts.{name}").cli for name in names}
    finally:
        sys.path.remove(str(ROOT))


@pytest.fixture(scope="module")
def commands() -> dict[str, dict[str, click.Command]]:
    return {"ape run": commands_of_ape(), "python -m macrostrike": dict(main.commands)}


def parse(command: click.Command, words: list[str]) -> None:
    """Raises `click.UsageError` for an option that the command has not."""
    if isinstance(command, click.Group) and words:
        command, words = command.commands[words[0]], words[1:]
    command.make_parser(click.Context(command)).parse_args(list(words))


@pytest.mark.parametrize("page", PAGES)
def test_each_command_of_a_page_has_the_options_that_it_says(
    page: str, commands: dict[str, dict[str, click.Command]]
) -> None:
    """Those that need a network or a long time too, which no test types."""
    for line in _COMMAND.findall(text(page)):
        begins = "ape run" if line.startswith("ape run") else "python -m macrostrike"
        name, *words = shlex.split(line.removeprefix(begins))
        parse(commands[begins][name], words)


def test_an_option_that_is_not_there_is_found(
    commands: dict[str, dict[str, click.Command]],
) -> None:
    with pytest.raises(click.UsageError):
        parse(commands["ape run"]["loop"], ["--no-such"])


@pytest.mark.parametrize("page", PAGES)
def test_what_the_snippets_of_a_page_import_is_there(page: str) -> None:
    for block in _PYTHON.findall(text(page)):
        if block.startswith("--8"):  # a file that mkdocs puts in
            continue
        compile(block, page, "exec")
        for line in re.findall(r"^from macrostrike[\w.]* import .+$", block, re.MULTILINE):
            exec(line, {})


def test_each_page_is_on_the_site_and_the_site_builds_strictly(tmp_path: Path) -> None:
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    nav = re.findall(r"^ +- ([\w/-]+\.md)$", textwrap.dedent(config), re.MULTILINE)
    assert {f"docs/{name}" for name in nav} == {p for p in LISTED if p.startswith("docs/")}
    assert yaml.safe_load(config)["strict"]
    command = [Path(sys.executable).parent / "mkdocs", "build", "--strict", "--quiet"]
    command += ["--site-dir", tmp_path]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=300)
    assert (tmp_path / "index.html").exists()
