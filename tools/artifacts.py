"""Writes macrostrike/_artifacts/<Contract>.json from what Ape compiled.

They are what the client deploys and decodes with, so that it needs neither Ape nor a compiler.
Beside them is storage-layout.json, of the same sources: what an upgrade is compared with.
"""

from __future__ import annotations

import json
from typing import Any

from tools._solc import ROOT
from tools.storage_layout import read_layouts, render

COMPILED = ROOT / ".build" / "__local__.json"
ARTIFACTS = ROOT / "macrostrike" / "_artifacts"
LAYOUT = ARTIFACTS / "storage-layout.json"


def artifact(contract: dict[str, Any]) -> dict[str, Any]:
    """`bytecode` creates the contract, `deployedBytecode` is then on chain, immutables as zeros.

    Both are `0x` for interfaces and abstract contracts.
    """
    return {
        "contractName": contract["contractName"],
        "sourceName": contract["sourceId"],
        "abi": contract["abi"],
        "bytecode": contract.get("deploymentBytecode", {}).get("bytecode", "0x"),
        "deployedBytecode": contract.get("runtimeBytecode", {}).get("bytecode", "0x"),
    }


def write_artifacts() -> None:
    """All that is compiled, and nothing else. Files that are right are left alone."""
    ARTIFACTS.mkdir(exist_ok=True)
    compiled = read_compiled()
    for name, contract in compiled.items():
        path, text = ARTIFACTS / f"{name}.json", json.dumps(artifact(contract), indent=1) + "\n"
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
    for path in ARTIFACTS.glob("*.json"):
        if path.stem not in compiled and path != LAYOUT:
            path.unlink()


def write_layout() -> None:
    """The storage layout of the sources."""
    LAYOUT.write_text(render(read_layouts()))


def are_complete() -> bool:
    """Whether each compiled contract has its artifact."""
    names = {path.stem for path in ARTIFACTS.glob("*.json")}
    return names - {LAYOUT.stem} == read_compiled().keys()


def read_compiled() -> dict[str, dict[str, Any]]:
    """What Ape compiled, by contract. It keeps what is gone: that is left out."""
    compiled: dict[str, dict[str, Any]] = json.loads(COMPILED.read_text())["contractTypes"]
    return {name: c for name, c in compiled.items() if (ROOT / c["sourceId"]).is_file()}
