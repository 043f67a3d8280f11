"""Writes macrostrike/_artifacts/<Contract>.json from what Ape compiled; mocks to .build/mocks.

They are what the client deploys and decodes with, so that it needs neither Ape nor a compiler.
Beside them is storage-layout.json, of the same sources: what an upgrade is compared with.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tools._solc import ROOT
from tools.storage_layout import read_layouts, render

COMPILED = ROOT / ".build" / "__local__.json"
ARTIFACTS = ROOT / "macrostrike" / "_artifacts"
# What tests alone deploy stays out of the package.
MOCKS = ROOT / ".build" / "mocks"
SHIPPED_MOCKS = {"LocalToken", "LocalUSD", "MarketDriver"}  # of local chains and replays
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
    right = {LAYOUT}
    for name, contract in read_compiled().items():
        path, text = _place(name, contract), json.dumps(artifact(contract), indent=1) + "\n"
        right.add(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    for path in _written() - right:
        path.unlink()


def write_layout() -> None:
    """The storage layout of the sources."""
    LAYOUT.write_text(render(read_layouts()), encoding="utf-8")


def are_complete() -> bool:
    """Whether each compiled contract has its artifact."""
    places = {_place(name, contract) for name, contract in read_compiled().items()}
    return _written() - {LAYOUT} == places


def _place(name: str, contract: dict[str, Any]) -> Path:
    is_mock = contract["sourceId"].startswith("contracts/mocks/") and name not in SHIPPED_MOCKS
    return (MOCKS if is_mock else ARTIFACTS) / f"{name}.json"


def _written() -> set[Path]:
    return {path for folder in (ARTIFACTS, MOCKS) for path in folder.glob("*.json")}


def read_compiled() -> dict[str, dict[str, Any]]:
    """What Ape compiled, by contract. It keeps what is gone: that is left out."""
    compiled: dict[str, dict[str, Any]] = json.loads(COMPILED.read_text(encoding="utf-8"))[
        "contractTypes"
    ]
    return {name: c for name, c in compiled.items() if (ROOT / c["sourceId"]).is_file()}
