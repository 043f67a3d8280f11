"""Any EIP-2535 diamond, through a transport of this project: what `ape_diamond` can do.

What it raises comes as `DeployError` (`macrostrike.errors.diamonds`), and what the node raises as
the transport has it.
"""

from __future__ import annotations

from macrostrike.inspector._chain import TransportChain
from macrostrike.inspector._diamonds import (
    cut_history,
    implementation_of,
    inspect_diamond,
    load_layout,
    merge_abis,
    read_abis,
    require_compatible,
)

__all__ = [
    "TransportChain",
    "cut_history",
    "implementation_of",
    "inspect_diamond",
    "load_layout",
    "merge_abis",
    "read_abis",
    "require_compatible",
]
