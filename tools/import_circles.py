"""Finds circles among the imports of Python files, which rules about packages do not see.

Imports inside of functions and those for type checking count too: a circle is a circle.
"""

from __future__ import annotations

import sys
from graphlib import CycleError, TopologicalSorter

from grimp import build_graph

PACKAGES = ("ape_diamond", "macrostrike", "tests", "tools")


def find_circle(imports: dict[str, set[str]]) -> list[str] | None:
    """Modules each of which imports the next, the first one again at the end; None without any."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as found:
        # It names each module before the one that imports it.
        circle: list[str] = found.args[1][::-1]
        return circle
    return None


def imports_of(package: str) -> dict[str, set[str]]:
    """What each module of the package imports of it."""
    graph = build_graph(package, cache_dir=None)
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def main() -> int:
    circles = [circle for package in PACKAGES if (circle := find_circle(imports_of(package)))]
    for circle in circles:
        print(f"imports in a circle: {' -> '.join(circle)}", file=sys.stderr)
    return 1 if circles else 0


if __name__ == "__main__":
    sys.exit(main())
