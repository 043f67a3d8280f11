"""The fleet's libraries on whatever is in their storage, to be compared with plain arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from macrostrike.abi import Abi, Event, diamond_abi
from macrostrike.build import ours
from macrostrike.chain import RevmTransport

from ...evm import Caller, undone
from ...layouts import joined, split
from ..environment import account
from .market import Market
from .numbers import BOTS, EQUITY_BITS, LOT_BITS
from .strikes import Strikes


@dataclass
class Fleet:
    """What is in the fleet's storage: equity and free lots by bot, counts by strategy."""

    core: int = 0
    best: int = 0
    worst: int = 0
    equity: list[int] = field(default_factory=lambda: [0] * BOTS)
    free: list[int] = field(default_factory=lambda: [0] * BOTS)
    settled: list[int] = field(default_factory=lambda: [0] * 5)
    wins: list[int] = field(default_factory=lambda: [0] * 5)
    funded: list[int] = field(default_factory=lambda: [0] * 5)

    def words(self) -> tuple[Any, ...]:
        strategies = [
            joined(self.equity[5 * n : 5 * n + 5], EQUITY_BITS)
            | self.settled[n] << 210
            | self.wins[n] << 233
            for n in range(5)
        ]
        marks = (self.best, self.worst)
        return self.core, marks, joined(self.free, LOT_BITS), strategies, self.funded


class Books:
    """A contract with the fleet's libraries and storage."""

    def __init__(self) -> None:
        self._caller = Caller(RevmTransport(), account("books"))
        self.chain = self._caller.chain
        self._contract = ours("FleetProbe")
        self._at = self._caller.deploy(self._contract)

    def set(self, fleet: Fleet) -> None:
        self.tell("setFleet", *fleet.words())

    def fleet(self) -> Fleet:
        core, marks, free, strategies, funded = self.ask("fleet")
        found = Fleet(core, *marks, free=split(free, BOTS, LOT_BITS), funded=[*funded])
        found.equity = [each for word in strategies for each in split(word, 5, EQUITY_BITS)]
        found.settled = [word >> 210 & (1 << 23) - 1 for word in strategies]
        found.wins = [word >> 233 for word in strategies]
        return found

    def ask(self, function: str, *args: Any) -> Any:
        return self._caller.ask(self._contract, self._at, function, *args)

    def tell(self, function: str, *args: Any) -> list[Event]:
        receipt = self._caller.tell(self._contract, self._at, function, *args)
        abi: Abi = diamond_abi()
        found = (abi.decode_event(log.topics, log.data) for log in receipt.logs)
        return [event for event in found if event is not None]


@pytest.fixture(scope="session")
def _books() -> Books:
    return Books()


@pytest.fixture
def books(_books: Books) -> Iterator[Books]:
    with undone(_books.chain):
        yield _books


@pytest.fixture(scope="session")
def _market() -> Market:
    return Market()


@pytest.fixture
def market(_market: Market) -> Iterator[Market]:
    with undone(_market.chain):
        yield _market


@pytest.fixture(scope="session")
def _strikes() -> Strikes:
    return Strikes()


@pytest.fixture
def strikes(_strikes: Strikes) -> Iterator[Strikes]:
    with undone(_strikes.chain):
        yield _strikes
