"""Names, docstrings and modules as text."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from keyword import iskeyword

from macrostrike import _roots
from tools.codegen._source import Entry, Type

_HEAD = '''"""{title}

Written by `make build` from the contracts: change those, not this.
"""

from __future__ import annotations

'''
WIDTH = 96
CODE = re.compile(r"`(\w+)`")


def module_text(title: str, imports: str, lines: Iterable[str], names: Iterable[str]) -> str:
    exported = "".join(f'    "{name}",\n' for name in sorted(names))
    everything = f"__all__ = [\n{exported}]\n\n"
    return _HEAD.format(title=title) + imports + "\n" + everything + "\n".join(lines) + "\n"


def import_from(module: str, names: Iterable[str]) -> str:
    return f"from {module} import {', '.join(sorted(names))}\n" if names else ""


def dataclass_lines(options: str, head: str, doc: str, body: list[str]) -> list[str]:
    first, second, *rest = class_lines(head, doc, body)
    return [first, second, f"@dataclass({options})", *rest]


def class_lines(head: str, doc: str, body: list[str]) -> list[str]:
    """A class, and the empty lines before it. The docstring's first line is `doc`'s."""
    return ["", "", f"class {head}:", *docstring(doc, "    "), "", *(f"    {b}" for b in body)]


def base_of(name: str, default: str) -> str:
    """The class of `_roots` that is named after it, by the name that it was defined with."""
    base = getattr(_roots, f"{name}Base", None)
    return base.__name__ if base else default


def described(entry: Entry) -> str:
    """What it is, and its fields one by one, by their names in Python."""
    names = {f.name for f in entry.fields}
    fields = [f"{snake_case(n)}: {said}" for n, said in entry.doc.params.items() if n in names]
    lines = [entry.doc.notice or f"{entry.name}.", *([""] if fields else []), *fields]

    def field(match: re.Match[str]) -> str:
        return f"`{snake_case(match[1])}`" if match[1] in names else match[0]

    return "\n".join(CODE.sub(field, line) for line in lines)


def docstring(text: str, indent: str) -> list[str]:
    if not text:
        return []
    lines = []
    for at, line in enumerate(text.split("\n")):
        hanging = "    " if at and line else ""
        first = f'"""{line}' if at == 0 else line
        lines += textwrap.wrap(first, WIDTH - len(indent), subsequent_indent=hanging) or [""]
    single = len(lines) == 1 and len(indent + lines[0]) + 3 <= WIDTH
    lines = [f'{lines[0]}"""'] if single else [*lines, '"""']
    return [f"{indent}{line}".rstrip() for line in lines]


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def all_of(by_interface: dict[str, list[Entry]]) -> list[Entry]:
    return [each for entries in by_interface.values() for each in entries]


def listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def class_name(name: str) -> str:
    """`MarketView` is a `Market` here."""
    return name.removesuffix("View")


def snake_case(name: str) -> str:
    """`quoteAmount` as `quote_amount`, and what Python keeps for itself as `from_`."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_")
    return f"{snake}_" if iskeyword(snake) else snake


def upper_case(name: str) -> str:
    return snake_case(name).upper()


def plain_hint(kind: Type) -> str:
    if kind.item is not None:
        return f"tuple[{plain_hint(kind.item)}, ...]"
    if kind.kind in ("enum", "struct"):
        return class_name(kind.name)
    plain = re.sub(r"\d+$", "", kind.kind)
    return {"address": "str", "string": "str", "uint": "int"}.get(plain, plain)
