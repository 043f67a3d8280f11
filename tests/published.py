"""What others publish as source alone: compiled here, kept in `.cache` until a package changes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any

from tools._solc import ROOT, SOLC_VERSION, compile_sources

_LOCK = ROOT / "package-lock.json"  # says of which versions the imports are


def compiled(sources: Mapping[str, str]) -> dict[str, Any]:
    """The compiler's `abi` and `evm.bytecode` by contract.

    sources: content by path from the project's root; what they import is read from there.
    """
    known = json.dumps([SOLC_VERSION, dict(sources), _LOCK.read_text(encoding="utf-8")])
    kept = ROOT / ".cache" / f"published-{hashlib.sha256(known.encode()).hexdigest()[:16]}.json"
    if not kept.exists():
        output = compile_sources(dict(sources), {"*": ["abi", "evm.bytecode.object"]})
        named = [of_file for path, of_file in output["contracts"].items() if path in sources]
        kept.parent.mkdir(exist_ok=True)
        # Whole or not at all: other processes of the same run look for it too.
        made = kept.with_suffix(f".{os.getpid()}")
        content = json.dumps({name: each for of_file in named for name, each in of_file.items()})
        made.write_text(content, encoding="utf-8")
        made.replace(kept)
    return dict(json.loads(kept.read_text(encoding="utf-8")))
