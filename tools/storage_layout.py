"""Keeps a snapshot of the diamond's storage: where every field of every namespace lies.

    python -m tools.storage_layout --check    compares with snapshots/storage-layout.json
    python -m tools.storage_layout --write    rewrites it

The compiler lays out state variables only. Each struct annotated with
`@custom:storage-location erc7201:macrostrike.storage.<Name>` is therefore declared as the one
variable of a contract made for this purpose, and its layout is read from there: slots count from
the namespace's own first slot. That slot must stand in the struct's file, as ERC-7201 computes it.
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
import sys
from dataclasses import dataclass
from typing import Any

from eth_utils.crypto import keccak

from tools._solc import ROOT, compile_sources, solidity_files

SNAPSHOT = ROOT / "snapshots" / "storage-layout.json"
PROBE = "contracts/StorageProbe.sol"
ANNOTATED = re.compile(
    r"@custom:storage-location erc7201:(?P<namespace>[\w.]+)\s*\n"
    r"(?:\s*(?:///|\*).*\n)*\s*(?:\*/\s*)?struct (?P<struct>\w+)"
)
LIBRARY = re.compile(r"^library (\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Namespace:
    """A struct of storage: `struct` of `library` (empty at file level) in `path`."""

    name: str
    path: str
    library: str
    struct: str

    @property
    def contract(self) -> str:
        return "Probe_" + self.name.replace(".", "_")


def first_slot(namespace: str) -> str:
    """By ERC-7201: `keccak256(abi.encode(uint256(keccak256(namespace)) - 1)) & ~0xff`, as hex."""
    inner = int.from_bytes(keccak(text=namespace), "big") - 1
    slot = int.from_bytes(keccak(inner.to_bytes(32, "big")), "big") & ~0xFF
    return f"0x{slot:064x}"


def find_namespaces() -> list[Namespace]:
    found = []
    for path in solidity_files():
        source, where = path.read_text(), str(path.relative_to(ROOT))
        annotated = list(ANNOTATED.finditer(source))
        if len(annotated) != source.count("@custom:storage-location"):
            raise SystemExit(f"{where}: @custom:storage-location is not followed by a struct")
        for match in annotated:
            libraries = LIBRARY.findall(source[: match.start()])
            name, library = match["namespace"], libraries[-1] if libraries else ""
            if first_slot(name) not in source:
                raise SystemExit(f"{where}: ERC-7201 gives {name} the slot {first_slot(name)}")
            found.append(Namespace(name, where, library, match["struct"]))
    return sorted(found, key=lambda namespace: namespace.name)


def probe_source(namespaces: list[Namespace]) -> str:
    lines = ["// SPDX-License-Identifier: MIT", "pragma solidity 0.8.37;"]
    for n, namespace in enumerate(namespaces):
        # Relative to the probe, which stands beside the sources.
        path = "./" + namespace.path.removeprefix("contracts/")
        lines.append(f'import {{{namespace.library or namespace.struct} as N{n}}} from "{path}";')
    for n, namespace in enumerate(namespaces):
        struct = f"N{n}.{namespace.struct}" if namespace.library else f"N{n}"
        lines.append(f"contract {namespace.contract} {{ {struct} internal layout; }}")
    return "\n".join(lines)


def fields_of(kind: dict[str, Any], types: dict[str, Any], path: str = "") -> list[dict[str, Any]]:
    """A struct's fields. Below those that hold structs, also in arrays and mappings (`[]`), come
    theirs: their slots count from where such a struct begins.
    """
    fields = []
    for member in kind["members"]:
        found, name = types[member["type"]], path + member["label"]
        field = {"field": name, "type": found["label"], "slot": int(member["slot"])}
        fields.append(field | {"offset": member["offset"], "bytes": int(found["numberOfBytes"])})
        while "value" in found or "base" in found:
            found, name = types[found.get("value") or found["base"]], name + "[]"
        if "members" in found:
            fields += fields_of(found, types, f"{name}.")
    return fields


def read_layouts() -> dict[str, Any]:
    """By namespace: its first slot and its fields."""
    namespaces = find_namespaces()
    if not namespaces:
        return {}
    output = compile_sources({PROBE: probe_source(namespaces)}, {"*": ["storageLayout"]})
    layouts = {}
    for namespace in namespaces:
        layout = output["contracts"][PROBE][namespace.contract]["storageLayout"]
        fields = fields_of(layout["types"][layout["storage"][0]["type"]], layout["types"])
        layouts[namespace.name] = {"slot": first_slot(namespace.name), "fields": fields}
    return layouts


def render(layouts: dict[str, Any]) -> str:
    """JSON with one line for each field, for diffs that read well."""

    def one_line(match: re.Match[str]) -> str:
        return "{ " + " ".join(match[1].split()) + " }"

    return re.sub(r"\{\s+(\"field\"[^}]*?)\s+\}", one_line, json.dumps(layouts, indent=2)) + "\n"


def check(found: str) -> int:
    kept = SNAPSHOT.read_text() if SNAPSHOT.exists() else ""
    if found == kept:
        return 0
    name = str(SNAPSHOT.relative_to(ROOT))
    lines = difflib.unified_diff(kept.splitlines(), found.splitlines(), name, "contracts")
    print("\n".join(map(str.rstrip, lines)), file=sys.stderr)
    print(
        "The storage layout differs from its snapshot. A deployed diamond keeps its storage: fields"
        " may be added after the last one, never moved, resized or removed. If that holds, run:"
        " make snapshots",
        file=sys.stderr,
    )
    return 1


def main() -> int:
    parser = argparse.ArgumentParser(description="Snapshot of the diamond's storage layout.")
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--check", action="store_true", help="fail when the sources differ from it")
    action.add_argument("--write", action="store_true", help="rewrite it from the sources")
    found = render(read_layouts())
    if parser.parse_args().check:
        return check(found)
    SNAPSHOT.parent.mkdir(exist_ok=True)
    SNAPSHOT.write_text(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
