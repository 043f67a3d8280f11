"""The operators: what may be changed, each a small mistake that a programmer could make.

An operator names a range of the source and its new text. `KINDS` lists the kinds that
the figures are counted by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from .tree import Place, Source, is_constant, is_integer, span, type_of

KINDS = {
    "comparison": "a comparison that is off by its border, or the other way round",
    "constant": "a number one more or one less, or the other truth value",
    "rounding": "a division rounded the other way",
    "arithmetic": "another operation on numbers or bits",
    "logic": "and for or, one side of them alone, a negation left out",
    "condition": "a condition that always holds, or never",
    "check": "a refusal left out",
    "deletion": "a statement left out",
    "argument": "two arguments of the same type exchanged",
    "return": "another value returned",
    "modifier": "a modifier left out",
    "assembly": "literals, operations and statements of inline assembly",
}
_COMPARISONS = {
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "==": ("!=",),
    "!=": ("==",),
}
_OPERATIONS = {
    "+": "-",
    "-": "+",
    "*": "/",
    "/": "*",
    "%": "*",
    "<<": ">>",
    ">>": "<<",
    "&": "|",
    "|": "&",
    "^": "|",
    "+=": "-=",
    "-=": "+=",
    "*=": "/=",
    "/=": "*=",
    "<<=": ">>=",
    ">>=": "<<=",
    "|=": "&=",
    "&=": "|=",
    "^=": "|=",
}
_ROUNDED = {"fullMulDiv": "fullMulDivUp", "mulDiv": "mulDivUp", "divUp": "rawDiv"}
# Of these, the first two arguments may be exchanged: the result is the same.
_COMMUTE = {"min", "max", "fullMulDiv", "fullMulDivUp", "mulDiv", "mulDivUp", "mulSqrt"}
_COMMUTE |= {"getPair", "getPool", "_better", "saturatingAdd"}
_CALLS = {
    "comparison": {"min": "max", "max": "min"},
    "rounding": _ROUNDED | {up: down for down, up in _ROUNDED.items() if up != "rawDiv"},
}


@dataclass(frozen=True)
class Edit:
    """`text` in the place of the bytes from `start` to `end`."""

    kind: str
    operator: str
    start: int
    end: int
    text: str


_Operator = Callable[[Source, Place], Iterator[Edit]]


def edits(source: Source, place: Place, constants: set[int]) -> Iterator[Edit]:
    """All that the operators make of a node. `constants` are the ids of named numbers."""
    for operator in _BY_NODE.get(place.kind, ()):
        yield from operator(source, place)
    if place.node.get("referencedDeclaration") in constants:
        yield from _one_off(source, place)


def _binary(source: Source, place: Place) -> Iterator[Edit]:
    node, symbol = place.node, place.node["operator"]
    left, right = node["leftExpression"], node["rightExpression"]
    start, end = span(left)[1], span(right)[0]
    if symbol in _COMPARISONS:
        for other in _COMPARISONS[symbol]:
            yield Edit("comparison", f"{symbol} to {other}", start, end, f" {other} ")
    elif symbol in ("&&", "||"):
        other = "||" if symbol == "&&" else "&&"
        yield Edit("logic", f"{symbol} to {other}", start, end, f" {other} ")
        yield Edit("logic", f"left of {symbol} alone", *span(node), source.of(left))
        yield Edit("logic", f"right of {symbol} alone", *span(node), source.of(right))
    elif symbol in _OPERATIONS:
        other = _OPERATIONS[symbol]
        yield Edit("arithmetic", f"{symbol} to {other}", start, end, f" {other} ")
    if symbol == "/" and is_integer(node):
        up = f"({source.of(node)} + 1)"
        if type_of(node).startswith("uint"):
            divisor = source.of(right)
            up = f"(({source.of(left)} + ({divisor}) - 1) / {divisor})"
        yield Edit("rounding", "/ rounded up", *span(node), up)


def _unary(source: Source, place: Place) -> Iterator[Edit]:
    node, symbol = place.node, place.node["operator"]
    operand = node["subExpression"]
    if symbol in ("!", "-", "~"):
        kind = "logic" if symbol == "!" else "arithmetic"
        yield Edit(kind, f"{symbol} left out", *span(node), source.of(operand))
    elif symbol in ("++", "--"):
        other = "--" if symbol == "++" else "++"
        text = other + source.of(operand) if node["prefix"] else source.of(operand) + other
        yield Edit("arithmetic", f"{symbol} to {other}", *span(node), text)


def _literal(source: Source, place: Place) -> Iterator[Edit]:
    node = place.node
    if node["kind"] == "bool":
        other = "false" if node["value"] == "true" else "true"
        yield Edit("constant", f"{node['value']} to {other}", *span(node), other)
    elif node["kind"] == "number" and not type_of(node).startswith("address"):
        yield from _one_off(source, place)


def _one_off(source: Source, place: Place) -> Iterator[Edit]:
    text = source.of(place.node)
    yield Edit("constant", "one more", *span(place.node), f"({text} + 1)")
    if text != "0":
        yield Edit("constant", "one less", *span(place.node), f"({text} - 1)")


def _extreme(source: Source, place: Place) -> Iterator[Edit]:
    """The greatest, or the smallest, of a type."""
    name = place.node["memberName"]
    if name in ("max", "min") and source.of(place.node).startswith("type("):
        step, words = ("-", "one less") if name == "max" else ("+", "one more")
        text = f"({source.of(place.node)} {step} 1)"
        yield Edit("constant", words, *span(place.node), text)


def _if(source: Source, place: Place) -> Iterator[Edit]:
    condition, body = place.node["condition"], place.node["trueBody"]
    inner = body["statements"] if body["nodeType"] == "Block" else [body]
    if len(inner) == 1 and inner[0]["nodeType"] == "RevertStatement":
        yield Edit("check", "refusal left out", *span(condition), "false")
        return
    for value, words in (("true", "always"), ("false", "never")):
        yield Edit("condition", words, *span(condition), value)


def _conditional(source: Source, place: Place) -> Iterator[Edit]:
    for name, words in (("trueExpression", "always"), ("falseExpression", "never")):
        yield Edit("condition", words, *span(place.node), source.of(place.node[name]))


def _call(source: Source, place: Place) -> Iterator[Edit]:
    node, callee = place.node, place.node["expression"]
    for kind, names in _CALLS.items():
        name = callee.get("memberName")
        if name in names:
            if source.of(callee) == "Math.mulDiv":
                end = span(node)[1] - 1
                yield Edit(kind, "rounded up", end, end, ", Math.Rounding.Ceil")
                continue
            end = span(callee)[1]
            yield Edit(kind, f"{name} to {names[name]}", end - len(name), end, names[name])
    if node["kind"] != "functionCall" or node.get("names"):
        return
    arguments = node["arguments"]
    commutes = (callee.get("memberName") or callee.get("name")) in _COMMUTE
    for one, two in pairwise(arguments[1:] if commutes else arguments):
        texts = source.of(one), source.of(two)
        if texts[0] != texts[1] and _are_alike(type_of(one), type_of(two)):
            between = source.between(span(one)[1], span(two)[0])
            text = texts[1] + between + texts[0]
            yield Edit("argument", "exchanged", span(one)[0], span(two)[1], text)


def _are_alike(one: str, two: str) -> bool:
    return one == two or all(each.startswith(("int_const", "uint")) for each in (one, two))


def _statement(source: Source, place: Place) -> Iterator[Edit]:
    words = {"EmitStatement": "event", "Return": "return", "ExpressionStatement": "statement"}
    what = words.get(place.kind, place.kind.lower())
    if (place.kind == "Return" and _is_last(place)) or _sets_pointer(place.node):
        return
    start = span(place.node)[0]
    yield Edit("deletion", f"{what} left out", start, source.statement_end(place.node), "")


def _sets_pointer(statement: Any) -> bool:
    """The compiler wants a pointer into storage to be set before it is used."""
    expression = statement.get("expression") or {}
    is_assignment = expression.get("nodeType") == "Assignment"
    return is_assignment and type_of(expression["leftHandSide"]).endswith("storage pointer")


def _is_last(place: Place) -> bool:
    """A return with which the function ends anyway."""
    return len(place.above) == 2 and place.above[1]["statements"][-1] is place.node


def _returned(source: Source, place: Place) -> Iterator[Edit]:
    value = place.node.get("expression")
    if value is None or source.of(value) in ("0", "true", "false"):
        return
    if type_of(value) == "bool":
        yield Edit("return", "negated", *span(value), f"!({source.of(value)})")
    elif is_integer(value) and not is_constant(value):
        yield Edit("return", "one more", *span(value), f"({source.of(value)}) + 1")


def _assigned(source: Source, place: Place) -> Iterator[Edit]:
    node, symbol = place.node, place.node["operator"]
    if symbol in _OPERATIONS:
        start, end = span(node["leftHandSide"])[1], span(node["rightHandSide"])[0]
        other = _OPERATIONS[symbol]
        yield Edit("arithmetic", f"{symbol} to {other}", start, end, f" {other} ")


_BY_NODE: dict[str, tuple[_Operator, ...]] = {
    "Assignment": (_assigned,),
    "BinaryOperation": (_binary,),
    "Break": (_statement,),
    "Conditional": (_conditional,),
    "Continue": (_statement,),
    "EmitStatement": (_statement,),
    "ExpressionStatement": (_statement,),
    "FunctionCall": (_call,),
    "IfStatement": (_if,),
    "Literal": (_literal,),
    "MemberAccess": (_extreme,),
    "Return": (_statement, _returned),
    "UnaryOperation": (_unary,),
}
