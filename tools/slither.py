"""Static analysis of the contracts with Slither. Settings are in slither.config.json.

Slither reads the syntax tree, not the bytecode. It gets just that, in the format of a forge build:
a second of work for the compiler instead of the twenty that optimised bytecode takes.

Not asked for are detectors that find nothing here but the design:

- `incorrect-equality`: comparing with zero says that a slot is empty;
- `uninitialized-local`: locals start as zero, by the language;
- `reentrancy-events`: an event says what was measured after a swap. All that swaps is guarded;
- `timestamp`: validity, horizons and daily budgets are times. A validator moves them by seconds;
- `unused-return`: the amounts of a swap are measured in balances;
- `weak-prng`: a remainder rounds a mean down or is a place in a ring. Nothing here is random.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import Any

from tools._solc import ROOT, SOLC_VERSION, compile_sources, solidity_files

OUT = ROOT / ".cache" / "slither"
NO_CODE = {"object": "", "sourceMap": ""}


def build_info() -> dict[str, Any]:
    sources = {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in solidity_files()
    }
    output = compile_sources(sources, {"": ["ast"], "*": ["abi", "userdoc", "devdoc"]})
    for contracts in output["contracts"].values():
        for contract in contracts.values():
            contract["evm"] = {"bytecode": NO_CODE, "deployedBytecode": NO_CODE}
    settings = {"viaIR": True, "optimizer": {"enabled": True}}
    asked = {"language": "Solidity", "settings": settings}
    return {"solcVersion": SOLC_VERSION, "input": asked, "output": output}


def main() -> int:
    if not solidity_files():
        return 0
    shutil.rmtree(OUT, ignore_errors=True)
    (OUT / "build-info").mkdir(parents=True)
    (OUT / "build-info" / "macrostrike.json").write_text(json.dumps(build_info()), encoding="utf-8")
    out = ["--ignore-compile", "--foundry-out-directory", str(OUT.relative_to(ROOT))]
    command = [str(ROOT / ".venv" / "bin" / "slither"), ".", *out, *sys.argv[1:]]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if result.returncode:
        print(result.stdout + result.stderr, file=sys.stderr)
    return 1 if result.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
