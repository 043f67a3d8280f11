"""A copy of the tree that a test may change, build and run."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from tools._solc import ROOT

PAGES = ROOT / "docs" / "how-to"
PRODUCT = ("contracts/", "macrostrike/", "deployments/")
_FOLDERS = ("contracts", "macrostrike", "tools", "deployments")


class Copy:
    """`changed` are the files that were edited or added, by their paths from the root."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.changed: set[str] = set()
        # Compiled Python comes along: its times are kept, so it is valid.
        ignored = shutil.ignore_patterns(".cache")
        for folder in _FOLDERS:
            shutil.copytree(ROOT / folder, root / folder, ignore=ignored)
        for name in ("pyproject.toml", "ape-config.yaml"):
            shutil.copy(ROOT / name, root)
        for folder in (".venv", "node_modules"):
            (root / folder).symlink_to(ROOT / folder)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replaces a text that must be there."""
        text = (self.root / path).read_text()
        assert old in text, (path, old)
        (self.root / path).write_text(text.replace(old, new, 1))
        self.changed.add(path)

    def insert(self, path: str, before: str, text: str) -> None:
        """Puts a text before another one."""
        self.edit(path, before, text + before)

    def add(self, path: str, text: str) -> None:
        """A new file."""
        assert not (self.root / path).exists(), path
        (self.root / path).write_text(text)
        self.changed.add(path)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Python, in the copy."""
        command = [sys.executable, "-P", *arguments]
        environment = {"PYTHONPATH": str(self.root), "PATH": f"{self.root}/.venv/bin:/usr/bin:/bin"}
        return subprocess.run(
            command, cwd=self.root, env=environment, capture_output=True, text=True
        )

    def prints(self, script: str) -> list[str]:
        """The lines that a script prints."""
        result = self.run("-c", script)
        assert result.returncode == 0, result.stderr
        return result.stdout.splitlines()

    def generate(self) -> None:
        """Writes the generated part of the package."""
        result = self.run("-m", "tools.codegen")
        assert result.returncode == 0, result.stderr

    def compile(self, *paths: str) -> dict[str, Any]:
        """The ABIs of these sources and their imports, also as the copy's artifacts."""
        script = (
            "import json, sys\n"
            "from pathlib import Path\n"
            "from tools._solc import compile_sources\n"
            "sources = {path: Path(path).read_text() for path in sys.argv[1:]}\n"
            "print(json.dumps(compile_sources(sources, {'*': ['abi']})['contracts']))"
        )
        result = self.run("-c", script, *paths)
        assert result.returncode == 0, result.stderr
        compiled = json.loads(result.stdout).values()
        abis = {name: each["abi"] for file in compiled for name, each in file.items()}
        for name, abi in abis.items():
            path = self.root / "macrostrike" / "_artifacts" / f"{name}.json"
            if path.exists():
                path.write_text(json.dumps(json.loads(path.read_text()) | {"abi": abi}))
        return abis


def listed(page: str) -> list[str]:
    """The files in the first column of a page's table."""
    rows = re.findall(r"^\| (`.+?) \|", (PAGES / f"{page}.md").read_text(), re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


def assert_as_listed(page: str, changed: set[str], folders: tuple[str, ...] = PRODUCT) -> None:
    """Each changed file is listed, and each listed file of the product was changed."""
    patterns = [each.replace("…", "*") for each in listed(page) if each.startswith(folders)]
    for path in changed:
        assert any(fnmatch(path, each) or fnmatch(path, f"{each}*") for each in patterns), path
    for each in patterns:
        assert any(fnmatch(path, each) or fnmatch(path, f"{each}*") for path in changed), each
