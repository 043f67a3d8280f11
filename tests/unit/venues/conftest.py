"""The venues' libraries, asked of a place that answers what is set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from macrostrike.build import ours
from macrostrike.chain import RevmTransport

from ...evm import Caller, undone
from ..environment import account

ANSWERING, PROBE = ours("Answering"), ours("VenueProbe")
Call = tuple[str, Sequence[Any]]


def encoded(call: Call) -> bytes:
    """A signature with its arguments."""
    signature, args = call
    types = signature.partition("(")[2].removesuffix(")")
    return keccak(text=signature)[:4] + encode(types.split(",") if types else [], args)


def words(*numbers: int) -> bytes:
    return b"".join((number % 2**256).to_bytes(32, "big") for number in numbers)


class Place:
    """An address that answers what is set, and the libraries that ask it."""

    def __init__(self) -> None:
        self._caller = Caller(RevmTransport(), account("venues"))
        self.chain = self._caller.chain
        self.address = self._caller.deploy(ANSWERING)
        self.probe = self._caller.deploy(PROBE)

    @property
    def next(self) -> int:
        """The second in which it is asked, after one more transaction."""
        return self.chain.timestamp(pending=True)

    def tell(self, answers: Mapping[bytes, bytes], fails: bool = False) -> None:
        self._caller.tell(ANSWERING, self.address, "tell", [*answers], [*answers.values()], fails)

    def ask(self, function: str, *args: Any) -> Any:
        return self._caller.ask(PROBE, self.probe, function, *args)


@pytest.fixture(scope="session")
def _place() -> Place:
    return Place()


@pytest.fixture
def place(_place: Place) -> Iterator[Place]:
    with undone(_place.chain):
        yield _place
