"""Python modules of what the contracts declare."""

from __future__ import annotations

from collections.abc import Iterator

from tools.codegen._errors import errors_module
from tools.codegen._source import Constant, Declared, Entry, Type
from tools.codegen._structs import events_module, struct_modules
from tools.codegen._text import (
    base_of,
    class_lines,
    docstring,
    import_from,
    module_text,
    upper_case,
)


def write_modules(declared: Declared) -> dict[str, str]:
    """The text of each module, by file name."""
    return {
        "__init__.py": '"""Written by `make build` from the contracts. See `tools.codegen`."""\n',
        "constants.py": _constants_module(declared.constants),
        "enums.py": _enums_module(declared),
        **struct_modules(declared),
        "errors.py": errors_module(declared),
        "events.py": events_module(declared),
        "eip712.py": _eip712_module(declared.structs),
    }


def _constants_module(constants: list[Constant]) -> str:
    lines = []
    for each in constants:
        value = each.literal or str(each.value)
        lines += [f"{each.name} = {value}", *docstring(each.doc.notice, "")]
    names = (each.name for each in constants)
    return module_text("Constants of the contracts.", "", lines, names)


def _enums_module(declared: Declared) -> str:
    lines: list[str] = []
    for enum in declared.enums:
        members = [f"{upper_case(name)} = {value}" for value, name in enumerate(enum.members)]
        head = f"{enum.name}({base_of(enum.name, 'Named')})"
        lines += class_lines(head, enum.doc.notice or f"{enum.name}.", members)
    flags = list(_flags(declared.constants))
    for name, doc, members in flags:
        lines += class_lines(f"{name}(IntFlag)", doc, members)
    bases = {base_of(enum.name, "Named") for enum in declared.enums}
    imports = f"from enum import IntFlag\n\n{import_from('macrostrike._roots', bases)}"
    names = [*(enum.name for enum in declared.enums), *(name for name, _, _ in flags)]
    return module_text("Enums and flags of the contracts.", imports, lines, names)


def _flags(constants: list[Constant]) -> Iterator[tuple[str, str, list[str]]]:
    """Name, docstring and members of each set of flags."""
    for each in constants:
        if "flags" in each.doc.tags:
            name, prefix = each.doc.tag("flags").split()
            members = [c for c in constants if c.name.startswith(prefix)]
            lines = [f"{c.name.removeprefix(prefix)} = {c.value}" for c in members]
            yield name, each.doc.notice, lines


def _eip712_module(structs: list[Entry]) -> str:
    lines, names = [], []
    for each in structs:
        if "eip712" not in each.doc.tags:
            continue
        domain, version = each.doc.tag("eip712").split()
        prefix = upper_case(each.name)
        names += [f"{prefix}_DOMAIN", f"{prefix}_TYPES"]
        lines += [f'{prefix}_DOMAIN = {{"name": "{domain}", "version": "{version}"}}']
        lines += [f"{prefix}_TYPES = {{", f'    "{each.name}": [']
        for field in each.fields:
            lines += [f'{{"name": "{field.name}", "type": "{_eip712_type(field.type)}"}},']
        lines += ["]", "}"]
    return module_text("What is signed (EIP-712).", "", lines, names)


def _eip712_type(kind: Type) -> str:
    return "uint8" if kind.kind == "enum" else kind.kind
