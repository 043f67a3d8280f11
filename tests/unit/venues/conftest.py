"""The venues' libraries, and a place for them to ask that answers what is set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from macrostrike.build import ours
from macrostrike.chain import RevmTransport

from ...evm import Caller, undone
from ..answering import Answering
from ..environment import account


class Place(Answering):
    """An address that answers what is set, and the libraries that ask it."""

    def __init__(self) -> None:
        super().__init__(Caller(RevmTransport(), account("venues")))
        self.chain = self._caller.chain
        self._contract = ours("VenueProbe")
        self.probe = self._caller.deploy(self._contract)

    @property
    def next(self) -> int:
        """The second in which it is asked, after one more transaction."""
        return self.chain.timestamp(pending=True)

    def ask(self, function: str, *args: Any) -> Any:
        return self._caller.ask(self._contract, self.probe, function, *args)


@pytest.fixture(scope="session")
def _place() -> Place:
    return Place()


@pytest.fixture
def place(_place: Place) -> Iterator[Place]:
    with undone(_place.chain):
        yield _place
