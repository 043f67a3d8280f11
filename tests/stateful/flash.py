"""A flash taker of the keeper's, and what must hold of it after any call by anyone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from macrostrike.build import Contract, ours
from macrostrike.chain import Log

from ..unit.pools import TOKEN
from .invariants import Invariants
from .outside import Outside
from .wire import word

FEE = 3000


def taker() -> Contract:
    """Asked for only when it is needed: conftests import this file before `make reach` and `make
    mutants` have put their build of the contracts in the place of ours."""
    return ours("FlashTaker")


class FlashOrder(NamedTuple):
    """What a flash taker is asked for, right or wrong."""

    diamond: str
    strike_id: int
    is_long: bool
    pool: str
    is_v2: bool
    fee: int
    token_in: str
    token_out: str
    min_profit: int = 0


@dataclass(frozen=True)
class Holdings:
    """By token: what is in the taker, and what its owner has."""

    kept: dict[str, int]
    owned: dict[str, int]


class Flash:
    """`at` is the taker, `owner` whom it is of."""

    def __init__(
        self, outside: Outside, diamond: str, owner: str, contract: Contract | None = None
    ) -> None:
        self._outside, self._diamond, self.owner = outside, diamond, owner
        self.at = outside.deploy(contract or taker(), owner)
        self._kept = dict.fromkeys(outside.tokens, 0)

    def reset(self) -> None:
        """As it was created."""
        self._kept = dict.fromkeys(self._outside.tokens, 0)

    def order(self, strike_id: int, market: int, *, is_long: bool, through: int) -> FlashOrder:
        """To take a market's strike over with the tokens of the pool of the market `through`."""
        out = self._outside
        base = out.base_of(market)
        tokens = (out.quote, base) if is_long else (base, out.quote)
        is_v2 = through in out.pairs
        pool = out.pool_of(through)
        return FlashOrder(self._diamond, strike_id, is_long, pool, is_v2, FEE, *tokens)

    def give(self, token: str, amount: int) -> None:
        """What lies in it pays for nothing."""
        self._outside.give(token, self.at, amount)
        self._kept[token] = self._balance(token, self.at)

    def look(self) -> Holdings:
        tokens = self._outside.tokens
        return Holdings(
            {token: self._balance(token, self.at) for token in tokens},
            {token: self._balance(token, self.owner) for token in tokens},
        )

    def check(
        self,
        invariants: Invariants,
        order: FlashOrder,
        by: str,
        before: Holdings,
        logs: Sequence[Log] | None,
    ) -> None:
        """After a call with an order. `logs` is None where it was refused."""

        def require(holds: bool, *what: object) -> None:
            invariants.require("flash", holds, *what)

        after = self.look()
        require(before.kept == self._kept, "it had", before.kept, "not", self._kept)
        if logs is None:
            require(after == before, "refused, and", before, "became", after)
            return
        require(by == self.owner, by, "has taken by it")
        decoded = (taker().abi.decode_event(e.topics, e.data) for e in logs if e.address == self.at)
        (event,) = (each.args for each in decoded if each is not None)
        require(event["profit"] >= order.min_profit, event, "of", order)
        for token in self._outside.tokens:
            has = token in (order.token_in, order.token_out)
            self._kept[token] = 0 if has else before.kept[token]
            kept = after.kept[token]
            require(kept == self._kept[token], "it keeps", kept, "of", token)
            gained = after.owned[token] - before.owned[token] - (before.kept[token] if has else 0)
            profit = event["profit"] if token == order.token_in else 0
            # Of what the takeover yields, the pool may leave something.
            fair = gained >= 0 if token == order.token_out else gained == profit
            require(fair, "of", token, "its owner gained", gained, "not", profit)
        require(self._allowance(order.token_in) == 0, "it still allows", order.token_in)

    def _balance(self, token: str, who: str) -> int:
        return self._ask(token, "balanceOf", who)

    def _allowance(self, token: str) -> int:
        return self._ask(token, "allowance", self.at, self._diamond)

    def _ask(self, token: str, function: str, *args: str) -> int:
        call = TOKEN.abi.encode_call(function, *args)
        return word(self._outside.chain.call(token, call), 0)
