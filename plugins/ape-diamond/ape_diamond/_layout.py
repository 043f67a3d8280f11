"""Storage layouts of namespaced structs (ERC-7201), and what a new one would do to the old.

An upgraded diamond keeps its storage. Fields may be added after the last one of a struct, and new
namespaces beside the old; whatever moves, retypes or removes a field reads other bytes than were
written. A field under another name counts as removed: nothing tells it from one of other meaning.
Enums may get members after the last one: what is stored is a member's place.

A layout is what the compiler says (`storageLayout`), kept as a file for the next upgrade.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from pathlib import Path
from typing import Any

from eth_utils.crypto import keccak

from ape_diamond.errors import DiamondError, LayoutBroken

_SLOT = 32
_ROOT = "all state variables"
_ENUM = re.compile(r"t_enum\(\w+\)(\d+)")
_STRUCT = re.compile(r"\bstruct [\w.]+")
_MAPPING = re.compile(r"mapping\(.*? => (.*)\)")
_ARRAY = re.compile(r"(.*)\[\d*\]")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a struct.

    name: its path from the namespace's struct; `[]` stands for each item of an array or mapping.
    slot: from where the struct that it is in begins. offset, bytes: within that slot, from its
    lowest byte.
    enums: the members of each enum that its type names.
    """

    name: str
    type: str
    slot: int
    offset: int
    bytes: int
    enums: tuple[tuple[str, ...], ...] = ()

    @property
    def position(self) -> int:
        """Bytes from where its struct begins."""
        return self.slot * _SLOT + self.offset

    @property
    def end(self) -> int:
        """Position of the first byte after it."""
        return self.position + self.bytes

    @property
    def struct(self) -> str:
        """Path of the struct that it is in; empty for the namespace's own."""
        return self.name.rpartition(".")[0]

    def __str__(self) -> str:
        members = "".join(f" ({', '.join(enum)})" for enum in self.enums)
        return f"{self.type}{members} {self.name} at slot {self.slot}, byte {self.offset}"

    def to_json(self) -> dict[str, Any]:
        """As snapshots have it."""
        content = {
            "field": self.name,
            "type": self.type,
            "slot": self.slot,
            "offset": self.offset,
            "bytes": self.bytes,
        }
        return {**content, "enums": self.enums} if self.enums else content


@dataclass(frozen=True, slots=True)
class Namespace:
    """A struct of storage. `slot` is its first, `0x` and hex."""

    slot: str
    fields: tuple[Field, ...]


Layout = Mapping[str, Namespace]
"""Namespaces by name."""


class LayoutChange(Enum):
    """What breaks a layout."""

    MOVED = "moved"
    RETYPED = "retyped"
    REMOVED = "removed"
    INSERTED = "inserted before the end"
    RESIZED = "resized, as items of an array, which moves all but the first"
    COLLIDES = "on the slots of another namespace"


@dataclass(frozen=True, slots=True)
class LayoutFault:
    """One thing that a new layout would break.

    field: of which field, or of which struct; empty when of the namespace as a whole.
    old, new: what is there on either side, None where there is nothing.
    """

    namespace: str
    change: LayoutChange
    field: str
    old: str | None
    new: str | None

    def __str__(self) -> str:
        what = f"{self.namespace}: {self.field}" if self.field else self.namespace
        return f"{what} is {self.change.value}: {self.old or 'nothing'} -> {self.new or 'nothing'}"


def compare_layouts(old: Layout, new: Layout) -> list[LayoutFault]:
    """All that keeps a diamond with the `old` layout from being upgraded to the `new` one."""
    faults: list[LayoutFault] = []
    for name, before in old.items():
        after = new.get(name)
        if after is None:
            faults.append(LayoutFault(name, LayoutChange.REMOVED, "", before.slot, None))
        elif after.slot != before.slot:
            faults.append(LayoutFault(name, LayoutChange.MOVED, "", before.slot, after.slot))
        else:
            faults += _namespace_faults(name, before.fields, after.fields)
    owners: dict[str, str] = {}
    for name, namespace in new.items():
        other = owners.setdefault(namespace.slot, name)
        if other != name:
            faults.append(LayoutFault(name, LayoutChange.COLLIDES, "", other, namespace.slot))
    return faults


def require_compatible(old: Layout, new: Layout) -> None:
    """Raises `LayoutBroken`, with all faults, when an upgrade would break the storage."""
    if faults := compare_layouts(old, new):
        raise LayoutBroken([str(fault) for fault in faults])


def parse_layout(content: Mapping[str, Any]) -> dict[str, Namespace]:
    """A layout from the content of a snapshot."""
    return {
        name: Namespace(
            namespace["slot"],
            tuple(map(_parse_field, namespace["fields"])),
        )
        for name, namespace in content.items()
    }


def _parse_field(content: Mapping[str, Any]) -> Field:
    return Field(
        content["field"],
        content["type"],
        content["slot"],
        content["offset"],
        content["bytes"],
        tuple(tuple(members) for members in content.get("enums", ())),
    )


