"""Takeovers by flash swap: with the tokens of pools and pairs, good and hostile."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from hypothesis import strategies as st
from hypothesis.stateful import rule

from .flash import FlashOrder, taker
from .machine import DICE
from .rules_strangers import Strangers
from .rules_world import _ZERO, World

_HUGE = (1 << 256) - 1
_WAITS = (0, 100, 450, 600, 600, 700)  # of an auction of 600 seconds
_SENDERS = st.sampled_from(("keeper",) * 6 + ("stranger", "owner"))
_GIFTS = st.sampled_from((0, 0, 0, 1, 10**9))
_POOL_MODES, _PAIR_MODES = 10, 7
_THROUGH = {0: (0, 2, 4), 1: (1, 3)}  # markets whose pools trade the same tokens, by their base

_WRONG: tuple[Callable[[World, FlashOrder, Random], FlashOrder], ...] = (
    lambda play, order, random: order._replace(fee=random.choice((0, 2_900, 3_100, 10**6))),
    lambda play, order, random: order._replace(is_v2=not order.is_v2),
    lambda play, order, random: order._replace(is_long=not order.is_long),
    lambda play, order, random: order._replace(token_in=order.token_out, token_out=order.token_in),
    lambda play, order, random: order._replace(pool=play.arena.outside.cross, is_v2=True),
    lambda play, order, random: order._replace(pool=play.arena.people["stranger"]),
    lambda play, order, random: order._replace(strike_id=order.strike_id + 64),
    lambda play, order, random: order._replace(min_profit=random.choice((1, 10**6, _HUGE))),
)


class Flashes(Strangers):
    """Rules."""

    @rule(by=_SENDERS, wait=st.sampled_from(_WAITS), gift=_GIFTS, wrong=st.booleans(), dice=DICE)
    def take_by_flash(self, by: str, wait: int, gift: int, wrong: bool, dice: int) -> None:
        random = Random(dice)
        order = self._due_order(dice, wait)
        if order is None:
            return
        if gift:
            self.arena.flash.give(random.choice((order.token_in, order.token_out)), gift)
        if wrong and dice % 3 == 0:
            order = random.choice(_WRONG)(self, order, random)
        self.arena.take_by_flash(self.who(by), order)

    @rule(mode=st.integers(0, _POOL_MODES + _PAIR_MODES - 1), dice=DICE)
    def take_by_flash_in_bad_company(self, mode: int, dice: int) -> None:
        """The pool or the pair is hostile, or the token is; they may call the taker."""
        random, out = Random(dice), self.arena.outside
        order = self._due_order(dice, 600)
        if order is None:
            return
        target, call = self._call_within(order, random)
        if out.host in (order.token_in, order.token_out):
            out.tell_token("arm", target, call)
        elif mode < _POOL_MODES:
            out.tell_pool(mode, target, call)
            order = order._replace(pool=out.pool, is_v2=False)
        else:
            out.tell_liar(mode - _POOL_MODES, target, call)
            order = order._replace(pool=out.liar, is_v2=True)
        self.arena.take_by_flash(self.who("keeper"), order)
        out.tell_token("arm", _ZERO, b"")
        out.tell_pool(0, _ZERO, b"")

    @rule(dice=DICE)
    def call_the_flash_taker_back(self, dice: int) -> None:
        """Out of its time."""
        call = self._callback(Random(dice))
        self.arena.call_flash_back(self.who(("stranger", "keeper")[dice % 2]), call)

    def _due_order(self, dice: int, wait: int) -> FlashOrder | None:
        """For a strike that can be taken over, with a pool of its tokens."""
        strike_id = self.an_open_one(dice)
        market = self._let_it_be_due(strike_id, wait)
        strike = self.strike_of(strike_id)
        if market is None or strike is None:
            return None
        base = 1 if market in (1, 3) else 0
        choices = (market, market, *_THROUGH[base]) if market != 5 else _THROUGH[base]
        through = choices[dice % len(choices)]
        is_long = bool(strike.signal.is_long)
        return self.arena.flash.order(strike_id, market, is_long=is_long, through=through)

    def _call_within(self, order: FlashOrder, random: Random) -> tuple[str, bytes]:
        """To the taker, or what else may be called."""
        if random.random() < 0.4:
            return self._call_out(random)
        take = taker().abi.encode_call("take", tuple(order))
        return self.arena.flash.at, random.choice((take, self._callback(random)))

    def _callback(self, random: Random) -> bytes:
        amount = random.choice((0, 1, 10**18))
        if random.random() < 0.5:
            deltas = random.choice(((amount, -1), (-1, amount)))
            return taker().abi.encode_call("uniswapV3SwapCallback", *deltas, b"")
        name = random.choice(("uniswapV2Call", "pancakeCall", "hook"))
        return taker().abi.encode_call(name, self.arena.flash.at, amount, 0, b"")
