"""Questions to many contracts, answered on the state of one block."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from macrostrike.abi import Abi, artifact
from macrostrike.chain.transport import Block as Header
from macrostrike.chain.transport import Transport
from macrostrike.errors import Reverted

Question = tuple[str, str, tuple[Any, ...]]
"""Contract, function, arguments."""


_POOLS = (
    "IToken",
    "IUniswapV2Pair",
    "IUniswapV3Pool",
    "IPoolManager",
    "IBalancerVault",
    "IBalancerPool",
    "IBalancerFactory",
)
# How many values of a result are read. Forks differ in those behind: PancakeSwap's last value of
# `slot0` is wider.
_READ = {"slot0": 2, "getReserves": 2, "ticks": 2, "getAmplificationParameter": 2}


@cache
def _abi() -> Abi:
    entries = [entry for name in _POOLS for entry in artifact(name).abi]
    return Abi(
        {**entry, "outputs": entry["outputs"][: _READ[entry["name"]]]}
        if entry.get("name") in _READ
        else entry
        for entry in entries
    )


class Block:
    """A block's state, by default the latest's."""

    def __init__(self, transport: Transport, at: Header | None = None) -> None:
        self._transport, self._at = transport, at or transport.block()

    def ask(self, questions: Sequence[Question]) -> list[Any]:
        """An answer to each."""
        abi = _abi()
        calls = [(to, abi.encode_call(function, *args)) for to, function, args in questions]
        answers = self._transport.call_many(calls, block=self._at)
        return [
            abi.decode_result(function, answer)
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
