"""A due strike, and a flash taker that a stranger has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from macrostrike.build import Contract
from macrostrike.chain import Receipt
from macrostrike.errors import ContractError
from macrostrike.types import Signal

from ...security.stranger import LONG, SHORT, Stranger, due_strike, stranger_of
from ..environment import Env, ours, reverts
from ..market.test_v2 import V2
from ..pools import PAIR, in_order

SIDES = [LONG, SHORT]
DEEP = 10_000_000 * 10**6


def flash_taker() -> Contract:
    """Asked for only when a test runs: the conftest imports this file before `make reach` and
    `make mutants` have put their build of the contracts in the place of ours."""
    return ours("FlashTaker")


@dataclass
class Case:
    """A strike that is due, at the end of its auction, and a flash taker of the stranger's."""

    stranger: Stranger
    signal: Signal
    strike_id: int
    taker: str
    is_v2: bool = False
    fee: int = 0

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
            "is_v2": self.is_v2,
            "fee": self.fee,
            "token_in": self.tokens[0],
            "token_out": self.tokens[1],
            "min_profit": min_profit,
        } | changes
        key = self.env.people[by]
        return self.env.tell(key, flash_taker().abi, self.taker, "take", tuple(order.values()))

    def quoted(self) -> tuple[int, int]:
        """What it costs and yields now."""
        takeable, _, paid, got = self.env.stranger.call("quoteTake", self.strike_id)
        assert takeable
        return paid, got

    def back(self, amount: int) -> int:
        """What the market's pool pays for so much of what the takeover yields."""
        if self.is_v2:
            reserves = self.env.ask(PAIR.abi, self.stranger.pool, "getReserves")
            of = dict(zip(in_order(*self.tokens), reserves, strict=False))
            kept = amount * (10**6 - self.fee)
            return int(kept * of[self.tokens[0]] // (of[self.tokens[1]] * 10**6 + kept))
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


def case_of(env: Env, signal: Signal, *, elapsed: int = 1200, **options: Any) -> Case:
    """options: of the market and its pool, see `stranger_of`."""
    stranger = stranger_of(env, DEEP, **options)
    strike_id = due_strike(stranger, signal, elapsed=elapsed)
    case = Case(stranger, signal, strike_id, env.deploy(flash_taker(), env.stranger.address))
    env.wait(1)
    return case


def pair_case_of(env: Env, signal: Signal) -> Case:
    """On a market that trades on a Uniswap V2 pair."""
    env.give(env.exchange.address, quote=10**15, base=10**24)
    v2 = V2(env)
    strike_id = v2.strike(signal)
    env.at(env.read("quoteTake", strike_id)[1] + 1200)
    stranger = Stranger(env, 1, env.base, v2.pair)
    taker = env.deploy(flash_taker(), env.stranger.address)
    env.wait(1)
    return Case(stranger, signal, strike_id, taker, is_v2=True, fee=3000)


def taken(receipt: Receipt) -> dict[str, Any]:
    """What its event says."""
    decoded = (flash_taker().abi.decode_event(each.topics, each.data) for each in receipt.logs)
    (found,) = [each for each in decoded if each is not None and each.name == "TakenByFlash"]
    return dict(found.args)
