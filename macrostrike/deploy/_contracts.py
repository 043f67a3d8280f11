"""Compiled contracts: this project's, and those of npm packages, which are real AMMs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import rlp  # type: ignore[import-untyped]
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from macrostrike.abi import Abi, artifact
from macrostrike.deploy._errors import PackageMissing

ROOT = Path(__file__).parents[2]
NPM = ROOT / "node_modules"


@dataclass(frozen=True, slots=True)
class Contract:
    """A compiled contract. `runtime` is what is then on chain, immutables as zeros.

    `immutables` are their places in it, first byte and length, where the artifact tells.
    """

    name: str
    abi: Abi = field(repr=False)
    creation: bytes = field(repr=False)
    runtime: bytes = field(repr=False)
    immutables: tuple[tuple[int, int], ...] = ()

    def create(self, *arguments: object) -> bytes:
        """Code that creates it with these arguments."""
        return self.creation + self.abi.encode_constructor(*arguments)


@cache
def ours(name: str) -> Contract:
    """A contract of this project. Raises `ArtifactsMissing`."""
    built = artifact(name)
    return Contract(name, Abi(built.abi), built.bytecode, built.deployed_bytecode)


@cache
def npm(path: str) -> Contract:
    """A contract by its file in node_modules. Raises `PackageMissing`."""
    try:
        content = json.loads((NPM / path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PackageMissing(path, str(NPM)) from None
    return Contract(
        name=Path(path).stem,
        abi=Abi(content["abi"]),
        creation=_code(content["bytecode"]),
        runtime=_code(content.get("deployedBytecode", "")),
    )


def created_address(sender: str, nonce: int) -> str:
    """Where the contract goes that an account creates with this nonce."""
    packed: bytes = rlp.encode([bytes.fromhex(sender[2:]), nonce])
    return to_checksum_address(keccak(packed)[12:])


def _code(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
