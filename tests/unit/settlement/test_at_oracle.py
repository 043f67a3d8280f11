"""Closing a strike without a trade at the reference prices, by the owner (R5, S5, S12)."""

from __future__ import annotations

import pytest

from macrostrike.errors import InsufficientFunds, NotOwner, StrikeNotOpen
from macrostrike.types import Closing, Signal

from ..environment import Env
from ..market.markets import deploy_feed, feed_market
from ..readers import refuses

SIDES = [Signal.STRONG_LONG, Signal.STRONG_SHORT]


def reserve(env: Env) -> int:
    return int(env.read("getTreasury")[1])


def fund(env: Env) -> None:
    """A reserve that can pay."""
    env.give(env.owner.address, quote=10**12)
    env.owner.send("deposit", 10**12)


def references(env: Env, market: int = 0) -> tuple[int, ...]:
    base = env.read("getStrike", 1).record.base_amount
    return tuple(env.keeper.call("getReferencePrices", market, base))


@pytest.mark.parametrize("signal", SIDES)
@pytest.mark.parametrize("moved", [1500, 1580, 1620, 1700])
def test_it_closes_at_the_worst_of_the_known_prices(env: Env, signal: Signal, moved: int) -> None:
    opened = env.strike(signal=signal)
    fund(env)
    env.wait(100)
    env.price(moved, settled=False)
    env.wait(50)
    base, prices = env.read("getStrike", 1).record.base_amount, references(env)
    assert len(set(prices)) == 3
    before, inventory = reserve(env), env.read("inventoryOf", env.base)
    kept = env.balance(env.quote), env.balance(env.base)
    answer = env.owner.call("closeAtOracle", 1)
    settled = env.owner.only("StrikeSettled", "closeAtOracle", 1)
    assert answer == settled["pnl"]
    price = min(prices) if signal.is_long else max(prices)
    gained = price - opened["notional"] if signal.is_long else opened["notional"] - price
    assert (settled["how"], settled["quote_amount"]) == (Closing.ORACLE, price)
    assert (settled["pnl"], settled["won"]) == (gained, gained > 0)
    # Nothing was traded or transferred: the reserve is the other side.
    assert (env.balance(env.quote), env.balance(env.base)) == kept
    assert 0 <= reserve(env) - before - (-price if signal.is_long else price) <= 25
    moved_base = base if signal.is_long else 0
    assert settled["base_amount"] == moved_base
    assert env.read("inventoryOf", env.base) == inventory + moved_base
    assert env.read("excessOf", env.quote) == env.read("excessOf", env.base) == 0
    with refuses(env, StrikeNotOpen(1)):
        env.owner.send("closeAtOracle", 1)


def test_a_shorts_cost_ends_at_its_cover(env: Env) -> None:
    opened = env.strike(signal=Signal.STRONG_SHORT)
    env.price(5000)
    settled = env.owner.only("StrikeSettled", "closeAtOracle", 1)
    assert settled["quote_amount"] == 2 * opened["notional"]
    assert settled["pnl"] == -opened["notional"]


def test_the_reserve_must_cover_a_long(env: Env) -> None:
    env.strike()
    price = min(references(env))
    error = InsufficientFunds(env.quote, price, reserve(env))
    with refuses(env, error):
        env.owner.send("closeAtOracle", 1)


def test_it_works_by_what_is_known(env: Env) -> None:
    """The feed is dead: the pool's own prices are what there is."""
    feed = deploy_feed(env)
    feed.tell(1600 * 10**8)
    market = feed_market(env, feed)
    env.strike(market=market)
    fund(env)
    feed.tell(1600 * 10**8, silent=True)
    oracle, *known = references(env, market)
    assert oracle == 0
    settled = env.owner.only("StrikeSettled", "closeAtOracle", 1)
    assert settled["quote_amount"] == min(known)
    assert settled["won"] is False


@pytest.mark.parametrize("signal", SIDES)
def test_without_the_exit_price_it_is_not_a_win(env: Env, signal: Signal) -> None:
    """The pool's prices, by which it gained, do not stand for the feed's."""
    feed = deploy_feed(env)
    feed.tell(1600 * 10**8)
    market = feed_market(env, feed)
    env.strike(market=market, signal=signal)
    fund(env)
    env.price(1640 if signal.is_long else 1560)
    feed.tell(1600 * 10**8, silent=True)
    settled = env.owner.only("StrikeSettled", "closeAtOracle", 1)
    assert settled["pnl"] > 0
    assert settled["won"] is False


@pytest.mark.parametrize("role", ["operator", "settler", "guardian", "keeper"])
def test_it_is_for_the_owner(env: Env, role: str) -> None:
    env.strike(horizon=1)
    env.wait(10_000)
    with refuses(env, NotOwner(env.people[role].address, env.owner.address)):
        getattr(env, role).send("closeAtOracle", 1)


def test_it_works_while_paused_and_takeovers_are_stopped(env: Env) -> None:
    env.strike(signal=Signal.SHORT)
    env.owner.send("pause")
    env.guardian.send("stopTakeovers")
    env.owner.send("closeAtOracle", 1)


def test_without_any_price_it_is_refused(env: Env) -> None:
    feed = deploy_feed(env)
    feed.tell(1600 * 10**8)
    market = feed_market(env, feed)
    env.strike(market=market, signal=Signal.SHORT)
    feed.tell(1600 * 10**8, silent=True)
    settled = env.owner.only("StrikeSettled", "closeAtOracle", 1)
    assert settled["quote_amount"] > 0
    with refuses(env, StrikeNotOpen(2)):
        env.owner.send("closeAtOracle", 2)
