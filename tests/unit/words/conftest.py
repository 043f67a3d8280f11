"""Packed words, to be asked each function of theirs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st

from macrostrike.build import ours
from macrostrike.chain import BoundContract, RevmTransport

from ...evm import Caller
from ...layouts import packed_types
from ..environment import account

WORDS = st.integers(0, (1 << 256) - 1) | st.sampled_from((0, (1 << 256) - 1))


class Ask:
    """What a function of a word's type answers: `ask(type, function, word, ...)`."""

    def __init__(self) -> None:
        caller = Caller(RevmTransport(), account("words"))
        self._chain = caller.chain
        self._probes = {name: ours(f"{name}Probe") for name in packed_types()}
        self._at = {name: caller.deploy(probe) for name, probe in self._probes.items()}

    @property
    def now(self) -> int:
        """The second in which functions are asked."""
        return self._chain.timestamp()

    def __call__(self, name: str, function: str, *args: Any) -> Any:
        bound = BoundContract(self._chain, self._at[name], self._probes[name].abi)
        return bound.call(function, *args)


@pytest.fixture(scope="session")
def ask() -> Ask:
    return Ask()


def parts(count: int, bits: int) -> st.SearchStrategy[list[int]]:
    """Numbers of so many bits, the smallest and the greatest among them often."""
    top = (1 << bits) - 1
    number = st.sampled_from((0, 1, top - 1, top)) | st.integers(0, top)
    return st.lists(number, min_size=count, max_size=count)
