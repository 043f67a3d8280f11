"""Arbitrages, the pools and the capital for them: by those who may, and those who should not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import rule

from macrostrike.abi import diamond_abi
from macrostrike.types import Pool

from .machine import DICE, GUARDIANS, OPERATORS, OWNERS
from .rules_world import _ZERO, World

_U128 = (1 << 128) - 1
_AMOUNTS = (0, 1, 10**6, 10**9, 10**12, 10**18, 10**20, _U128)
_POOLS = 16  # registered at most, again and again


class Order(NamedTuple):
    """An arbitrage with whatever numbers: the chain is to refuse the wrong ones."""

    pools: tuple[int, ...]
    token_in: str
    amount_in: int
    min_profit: int
    confidence_bps: int
    deadline: int
    resize: bool
    model_id: int = 0


# What can be wrong with an order.
_WRONG: dict[str, Callable[[World, Order], Order]] = {
    "under the threshold": lambda play, order: order._replace(
        confidence_bps=play.arena.books.threshold - 1
    ),
    "over 100 %": lambda play, order: order._replace(confidence_bps=10_001),
    "too late": lambda play, order: order._replace(deadline=play.arena.now - 1),
    "one pool": lambda play, order: order._replace(pools=order.pools[:1]),
    "five pools": lambda play, order: order._replace(pools=(1, 2, 3, 4, 5)),
    "no such pool": lambda play, order: order._replace(pools=(order.pools[0], 1 << 31)),
    "a pool twice": lambda play, order: order._replace(pools=order.pools[:1] * 2),
    "a token twice": lambda play, order: order._replace(pools=(1, 3, 5, 1)),
    "a pool of others": lambda play, order: order._replace(
        pools=(2, 4), token_in=play.arena.outside.weth
    ),
    "not a cycle": lambda play, order: order._replace(
        pools=(1, 6), token_in=play.arena.outside.quote
    ),
    "nothing": lambda play, order: order._replace(amount_in=0),
    "over the cap": lambda play, order: order._replace(amount_in=_U128, resize=False),
    "for more than there is": lambda play, order: order._replace(min_profit=1 << 200),
}


def _arbitrage(play: World, random: Random) -> bytes:
    return diamond_abi().encode_call("executeArbitrage", _order(play, random))


def _defund(play: World, random: Random) -> bytes:
    token = random.choice(play.arena.outside.tokens)
    return diamond_abi().encode_call("defundAMM", token, 1)


class Arbitrages(World):
    """Rules of the AMM bots."""

    more_calls = (_arbitrage, _defund)

    @rule(by=OPERATORS, dice=DICE)
    def arbitrage(self, by: str, dice: int) -> None:
        random = Random(dice)
        if dice % 3 == 0:
            self.put_right()
        self._part_prices(random)
        self.call(by, "executeArbitrage", _order(self, random))

    @rule(by=st.sampled_from(("bold", "lapsed", "settler", "keeper", "owner")), dice=DICE)
    def arbitrage_again(self, by: str, dice: int) -> None:
        """At the prices that there are."""
        self.call(by, "executeArbitrage", _order(self, Random(dice)))

    @rule(by=OPERATORS, dice=DICE, model=st.integers(0, 2), wrong=st.sampled_from(sorted(_WRONG)))
    def attempt_arbitrage(self, by: str, dice: int, model: int, wrong: str) -> None:
        """Scored, with any result: a third of them are wrong in some way."""
        random = Random(dice)
        self._part_prices(random)
        order = _order(self, random)._replace(model_id=model)
        self.call(by, "attemptArbitrage", _WRONG[wrong](self, order) if dice % 3 == 0 else order)

    @rule(wrong=st.sampled_from(sorted(_WRONG)), dice=DICE)
    def arbitrage_wrongly(self, wrong: str, dice: int) -> None:
        self.call("bold", "executeArbitrage", _WRONG[wrong](self, _order(self, Random(dice))))

    @rule(how=st.integers(0, 10), dice=DICE)
    def arbitrage_in_bad_company(self, how: int, dice: int) -> None:
        """The token, or the pool, is hostile meanwhile."""
        random, out = Random(dice), self.arena.outside
        self._part_prices(random)
        target, call = self._call_out(random)
        if how == 0:
            out.tell_token("arm", target, call)
        else:
            out.tell_pool(how - 1, target, call)
        self.call("bold", "executeArbitrage", _order(self, random, through=2 if how == 0 else 5))
        out.tell_token("arm", _ZERO, b"")
        out.tell_pool(0, _ZERO, b"")

    @rule(by=st.sampled_from(("stranger", "bold", "keeper")), dice=DICE)
    def quote_arbitrage(self, by: str, dice: int) -> None:
        """What it tries, it reverts."""
        self.call(by, "quoteArbitrage", _order(self, Random(dice)))

    @rule(by=OWNERS, token=st.integers(0, 2), amount=st.sampled_from(_AMOUNTS))
    def fund_amm(self, by: str, token: int, amount: int) -> None:
        self.call(by, "fundAMM", self.arena.outside.tokens[token], amount)

    @rule(by=OWNERS, token=st.integers(0, 2), amount=st.sampled_from(_AMOUNTS))
    def defund_amm(self, by: str, token: int, amount: int) -> None:
        self.call(by, "defundAMM", self.arena.outside.tokens[token], amount)

    @rule(by=OWNERS, token=st.integers(0, 2))
    def defund_all_of_it(self, by: str, token: int) -> None:
        address = self.arena.outside.tokens[token]
        self.call(by, "defundAMM", address, self.arena.books.amm.books[address].capital)

    @rule(by=OWNERS, token=st.integers(0, 2), cap=st.sampled_from((0, 10**9, 10**20, _U128)))
    def set_amm_cap(self, by: str, token: int, cap: int) -> None:
        self.call(by, "setAMMCap", self.arena.outside.tokens[token], cap)

    @rule(by=OWNERS)
    def initialize_amm_again(self, by: str) -> None:
        self.call(by, "initializeAMMBots", [])

    @rule(by=OWNERS, which=st.integers(0, 5), dice=DICE)
    def register_pool(self, by: str, which: int, dice: int) -> None:
        config = self.arena.pool_configs()[which]
        other = self.arena.pool_configs()[which - 1]
        stranger = self.arena.people["stranger"]
        wrong = (
            replace(config, fee=1_000_000),
            replace(config, pool=stranger),
            replace(config, factory=stranger),
            replace(config, factory=other.factory),
        )
        if dice % 2:
            self.call(by, "registerPools", [wrong[dice // 2 % len(wrong)]])
        elif len(self.arena.books.pools()) < _POOLS:
            self.call(by, "registerPools", [config])

    @rule(by=GUARDIANS, pool_id=st.integers(0, 7))
    def unregister_pool(self, by: str, pool_id: int) -> None:
        self.call(by, "unregisterPools", [pool_id])

    @rule(by=OWNERS, hooks=st.sampled_from((_ZERO, "0x" + "11" * 20)), allowed=st.booleans())
    def set_hooks(self, by: str, hooks: str, allowed: bool) -> None:
        self.call(by, "setHooks", hooks, allowed)

    @rule(by=OWNERS, which=st.integers(-1, 1))
    def set_wrapped_native(self, by: str, which: int) -> None:
        token = _ZERO if which < 0 else self.arena.outside.tokens[which]
        self.call(by, "setWrappedNative", token)

    def put_right(self) -> None:
        super().put_right()
        missing = [c for c in self.arena.pool_configs() if c.pool not in _registered(self)]
        if missing and len(self.arena.books.pools()) < _POOLS:
            self.call("owner", "registerPools", missing)
        for token in self.arena.outside.tokens:
            if self.arena.books.amm.books[token].cap < 10**12:
                self.call("owner", "setAMMCap", token, 10**24)

    def _part_prices(self, random: Random) -> None:
        """One of the pools away from the others."""
        outside, market = self.arena.outside, random.randrange(5)
        outside.move_price(market, outside.price(market) * random.choice((97, 99, 101, 104)) / 100)


def _registered(play: World) -> dict[str, Pool]:
    return {pool.pool: pool for pool in play.arena.books.pools() if pool.registered}


def _order(play: World, random: Random, through: int | None = None) -> Order:
    """One that may well be profitable: buys where it is cheap. `through`: a pool's id."""
    arena, out = play.arena, play.arena.outside
    markets = {1: 0, 2: 1, 3: 2, 4: 3, 5: 4}
    kind: Any = random.choice(((1, 3, 5), (1, 3, 5), (2, 4)))
    if through is not None:
        kind = (1, 3, 5) if through in (1, 3, 5) else (2, 4)
    chosen = random.sample(kind, 2)
    if through is not None and through not in chosen:
        chosen[0] = through
    if random.random() < 0.6 and through is None:
        chosen = list(kind)
    chosen.sort(key=lambda each: out.price(markets[each]))
    chosen = [chosen[0], chosen[-1]]
    start = random.choice((out.quote, out.quote, out.weth if kind[0] == 1 else out.host))
    if start != out.quote:
        chosen.reverse()
    if random.random() < 0.2:
        # By way of the pair that has no quote.
        chosen = random.choice(([1, 6, 2], [2, 6, 1], [3, 6, 4], [4, 6, 3], [5, 6, 2]))
        start = out.quote
    scale = 10**6 if start == out.quote else 10**15
    known, configs = _registered(play), arena.pool_configs()
    pools = [known.get(configs[each - 1].pool) for each in chosen]
    return Order(
        pools=tuple(n if pool is None else pool.id for n, pool in zip(chosen, pools, strict=True)),
        token_in=start,
        amount_in=random.choice((1, 100 * scale, 5000 * scale, 300_000 * scale)),
        min_profit=random.choice((0, 0, 1, scale)),
        confidence_bps=random.choice((9300, 9500, 10_000)),
        deadline=arena.now + 60,
        resize=random.random() < 0.7,
    )
