"""The operators for inline assembly.

Each is a template: `{0}` is the original, `BIT` is 1 where the mutant is switched on, else 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .tree import Node, Place, Source, span

BIT = "BIT"
_TRUTHS = ("eq", "gt", "iszero", "lt", "sgt", "slt")
_OPERATIONS = {
    "add": "sub",
    "sub": "add",
    "mul": "div",
    "and": "or",
    "or": "and",
    "shl": "shr",
    "shr": "shl",
}
# What an expression may have that is computed twice.
_PURE = {*_TRUTHS, *_OPERATIONS, "not", "xor", "mload", "sload", "calldataload", "returndatasize"}


@dataclass(frozen=True)
class Wrap:
    """What a mutant makes of a range; `shown` is what it comes to, for people."""

    operator: str
    start: int
    end: int
    template: str
    shown: str


def wraps(source: Source, place: Place) -> Iterator[Wrap]:
    """All that the operators make of a node within inline assembly."""
    node, text = place.node, source.of(place.node)
    start, end = span(node)
    if place.kind == "YulLiteral" and node["kind"] == "number":
        yield Wrap("one more", start, end, f"add({{0}}, {BIT})", f"add({text}, 1)")
        if int(node["value"], 0):
            yield Wrap("one less", start, end, f"sub({{0}}, {BIT})", f"sub({text}, 1)")
    elif place.kind == "YulFunctionCall":
        yield from _call(text, node, start, end)
    elif place.kind in ("YulAssignment", "YulExpressionStatement") and not _points(node):
        yield Wrap("statement left out", start, end, f"if iszero({BIT}) {{{{ {{0}} }}}}", "")


def _call(text: str, node: Node, start: int, end: int) -> Iterator[Wrap]:
    name = node["functionName"]["name"]
    if name in _TRUTHS:
        yield Wrap(f"{name} negated", start, end, f"xor({{0}}, {BIT})", f"iszero({text})")
    elif name in _OPERATIONS and all(map(_is_pure, node["arguments"])):
        other = _OPERATIONS[name]
        mutated = other + text[len(name) :]
        # The one or the other, as assembly has no conditional expression.
        template = f"xor({{0}}, mul(xor({text}, {mutated}), {BIT}))"
        yield Wrap(f"{name} to {other}", start, end, template, mutated)


def _is_pure(node: Node) -> bool:
    if node["nodeType"] != "YulFunctionCall":
        return True
    return node["functionName"]["name"] in _PURE and all(map(_is_pure, node["arguments"]))


def _points(node: Node) -> bool:
    """An assignment to a pointer, which the compiler insists on."""
    return any("." in each["name"] for each in node.get("variableNames", ()))
