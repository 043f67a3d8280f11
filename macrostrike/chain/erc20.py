"""The least of an ERC-20 that deploying needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from macrostrike.abi import Abi


def function(name: str, inputs: Sequence[str] = (), outputs: Sequence[str] = ()) -> dict[str, Any]:
    """An ABI entry of a function whose parameters need no names."""
    return {
        "type": "function",
        "name": name,
        "inputs": [{"name": "", "type": kind} for kind in inputs],
        "outputs": [{"name": "", "type": kind} for kind in outputs],
    }


ERC20 = Abi(
    [
        function("allowance", ["address", "address"], ["uint256"]),
        function("approve", ["address", "uint256"], ["bool"]),
        function("balanceOf", ["address"], ["uint256"]),
        function("decimals", outputs=["uint8"]),
        function("symbol", outputs=["string"]),
    ]
)
