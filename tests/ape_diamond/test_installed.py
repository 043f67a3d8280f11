"""The plugin alone, installed into an empty environment with Ape, as people install it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import tomllib

from macrostrike.build import ROOT
from macrostrike.chain import AnvilTransport, start_anvil

from ..diamonds import OWNER, reference_diamond

pytestmark = pytest.mark.long

PLUGIN = ROOT / "plugins" / "ape-diamond"
UV = Path(sys.executable).with_name("uv")


def locked(tmp_path: Path) -> Path:
    """The versions of the lock, so that what is installed does not change by itself."""
    pins = re.findall(r"^\S+==\S+", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE)
    path = tmp_path / "constraints.txt"
    path.write_text("\n".join(pins), encoding="utf-8")
    return path


def run(*command: str | Path, cwd: Path) -> str:
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    environment |= {"UV_SYSTEM_CERTS": "1", "COLUMNS": "160"}
    if "PIP_INDEX_URL" in environment:
        environment.setdefault("UV_DEFAULT_INDEX", environment["PIP_INDEX_URL"])
    ran = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_it_is_installed_alone_and_works_on_a_foreign_diamond(tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    python, ape = venv / "bin" / "python", venv / "bin" / "ape"
    run(UV, "venv", "--python", sys.executable, venv, cwd=tmp_path)
    install = (UV, "pip", "install", "--python", python, "--constraint", locked(tmp_path))
    run(*install, f"{PLUGIN}[ape]", cwd=tmp_path)

    project = tmp_path / "project"
    project.mkdir()
    listed = run(UV, "pip", "list", "--python", python, cwd=project)
    assert "ape-diamond" in listed
    assert "macrostrike" not in listed
    help_text = run(ape, "diamond", "--help", cwd=project)
    for command in ("inspect", "abi", "load", "history", "diff", "layout", "plan", "rehearse"):
        assert f"\n  {command} " in help_text
    with start_anvil("--chain-id", "1337") as url:
        address = reference_diamond(AnvilTransport(url))
        network = f"ethereum:local:{url}"
        shown = run(ape, "diamond", "inspect", address, "--network", network, cwd=project)
        assert OWNER.address in shown
        assert "the events, applied in order, give what the loupe says" in shown


def test_it_asks_for_what_this_project_is_locked_to() -> None:
    """Both have one version of Ape, and the plugin's Python is the project's."""
    plugin, ours = (
        tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        for folder in (PLUGIN, ROOT)
    )
    assert plugin["requires-python"] == ours["requires-python"]
    assert plugin["optional-dependencies"]["ape"] == ["eth-ape>=0.8.51,<0.9"]
    assert "ape-diamond" in ours["dependencies"]
