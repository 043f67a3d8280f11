"""Storage layouts, as the real compiler lays them out: what an upgrade may change, and what not."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from ape_diamond import (
    LayoutChange,
    Namespace,
    compare_layouts,
    enum_members,
    first_slot,
    struct_fields,
)
from ape_diamond.tables import layout_table
from macrostrike.deploy import DeployError, LayoutBroken
from macrostrike.inspector import load_layout, require_compatible
from tools._solc import compile_sources
from tools.storage_layout import SNAPSHOT, read_layouts, render

NAME = "macrostrike.storage.Test"
HEAD = "// SPDX-License-Identifier: MIT\npragma solidity 0.8.37;\n"

BASE = """
struct Grant { uint40 until; uint64 budget; }
struct Point { uint128 x; uint128 y; uint64 at; }
enum Side { Long, Short }
struct S {
    address owner;
    uint64 count;
    mapping(address => Grant) grants;
    Point[] points;
    Point last;
    Side side;
    mapping(Side => Side[2]) counter;
    uint256 total;
}
"""

# What is changed, and what of it is a fault: none where the storage keeps its meaning.
CHANGES: dict[str, tuple[tuple[tuple[str, str], ...], list[tuple[LayoutChange, str]]]] = {
    "nothing": ((), []),
    "a field after the last": ((("uint256 total;", "uint256 total; uint8 mode;"),), []),
    "a field in a mapping's struct": ((("uint64 budget;", "uint64 budget; uint256 used;"),), []),
    "a field in what a struct leaves of its slot": ((("uint64 at;", "uint64 at; bool seen;"),), []),
    "a struct's name": ((("Grant", "Permit"),), []),
    "moved by a swap": (
        (("address owner;\n    uint64 count;", "uint64 count;\n    address owner;"),),
        [(LayoutChange.MOVED, "owner"), (LayoutChange.MOVED, "count")],
    ),
    "retyped to another size": (
        (("uint64 count;", "uint32 count;"),),
        [(LayoutChange.RETYPED, "count")],
    ),
    "retyped in the same size": (
        (("uint64 count;", "int64 count;"),),
        [(LayoutChange.RETYPED, "count")],
    ),
    "a mapping's key": (
        (("mapping(address => Grant)", "mapping(uint256 => Grant)"),),
        [(LayoutChange.RETYPED, "grants")],
    ),
    "removed at the end": (
        (("    uint256 total;\n", ""),),
        [(LayoutChange.REMOVED, "total")],
    ),
    "removed from before others": (
        (("    uint64 count;\n    mapping(address => Grant) grants;\n", ""),),
        [
            (LayoutChange.REMOVED, "count"),
            (LayoutChange.REMOVED, "grants"),
            *[(LayoutChange.MOVED, n) for n in ("points", "last", "side", "counter", "total")],
        ],
    ),
    "under another name": (
        (("uint64 count;", "uint64 number;"),),
        [(LayoutChange.REMOVED, "count")],
    ),
    "inserted where nothing else moves": (
        (("uint64 count;", "uint64 count; uint8 mode;"),),
        [(LayoutChange.INSERTED, "mode")],
    ),
    "inserted where all else moves": (
        (("address owner;", "address owner; uint256 extra;"),),
        [
            *[(LayoutChange.MOVED, n) for n in ("count", "grants", "points", "last")],
            *[(LayoutChange.MOVED, n) for n in ("side", "counter", "total")],
            (LayoutChange.INSERTED, "extra"),
        ],
    ),
    "moved in a mapping's struct": (
        (("uint40 until; uint64 budget;", "uint64 budget; uint40 until;"),),
        [(LayoutChange.MOVED, "grants[].until"), (LayoutChange.MOVED, "grants[].budget")],
    ),
    "removed from a mapping's struct": (
        (("uint64 budget;", ""),),
        [(LayoutChange.REMOVED, "grants[].budget")],
    ),
    "a member after an enum's last": ((("Long, Short", "Long, Short, Flat"),), []),
    "an enum in another order": (
        (("Long, Short", "Short, Long"),),
        [(LayoutChange.RETYPED, "side"), (LayoutChange.RETYPED, "counter")],
    ),
    "a member of an enum removed": (
        (("Long, Short", "Long"),),
        [(LayoutChange.RETYPED, "side"), (LayoutChange.RETYPED, "counter")],
    ),
    "a struct that grows in an array and before others": (
        (("uint64 at;", "uint64 at; uint256 z;"),),
        [
            *[(LayoutChange.MOVED, n) for n in ("side", "counter", "total")],
            (LayoutChange.RESIZED, "points[]"),
        ],
    ),
}


def changed(source: str, changes: tuple[tuple[str, str], ...]) -> str:
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new)
    return source


def layouts_of(*structs: str) -> list[dict[str, Namespace]]:
    """The layout of each `struct S`, all compiled in one go."""
    sources = {
        f"contracts/Probe{i}.sol": f"{HEAD}{struct}\ncontract Probe {{ S internal layout; }}"
        for i, struct in enumerate(structs)
    }
    output = compile_sources(sources, {"*": ["storageLayout"], "": ["ast"]})
    enums, built = enum_members(output["sources"]), output["contracts"]
    fields = (struct_fields(built[path]["Probe"]["storageLayout"], enums) for path in sources)
    return [{NAME: Namespace(first_slot(NAME), each)} for each in fields]


@cache
def changed_layouts() -> dict[str, dict[str, Namespace]]:
    layouts = layouts_of(*(changed(BASE, changes) for changes, _ in CHANGES.values()))
    return dict(zip(CHANGES, layouts, strict=True))


@pytest.mark.parametrize("change", CHANGES)
def test_changes(change: str) -> None:
    _, expected = CHANGES[change]
    old, new = changed_layouts()["nothing"], changed_layouts()[change]
    faults = compare_layouts(old, new)
    assert [(fault.change, fault.field) for fault in faults] == expected
    if not expected:
        require_compatible(old, new)
        return
    with pytest.raises(LayoutBroken) as refused:
        require_compatible(old, new)
    assert len(refused.value.faults) == len(expected)
    for _, field in expected:
        assert f"{NAME}: {field} is " in str(refused.value)


def test_both_places_are_named() -> None:
    old, new = changed_layouts()["nothing"], changed_layouts()["under another name"]
    (fault,) = compare_layouts(old, new)
    assert str(fault) == (
        f"{NAME}: count is removed: uint64 count at slot 0, byte 20 -> "
        "uint64 number at slot 0, byte 20"
    )


def test_structs_in_fixed_arrays_and_in_mappings_of_arrays_cannot_grow() -> None:
    base = """
    struct Item { uint256 a; }
    struct Outer { Item inner; }
    struct S { Item[2] pair; mapping(address => Item[]) lists; mapping(uint8 => Outer)[] deep; }
    """
    old, new = layouts_of(base, changed(base, (("uint256 a;", "uint256 a; uint256 b;"),)))
    assert [(fault.change, fault.field) for fault in compare_layouts(old, new)] == [
        (LayoutChange.MOVED, "lists"),
        (LayoutChange.MOVED, "deep"),
        (LayoutChange.RESIZED, "lists[][]"),
        (LayoutChange.RESIZED, "pair[]"),
    ]


def test_a_struct_may_grow_as_the_last_field() -> None:
    base = "struct Last { uint256 a; }\nstruct S { uint256 x; Last last; }"
    old, new = layouts_of(base, changed(base, (("uint256 a;", "uint256 a; uint256 b;"),)))
    assert not compare_layouts(old, new)


def test_structs_that_hold_their_own_kind_end() -> None:
    base = "struct Node { uint256 a; mapping(uint256 => Node) next; }\nstruct S { Node root; }"
    (layout,) = layouts_of(base)
    assert [field.name for field in layout[NAME].fields] == ["root", "root.a", "root.next"]


def test_namespaces_may_come_but_not_go_move_or_collide() -> None:
    (name, namespace) = next(iter(changed_layouts()["nothing"].items()))
    other = replace(namespace, slot=first_slot("macrostrike.storage.Other"))
    assert not compare_layouts({name: namespace}, {name: namespace, "Other": other})
    for new, change, blamed in (
        ({}, LayoutChange.REMOVED, name),
        ({name: other}, LayoutChange.MOVED, name),
        ({name: namespace, "Other": namespace}, LayoutChange.COLLIDES, "Other"),
    ):
        (fault,) = compare_layouts({name: namespace}, new)
        assert (fault.change, fault.namespace, fault.field) == (change, blamed, "")


def test_both_layouts_are_shown_side_by_side() -> None:
    console = Console(width=160, record=True, file=StringIO())
    layouts = changed_layouts()
    console.print(layout_table(layouts["nothing"], layouts["retyped to another size"]))
    lines = console.export_text().splitlines()
    assert lines[0].strip() == "Storage: 1 fault"
    (line,) = [line for line in lines if "uint32" in line]
    assert line.index("count: uint64") < line.index("count: uint32")


def test_what_does_not_differ_is_not_shown() -> None:
    console = Console(width=160, record=True, file=StringIO())
    console.print(layout_table(changed_layouts()["nothing"], changed_layouts()["nothing"]))
    assert NAME not in console.export_text()


def test_the_diamonds_own_layout_is_that_of_its_snapshot(tmp_path: Path) -> None:
    kept = load_layout(SNAPSHOT)
    assert kept == read_layouts()
    assert len(kept) >= 7
    path = tmp_path / "layout.json"
    path.write_text(render(kept))
    assert load_layout(path) == kept


@pytest.mark.parametrize("content", ["", "[]", '{"a": {"slot": "0x00"}}', '{"a": []}'])
def test_what_is_not_a_snapshot_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "layout.json"
    path.write_text(content)
    with pytest.raises(DeployError, match="not a snapshot of a storage layout"):
        load_layout(path)
    with pytest.raises(DeployError, match="not a snapshot of a storage layout"):
        load_layout(tmp_path / "none.json")


def test_removing_a_field_of_the_diamond_is_refused_by_its_name(tmp_path: Path) -> None:
    content = json.loads(SNAPSHOT.read_text())
    content["macrostrike.storage.Access"]["fields"] = [
        field
        for field in content["macrostrike.storage.Access"]["fields"]
        if field["field"] != "pendingOwner"
    ]
    path = tmp_path / "layout.json"
    path.write_text(json.dumps(content))
    with pytest.raises(LayoutBroken, match=r"macrostrike\.storage\.Access: pendingOwner is remo"):
        require_compatible(load_layout(SNAPSHOT), load_layout(path))
