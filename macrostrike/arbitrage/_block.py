"""Questions to many contracts, answered on the state of one block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from macrostrike.abi import Abi, artifact
from macrostrike.chain.contract import Asked, ask_all
from macrostrike.chain.transport import Block as Header
from macrostrike.chain.transport import Transport
from macrostrike.errors import Reverted

Question = tuple[str, str, tuple[Any, ...]]
"""Contract, function, arguments."""


@cache
def _abi(contracts: tuple[str, ...], leading: tuple[tuple[str, int], ...]) -> Abi:
    read = dict(leading)
    entries = [entry for name in contracts for entry in artifact(name).abi]
    return Abi(
        {**entry, "outputs": entry["outputs"][: read[entry["name"]]]}
        if entry.get("name") in read
        else entry
        for entry in entries
    )


class Block:
    """A block's state, by default the latest's.

    contracts: the interfaces of all who are asked.
    leading: how many values of a function's result are read, where not all are.
    """

    def __init__(
        self,
        transport: Transport,
        contracts: Sequence[str],
        leading: Mapping[str, int],
        at: Header | None = None,
    ) -> None:
        self._transport, self._at = transport, at or transport.block()
        self._abi = _abi(tuple(contracts), tuple(leading.items()))

    def ask(self, questions: Sequence[Question]) -> list[Any]:
        """An answer to each."""
        asked = [Asked(to, self._abi, function, args) for to, function, args in questions]
        return ask_all(self._transport, asked, self._at)

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
