"""The classes of structs and events, as text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from tools.codegen._source import Declared, Entry, Parameter, Type
from tools.codegen._text import (
    all_of,
    base_of,
    class_name,
    dataclass_lines,
    described,
    import_from,
    listed,
    module_text,
    plain_hint,
    snake_case,
)

_POSITIONAL = 3  # a struct with more fields is made by keyword
_ALIAS = re.compile(r"\b([UI])(\d+)\b")
_WORD_PART = re.compile(r"(?P<kind>\w+?)(?P<bits>\d*)(?P<array>\[\d*\])? (?P<name>\w+)")
_DATACLASSES = "from dataclasses import dataclass\nfrom typing import Annotated, ClassVar\n\n"


def struct_modules(declared: Declared) -> dict[str, str]:
    """Structs that the chain alone makes, and those that callers make.

    What holds a caller's struct goes with these: `macrostrike.types` defines both with its checks.
    """
    shapes = shape_names(declared)
    returned = [each for each in declared.structs if each.name not in shapes]
    made = [each for each in declared.structs if each.name in shapes]
    return {
        "structs.py": _module("Structs that the chain returns.", returned, declared),
        "shapes.py": _module(
            "Structs that callers make, or that hold one: `macrostrike.types` checks them.",
            made,
            declared,
        ),
    }


def shape_names(declared: Declared) -> set[str]:
    """The structs that callers make, and those that hold one."""
    return {s.name for s in declared.structs if declared.called & {s.name, *_members(s)}}


def _module(title: str, structs: list[Entry], declared: Declared) -> str:
    packed = set(_packed(declared))
    lines = [
        line
        for each in _in_order(structs)
        for line in _struct(each, is_called=each.name in declared.called, packed=packed)
    ]
    aliases = sorted(
        set(_ALIAS.findall("\n".join(lines))), key=lambda found: (int(found[1]), found[0])
    )
    names = [class_name(each.name) for each in structs] + [kind + bits for kind, bits in aliases]
    roots = {base_of(class_name(each.name), "Struct") for each in structs}
    roots |= {"Address", "Length", "PackedStruct", "Range", "Struct"}
    imports = _DATACLASSES + import_from("macrostrike._generated.enums", _enums_of(structs))
    imports += import_from("macrostrike._roots", roots)
    return module_text(title, imports, [*(_alias(*each) for each in aliases), *lines], names)


def _struct(struct: Entry, *, is_called: bool, packed: set[str]) -> list[str]:
    name, is_packed = class_name(struct.name), struct.name in packed
    base = base_of(name, "PackedStruct" if is_packed else "Struct")
    body = [f'abi_name: ClassVar[str] = "{struct.name}"']
    if is_packed:
        widths = ", ".join(str(_width(field.type)) for field in struct.fields)
        body += [f"widths: ClassVar[tuple[int, ...]] = ({widths},)"]
    hint = _checked_hint if is_called else plain_hint
    body += _fields(struct.fields, hint)
    by_keyword = is_called and len(struct.fields) > _POSITIONAL
    options = "frozen=True, slots=True" + (", kw_only=True" if by_keyword else "")
    return dataclass_lines(options, f"{name}({base})", described(struct), body)


def _fields(fields: Iterable[Parameter], hint: Callable[[Type], str]) -> list[str]:
    return [f"{snake_case(field.name)}: {hint(field.type)}" for field in fields]


def _alias(kind: str, bits: str) -> str:
    if kind == "U":
        return f"U{bits} = Annotated[int, Range(0, (1 << {bits}) - 1)]"
    half = int(bits) - 1
    return f"I{bits} = Annotated[int, Range(-(1 << {half}), (1 << {half}) - 1)]"


def _members(struct: Entry) -> set[str]:
    return {name for field in struct.fields for name in field.type.structs}


def _enums_of(entries: Iterable[Entry]) -> set[str]:
    return {name for each in entries for field in each.fields for name in field.type.enums}


def _in_order(structs: list[Entry]) -> list[Entry]:
    """Those that are held before those that hold them."""
    ordered: list[Entry] = []
    left = structs
    while left:
        names = {each.name for each in left}
        ordered += [each for each in left if not _members(each) & names]
        left = [each for each in left if _members(each) & names]
    return ordered


def _checked_hint(kind: Type) -> str:
    if kind.item is not None:
        items = f"tuple[{_checked_hint(kind.item)}, ...]"
        return f"Annotated[{items}, Length({kind.length}, {kind.length})]" if kind.length else items
    if kind.kind == "address":
        return "Address"
    sized = re.fullmatch(r"(u?)int(\d+)", kind.kind)
    return f"{'U' if sized[1] else 'I'}{sized[2]}" if sized else plain_hint(kind)


def _width(kind: Type) -> int:
    """Bits of a value in storage."""
    if kind.kind in ("bool", "enum"):
        return 8
    return 160 if kind.kind == "address" else int(re.sub(r"\D", "", kind.kind))


# Events.


def events_module(declared: Declared) -> str:
    events, structs = all_of(declared.events), {each.name for each in declared.structs}
    lines = [line for each in events for line in _event(each, structs)]
    text = "\n".join(lines)

    def used(names: Iterable[str]) -> set[str]:
        return {name for name in names if re.search(rf"\b{name}\b", text)}

    shapes = shape_names(declared)
    imports = "from collections.abc import Mapping\n" + _DATACLASSES
    for module, names in (
        ("_generated.enums", {each.name for each in declared.enums}),
        ("_generated.shapes", {class_name(name) for name in shapes}),
        ("_generated.structs", {class_name(name) for name in structs - shapes}),
        ("_roots", {"EventStruct", "Part"}),
    ):
        imports += import_from(f"macrostrike.{module}", used(names))
    return module_text("Events of the diamond.", imports, lines, (each.name for each in events))


def _event(event: Entry, structs: set[str]) -> list[str]:
    words = {word: [_part(p, structs) for p in parts] for word, parts in _word_tags(event)}
    texts = listed(event.doc.tag("text"))
    body: list[str] = []
    if texts:
        shown = ", ".join(f'"{snake_case(name)}"' for name in texts)
        body += [f"texts: ClassVar[tuple[str, ...]] = ({shown},)"]
    if words:
        body += ["words: ClassVar[Mapping[str, tuple[Part, ...]]] = {"]
        for word, parts in words.items():
            body += [f'    "{snake_case(word)}": ({", ".join(part for part, _ in parts)},),']
        body += ["}"]
    for field in event.fields:
        if field.name in words:
            body += [hint for _, hint in words[field.name]]
        else:
            hint = "str" if field.name in texts else plain_hint(field.type)
            body += [f"{snake_case(field.name)}: {hint}"]
    doc = described(event)
    return dataclass_lines("frozen=True, slots=True", f"{event.name}(EventStruct)", doc, body)


def _part(said: str, structs: set[str]) -> tuple[str, str]:
    """A part of a packed word and the field that it makes, as code."""
    match = _WORD_PART.fullmatch(said)
    if match is None:
        raise SystemExit(
            f"codegen: @custom:word has a part {said!r}: write it as `uint10[25] lots`"
        )
    name, array = snake_case(match["name"]), match["array"]
    kind = "int" if match["kind"] == "uint" else class_name(match["kind"])
    if kind in structs:
        width = "256"
    else:
        width = match["bits"] if kind == "int" else f"max({kind}).bit_length()"
    count = f", {array[1:-1] or -1}" if array else ""
    hint = f"tuple[{kind}, ...]" if array else kind
    return f'Part("{name}", {kind}, {width}{count})', f"{name}: {hint}"


def _word_tags(event: Entry) -> Iterator[tuple[str, list[str]]]:
    for tag in event.doc.tags.get("word", ()):
        word, _, parts = tag.partition(" ")
        yield word, listed(parts)


def _packed(declared: Declared) -> Iterator[str]:
    """The structs that words of events hold."""
    names = {each.name for each in declared.structs}
    for event in all_of(declared.events):
        for _, parts in _word_tags(event):
            yield from (part.split()[0] for part in parts if part.split()[0] in names)
