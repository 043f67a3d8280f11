"""Writes macrostrike/_artifacts/<Contract>.json from what Ape compiled.

They are what the client deploys and decodes with, so that it needs neither Ape nor a compiler.
Beside them stands storage-layout.json, of the same sources: what an upgrade is compared by.
"""

from __future__ import annotations

import json
import sys
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


def main() -> int:
    if not COMPILED.exists():
        print(f"{COMPILED.relative_to(ROOT)} is missing: run `make build`", file=sys.stderr)
        return 1
    compiled = json.loads(COMPILED.read_text())["contractTypes"]
    # Ape keeps what it once compiled, also when the source is gone.
    ours = {name: c for name, c in compiled.items() if (ROOT / c["sourceId"]).is_file()}
    ARTIFACTS.mkdir(exist_ok=True)
    for name, contract in ours.items():
        (ARTIFACTS / f"{name}.json").write_text(json.dumps(artifact(contract), indent=1) + "\n")
    for path in ARTIFACTS.glob("*.json"):
        if path.stem not in ours and path != LAYOUT:
            path.unlink()
    LAYOUT.write_text(render(read_layouts()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
