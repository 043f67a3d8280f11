"""The pinned compiler, for tools that need less than what Ape compiles."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = ROOT / "contracts"
SOLC_VERSION = "0.8.37"
SOLC = ROOT / ".venv" / "bin" / f"solc-{SOLC_VERSION}"
REMAPPINGS = [
    "@openzeppelin/contracts=node_modules/@openzeppelin/contracts",
    "solady=node_modules/solady",
]


def solidity_files() -> list[Path]:
    """Every source of the project, in a stable order, without what Ape may lay into `.cache`."""
    return [path for path in sorted(CONTRACTS.rglob("*.sol")) if ".cache" not in path.parts]


def compile_sources(
    sources: dict[str, str], outputs: dict[str, list[str]], remappings: Sequence[str] = ()
) -> dict[str, Any]:
    """The compiler's standard JSON output for `sources`: content by path from the project's root.

    `outputs` is what to compute of each contract (key `*`) and of each file (key: empty string).
    `remappings` are those beyond the project's own. Imports are read from the project. Nothing is
    optimised: for analysis, not for deployment.

    Raises:
        SystemExit: a source does not compile; the message is the compiler's.
    """
    settings = {
        "evmVersion": "cancun",
        "remappings": [*REMAPPINGS, *remappings],
        "outputSelection": {"*": outputs},
    }
    contents = {path: {"content": content} for path, content in sources.items()}
    wanted = json.dumps({"language": "Solidity", "sources": contents, "settings": settings})
    command: list[str | Path] = [SOLC, "--standard-json", "--base-path", ROOT]
    result = subprocess.run(command, input=wanted, capture_output=True, text=True, check=True)
    output: dict[str, Any] = json.loads(result.stdout)
    errors = [e["formattedMessage"] for e in output.get("errors", []) if e["severity"] == "error"]
    if errors:
        raise SystemExit("\n".join(errors))
    return output
