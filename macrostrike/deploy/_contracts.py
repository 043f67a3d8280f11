"""Compiled contracts: their code, and how they are called."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import rlp  # type: ignore[import-untyped]
from eth_abi.abi import decode, encode
from eth_utils.abi import (
    abi_to_signature,
    function_abi_to_4byte_selector,
    get_abi_input_types,
    get_abi_output_types,
)
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from macrostrike.deploy._errors import ArtifactMissing

ROOT = Path(__file__).parents[2]
OURS = Path(__file__).parents[1] / "_artifacts"
NPM = ROOT / "node_modules"


@dataclass(frozen=True, slots=True)
class Artifact:
    """A compiled contract. Both codes are empty for an interface; `runtime` has zeros where
    immutables go."""

    name: str
    abi: tuple[Mapping[str, Any], ...] = field(repr=False)
    creation: bytes = field(repr=False)
    runtime: bytes = field(repr=False)

    def selector(self, function: str) -> bytes:
        """The 4 bytes of a function that the ABI has once."""
        return bytes(function_abi_to_4byte_selector(self._function(function)))  # type: ignore[arg-type]

    def selectors(self) -> dict[str, bytes]:
        """The selectors of all functions, by signature."""
        return {
            abi_to_signature(f): bytes(function_abi_to_4byte_selector(f))  # type: ignore[arg-type]
            for f in self.abi
            if f["type"] == "function"
        }

    def call(self, function: str, *arguments: Any) -> bytes:
        """Calldata of a call. Structs are tuples or mappings in the ABI's order."""
        abi = self._function(function)
        return self.selector(function) + encode(get_abi_input_types(abi), arguments)  # type: ignore[arg-type]

    def result(self, function: str, data: bytes) -> Any:
        """What a call returned: the value itself where there is one, else a tuple of them."""
        values = decode(get_abi_output_types(self._function(function)), data)  # type: ignore[arg-type]
        return values[0] if len(values) == 1 else values

    def create(self, *arguments: Any) -> bytes:
        """Code that creates the contract with these arguments."""
        constructor = next((x for x in self.abi if x["type"] == "constructor"), None)
        types = [] if constructor is None else get_abi_input_types(constructor)  # type: ignore[arg-type]
        return self.creation + encode(types, arguments)

    def _function(self, name: str) -> Mapping[str, Any]:
        for entry in self.abi:
            if entry["type"] == "function" and entry["name"] == name:
                return entry
        raise KeyError(f"{self.name} has no function {name}")


@cache
def ours(name: str) -> Artifact:
    """A contract of this project, as built. Raises `ArtifactMissing`."""
    return _load(OURS / f"{name}.json", name, "make build")


@cache
def npm(path: str) -> Artifact:
    """A contract from an npm package, by its file in node_modules. Raises `ArtifactMissing`."""
    return _load(NPM / path, Path(path).stem, "make setup")


def created_address(sender: str, nonce: int) -> str:
    """Where the contract goes that an account creates with this nonce."""
    packed: bytes = rlp.encode([bytes.fromhex(sender[2:]), nonce])
    return to_checksum_address(keccak(packed)[12:])


def _load(path: Path, name: str, mend: str) -> Artifact:
    try:
        content = json.loads(path.read_text())
    except FileNotFoundError:
        raise ArtifactMissing(str(path), mend) from None
    return Artifact(
        name=name,
        abi=tuple(content["abi"]),
        creation=_bytes(content["bytecode"]),
        runtime=_bytes(content.get("deployedBytecode", "0x")),
    )


def _bytes(code: str) -> bytes:
    return bytes.fromhex(code.removeprefix("0x"))
