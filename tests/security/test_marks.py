"""Marking to market: any of a market's prices may speak for the fleet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from macrostrike.errors import FleetHalted
from macrostrike.types import Signal

from ..unit.environment import Env, reverts
from .stranger import LONG, SHORT
from .test_takers import pair_of


@pytest.mark.parametrize("signal", [LONG, SHORT])
def test_a_pool_that_keeps_its_price_keeps_a_feed_from_halting(env: Env, signal: Signal) -> None:
    """`resume` goes by the feed: the pool's price of one second's beginning sets no mark."""
    with env.undone():
        v2 = pair_of(env)
        rules = env.read("getMarket", 1).rules
        env.owner.send("updateMarket", 1, replace(rules, max_bot_lots=1023))
        for _ in range(9):
            v2.strike(signal)
        feed = 500 if signal.is_long else 5000
        v2.feed.tell(feed * 10**8)
        env.wait(1)
        assert env.stranger.call("markToMarket")[1:] == (0, False)
        v2.price(feed)
        env.wait(1)
        assert env.stranger.call("markToMarket")[1:] == (0, True)
        env.stranger.send("markToMarket")
        with reverts(FleetHalted()):
            v2.strike(signal)
