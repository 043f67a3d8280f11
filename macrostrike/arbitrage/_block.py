"""Questions to many contracts, answered on the state of one block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from macrostrike.abi import Abi
from macrostrike.chain.transport import Transport
from macrostrike.errors import Reverted

Question = tuple[str, str, tuple[Any, ...]]
"""Contract, function, arguments."""


def _reader(name: str, inputs: Sequence[str], outputs: Sequence[str]) -> dict[str, Any]:
    def parameters(types: Sequence[str]) -> list[dict[str, str]]:
        return [{"name": "", "type": kind} for kind in types]

    return {
        "type": "function",
        "name": name,
        "inputs": parameters(inputs),
        "outputs": parameters(outputs),
    }


def _tuple(types: Sequence[str], kind: str = "tuple") -> dict[str, Any]:
    return {
        "name": "",
        "type": kind,
        "components": [{"name": f"_{at}", "type": each} for at, each in enumerate(types)],
    }


_QUERY = _reader("queryBatchSwap", ("uint8",), ("int256[]",))
_QUERY["inputs"] += [
    _tuple(("bytes32", "uint256", "uint256", "uint256", "bytes"), "tuple[]"),
    {"name": "", "type": "address[]"},
    _tuple(("address", "bool", "address", "bool")),
]

# No more of the answers than is needed: forks differ in the rest.
_ABI = Abi(
    [
        _reader("getReserves", (), ("uint112", "uint112")),
        _reader("slot0", (), ("uint160", "int24")),
        _reader("liquidity", (), ("uint128",)),
        _reader("tickSpacing", (), ("int24",)),
        _reader("tickBitmap", ("int16",), ("uint256",)),
        _reader("ticks", ("int24",), ("uint128", "int128")),
        _reader("extsload", ("bytes32",), ("bytes32",)),
        _reader("decimals", (), ("uint8",)),
        _reader("getVault", (), ("address",)),
        _reader("getPausedState", (), ("bool",)),
        _reader("getPoolTokens", ("bytes32",), ("address[]", "uint256[]")),
        _reader("getSwapFeePercentage", (), ("uint256",)),
        _reader("getNormalizedWeights", (), ("uint256[]",)),
        _reader("getAmplificationParameter", (), ("uint256", "bool")),
        _reader("getScalingFactors", (), ("uint256[]",)),
        _QUERY,
    ]
)


class Block:
    """The latest block's state."""

    def __init__(self, transport: Transport) -> None:
        self._transport, self._number = transport, transport.block_number()

    def ask(self, questions: Sequence[Question]) -> list[Any]:
        """An answer to each."""
        calls = [(to, _ABI.encode_call(function, *args)) for to, function, args in questions]
        answers = self._transport.call_many(calls, block=self._number)
        return [
            _ABI.decode_result(function, answer)
            for (_, function, _), answer in zip(questions, answers, strict=True)
        ]

    def ask_each(self, questions: Sequence[Question]) -> list[Any]:
        """As `ask`; None of those that revert."""
        try:
            return self.ask(questions)
        except Reverted:
            return [self._ask_one(question) for question in questions]

    def code(self, address: str) -> bytes:
        """A contract's code."""
        return self._transport.code(address)

    def _ask_one(self, question: Question) -> Any:
        try:
            return self.ask([question])[0]
        except Reverted:
            return None
