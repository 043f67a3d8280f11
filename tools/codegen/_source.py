"""What the contracts declare, read from the compiler's syntax tree."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tools._solc import CONTRACTS, ROOT, compile_sources

Node = dict[str, Any]

_VALUE_TYPE = "UserDefinedValueTypeDefinition"
_INTERFACE = CONTRACTS / "interfaces" / "IMacroStrike.sol"
_TAG = re.compile(r"(?:^|\n)\s*@([\w:]+)[ \t]+")
_DIMENSION = re.compile(r"\[(\d*)\]$")
_OPERATORS: dict[str, Callable[[int, int], int]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.floordiv,
    "**": operator.pow,
    "<<": operator.lshift,
    ">>": operator.rshift,
    "|": operator.or_,
    "&": operator.and_,
}


@dataclass(frozen=True, slots=True)
class Doc:
    """NatSpec. `tags` are all but @notice, @dev and @param, by name without `custom:`."""

    notice: str = ""
    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, list[str]] = field(default_factory=dict)

    def tag(self, name: str) -> str:
        """The one text of a tag; empty without it."""
        return " ".join(self.tags.get(name, ()))


@dataclass(frozen=True, slots=True)
class Type:
    """A type. `kind` is Solidity's for elementary ones, else `enum`, `struct` or `array`.

    name: of the enum or struct.
    item, length: of an array; a length of None is dynamic.
    """

    kind: str
    name: str = ""
    item: Type | None = None
    length: int | None = None

    @property
    def structs(self) -> Iterator[str]:
        """The struct that it is, or is an array of."""
        if self.item is not None:
            yield from self.item.structs
        elif self.kind == "struct":
            yield self.name

    @property
    def enums(self) -> Iterator[str]:
        """The enum that it is, or is an array of."""
        if self.item is not None:
            yield from self.item.enums
        elif self.kind == "enum":
            yield self.name


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Entry:
    """An error, an event or a struct."""

    name: str
    fields: tuple[Parameter, ...]
    doc: Doc


@dataclass(frozen=True, slots=True)
class Enum:
    name: str
    members: tuple[str, ...]
    doc: Doc


@dataclass(frozen=True, slots=True)
class Constant:
    name: str
    value: int
    literal: str
    doc: Doc


@dataclass(slots=True)
class Declared:
    """All that the Python side needs. Errors and events by interface.

    called: the structs that functions take, and those inside of them; `structs` has these and what
    functions return and events carry, in the order of the sources.
    """

    errors: dict[str, list[Entry]] = field(default_factory=dict)
    events: dict[str, list[Entry]] = field(default_factory=dict)
    structs: list[Entry] = field(default_factory=list)
    called: set[str] = field(default_factory=set)
    enums: list[Enum] = field(default_factory=list)
    constants: list[Constant] = field(default_factory=list)


def read_contracts() -> Declared:
    """What the sources declare as they are now. Raises `SystemExit` when they do not compile."""
    files = [_INTERFACE, *sorted((CONTRACTS / "types").rglob("*.sol"))]
    sources = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in files}
    output = compile_sources(sources, {"": ["ast"]})["sources"]
    return _Reader({path: each["ast"] for path, each in sorted(output.items())}).read()


class _Reader:
    def __init__(self, trees: dict[str, Node]) -> None:
        self._trees = trees
        self._top = [(path, node) for path, tree in trees.items() for node in tree["nodes"]]
        self._nodes = {node["id"]: node for _, node in self._top}
        for _, node in self._top:
            self._nodes |= {inner["id"]: inner for inner in node.get("nodes", ())}

    def read(self) -> Declared:
        found, used = Declared(), set[str]()
        for interface in self._interfaces():
            errors = [self._entry(n) for n in _of(interface, "ErrorDefinition")]
            events = [self._entry(n) for n in _of(interface, "EventDefinition")]
            found.errors |= {interface["name"]: errors} if errors else {}
            found.events |= {interface["name"]: events} if events else {}
            used |= {s for each in events for f in each.fields for s in f.type.structs}
            for function in _of(interface, "FunctionDefinition"):
                found.called |= set(self._structs(function["parameters"]))
                used |= set(self._structs(function["returnParameters"]))
        structs = {e.name: e for e in map(self._entry, self._all("StructDefinition"))}
        found.called = _with_inner(found.called, structs)
        used = _with_inner(used | found.called, structs)
        found.structs = [each for name, each in structs.items() if name in used]
        found.enums = [self._enum(node) for node in self._all("EnumDefinition")]
        found.constants = list(self._constants())
        return found

    def _interfaces(self) -> list[Node]:
        """Those that IMacroStrike inherits, in its order."""
        (whole,) = (n for _, n in self._top if n.get("name") == _INTERFACE.stem)
        bases = [each["baseName"]["referencedDeclaration"] for each in whole["baseContracts"]]
        return [self._nodes[base] for base in bases]

    def _all(self, kind: str) -> Iterable[Node]:
        return (node for _, node in self._top if node["nodeType"] == kind)

    def _entry(self, node: Node) -> Entry:
        members = node.get("members") or node.get("parameters", {}).get("parameters", ())
        fields = tuple(Parameter(m["name"], self._type(m["typeName"])) for m in members)
        return Entry(node["name"], fields, _doc(node))

    def _enum(self, node: Node) -> Enum:
        members = tuple(member["name"] for member in node["members"])
        return Enum(node["name"], members, _doc(node))

    def _structs(self, parameters: Node) -> Iterator[str]:
        for parameter in parameters["parameters"]:
            yield from self._type(parameter["typeName"]).structs

    def _type(self, node: Node) -> Type:
        if node["nodeType"] == "ElementaryTypeName":
            return Type(node["name"])
        if node["nodeType"] == "ArrayTypeName":
            size = _DIMENSION.search(node["typeDescriptions"]["typeString"].split(" storage")[0])
            length = int(size[1]) if size and size[1] else None
            return Type("array", item=self._type(node["baseType"]), length=length)
        meant = self._nodes[node["referencedDeclaration"]]
        if meant["nodeType"] == _VALUE_TYPE:
            return self._type(meant["underlyingType"])
        kinds = {"EnumDefinition": "enum", "StructDefinition": "struct"}
        kind = kinds.get(meant["nodeType"])
        return Type(kind, meant["name"]) if kind else Type("address")

    def _constants(self) -> Iterator[Constant]:
        """Those of types, but for where a packed word's bits are: its own functions read it."""
        words = {path for path, n in self._top if n["nodeType"] == _VALUE_TYPE}
        for path, node in self._top:
            if node["nodeType"] != "VariableDeclaration" or path in words:
                continue
            if not path.startswith("contracts/types/"):
                continue
            if "int" in node["typeDescriptions"]["typeString"]:
                value, literal = node["value"], node["value"].get("value", "")
                doc = _comment_above(path, node)
                yield Constant(node["name"], self._value(value), literal, doc)

    def _value(self, node: Node) -> int:
        """The value of a constant expression."""
        if node["nodeType"] == "Literal":
            return int(node["value"], 0)
        if node["nodeType"] == "Identifier":
            return self._value(self._nodes[node["referencedDeclaration"]]["value"])
        if node["nodeType"] == "TupleExpression":
            return self._value(node["components"][0])
        if node["nodeType"] == "BinaryOperation":
            left, right = self._value(node["leftExpression"]), self._value(node["rightExpression"])
            return _OPERATORS[node["operator"]](left, right)
        raise SystemExit(f"codegen: the value of a constant is a {node['nodeType']}: not supported")


