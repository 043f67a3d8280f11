"""Strangers with tokens, and who helps them: takers that push, spammers, feeds and pools that turn.

What they do within one second, they do with the chain's clock standing still.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from random import Random

from hypothesis import strategies as st
from hypothesis.stateful import rule

from .machine import DICE, OPERATORS, TAKERS
from .rules_strikes import Strikes
from .rules_world import World

_HUGE = (1 << 256) - 1
_PUSHES = (-400, -50, -12, -3, 3, 12, 50, 400)


class Strangers(Strikes, World):
    """Rules."""

    @contextmanager
    def _one_second(self) -> Iterator[None]:
        chain = self.arena.chain
        pace, chain.block_time = chain.block_time, 0
        try:
            yield
        finally:
            chain.block_time = pace

    def _push(self, market: int, permille: int) -> None:
        outside = self.arena.outside
        price = outside.price(market) * (1000 + permille) / 1000
        if Decimal(1) < price < Decimal(10**6):
            outside.move_price(market, price)

    def _let_it_be_due(self, strike_id: int, wait: int) -> int | None:
        """So long after its keeper delay; its market."""
        strike = self.strike_of(strike_id)
        if strike is None:
            return None
        self.arena.chain.mine(max(strike.record.due_at + 60 + wait - self.arena.now, 1))
        if strike.record.market in self.arena.outside.feeds:
            self.arena.outside.tell_feed(strike.record.market)
        return int(strike.record.market)

    def _take(self, by: str, strike_id: int) -> None:
        strike = self.strike_of(strike_id)
        is_long = strike is not None and strike.signal.is_long
        self.call(by, "takeStrike", strike_id, _HUGE if is_long else 0)

    @rule(
        by=TAKERS,
        pushes=st.lists(st.sampled_from(_PUSHES), max_size=3),
        wait=DICE,
        back=st.booleans(),
    )
    def take_in_a_pushed_second(self, by: str, pushes: list[int], wait: int, back: bool) -> None:
        """The price is not the pool's of the moment: pushed, taken, and traded back."""
        strike_id = self.an_open_one(wait)
        market = self._let_it_be_due(strike_id, wait % 900)
        if market is None:
            return
        with self._one_second():
            before = self.arena.outside.price(market)
            for permille in pushes:
                self._push(market, permille)
            self._take(by, strike_id)
            if back:
                self.arena.outside.move_price(market, before)

    @rule(by=TAKERS, permille=st.sampled_from(_PUSHES), wait=DICE)
    def take_after_a_steady_second(self, by: str, permille: int, wait: int) -> None:
        """Pushed at the end of one second, taken in the next."""
        strike_id = self.an_open_one(wait)
        market = self._let_it_be_due(strike_id, wait % 900)
        if market is None:
            return
        before = self.arena.outside.price(market)
        self._push(market, permille)
        self.arena.chain.mine(1)
        with self._one_second():
            self.arena.outside.move_price(market, before)
            self._take(by, strike_id)

    @rule(market=st.integers(0, 1), blocks=st.integers(1, 8), by=TAKERS)
    def spam_observations(self, market: int, blocks: int, by: str) -> None:
        """Dust in each of some blocks, and an attempt to mark all."""
        for _ in range(blocks):
            self.arena.chain.mine(12)
            self.arena.outside.nudge(market)
        self.call(by, "markDue", self.open_ids())

    @rule(by=TAKERS, market=st.integers(2, 4), off=st.sampled_from((-5000, 10_000)), dice=DICE)
    def jump_the_oracle(self, by: str, market: int, off: int, dice: int) -> None:
        """A feed at half, or twice, of the price: all that strangers can do is tried at it."""
        strikes = self.arena.books.fleet.open_strikes()
        there = [each.record.id for each in strikes if each.record.market == market]
        self.arena.outside.tell_feed(market, off_bps=off)
        self.call(by, "markDue", there)
        self.call(by, "markToMarket")
        if there:
            strike_id = there[dice % len(there)]
            self._let_it_be_due(strike_id, dice % 900)
            self.arena.outside.tell_feed(market, off_bps=off)
            self._take(by, strike_id)
        self.arena.outside.tell_feed(market)

    @rule(dice=DICE)
    def turn_the_pools_tokens(self, dice: int) -> None:
        """The hostile pool names another base while a strike is opened or settled there."""
        outside, random = self.arena.outside, Random(dice)
        outside.turn_pool(random.choice((outside.host, outside.quote)))
        self._touch((4,), random)
        outside.turn_pool(outside.weth)

    @rule(by=OPERATORS, permille=st.sampled_from((3, 12, 50)), late=st.booleans(), dice=DICE)
    def dress_the_score(self, by: str, permille: int, late: bool, dice: int) -> None:
        """A winner is pushed into being one, or is settled long after its time."""
        strike_id = self.an_open_one(dice)
        strike = self.strike_of(strike_id)
        if strike is None:
            return
        market = strike.record.market
        if late:
            self.move(market, Decimal(1000 + (20 if strike.signal.is_long else -20)) / 1000)
            self._let_it_be_due(strike_id, 1 + dice % 900)
        before = self.arena.outside.price(market)
        with self._one_second():
            self._push(market, permille if strike.signal.is_long else -permille)
            self.call(by, "settleStrike", strike_id, self.limit_of(strike_id))
            self.arena.outside.move_price(market, before)
