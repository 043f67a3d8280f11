"""Mutants: what an operator makes of one place of the sources, found for all files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tools._solc import ROOT, solidity_files

from .assembly import wraps
from .operators import Edit, edits
from .tree import Node, Place, Source, is_constant, is_integer, numbers, places, span, type_of

_STATEMENTS = (
    *("Break", "Continue", "EmitStatement", "ExpressionStatement", "Return"),
    "RevertStatement",
)
_BLOCKS = ("Block", "UncheckedBlock")
_VALUES = (
    *("Assignment", "BinaryOperation", "Conditional", "FunctionCall", "Identifier"),
    *("IndexAccess", "Literal", "MemberAccess", "TupleExpression", "UnaryOperation"),
)
# What has a type, but no value that could be chosen.
_NO_VALUES = ("tuple(", "function ", "type(", "module ", "msg", "block", "abi", "tx", "error")
MODIFIERS = ("nonReentrant", "nonReentrantView")
_OUTSIDE = {"mocks", "interfaces"}


@dataclass(frozen=True)
class Mutant:
    """`was`, from `start` to `end`, becomes `now`.

    form: how it is switched: a `value`, a `statement`, a `modifier`, or within `assembly`, where
    `now` is a template. cast: the type that a number needs where nothing around it gives one.
    block: the range of the inline assembly. nth: among those of a function with the same texts.
    """

    file: str
    line: int
    function: str
    kind: str
    operator: str
    was: str
    now: str
    start: int
    end: int
    form: str
    cast: str = ""
    block: tuple[int, int] = (0, 0)
    nth: int = 0

    @property
    def key(self) -> tuple[str, ...]:
        """By texts, so that it stays the same when lines move."""
        texts = (" ".join(each.split()) for each in (self.was, self.now))
        return (self.file, self.function, self.operator, *texts, str(self.nth))


def find(sources: dict[str, str], trees: dict[str, Any]) -> list[Mutant]:
    """All mutants of these files, in the order of their places."""
    constants = numbers({file: tree["ast"] for file, tree in trees.items()})
    found: list[Mutant] = []
    for file in sorted(sources):
        source = Source(file, sources[file].encode(), trees[file]["ast"])
        found += _numbered(_of_file(source, constants))
    return found


def mutated_files() -> list[str]:
    """What is deployed: no interfaces, which have no code, and no mocks."""
    paths = (path.relative_to(ROOT) for path in solidity_files())
    return [path.as_posix() for path in paths if not _OUTSIDE & set(path.parts)]


def _of_file(source: Source, constants: set[int]) -> Iterator[Mutant]:
    for place in places(source.tree):
        if place.kind.startswith("Yul"):
            for wrap in wraps(source, place):
                yield Mutant(
                    file=source.file,
                    line=source.line(wrap.start),
                    function=place.function,
                    kind="assembly",
                    operator=wrap.operator,
                    was=source.between(wrap.start, wrap.end),
                    now=wrap.template,
                    start=wrap.start,
                    end=wrap.end,
                    form="assembly",
                    block=_assembly_of(place),
                )
            continue
        if place.kind == "ModifierInvocation":
            yield from _without_modifier(source, place)
            continue
        for edit in edits(source, place, constants):
            mutant = _placed(source, place, edit)
            if mutant is not None and not _is_unordered(mutant):
                yield mutant


def _without_modifier(source: Source, place: Place) -> Iterator[Mutant]:
    """One that `switches` has a form of that can be switched off."""
    start, end = span(place.node)
    was = source.between(start, end)
    if was in MODIFIERS:
        yield Mutant(
            file=source.file,
            line=source.line(start),
            function=place.function,
            kind="modifier",
            operator="modifier left out",
            was=was,
            now="",
            start=start,
            end=end,
            form="modifier",
        )


def _is_unordered(mutant: Mutant) -> bool:
    """The selectors of a facet are a set."""
    return mutant.kind == "argument" and mutant.function.endswith(".exportSelectors")


def _assembly_of(place: Place) -> tuple[int, int]:
    return next(span(node) for node in place.above if node["nodeType"] == "InlineAssembly")


def _numbered(mutants: Iterator[Mutant]) -> Iterator[Mutant]:
    """Without repetitions; what has the same texts within a function is counted."""
    seen: set[tuple[Any, ...]] = set()
    counted: dict[tuple[str, ...], int] = {}
    for each in mutants:
        same = (each.start, each.end, each.now)
        if same in seen or each.was == each.now:
            continue
        seen.add(same)
        nth = counted.get(each.key, 0)
        counted[each.key] = nth + 1
        yield Mutant(**(vars(each) | {"nth": nth})) if nth else each


def _placed(source: Source, place: Place, edit: Edit) -> Mutant | None:
    """The mutant: the smallest part around the edit that can be switched, if there is one."""
    nodes = [place.node, *reversed(place.above)]
    if place.kind == "IfStatement":
        nodes.insert(0, place.node["condition"])
    for node, parent in pairwise(nodes):
        form, cast = _form(node, parent)
        if not form:
            if node["nodeType"] in (*_BLOCKS, "ForStatement", "VariableDeclarationStatement"):
                return None
            continue
        start, end = span(node)
        if form == "statement":
            end = source.statement_end(node)
        now = source.between(start, edit.start) + edit.text + source.between(edit.end, end)
        return Mutant(
            file=source.file,
            line=source.line(edit.start),
            function=place.function,
            kind=edit.kind,
            operator=edit.operator,
            was=source.between(start, end),
            now=now,
            start=start,
            end=end,
            form=form,
            cast=cast,
        )
    return None


def _form(node: Node, parent: Node) -> tuple[str, str]:
    """How a node can be switched, if at all, and the type to cast to."""
    kind, above = node["nodeType"], parent["nodeType"]
    if kind in _STATEMENTS:
        in_header = above == "ForStatement" and parent.get("body") is not node
        return ("" if in_header else "statement"), ""
    if kind not in _VALUES or node.get("lValueRequested"):
        return "", ""
    if is_constant(node):
        cast = _declared_type(node, parent)
        return ("value" if cast else ""), cast
    if type_of(node).startswith(_NO_VALUES) or not type_of(node):
        return "", ""
    is_called = above in ("FunctionCall", "FunctionCallOptions") and parent["expression"] is node
    is_tried = above == "TryStatement" and parent["externalCall"] is node
    return ("" if is_called or is_tried else "value"), ""


def _declared_type(node: Node, parent: Node) -> str:
    """Of the variable that begins with this number."""
    if parent["nodeType"] != "VariableDeclarationStatement" or len(parent["declarations"]) != 1:
        return ""
    declared = parent["declarations"][0]
    return type_of(declared) if is_integer(declared) else ""
