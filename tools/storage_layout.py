"""Keeps a snapshot of the diamond's storage: where every field of every namespace lies.

    python -m tools.storage_layout --check    compares with snapshots/storage-layout.json
    python -m tools.storage_layout --write    rewrites it

The compiler lays out state variables only. Each struct annotated with
`@custom:storage-location erc7201:macrostrike.storage.<Name>` is therefore declared as the one
variable of a contract made for this purpose, and its layout is read from there: slots count from
the namespace's own first slot. The struct's file must name that slot, as ERC-7201 computes it.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import dataclass

from rich.console import Console

from ape_diamond import (
    Layout,
    Namespace,
    compare_layouts,
    enum_members,
    first_slot,
    parse_layout,
    struct_fields,
)
from ape_diamond.tables import layout_table
from tools._solc import ROOT, compile_sources, solidity_files

SNAPSHOT = ROOT / "snapshots" / "storage-layout.json"
PROBE = "contracts/StorageProbe.sol"
ANNOTATED = re.compile(
    r"@custom:storage-location erc7201:(?P<namespace>[\w.]+)\s*\n"
    r"(?:\s*(?:///|\*).*\n)*\s*(?:\*/\s*)?struct (?P<struct>\w+)"
)
LIBRARY = re.compile(r"^library (\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Source:
    """A struct of storage: `struct` of `library` (empty at file level) in `path`."""

    name: str
    path: str
    library: str
    struct: str

    @property
    def contract(self) -> str:
        return "Probe_" + self.name.replace(".", "_")


def find_namespaces() -> list[Source]:
    found = []
    for path in solidity_files():
        source, where = path.read_text(encoding="utf-8"), str(path.relative_to(ROOT))
        annotated = list(ANNOTATED.finditer(source))
        if len(annotated) != source.count("@custom:storage-location"):
            raise SystemExit(f"{where}: @custom:storage-location is not followed by a struct")
        for match in annotated:
            libraries = LIBRARY.findall(source[: match.start()])
            name, library = match["namespace"], libraries[-1] if libraries else ""
            if first_slot(name) not in source:
                raise SystemExit(f"{where}: ERC-7201 gives {name} the slot {first_slot(name)}")
            found.append(Source(name, where, library, match["struct"]))
    return sorted(found, key=lambda namespace: namespace.name)


def probe_source(namespaces: list[Source]) -> str:
    lines = ["// SPDX-License-Identifier: MIT", "pragma solidity 0.8.37;"]
    for n, namespace in enumerate(namespaces):
        # Relative to the probe, which is beside the sources.
        path = "./" + namespace.path.removeprefix("contracts/")
        lines.append(f'import {{{namespace.library or namespace.struct} as N{n}}} from "{path}";')
    for n, namespace in enumerate(namespaces):
        struct = f"N{n}.{namespace.struct}" if namespace.library else f"N{n}"
        lines.append(f"contract {namespace.contract} {{ {struct} internal layout; }}")
    return "\n".join(lines)


def read_layouts() -> dict[str, Namespace]:
    """The layout of the sources as they are."""
    namespaces = find_namespaces()
    if not namespaces:
        return {}
    wanted = {"*": ["storageLayout"], "": ["ast"]}
    output = compile_sources({PROBE: probe_source(namespaces)}, wanted)
    layouts, enums = {}, enum_members(output["sources"])
    for namespace in namespaces:
        layout = output["contracts"][PROBE][namespace.contract]["storageLayout"]
        layouts[namespace.name] = Namespace(
            first_slot(namespace.name), struct_fields(layout, enums)
        )
    return layouts


def render(layouts: Layout) -> str:
    """JSON with one line for each field, for diffs that read well."""
    content = {
        name: {"slot": each.slot, "fields": [field.to_json() for field in each.fields]}
        for name, each in layouts.items()
    }

    def one_line(match: re.Match[str]) -> str:
        return "{ " + " ".join(match[1].split()) + " }"

    return re.sub(r"\{\s+(\"field\"[^}]*?)\s+\}", one_line, json.dumps(content, indent=2)) + "\n"


def check(found: Layout) -> int:
    kept = SNAPSHOT.read_text(encoding="utf-8") if SNAPSHOT.exists() else "{}"
    if render(found) == kept:
        return 0
    old, console = parse_layout(json.loads(kept)), Console(stderr=True)
    console.print(layout_table(old, found))
    for fault in compare_layouts(old, found):
        console.print(f"{fault}", markup=False)
    console.print(
        "The storage layout differs from its snapshot. A deployed diamond keeps its storage: fields"
        " may be added after the last one, never moved, resized or removed. If that holds, run:"
        " make snapshots"
    )
    return 1


def main() -> int:
    parser = argparse.ArgumentParser(description="Snapshot of the diamond's storage layout.")
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--check", action="store_true", help="fail when the sources differ from it")
    action.add_argument("--write", action="store_true", help="rewrite it from the sources")
    found = read_layouts()
    if parser.parse_args().check:
        return check(found)
    SNAPSHOT.parent.mkdir(exist_ok=True)
    SNAPSHOT.write_text(render(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
