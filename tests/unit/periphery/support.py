"""A due strike, and a flash taker that a stranger has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from macrostrike.chain import Receipt
from macrostrike.errors import ContractError
from macrostrike.types import Signal

from ...security.stranger import LONG, SHORT, Stranger, due_strike, stranger_of
from ..environment import Env, ours, reverts

TAKER = ours("FlashTaker")
SIDES = [LONG, SHORT]
DEEP = 10_000_000 * 10**6


@dataclass
class Case:
    """A strike that is due, at the end of its auction, and a flash taker of the stranger's."""

    stranger: Stranger
    signal: Signal
    strike_id: int
    taker: str

    @property
    def env(self) -> Env:
        return self.stranger.env

    @property
    def tokens(self) -> tuple[str, str]:
        """What the takeover costs, and what it yields."""
        both = (self.env.quote, self.stranger.base)
        return both if self.signal.is_long else (both[1], both[0])

    def take(self, min_profit: int = 0, by: str = "stranger", **changes: Any) -> Receipt:
        order = {
            "diamond": self.env.diamond,
            "strike_id": self.strike_id,
            "is_long": self.signal.is_long,
            "pool": self.stranger.pool,
            "token_in": self.tokens[0],
            "token_out": self.tokens[1],
            "min_profit": min_profit,
        } | changes
        key = self.env.people[by]
        return self.env.tell(key, TAKER.abi, self.taker, "take", tuple(order.values()))

    def quoted(self) -> tuple[int, int]:
        """What it costs and yields now."""
        takeable, _, paid, got = self.env.stranger.call("quoteTake", self.strike_id)
        assert takeable
        return paid, got

    def back(self, amount: int) -> int:
        """What the market's pool pays for so much of what the takeover yields."""
        with self.env.undone():
            before = self.stranger.holds()
            self.stranger._swap(not self.signal.is_long, amount, 0)
            gained = [has - had for has, had in zip(self.stranger.holds(), before, strict=True)]
        return gained[0] if self.signal.is_long else gained[1]

    def holds(self, who: str | None = None) -> list[int]:
        """Its own balances, or another's: what a takeover costs, and what it yields."""
        return [self.env.balance(token, who or self.taker) for token in self.tokens]

    def state(self) -> tuple[Any, ...]:
        env = self.env
        everyone = (self.taker, self.stranger.pool, env.diamond, env.stranger.address)
        return env.read("getOpenStrikes"), [self.holds(each) for each in everyone]

    @contextmanager
    def refused(self, error: ContractError) -> Iterator[None]:
        """With this error, and all as it was."""
        before = self.state()
        with reverts(error):
            yield
        assert self.state() == before


def case_of(env: Env, signal: Signal, **options: Any) -> Case:
    stranger = stranger_of(env, DEEP, remembers=options.pop("remembers", 64))
    strike_id = due_strike(stranger, signal, **options)
    case = Case(stranger, signal, strike_id, env.deploy(TAKER, env.stranger.address))
    env.wait(1)
    return case


def taken(receipt: Receipt) -> dict[str, Any]:
    """What its event says."""
    decoded = (TAKER.abi.decode_event(each.topics, each.data) for each in receipt.logs)
    (found,) = [each for each in decoded if each is not None and each.name == "TakenByFlash"]
    return dict(found.args)