def _of(contract: Node, kind: str) -> Iterable[Node]:
    return (node for node in contract["nodes"] if node["nodeType"] == kind)


def _with_inner(names: set[str], structs: dict[str, Entry]) -> set[str]:
    """The structs, and all that they hold."""
    inner = {s for name in names for each in structs[name].fields for s in each.type.structs}
    return names if inner <= names else _with_inner(names | inner, structs)


def _doc(node: Node) -> Doc:
    documentation = node.get("documentation")
    return _parse(documentation["text"]) if documentation else Doc()


def _parse(text: str) -> Doc:
    params: dict[str, str] = {}
    tags: dict[str, list[str]] = {}
    # A text that begins without a tag is a notice.
    first, *parts = _TAG.split(text)
    notices = [first] if first.strip() else []
    for name, content in zip(parts[::2], parts[1::2], strict=True):
        plain = " ".join(content.split())
        if name == "param":
            parameter, _, said = plain.partition(" ")
            params[parameter] = said
        elif name == "notice":
            notices.append(plain)
        else:
            tags.setdefault(name.removeprefix("custom:"), []).append(plain)
    return Doc(" ".join(notices), params, tags)


def _comment_above(path: str, node: Node) -> Doc:
    """The comment of a constant, which the syntax tree does not have."""
    start = int(node["src"].split(":")[0])
    above = (ROOT / path).read_bytes()[:start].decode().rstrip(" \t").split("\n")[:-1]
    lines: list[str] = []
    while above and (line := above.pop().strip()).startswith("///"):
        lines.insert(0, line.removeprefix("///"))
    doc = _parse("\n".join(lines))
    return Doc(doc.notice or doc.tag("dev"), doc.params, doc.tags)
