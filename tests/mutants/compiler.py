"""Compiles the contracts with all mutants that are Solidity."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tools._solc import REMAPPINGS, ROOT, SOLC, compile_sources, solidity_files

from .mutant import Mutant, find, mutated_files
from .switches import WINDOW, switched

CACHE = ROOT / ".cache" / "mutants"
_ON = re.compile(rb"Mutant\.on\((\d+), (\d+)\)")
_BEGIN = re.compile(rb"/\*<(\d+)\*/")
# Few steps, and no inliner: a switch is a call, thousands of times.
_STEPS = "dhfoDgvulfnTUtnIf:fDnTOcmu"
_MAKERS = ("assembly", "compiler", "mutant", "operators", "switches", "tree")


@dataclass(frozen=True)
class Compiled:
    """Mutants by number, creation and runtime code by contract, and what is invalid."""

    mutants: dict[int, Mutant]
    code: dict[str, tuple[str, str]]
    invalid: tuple[Mutant, ...]


def all_mutants() -> list[Mutant]:
    """All that the operators make of the contracts. Found once, then kept in .cache."""
    sources = _all_sources()

    def search() -> Any:
        trees = compile_sources(sources, {"": ["ast"], "*": ["abi"]})["sources"]
        return [asdict(each) for each in find({f: sources[f] for f in mutated_files()}, trees)]

    return [_mutant(each) for each in _kept("found", [sources], search)]


def compiled(mutants: Sequence[Mutant]) -> Compiled:
    """The contracts with these mutants. Compiled once, then kept in .cache."""
    sources, numbered = _all_sources(), dict(enumerate(mutants))

    def make() -> Any:
        valid, code = build(sources, numbered)
        return {"valid": sorted(valid), "code": code}

    content = _kept("compiled", [sources, [each.key for each in mutants]], make)
    valid = set(content["valid"])
    return Compiled(
        {number: each for number, each in numbered.items() if number in valid},
        {name: tuple(code) for name, code in content["code"].items()},
        tuple(each for number, each in numbered.items() if number not in valid),
    )


def _mutant(fields: dict[str, Any]) -> Mutant:
    return Mutant(**fields | {"block": tuple(fields["block"])})


def _all_sources() -> dict[str, str]:
    return {path.relative_to(ROOT).as_posix(): path.read_text() for path in solidity_files()}


def _kept(name: str, of: list[Any], make: Callable[[], Any]) -> Any:
    """What was made of the same before, or is made now."""
    own = [Path(__file__).with_name(f"{each}.py").read_text() for each in _MAKERS]
    path = CACHE / f"{name}-{hashlib.sha256(json.dumps([own, of]).encode()).hexdigest()[:16]}.json"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(make()), encoding="utf-8")
    return json.loads(path.read_text(encoding="utf-8"))


def build(
    sources: Mapping[str, str], mutants: Mapping[int, Mutant]
) -> tuple[dict[int, Mutant], dict[str, tuple[str, str]]]:
    """Those that the compiler accepts, and the code. The others are where its errors are."""
    left = dict(mutants)
    while True:
        texts = switched(sources, left)
        output = _generate(texts)
        errors = [each for each in output.get("errors", ()) if each["severity"] == "error"]
        if not errors:
            return left, _code(output)
        guilty = {number for each in errors for number in _guilty(texts, each)} & left.keys()
        if not guilty:
            raise SystemExit("\n".join(each["formattedMessage"] for each in errors))
        left = {number: mutant for number, mutant in left.items() if number not in guilty}


def _guilty(texts: Mapping[str, str], error: dict[str, Any]) -> set[int]:
    """The mutants that an error is due to."""
    place = error["sourceLocation"]
    text = texts[place["file"]].encode()
    start, end = place["start"], place["end"]
    around = [
        int(begin[1])
        for begin in _BEGIN.finditer(text, 0, start + 1)
        if text.find(b"/*%s>*/" % begin[1], start) >= 0
    ]
    if around:
        return {around[-1]}
    switch = _ON.search(text, start, end)
    return {_number(switch)} if switch else set()


def _number(switch: re.Match[bytes]) -> int:
    return (int(switch[1]) - 1) * WINDOW + int(switch[2])


def _generate(sources: Mapping[str, str]) -> dict[str, Any]:
    """The compiler's answer for what is deployed, and for the mocks that use its parts."""
    deployed = ("contracts/facets/", "contracts/periphery/")
    wanted = [f for f in sources if f.startswith(deployed) or _uses(sources, f)]
    outputs = ["evm.bytecode.object", "evm.deployedBytecode.object"]
    settings = {
        "evmVersion": "cancun",
        "remappings": REMAPPINGS,
        "viaIR": True,
        "optimizer": {
            "enabled": True,
            "runs": 1,
            "details": {"yul": True, "yulDetails": {"optimizerSteps": _STEPS}},
        },
        "outputSelection": {
            f: {"*": outputs} for f in (*wanted, "contracts/MacroStrikeDiamond.sol")
        },
    }
    contents = {file: {"content": text} for file, text in sources.items()}
    asked = json.dumps({"language": "Solidity", "sources": contents, "settings": settings})
    command: list[Any] = [SOLC, "--standard-json", "--base-path", ROOT]
    answer = subprocess.run(command, input=asked, capture_output=True, text=True, check=True)
    output: dict[str, Any] = json.loads(answer.stdout)
    return output


def _uses(sources: Mapping[str, str], file: str) -> bool:
    used = ('"../libraries/', '"../types/')
    return file.startswith("contracts/mocks/") and any(each in sources[file] for each in used)


def _code(output: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {
        name: (
            contract["evm"]["bytecode"]["object"],
            contract["evm"]["deployedBytecode"]["object"],
        )
        for contracts in output["contracts"].values()
        for name, contract in contracts.items()
        if contract["evm"]["deployedBytecode"]["object"]
    }
