"""The classes of custom errors, as text."""

from __future__ import annotations

import re
import textwrap

from tools.codegen._source import Declared, Entry
from tools.codegen._text import (
    CODE,
    WIDTH,
    all_of,
    dataclass_lines,
    described,
    import_from,
    listed,
    module_text,
    plain_hint,
    quoted,
    snake_case,
)


def errors_module(declared: Declared) -> str:
    lines: list[str] = []
    for interface, errors in declared.errors.items():
        lines += ["", "", f"# {interface}."]
        for each in errors:
            lines += _error(each)
    errors = all_of(declared.errors)
    enums = {name for e in errors for field in e.fields for name in field.type.enums}
    imports = "from dataclasses import dataclass\n\n"
    imports += import_from("macrostrike._generated.enums", enums)
    imports += import_from("macrostrike._roots", {base for e in errors for base in _bases(e)})
    title = "Custom errors of the diamond, by the interface that declares them."
    return module_text(title, imports, lines, (each.name for each in errors))


def _error(error: Entry) -> list[str]:
    if not (error.doc.notice and error.doc.tag("remedy")):
        raise SystemExit(f"codegen: error {error.name} needs a @notice and a @custom:remedy")
    texts = listed(error.doc.tag("text"))
    body = [
        f"{snake_case(f.name)}: {'str' if f.name in texts else plain_hint(f.type)}"
        for f in error.fields
    ]
    message = textwrap.wrap(_message(error), WIDTH - 10, drop_whitespace=False)
    body += ["message = (", *(f"    {quoted(line)}" for line in message), ")"]
    head = f"{error.name}({', '.join(_bases(error))})"
    return dataclass_lines("eq=False", head, described(error), body)


def _bases(error: Entry) -> list[str]:
    groups = listed(error.doc.tag("group"))
    return [f"{group.capitalize()}Error" for group in groups] or ["ContractError"]


def _message(error: Entry) -> str:
    """The fact with its values, those that it does not name at its end, and the remedy."""
    names = {field.name for field in error.fields}
    notice, remedy = error.doc.notice, error.doc.tag("remedy")
    named = {*CODE.findall(notice), *CODE.findall(remedy)}
    rest = [snake_case(field.name) for field in error.fields if field.name not in named]

    def value(match: re.Match[str]) -> str:
        return f"{{{snake_case(match[1])}}}" if match[1] in names else match[1]

    def filled(text: str) -> str:
        return CODE.sub(value, text.replace("{", "{{").replace("}", "}}"))

    values = ", ".join(f"{name} {{{name}}}" for name in rest)
    fact = filled(notice).rstrip(".") + (f" ({values})" if rest else "")
    return f"{fact}. {filled(remedy)}"
