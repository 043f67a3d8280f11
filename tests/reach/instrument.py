"""A copy of the contracts that tells which of its statements run.

Before each statement stands a probe, which logs the statement's number the first time in a
transaction. What reverts would take its logs along: so a `revert` can be made to end its call as
if all were well. The recorder runs a refused call once more so, on a state that it throws away.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tools._solc import REMAPPINGS, ROOT, SOLC, compile_sources, solidity_files

CACHE = ROOT / ".cache" / "reach"
ARTIFACTS = ROOT / "macrostrike" / "_artifacts"
MARK = 0x4D61726B << 224  # over the number, so that a probe's log is known from others
NO_REVERT = "0x" + "c0" * 20
"""As the block's coinbase, it makes a `revert` end its call without undoing it."""

_PROBE = "contracts/libraries/Probe.sol"
_PROBE_SOURCE = f"""// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

library Probe {{
    function hit(uint256 statement) internal pure {{
        _pure(_hit)(statement);
    }}

    function fail(uint256 statement) internal pure {{
        _pure(_fail)(statement);
    }}

    function _hit(uint256 statement) private {{
        assembly ("memory-safe") {{
            let key := or({MARK:#x}, statement)
            if iszero(tload(key)) {{
                tstore(key, 1)
                log1(0, 0, key)
            }}
        }}
    }}

    function _fail(uint256 statement) private {{
        _hit(statement);
        assembly ("memory-safe") {{
            if eq(coinbase(), {NO_REVERT}) {{ stop() }}
        }}
    }}

    function _pure(function(uint256) internal f)
        private
        pure
        returns (function(uint256) internal pure g)
    {{
        assembly ("memory-safe") {{ g := f }}
    }}
}}
"""
# A diamond asks for it within a static call, in which nothing can be logged.
_UNPROBED = ("exportSelectors",)
# So does a contract beside it of the diamond: its interface says no more that this is a view, so
# that it is called.
_ASKED = re.compile(r"(function quoteTake\(uint256 strikeId\)\s+external)\s+view(?=\s+returns)")
# Parts of the contracts as contracts of their own, for tests.
_PROBE_NAMES = ("Probe", "Probes")
_STATEMENTS = {
    "Break",
    "Continue",
    "EmitStatement",
    "ExpressionStatement",
    "ForStatement",
    "IfStatement",
    "InlineAssembly",
    "Return",
    "RevertStatement",
    "TryStatement",
    "VariableDeclarationStatement",
    "WhileStatement",
}


@dataclass(frozen=True)
class Statement:
    """Where it stands: its file, and its first and last line."""

    file: str
    first: int
    last: int
    function: str


@dataclass(frozen=True)
class Instrumented:
    """Statements by number, and creation and runtime code by contract."""

    statements: tuple[Statement, ...]
    code: dict[str, tuple[str, str]]


def instrumented() -> Instrumented:
    """Compiled once, then kept in .cache."""
    sources = {
        str(path.relative_to(ROOT)): path.read_text()
        for path in solidity_files()
        if "mocks" not in path.parts or path.stem.endswith(_PROBE_NAMES)
    }
    rules = [_PROBE_SOURCE, _UNPROBED, _ASKED.pattern]
    key = hashlib.sha256(json.dumps([sources, rules]).encode()).hexdigest()
    kept = CACHE / f"instrumented-{key[:16]}.json"
    if not kept.exists():
        statements, probed = _probe(sources)
        content = {"statements": [list(vars(s).values()) for s in statements]}
        CACHE.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(content | {"code": _compile(probed)}))
    content = json.loads(kept.read_text())
    statements = tuple(Statement(*values) for values in content["statements"])
    return Instrumented(statements, {n: tuple(c) for n, c in content["code"].items()})


def _probe(sources: dict[str, str]) -> tuple[list[Statement], dict[str, str]]:
    """All statements, and the sources with a probe before each."""
    trees = compile_sources(sources, {"": ["ast"], "*": ["abi"]})["sources"]
    statements: list[Statement] = []
    probed = {_PROBE: _PROBE_SOURCE}
    for file, source in sources.items():
        if "/mocks/" in file:
            probed[file] = source
            continue
        text, inserts = source.encode(), list[tuple[int, int, str]]()
        starts = [0, *(i + 1 for i, byte in enumerate(text) if byte == 10)]
        for function, node, in_block in _functions(trees[file]["ast"]):
            at, length, _ = map(int, node["src"].split(":"))
            number = len(statements)
            lines = [bisect_right(starts, place) for place in (at, at + length - 1)]
            statements.append(Statement(file, lines[0], _own_end(node, lines, starts), function))
            code = text[at : at + length]
            fails = node["nodeType"] == "RevertStatement" or _only_reverts(code)
            probe = f"Probe.{'fail' if fails else 'hit'}({number});"
            inserts.append((at, 1, f"{probe} " if in_block else f"{{ {probe} "))
            if not in_block:
                inserts.append((_end(text, at + length, node), 0, " }"))
        probed[file] = _ASKED.sub(r"\1", _insert(file, text, inserts))
    return statements, probed