def load_layout(path: Path) -> dict[str, Namespace]:
    """A layout from a file: a snapshot of namespaces, or `storageLayout` as the compiler has it.

    The latter is one namespace, `storage`, of all state variables, without members of enums. Raises
    `DiamondError` when it is neither.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        content = content.get("storageLayout", content)
        if content.keys() >= {"storage", "types"}:
            types = {**(content["types"] or {}), _ROOT: {"members": content["storage"]}}
            fields = tuple(_fields(_ROOT, types, {}, "", ()))
            return {"storage": Namespace(f"0x{0:064x}", fields)}
        return parse_layout(content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as failure:
        raise DiamondError(f"{path} is not a snapshot of a storage layout: {failure!r}") from None


def first_slot(namespace: str) -> str:
    """By ERC-7201: `keccak256(abi.encode(uint256(keccak256(namespace)) - 1)) & ~0xff`, as hex."""
    inner = int.from_bytes(keccak(text=namespace), "big") - 1
    slot = int.from_bytes(keccak(inner.to_bytes(_SLOT, "big")), "big") & ~0xFF
    return f"0x{slot:064x}"


def enum_members(sources: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The members of every enum by the compiler's number of it, from its `sources` with their
    `ast`."""
    nodes = [node for source in sources.values() for node in source["ast"]["nodes"]]
    nodes += [inner for node in nodes for inner in node.get("nodes", ())]
    return {
        str(node["id"]): tuple(member["name"] for member in node["members"])
        for node in nodes
        if node["nodeType"] == "EnumDefinition"
    }


def struct_fields(
    storage_layout: Mapping[str, Any], enums: Mapping[str, tuple[str, ...]]
) -> tuple[Field, ...]:
    """The fields of a struct, from the compiler's `storageLayout` of a contract with it as its one
    variable. Below a field that holds structs come theirs. `enums` as of `enum_members`."""
    types = storage_layout["types"]
    return tuple(_fields(storage_layout["storage"][0]["type"], types, enums, "", ()))


def _fields(
    struct: str,
    types: Mapping[str, Any],
    enums: Mapping[str, tuple[str, ...]],
    path: str,
    above: Sequence[str],
) -> Iterator[Field]:
    for member in types[struct]["members"]:
        kind, name = member["type"], path + member["label"]
        found = types[kind]
        yield Field(
            name,
            found["label"],
            int(member["slot"]),
            member["offset"],
            int(found["numberOfBytes"]),
            tuple(enums[number] for number in _ENUM.findall(kind) if number in enums),
        )
        while "value" in found or "base" in found:
            kind, name = found.get("value") or found["base"], name + "[]"
            found = types[kind]
        # A struct can hold a mapping to its own kind, and so on without end.
        if "members" in found and kind not in (struct, *above):
            yield from _fields(kind, types, enums, f"{name}.", (struct, *above))


def _namespace_faults(
    namespace: str, old: Sequence[Field], new: Sequence[Field]
) -> Iterator[LayoutFault]:
    before, after = _structs(old), _structs(new)
    types = {field.name: field.type for field in old}
    broken: set[str] = set()
    for struct, fields in before.items():
        # What lies in a field that is gone or another needs no words of its own.
        if any(_is_below(struct, field) for field in broken):
            continue
        for fault in _struct_faults(namespace, fields, after.get(struct, [])):
            if fault.change in (LayoutChange.REMOVED, LayoutChange.RETYPED):
                broken.add(fault.field)
            yield fault
        sizes = _size(fields), _size(after.get(struct, []))
        if _is_array_item(struct, types) and sizes[0] != sizes[1] and struct in after:
            shown = [f"{size} slots" for size in sizes]
            yield LayoutFault(namespace, LayoutChange.RESIZED, struct, *shown)


def _struct_faults(
    namespace: str, old: Sequence[Field], new: Sequence[Field]
) -> Iterator[LayoutFault]:
    by_name = {field.name: field for field in new}
    by_position = {field.position: field for field in new}
    end = max(field.end for field in old)
    replaced = set()
    for field in old:
        now = by_name.get(field.name)
        if now is None:
            there = by_position.get(field.position)
            replaced.add(field.position)
            shown = None if there is None else str(there)
            yield LayoutFault(namespace, LayoutChange.REMOVED, field.name, str(field), shown)
        elif not _is_same_type(field, now):
            yield LayoutFault(namespace, LayoutChange.RETYPED, field.name, str(field), str(now))
        elif field.position != now.position:
            yield LayoutFault(namespace, LayoutChange.MOVED, field.name, str(field), str(now))
    known = {field.name for field in old}
    for field in new:
        is_new = field.name not in known and field.position not in replaced
        if is_new and field.position < end:
            yield LayoutFault(namespace, LayoutChange.INSERTED, field.name, None, str(field))


def _is_same_type(old: Field, new: Field) -> bool:
    # A struct's name means nothing to storage, and its own fields give its size.
    kinds = [_STRUCT.sub("struct", field.type) for field in (old, new)]
    same = kinds[0] == kinds[1] and ("struct" in kinds[0] or old.bytes == new.bytes)
    # A layout of before enums were kept has none to compare.
    enums = zip(old.enums, new.enums, strict=False)
    return same and all(after[: len(before)] == before for before, after in enums)


def _structs(fields: Sequence[Field]) -> dict[str, list[Field]]:
    """The fields of each struct, the outer before the inner."""
    by_struct = sorted(fields, key=lambda field: field.struct)
    return {name: list(found) for name, found in groupby(by_struct, lambda field: field.struct)}


def _size(fields: Sequence[Field]) -> int:
    """Slots that a struct takes."""
    return -(-max((field.end for field in fields), default=0) // _SLOT)


def _is_below(struct: str, field: str) -> bool:
    return re.match(re.escape(field) + r"(\[\])*(\.|$)", struct) is not None


def _is_array_item(struct: str, types: Mapping[str, str]) -> bool:
    """Whether structs of that path lie one after the other. Those of mappings lie apart."""
    kind, in_array = types.get(struct.rstrip("[]"), ""), False
    while match := _MAPPING.fullmatch(kind) or _ARRAY.fullmatch(kind):
        in_array = match.re is _ARRAY
        kind = match[1]
    return in_array
