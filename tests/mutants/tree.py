"""What of the compiler's syntax tree the operators need: nodes with their ancestors, and texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Node = dict[str, Any]
_INTEGER = re.compile(r"u?int\d+")


@dataclass(frozen=True)
class Source:
    """A file: its text in bytes, as the compiler counts, and its tree."""

    file: str
    text: bytes
    tree: Node

    def of(self, node: Node) -> str:
        start, end = span(node)
        return self.between(start, end)

    def between(self, start: int, end: int) -> str:
        return self.text[start:end].decode()

    def line(self, at: int) -> int:
        return self.text.count(b"\n", 0, at) + 1

    def statement_end(self, node: Node) -> int:
        """Behind the semicolon, where the compiler does not count it in."""
        end = span(node)[1]
        return end + 1 if self.text[end : end + 1] == b";" else end


@dataclass(frozen=True)
class Place:
    """A node within a function. `above` are its ancestors, the nearest last."""

    node: Node
    above: tuple[Node, ...]
    function: str

    @property
    def kind(self) -> str:
        return str(self.node["nodeType"])


def span(node: Node) -> tuple[int, int]:
    start, length, _ = map(int, node["src"].split(":"))
    return start, start + length


def places(tree: Node) -> Iterator[Place]:
    """Every modifier of a function, and every node within its body, outer ones first."""
    for contract in tree["nodes"]:
        owner = contract.get("name", "")
        for node in contract.get("nodes", [contract]):
            if node["nodeType"] == "FunctionDefinition" and node.get("body"):
                name = node["name"] or node["kind"]
                function = f"{owner}.{name}" if node is not contract else str(name)
                for modifier in node["modifiers"]:
                    yield Place(modifier, (node,), function)
                yield from _within(node["body"], (node,), function)


def _within(node: Node, above: tuple[Node, ...], function: str) -> Iterator[Place]:
    yield Place(node, above, function)
    for child in _children(node):
        yield from _within(child, (*above, node), function)


def _children(node: Node) -> Iterator[Node]:
    for name, value in node.items():
        if name in ("typeDescriptions", "commonType", "argumentTypes", "externalReferences"):
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict) and "nodeType" in each and "src" in each:
                yield each


def type_of(node: Node) -> str:
    return str((node.get("typeDescriptions") or {}).get("typeString") or "")


def is_constant(node: Node) -> bool:
    """A number, or text, that the compiler computes, and that has no type of its own."""
    return type_of(node).startswith(("int_const", "rational_const", "literal_string"))


def is_integer(node: Node) -> bool:
    return bool(_INTEGER.fullmatch(type_of(node)))


def numbers(trees: dict[str, Node]) -> set[int]:
    """The ids of the named constants that are integers."""
    found: set[int] = set()
    for tree in trees.values():
        for contract in tree["nodes"]:
            for node in (contract, *contract.get("nodes", ())):
                declares = node["nodeType"] == "VariableDeclaration" and node.get("constant")
                if declares and is_integer(node):
                    found.add(node["id"])
    return found
