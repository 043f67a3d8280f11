"""Compiled contracts: this project's, and those of npm packages, which are real AMMs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import rlp  # type: ignore[import-untyped]
from eth_utils.abi import abi_to_signature
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from ape_diamond import code_hash
from macrostrike.abi import Abi, artifact, facet_names
from macrostrike.errors import AbiError
from macrostrike.errors.deploying import PackageMissing

ROOT = Path(__file__).parents[2]
DIAMOND = "MacroStrikeDiamond"
"""The contract that delegates to the facets."""
NPM = ROOT / "node_modules"
_EXPORT = "exportSelectors()"
_PUSH0, _PUSH32 = 0x5F, 0x7F


@dataclass(frozen=True, slots=True)
class Contract:
    """A compiled contract. `runtime` is what is then on chain, immutables as zeros.

    functions: signatures by selector, without `exportSelectors()`: that is asked of a facet itself,
    as two facets could not both have it in a diamond.
    immutables: their places in `runtime`, first byte and length.
    """

    name: str
    abi: Abi = field(repr=False)
    creation: bytes = field(repr=False)
    runtime: bytes = field(repr=False)
    functions: Mapping[bytes, str] = field(default_factory=dict, repr=False)
    immutables: tuple[tuple[int, int], ...] = ()

    @property
    def takes_arguments(self) -> bool:
        """Whether its constructor asks for something."""
        try:
            self.create()
        except AbiError:
            return True
        return False

    def create(self, *arguments: object) -> bytes:
        """Code that creates it with these arguments."""
        return self.creation + self.abi.encode_constructor(*arguments)


@cache
def ours(name: str) -> Contract:
    """A contract of this project. Raises `ArtifactsMissing`."""
    built = artifact(name)
    return contract(name, built.abi, built.bytecode, built.deployed_bytecode)


@cache
def built_hashes() -> frozenset[str]:
    """The code hashes of this build's diamond and facets, which have no immutables.

    Raises `ArtifactsMissing`.
    """
    return frozenset(code_hash(ours(each).runtime) for each in (DIAMOND, *facet_names()))


@cache
def npm(path: str) -> Contract:
    """A contract by its file in node_modules. Raises `PackageMissing`."""
    try:
        content = json.loads((NPM / path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PackageMissing(path, str(NPM)) from None
    return contract(
        Path(path).stem,
        content["abi"],
        _code(content["bytecode"]),
        _code(content.get("deployedBytecode", "")),
    )


def contract(
    name: str,
    entries: Iterable[Mapping[str, Any]],
    creation: bytes,
    runtime: bytes,
    immutables: Mapping[str, Iterable[Mapping[str, int]]] | None = None,
) -> Contract:
    """A contract of what the compiler gave. `immutables` are its `immutableReferences`; without
    them their places are found in the code."""
    entries = list(entries)
    signatures = (abi_to_signature(e) for e in entries if e["type"] == "function")  # type: ignore[arg-type]
    functions = {keccak(text=s)[:4]: s for s in signatures if s != _EXPORT}
    if immutables is None:
        places = immutable_places(runtime)
    else:
        ranges = [(p["start"], p["length"]) for each in immutables.values() for p in each]
        places = tuple(sorted(ranges))
    return Contract(name, Abi(entries), creation, runtime, functions, places)


def immutable_places(runtime: bytes) -> tuple[tuple[int, int], ...]:
    """Where the compiler left room for immutables: whatever else is zero it pushes shorter.

    First byte and length of each, in order. What Ape keeps of a compilation does not tell them.
    """
    places, position = [], 0
    while position < len(runtime):
        pushed = max(0, runtime[position] - _PUSH0) if runtime[position] <= _PUSH32 else 0
        operand = runtime[position + 1 : position + 1 + pushed]
        if operand == bytes(_PUSH32 - _PUSH0):
            places.append((position + 1, pushed))
        position += 1 + pushed
    return tuple(places)


def created_address(sender: str, nonce: int) -> str:
    """Where the contract goes that an account creates with this nonce."""
    packed: bytes = rlp.encode([bytes.fromhex(sender[2:]), nonce])
    return to_checksum_address(keccak(packed)[12:])


def _code(code: str | Mapping[str, Any]) -> bytes:
    """As hex, or as Foundry has it, beside other things."""
    text = code if isinstance(code, str) else code["object"]
    return bytes.fromhex(text.removeprefix("0x"))