def _functions(tree: Any) -> Iterator[tuple[str, Any, bool]]:
    """Every statement, with its function, and whether it is in a block."""
    for contract in tree["nodes"]:
        owner = contract.get("name", "")
        for node in contract.get("nodes", [contract]):
            if node["nodeType"] == "FunctionDefinition" and node.get("body"):
                name = node["name"] or node["kind"]
                if name in _UNPROBED:
                    continue
                yield from _statements(node["body"], f"{owner}.{name}")


def _statements(block: Any, function: str) -> Iterator[tuple[str, Any, bool]]:
    for node in block["statements"]:
        yield from _statement(node, function, in_block=True)


def _statement(node: Any, function: str, in_block: bool) -> Iterator[tuple[str, Any, bool]]:
    kind = node["nodeType"]
    if kind in ("Block", "UncheckedBlock"):
        yield from _statements(node, function)
        return
    assert kind in _STATEMENTS, kind
    yield function, node, in_block
    for part in ("trueBody", "falseBody", "body"):
        if node.get(part):
            yield from _statement(node[part], function, in_block=False)
    for clause in node.get("clauses", ()):
        yield from _statements(clause["block"], function)


def _own_end(node: Any, lines: list[int], starts: list[int]) -> int:
    """The last line of the statement itself, without the statements in it."""
    for part in ("trueBody", "body"):
        if node.get(part):
            return bisect_right(starts, int(node[part]["src"].split(":")[0]))
    if node.get("clauses"):
        return bisect_right(starts, int(node["clauses"][0]["block"]["src"].split(":")[0]))
    return lines[1]


def _only_reverts(code: bytes) -> bool:
    """Assembly that does nothing but pass a failure on."""
    body = code.partition(b"{")[2].strip()
    return code.startswith(b"assembly") and body.startswith(b"revert(")


def _end(text: bytes, at: int, node: Any) -> int:
    """Behind the semicolon, where the compiler does not count it in."""
    return at + 1 if text[at : at + 1] == b";" else at


def _insert(file: str, text: bytes, inserts: list[tuple[int, int, str]]) -> str:
    for at, _, what in sorted(inserts, reverse=True):
        text = text[:at] + what.encode() + text[at:]
    depth = file.count("/") - 1
    path = "../" * depth + "libraries/Probe.sol" if depth else "./libraries/Probe.sol"
    pragma = b"pragma solidity 0.8.37;\n"
    imported = f'\nimport {{Probe}} from "{path}";\n'.encode()
    return text.replace(pragma, pragma + imported, 1).decode() if inserts else text.decode()


def _compile(sources: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Creation and runtime code of the diamond, its facets, what is deployed beside them, and of
    parts of them.
    """
    deployed = ("contracts/facets/", "contracts/periphery/", "contracts/mocks/")
    files = [f for f in sources if f.startswith(deployed)]
    files.append("contracts/MacroStrikeDiamond.sol")
    wanted = ["evm.bytecode.object", "evm.deployedBytecode.object"]
    settings = {
        "evmVersion": "cancun",
        "viaIR": True,
        "optimizer": {"enabled": True, "runs": 1},
        "remappings": REMAPPINGS,
        "outputSelection": {file: {"*": wanted} for file in files},
    }
    contents = {file: {"content": source} for file, source in sources.items()}
    asked = json.dumps({"language": "Solidity", "sources": contents, "settings": settings})
    command: list[Any] = [SOLC, "--standard-json", "--base-path", ROOT]
    answer = subprocess.run(command, input=asked, capture_output=True, text=True, check=True)
    output = json.loads(answer.stdout)
    errors = [e["formattedMessage"] for e in output.get("errors", ()) if e["severity"] == "error"]
    assert not errors, "\n".join(errors)
    return {
        name: (
            contract["evm"]["bytecode"]["object"],
            contract["evm"]["deployedBytecode"]["object"],
        )
        for file in files
        for name, contract in output["contracts"][file].items()
    }
