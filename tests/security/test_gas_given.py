"""Whatever gas a call is given, it does the same or nothing: a price that is unknown for want of
gas, or a swap that is tried another way, would be the caller's to choose."""

from __future__ import annotations

from typing import Any

import pytest

from macrostrike.abi import Event, diamond_abi
from macrostrike.chain import Reverted
from macrostrike.errors import NodeError

from ..unit.environment import DAY, Env
from ..unit.market.markets import deploy_feed, feed_market
from .stranger import LONG, SHORT, U

AMPLE, STEPS = 20_000_000, 60


@pytest.mark.parametrize("oracle", ["pool", "feed"])
def test_it_does_the_same_or_nothing(env: Env, oracle: str) -> None:
    feed = deploy_feed(env)
    feed.tell(1600 * 10**8)
    market = 0 if oracle == "pool" else feed_market(env, feed, window=DAY)
    for signal in (LONG, SHORT):
        env.strike(market=market, signal=signal, horizon=3600)
    env.give(env.owner.address, quote=10**12)
    env.owner.send("deposit", 10**12)
    env.give(env.keeper.address, quote=10**13, base=10**21)
    for token in (env.quote, env.base):
        env.approve(env.keeper.key, token)
    env.price(1650, settled=False)
    env.wait(300)
    feed.tell(1650 * 10**8)
    with env.frozen():
        same_or_nothing(env, "keeper", "markDue", [1, 2])
    env.wait(3600 + 1500)
    with env.frozen():
        opening = env.prediction(market=market)
        same_or_nothing(env, "keeper", "markToMarket")
        same_or_nothing(env, "operator", "executeStrike", opening, env.sign(opening), 0)
        for strike_id, limit in ((1, 0), (2, U)):
            same_or_nothing(env, "keeper", "takeStrike", strike_id, U - limit)
            same_or_nothing(env, "operator", "settleStrike", strike_id, limit)
            same_or_nothing(env, "owner", "closeAtOracle", strike_id)


def same_or_nothing(env: Env, by: str, function: str, *args: Any) -> None:
    data = diamond_abi().encode_call(function, *args)
    used, whole = given(env, by, data, AMPLE)
    assert whole is not None
    found = [given(env, by, data, used * (STEPS + step) // (2 * STEPS))[1] for step in range(STEPS)]
    found.append(given(env, by, data, 2 * used)[1])
    assert None in found
    assert found[-1] == whole
    assert all(events in (None, whole) for events in found), function


def given(env: Env, by: str, data: bytes, gas: int) -> tuple[int, list[Event] | None]:
    """What it used, and what it did; None where it was refused."""
    with env.undone():
        try:
            receipt = env.chain.send(env.people[by], env.diamond, data, gas=gas)
        except (Reverted, NodeError):
            return 0, None
        return receipt.gas_used, env.events(receipt)
