"""Checks that Solidity sources import only from the layers below them.

    types <- interfaces <- storage <- libraries <- facets

Libraries live in rooms (`libraries/strike`, `libraries/market`, ...); a storage file is imported by
the one library that owns it. Facets know nothing of each other; venues touch no storage and no
roles. `periphery` is outside of the diamond: it knows interfaces, venues, and the one library that
says whose callback it is. `mocks` may import anything, and nothing imports them. No chain of
imports leads back to the file that it began at.
"""

from __future__ import annotations

import os
import re
import sys
from collections import defaultdict
from pathlib import Path

from tools._solc import CONTRACTS, ROOT, solidity_files

IMPORT = re.compile(r"^import\s+(?P<what>[^;]*?)\"(?P<path>[^\"]+)\";", re.MULTILINE)
OUTSIDE = ("@openzeppelin/contracts/", "solady/src/")

# By layer, the layers that it may import from.
UPPER = {"types", "interfaces", "libraries"}
ALLOWED = {
    "types": {"types"},
    "interfaces": {"types", "interfaces"},
    "storage": {"types", "interfaces"},
    "venues": {"types", "interfaces", "libraries", "venues"},
    "libraries": {"types", "interfaces", "storage", "libraries", "venues"},
    "facets": UPPER,
    "init": UPPER,
    "diamond": UPPER,
    "periphery": {"types", "interfaces", "venues", "periphery"},
    "mocks": UPPER | {"storage", "venues", "facets", "init", "diamond", "periphery", "mocks"},
}
ROOMS = {"access", "diamond", "treasury", "fleet", "market", "strike", "cycle"}
ROLES = CONTRACTS / "libraries" / "access" / "LibAccess.sol"
CALLBACK = CONTRACTS / "libraries" / "cycle" / "LibCallback.sol"

StorageUsers = dict[Path, list[Path]]
Imports = dict[Path, set[Path]]


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def layer_of(path: Path) -> str:
    folders = path.relative_to(CONTRACTS).parts[:-1]
    if folders[:1] == ("libraries",):
        room = folders[1] if len(folders) > 1 else ""
        return "libraries" if room in ROOMS else room or "libraries without a room"
    return folders[0] if folders else "diamond"


def check_import(path: Path, what: str, name: str, storage_users: StorageUsers) -> str | None:
    """What is wrong with one import of `path`. Adds to `storage_users` when it is of storage."""
    if not what.lstrip().startswith("{"):
        return "name what is imported"
    if not name.startswith("."):
        outside = " and ".join(OUTSIDE)
        return None if name.startswith(OUTSIDE) else f"outside sources come from {outside} alone"
    layer, target = layer_of(path), Path(os.path.normpath(path.parent / name))
    below = layer_of(target)
    if layer == "periphery" and target == CALLBACK:
        return None
    if below not in ALLOWED[layer]:
        return f"{layer} may import from {', '.join(sorted(ALLOWED[layer]))}, not from {below}"
    if layer == "venues" and target == ROLES:
        return "venues know no roles"
    if below == "storage" and layer != "mocks":
        storage_users[target].append(path)
    return None


def imports_of(path: Path) -> set[Path]:
    """The project's own files that `path` imports."""
    names = (match["path"] for match in IMPORT.finditer(path.read_text(encoding="utf-8")))
    return {Path(os.path.normpath(path.parent / name)) for name in names if name.startswith(".")}


def find_circle(imports: Imports) -> list[Path]:
    """Files that import each other in a ring, the first one again at the end; empty if none do."""
    done: set[Path] = set()

    def walk(path: Path, way: list[Path]) -> list[Path]:
        if path in way:
            return [*way[way.index(path) :], path]
        if path in done:
            return []
        found = (walk(target, [*way, path]) for target in sorted(imports.get(path, ())))
        circle: list[Path] = next(filter(None, found), [])
        done.add(path)
        return circle

    return next(filter(None, (walk(path, []) for path in sorted(imports))), [])


def check_file(path: Path, storage_users: StorageUsers) -> list[str]:
    if layer_of(path) not in ALLOWED:
        layers = f"{', '.join(ALLOWED)}; rooms of libraries: {', '.join(sorted(ROOMS))}"
        return [f"{shown(path)}: no such layer; there are {layers}"]
    imports = IMPORT.finditer(path.read_text(encoding="utf-8"))
    found = ((m["path"], check_import(path, m["what"], m["path"], storage_users)) for m in imports)
    return [f'{shown(path)}: imports "{name}": {wrong}' for name, wrong in found if wrong]


def main() -> int:
    storage_users: StorageUsers = defaultdict(list)
    wrong = [line for path in solidity_files() for line in check_file(path, storage_users)]
    for storage, users in sorted(storage_users.items()):
        if len(users) > 1:
            names = ", ".join(map(shown, users))
            wrong.append(f"{shown(storage)}: belongs to one library, but is imported by {names}")
    circle = find_circle({path: imports_of(path) for path in solidity_files()})
    if circle:
        wrong.append(f"imports in a circle: {' -> '.join(map(shown, circle))}")
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
