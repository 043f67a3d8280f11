"""Compiles what changed and what imports it, and writes what is made of it.

    python -m tools.build

Ape compiles a changed file again, but not those that import it, and keeps what is gone. So each
source has a key here: a digest of itself, of all that it imports, and of the compiler's settings.
Sources whose key is not that of the last build are compiled, by Ape; what their files no longer
declare is forgotten. A source's bytecode depends on nothing else, so the result is that of a build
from nothing. `make clean` forgets all.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

_IMPORT = re.compile(r"^import\s[^;]*?\"([^\"]+)\";", re.MULTILINE)
_SETTINGS = ("ape-config.yaml", "package-lock.json")
_LOOSE = "contracts/.cache"  # where Ape may lay dependencies
ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
GENERATED = ROOT / "macrostrike" / "_generated"


@dataclass
class Sources:
    """The Solidity sources below `root`/contracts, by their paths from `root`."""

    root: Path
    _closures: dict[str, frozenset[str]] = field(default_factory=dict)

    @cached_property
    def texts(self) -> dict[str, str]:
        paths = sorted(self.root.joinpath("contracts").rglob("*.sol"))
        found = {
            path.relative_to(self.root).as_posix(): path.read_text(encoding="utf-8")
            for path in paths
        }
        return {name: text for name, text in found.items() if not name.startswith(_LOOSE)}

    def closure(self, name: str) -> frozenset[str]:
        """The source and all that it imports. Packages are pinned by their lock file."""
        if name not in self._closures:
            seen, left = {name}, [name]
            while left:
                current = left.pop()
                for imported in _IMPORT.findall(self.texts.get(current, "")):
                    target = os.path.normpath(os.path.join(os.path.dirname(current), imported))
                    if imported.startswith(".") and target not in seen:
                        seen.add(target)
                        left.append(target)
            self._closures[name] = frozenset(seen)
        return self._closures[name]

    def key(self, names: Iterable[str]) -> str:
        """A digest of the sources, all that they import, and the settings."""
        wanted = sorted({each for name in names for each in self.closure(name)})
        content = [(name, self.texts.get(name)) for name in wanted]
        settings = [(self.root / name).read_text(encoding="utf-8") for name in _SETTINGS]
        return hashlib.sha256(json.dumps([content, settings]).encode()).hexdigest()


@dataclass
class Build:
    """What was built last is in .cache/build.json: keys by source, and by what is made of them."""

    root: Path
    ape: str = f"{BIN}/ape"

    @property
    def _record(self) -> Path:
        return self.root / ".cache" / "build.json"

    @property
    def _compiled(self) -> Path:
        return self.root / ".build" / "__local__.json"

    @cached_property
    def last(self) -> dict[str, str]:
        return dict(_json(self._record) or {})

    @cached_property
    def sources(self) -> Sources:
        return Sources(self.root)

    def compile(self) -> bool:
        """Compiles what has to be. Returns whether there was anything to do."""
        keys = {name: self.sources.key([name]) for name in self.sources.texts}
        manifest = _json(self._compiled)
        known = (
            {each["sourceId"] for each in manifest["contractTypes"].values()} if manifest else set()
        )
        built = {name: key for name, key in self.last.items() if name.endswith(".sol")}
        # Files without a contract, such as those of types, leave nothing that could be missing.
        stale = [n for n, key in keys.items() if built.get(n) != key or not manifest]
        gone = (known | built.keys()) - keys.keys()
        if not stale and not gone:
            return False
        self._forget({*stale, *gone}, manifest)
        if stale:
            print(f"build: {len(stale)} of {len(keys)} sources ...", flush=True)
            self._run_ape([] if len(stale) == len(keys) else stale)
        self._keep({n: k for n, k in self.last.items() if n not in gone} | keys)
        return True

    def once(
        self, what: str, key: Callable[[], str], work: Callable[[], object], result: Path
    ) -> None:
        """Does what is made of the sources, unless `result` is there, of the same key."""
        if self.last.get(what) != key() or not result.exists():
            work()
            self._keep(self.last | {what: key()})

    def generated_key(self) -> str:
        """By the contracts, the generator, and what it wrote: another branch's is written again."""
        wanted = ("contracts/interfaces/I", "contracts/types/")
        names = [name for name in self.sources.texts if name.startswith(wanted)]
        files = [*(ROOT / "tools" / "codegen").glob("*.py"), ROOT / "macrostrike" / "_roots.py"]
        texts = [
            path.read_text(encoding="utf-8")
            for path in (*sorted(files), *sorted(GENERATED.glob("*.py")))
        ]
        return hashlib.sha256(json.dumps([self.sources.key(names), texts]).encode()).hexdigest()

    def _forget(self, names: set[str], manifest: dict[str, Any] | None) -> None:
        """Takes sources out of both records, so that a build that is cut short is not believed."""
        self._keep({name: key for name, key in self.last.items() if name not in names})
        if manifest is None:
            return
        for part in ("contractTypes", "sources"):
            manifest[part] = {
                name: each
                for name, each in (manifest.get(part) or {}).items()
                if (each.get("sourceId") if part == "contractTypes" else name) not in names
            }
        self._compiled.write_text(json.dumps(manifest), encoding="utf-8")

    def _run_ape(self, names: list[str]) -> None:
        command = [self.ape, "compile", "--force", "--verbosity", "WARNING", *names]
        if subprocess.run(command, cwd=self.root).returncode:
            raise SystemExit("build: the contracts do not compile")

    def _keep(self, keys: dict[str, str]) -> None:
        self.last = keys
        self._record.parent.mkdir(exist_ok=True)
        self._record.write_text(json.dumps(keys, indent=1), encoding="utf-8")


def _json(path: Path) -> dict[str, Any] | None:
    """What a file holds; None where there is none, or it was cut short."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def main() -> int:
    build = Build(ROOT)
    # First, and apart: what is imported below imports what this writes.
    build.once("generated", build.generated_key, _generate, GENERATED / "errors.py")
    is_changed = build.compile()

    from tools import artifacts

    if is_changed or not artifacts.are_complete():
        artifacts.write_artifacts()
    annotated = [n for n, text in build.sources.texts.items() if "@custom:storage-location" in text]
    build.once(
        "storage layout",
        lambda: build.sources.key(annotated),
        artifacts.write_layout,
        artifacts.LAYOUT,
    )
    return 0


def _generate() -> None:
    if subprocess.run([sys.executable, "-m", "tools.codegen"], cwd=ROOT).returncode:
        raise SystemExit("build: macrostrike/_generated could not be written")


if __name__ == "__main__":
    sys.exit(main())
