"""The prover in an environment of its own, and a tree of sources in which mutants can be made."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.setup import uv_settings

from .properties import Property

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "prove"
_LOCK = Path(__file__).with_name("requirements.lock")
_VENV = CACHE / "venv"
_TREE = CACHE / "tree"
_LINKED = ("node_modules", ".venv")
_LOOPS, _SECONDS = 32, 60
_VERDICTS = {0: "proven", 1: "refuted", 2: "no answer in time"}


@dataclass(frozen=True)
class Verdict:
    """`word` is proven, refuted, or why there is none."""

    word: str
    paths: int = 0
    seconds: float = 0.0


_NONE = Verdict("not found")


def prepare() -> None:
    """Installs the prover, once, from the hashes of its lock."""
    key = hashlib.sha256(_LOCK.read_bytes()).hexdigest()
    stamp = _VENV / "lock.sha256"
    if stamp.exists() and stamp.read_text() == key:
        return
    if sys.version_info < (3, 11):
        raise SystemExit("the prover needs Python 3.11 or 3.12: make setup PYTHON=python3.11")
    uv = ROOT / ".venv" / "bin" / "uv"
    subprocess.run([uv, "--quiet", "venv", "--clear", _VENV], check=True)
    environment = {**os.environ, **uv_settings(), "VIRTUAL_ENV": str(_VENV)}
    sync: list[str | Path] = [uv, "--quiet", "pip", "sync", "--require-hashes", _LOCK]
    subprocess.run(sync, check=True, env=environment)
    stamp.write_text(key)


def sources() -> None:
    """Lays a copy of the contracts and their properties into the tree, as they are."""
    for name in ("contracts", "tests/prove/solidity"):
        shutil.copytree(ROOT / name, _TREE / name, dirs_exist_ok=True)
    shutil.copy(ROOT / "foundry.toml", _TREE)
    for name in _LINKED:
        if not (_TREE / name).exists():
            (_TREE / name).symlink_to(ROOT / name)


def mutate(each: Property) -> None:
    """Puts its mutant into the tree."""
    source = (ROOT / each.file).read_text(encoding="utf-8")
    found = source.count(each.old)
    assert found == 1, f"{each.name}: {each.file} has {each.old!r} {found} times, not once"
    (_TREE / each.file).write_text(source.replace(each.old, each.new), encoding="utf-8")


def prove(properties: Iterable[Property]) -> dict[str, Verdict]:
    """The verdict on each, by its name, on the sources of the tree."""
    by_layout: defaultdict[str, list[Property]] = defaultdict(list)
    for each in properties:
        by_layout[each.layout].append(each)
    verdicts: dict[str, Verdict] = {}
    for layout, wanted in by_layout.items():
        found = _run(layout, wanted)
        verdicts |= {each.name: found.get(each.function, _NONE) for each in wanted}
    return verdicts


def _run(layout: str, wanted: Iterable[Property]) -> dict[str, Verdict]:
    report = CACHE / "report.json"
    report.unlink(missing_ok=True)
    names = "|".join(re.escape(each.function) for each in wanted)
    command: list[str | Path] = [_VENV / "bin" / "halmos", "--root", _TREE]
    command += ["--forge-build-out", ".cache/prove/out", "--match-test", f"^({names})\\("]
    command += ["--storage-layout", layout, "--loop", str(_LOOPS), "--solver", "z3"]
    command += ["--solver-timeout-assertion", str(1000 * _SECONDS), "--no-status"]
    command += ["--json-output", report]
    path = os.pathsep.join([str(_VENV / "bin"), str(ROOT / ".venv" / "bin"), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "FOUNDRY_PROFILE": "prove"}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=_TREE)
    if not report.exists():
        raise SystemExit(f"the prover failed:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    return dict(_read(json.loads(report.read_text())))


def lemmas() -> list[dict[str, Any]]:
    """Those in integers."""
    script = Path(__file__).with_name("lemmas.py")
    ran = subprocess.run([_VENV / "bin" / "python", script], capture_output=True, text=True)
    if ran.stderr:
        raise SystemExit(ran.stderr)
    return [json.loads(line) for line in ran.stdout.splitlines()]


def _read(report: dict[str, Any]) -> Iterable[tuple[str, Verdict]]:
    for results in report["test_results"].values():
        for result in results:
            word = _VERDICTS.get(result["exitcode"], f"stuck ({result['exitcode']})")
            if word == "proven" and result["num_bounded_loops"]:
                word = "loops were cut"
            paths, seconds = result["num_paths"], result["time"]
            verdict = Verdict(
                word, paths[0] if paths else 0, round(seconds[0], 2) if seconds else 0
            )
            yield result["name"].partition("(")[0], verdict
