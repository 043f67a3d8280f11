"""YAML that knows its lines, and that leaves every scalar the string that was written.

So `0x…` is text, `no` is text, and a fault can be shown with its line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

Place = tuple[str | int, ...]
Where = tuple[str, int]
"""A file's name and a line, from 1. The name is empty in the file that is read."""


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says. `lines` has where each place in it is."""

    content: Any
    lines: dict[Place, Where] = field(default_factory=dict)
    faults: list[tuple[Place, str]] = field(default_factory=list)

    def where(self, place: Place) -> Where:
        """Where a place is, or what it would be in."""
        while place not in self.lines and place:
            place = place[:-1]
        return self.lines.get(place, ("", 1))


def parse(text: str, name: str = "") -> Document:
    """Reads a document; `name` is for its lines. Keys that are there twice are among its faults;
    other broken YAML raises `yaml.YAMLError`."""
    document = Document(content=None)
    node = yaml.compose(text, Loader=yaml.BaseLoader)
    content = None if node is None else _build(node, (), document, name)
    return Document(content, document.lines, document.faults)


def _build(node: yaml.Node, place: Place, document: Document, file: str) -> Any:
    document.lines[place] = file, node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, (*place, i), document, file) for i, item in enumerate(node.value)]
    built: dict[str, Any] = {}
    for key, value in node.value:
        name = str(key.value)
        if name in built:
            document.faults.append(((*place, name), "is there twice"))
        built[name] = _build(value, (*place, name), document, file)
    return built
