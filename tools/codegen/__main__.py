"""Writes `macrostrike/_generated`, or checks it."""

from __future__ import annotations

import argparse
import difflib
import subprocess
import sys
import tempfile
from pathlib import Path

from tools._solc import ROOT
from tools.codegen._source import read_contracts
from tools.codegen._write import write_modules

TARGET = ROOT / "macrostrike" / "_generated"
RUFF = ROOT / ".venv" / "bin" / "ruff"


def formatted(modules: dict[str, str]) -> dict[str, str]:
    """The modules as the formatter has them, without imports that they do not use."""
    settings = ["--quiet", "--no-cache", "--config", str(ROOT / "pyproject.toml")]
    settings += ["--config", 'src=["."]']
    with tempfile.TemporaryDirectory() as folder:
        for name, text in modules.items():
            Path(folder, name).write_text(text, encoding="utf-8")
        fix = ["check", "--fix", "--select", "F401,I,RUF022", *settings, folder]
        for arguments in (fix, ["format", *settings, folder]):
            subprocess.run([RUFF, *arguments], check=True)
        return {name: Path(folder, name).read_text(encoding="utf-8") for name in modules}


def present() -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in TARGET.glob("*.py")}


def write(modules: dict[str, str]) -> None:
    """Leaves alone what is as it should be, so that nothing is built again for it."""
    TARGET.mkdir(exist_ok=True)
    before = present()
    for name in before.keys() - modules.keys():
        (TARGET / name).unlink()
    for name, text in modules.items():
        if before.get(name) != text:
            (TARGET / name).write_text(text, encoding="utf-8")


def check(modules: dict[str, str]) -> int:
    before = present()
    for name in sorted(before.keys() | modules.keys()):
        old, new = before.get(name, ""), modules.get(name, "")
        lines = difflib.unified_diff(old.splitlines(), new.splitlines(), name, name, lineterm="")
        for line in lines:
            print(line, file=sys.stderr)
    if before == modules:
        return 0
    print("macrostrike/_generated is not what the contracts say: run `make build`", file=sys.stderr)
    return 1


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.codegen", description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when it differs")
    modules = formatted(write_modules(read_contracts()))
    if parser.parse_args().check:
        return check(modules)
    write(modules)
    return 0


if __name__ == "__main__":
    sys.exit(main())
