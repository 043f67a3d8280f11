"""Checks that Solidity sources import only from the layers below them.

    types <- interfaces <- storage <- libraries <- facets

A storage file is imported by the one library that owns it. Facets know nothing of each other; venues touch no storage
and no roles. `mocks` may import anything, and nothing imports them.
"""

from __future__ import annotations

import os
import re
import sys
from collections import defaultdict
from pathlib import Path

from tools._solc import CONTRACTS, solidity_files

IMPORT = re.compile(r"^import\s+(?P<what>[^;]*?)\"(?P<path>[^\"]+)\";", re.MULTILINE)
EXTERNAL = ("@openzeppelin/contracts/", "solady/src/")

# By layer, the layers that it may import from.
ALLOWED = {
    "types": {"types"},
    "interfaces": {"types", "interfaces"},
    "storage": {"types", "interfaces"},
    "venues": {"types", "interfaces", "libraries", "venues"},
    "libraries": {"types", "interfaces", "storage", "libraries", "venues"},
    "facets": {"types", "interfaces", "libraries"},
    "init": {"types", "interfaces", "libraries"},
    "root": {"types", "interfaces", "libraries"},
    "mocks": {"types", "interfaces", "storage", "libraries", "venues", "facets", "init", "root", "mocks"},
}
NOT_FOR_VENUES = "contracts/libraries/LibAccess.sol"


def layer_of(path: Path) -> str:
    parts = path.relative_to(CONTRACTS).parts[:-1]
    if parts[:1] == ("libraries",):
        return parts[1] if len(parts) > 1 else "libraries"
    return parts[0] if parts else "root"


def check(path: Path, storage_users: dict[Path, list[Path]]) -> list[str]:
    """What is wrong with the imports of one file. Adds to `storage_users` what it imports from storage."""
    wrong = []
    layer = layer_of(path)
    if layer not in ALLOWED:
        return [f"is in a layer that does not exist: {layer}; known: {', '.join(ALLOWED)}"]
    for match in IMPORT.finditer(path.read_text()):
        name = match["path"]
        if not match["what"].lstrip().startswith("{"):
            wrong.append(f'imports "{name}" whole: name what is imported')
        if not name.startswith("."):
            if not name.startswith(EXTERNAL):
                wrong.append(f'imports "{name}": outside sources come from {" and ".join(EXTERNAL)} alone')
            continue
        target = Path(os.path.normpath(path.parent / name))
        below = layer_of(target)
        if below not in ALLOWED[layer]:
            wrong.append(f'imports "{name}": {layer} may import {", ".join(sorted(ALLOWED[layer]))}, not {below}')
        if layer == "venues" and str(target).endswith(NOT_FOR_VENUES):
            wrong.append(f'imports "{name}": venues know no roles')
        if below == "storage" and layer != "mocks":
            storage_users[target].append(path)
    return wrong


def main() -> int:
    storage_users: dict[Path, list[Path]] = defaultdict(list)
    failures = [f"{shown(path)}: {wrong}" for path in solidity_files() for wrong in check(path, storage_users)]
    for storage, users in sorted(storage_users.items()):
        if len(users) > 1:
            failures.append(f"{shown(storage)}: owned by one library, but imported by {', '.join(map(shown, users))}")
    print("\n".join(failures), file=sys.stderr, end="\n" if failures else "")
    return 1 if failures else 0


def shown(path: Path) -> str:
    return str(path.relative_to(CONTRACTS.parent))


if __name__ == "__main__":
    sys.exit(main())
