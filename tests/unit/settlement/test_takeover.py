"""Taking over the position of a strike that is due (R2, S1): who, when, at what price."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from macrostrike.errors import (
    OracleUnavailable,
    SlippageExceeded,
    StrikeNotOpen,
    StrikeNotTakeable,
    TakeoversAreStopped,
)
from macrostrike.types import BPS, Closing, Signal

from ..environment import DAY, Env, event
from ..market.markets import deploy_feed, feed_market
from ..readers import refuses

U = (1 << 256) - 1
HORIZON = 600
SIDES = [Signal.STRONG_LONG, Signal.STRONG_SHORT]


def endow(env: Env) -> None:
    """The keeper has tokens and lets the diamond take them."""
    env.give(env.keeper.address, quote=10**13, base=10**21)
    for token in (env.quote, env.base):
        env.approve(env.keeper.key, token)


def due(env: Env, signal: Signal, price: int = 1600, **changes: Any) -> dict[str, Any]:
    """A strike that is past its horizon but not yet open to takers."""
    opened = env.strike(signal=signal, horizon=HORIZON, **changes)
    env.price(price)
    endow(env)
    return opened


def opens_at(env: Env, strike_id: int = 1) -> int:
    delay = env.read("getMarket", 0).rules.keeper_delay
    return int(env.read("getStrike", strike_id).record.due_at + delay)


def limit(signal: Signal) -> int:
    return U if signal.is_long else 0


def references(env: Env) -> tuple[int, int, int]:
    """What the three prices make of the strike's base in the next transaction."""
    base = env.read("getStrike", 1).record.base_amount
    return tuple(env.keeper.call("getReferencePrices", 0, base))  # type: ignore[return-value]


def take(env: Env, signal: Signal, at: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arguments of both events of a takeover at that second."""
    env.at(at)
    events = env.keeper.send("takeStrike", 1, limit(signal))
    found = {each.name: dict(each.args) for each in events}
    return found["StrikeSettled"], found["StrikeTaken"]


@pytest.mark.parametrize("signal", SIDES)
@pytest.mark.parametrize(
    ("elapsed", "off"),
    [(0, 100), (1, 100), (3, 99), (300, 0), (600, -100), (1199, -299), (1200, -300), (9999, -300)],
)
def test_the_price_falls_from_the_premium_to_the_discount(
    env: Env, signal: Signal, elapsed: int, off: int
) -> None:
    opened = due(env, signal, 1620)
    at = opens_at(env) + elapsed
    env.at(at)
    prices = references(env)
    settled, taken = take(env, signal, at)
    if signal.is_long:
        amount = -(-max(prices) * (BPS + off) // BPS)
    else:
        amount = min(prices) * (BPS - off) // BPS
    assert taken == {
        "strike_id": 1,
        "taker": env.keeper.address,
        "off_bps": off,
        "oracle_quote": prices[0],
        "mean_quote": prices[1],
        "start_quote": prices[2],
    }
    assert settled["quote_amount"] == amount
    assert (settled["by"], settled["how"]) == (env.keeper.address, Closing.TAKEOVER)
    # What is paid over the reference prices does not count as the strike's profit.
    if signal.is_long:
        assert settled["pnl"] == min(amount, max(prices[1:])) - opened["notional"]
    else:
        assert settled["pnl"] == opened["notional"] - max(amount, min(prices[1:]))
    assert settled["won"] == (settled["pnl"] > 0 and elapsed <= 1200)


@pytest.mark.parametrize("signal", SIDES)
@pytest.mark.parametrize("price", [1600, 1640], ids=["fell", "rose"])
def test_what_is_counted_ends_at_the_better_of_mean_and_start(
    env: Env, signal: Signal, price: int
) -> None:
    """Where the price moved less than a window ago, so that they differ."""
    opened = due(env, signal, 1620)
    at = opens_at(env)
    env.at(at - 10)
    env.price(price)
    env.at(at)
    oracle, mean, start = references(env)
    assert (start > mean) == (price == 1640)
    settled, taken = take(env, signal, at)
    assert taken["oracle_quote"] == oracle
    assert (taken["mean_quote"], taken["start_quote"]) == (mean, start)
    if signal.is_long:
        assert settled["pnl"] == max(mean, start) - opened["notional"]
    else:
        assert settled["pnl"] == opened["notional"] - min(mean, start)


@pytest.mark.parametrize("signal", SIDES)
def test_taker_and_diamond_exchange_just_that(env: Env, signal: Signal) -> None:
    due(env, signal)
    at = opens_at(env) + 700
    env.at(at)
    takeable, opens, amount_in, amount_out = env.keeper.call("quoteTake", 1)
    assert (takeable, opens) == (True, opens_at(env))
    tokens = (env.quote, env.base) if signal.is_long else (env.base, env.quote)
    had = [env.balance(token, env.keeper.address) for token in tokens]
    kept = [env.balance(token) for token in tokens]
    inventory = env.read("inventoryOf", env.base)
    base = env.read("getStrike", 1).record.base_amount
    assert env.keeper.call("takeStrike", 1, limit(signal)) == (amount_in, amount_out)
    take(env, signal, at)
    has = [env.balance(token, env.keeper.address) for token in tokens]
    assert has == [had[0] - amount_in, had[1] + amount_out]
    assert [env.balance(token) for token in tokens] == [kept[0] + amount_in, kept[1] - amount_out]
    assert (amount_out if signal.is_long else amount_in) == base
    gained = 0 if signal.is_long else base
    assert env.read("inventoryOf", env.base) == inventory + gained
    assert env.read("excessOf", env.quote) == env.read("excessOf", env.base) == 0
    with refuses(env, StrikeNotOpen(1)):
        env.keeper.send("takeStrike", 1, limit(signal))


@pytest.mark.parametrize("signal", SIDES)
def test_not_a_second_before_the_keeper_delay_is_over(env: Env, signal: Signal) -> None:
    due(env, signal)
    opens = opens_at(env)
    env.at(opens - 1)
    assert env.keeper.call("quoteTake", 1) == (False, opens, 0, 0)
    with refuses(env, StrikeNotTakeable(1, opens)):
        env.keeper.send("takeStrike", 1, limit(signal))
    env.at(opens)
    assert env.keeper.call("quoteTake", 1)[0]
    env.keeper.send("takeStrike", 1, limit(signal))


def test_a_mark_opens_it_earlier(env: Env) -> None:
    env.strike(horizon=10_000, take_profit_bps=100)
    env.price(1700)
    endow(env)
    marked_at = env.now
    env.keeper.send("markDue", [1])
    assert opens_at(env) == marked_at + 900
    env.at(opens_at(env))
    env.keeper.send("takeStrike", 1, U)


@pytest.mark.parametrize("signal", SIDES)
def test_a_takers_limit_is_met_to_the_unit(env: Env, signal: Signal) -> None:
    due(env, signal)
    at = opens_at(env) + 600
    env.at(at)
    _, _, amount_in, amount_out = env.keeper.call("quoteTake", 1)
    quote, step = (amount_in, -1) if signal.is_long else (amount_out, 1)
    with refuses(env, SlippageExceeded(quote, quote + step)):
        env.keeper.send("takeStrike", 1, quote + step)
    env.at(at)
    env.keeper.send("takeStrike", 1, quote)


OFF: dict[str, Callable[[Env], object]] = {
    "paused": lambda env: env.guardian.send("pause"),
    "market disabled": lambda env: env.guardian.send("disableMarket", 0),
    "operator revoked": lambda env: env.guardian.send("revokeOperator", env.operator.address),
    "engine revoked": lambda env: env.guardian.send("revokeEngine", env.engine.address),
}


@pytest.mark.parametrize("how", OFF)
def test_it_works_whatever_is_switched_off(env: Env, how: str) -> None:
    due(env, Signal.LONG)
    OFF[how](env)
    take(env, Signal.LONG, opens_at(env))


def test_it_works_while_halted(env: Env) -> None:
    due(env, Signal.LONG)
    for _ in range(7):
        env.owner.send("writeOffStrike", env.strike()["strike_id"])
    assert env.read("getStrikeStats").halted
    take(env, Signal.LONG, max(opens_at(env), env.now))


def test_s5_a_guardian_stops_takeovers_and_the_owner_alone_allows_them(env: Env) -> None:
    due(env, Signal.LONG)
    env.at(opens_at(env))
    assert env.guardian.send("stopTakeovers") == [
        event("TakeoversStopped", by=env.guardian.address)
    ]
    assert not env.keeper.call("quoteTake", 1)[0]
    for role in ("keeper", "operator", "owner"):
        with refuses(env, TakeoversAreStopped()):
            getattr(env, role).send("takeStrike", 1, U)
    # Operators close it all the same.
    with env.undone():
        env.settle(1)
    assert env.owner.send("allowTakeovers") == [event("TakeoversAllowed", by=env.owner.address)]
    env.keeper.send("takeStrike", 1, U)


def test_without_a_price_nothing_is_taken_over(env: Env) -> None:
    feed = deploy_feed(env)
    feed.tell(1600 * 10**8)
    due(env, Signal.LONG, market=feed_market(env, feed, window=DAY))
    env.at(opens_at(env))
    feed.tell(1600 * 10**8, silent=True)
    assert env.keeper.call("quoteTake", 1) == (False, opens_at(env), 0, 0)
    with refuses(env, OracleUnavailable(1)):
        env.keeper.send("takeStrike", 1, U)


@pytest.mark.parametrize("price", [3300, 4000, 8000])
def test_a_short_past_its_cover_is_taken_over_for_as_much_base_as_it_pays_for(
    env: Env, price: int
) -> None:
    """Proceeds and margin are all there is, so that it closes at any price."""
    opened = due(env, Signal.STRONG_SHORT, price)
    at = opens_at(env)
    env.at(at)
    base, cover = env.read("getStrike", 1).record.base_amount, 2 * opened["notional"]
    full = min(references(env)) * (BPS - 100) // BPS
    settled, _ = take(env, Signal.STRONG_SHORT, at)
    assert full > cover
    assert settled["quote_amount"] == cover
    assert settled["base_amount"] == -(-base * cover // full)
    assert (settled["pnl"], settled["won"]) == (-opened["notional"], False)
    assert env.read("excessOf", env.quote) == env.read("excessOf", env.base) == 0


@pytest.mark.parametrize("strike_id", [0, 1, 65, U])
def test_only_what_is_open_is_taken_over(env: Env, strike_id: int) -> None:
    with refuses(env, StrikeNotOpen(strike_id)):
        env.keeper.send("takeStrike", strike_id, U)


@pytest.mark.parametrize("signal", SIDES)
@pytest.mark.parametrize(("elapsed", "won"), [(0, True), (1200, True), (1201, False), (DAY, False)])
def test_it_counts_as_won_while_the_auction_runs(
    env: Env, signal: Signal, elapsed: int, won: bool
) -> None:
    """Until then neither price nor time is the operator's to choose; afterwards he may be the only
    one who still wants it, and wait for the market to come back."""
    due(env, signal, 1700 if signal.is_long else 1500)
    settled, _ = take(env, signal, opens_at(env) + elapsed)
    assert settled["pnl"] > 0
    assert settled["won"] is won


def test_a_surplus_over_the_references_is_the_reserves(env: Env) -> None:
    due(env, Signal.LONG)
    reserve = env.read("getTreasury")[1]
    settled, taken = take(env, Signal.LONG, opens_at(env))
    surplus = settled["quote_amount"] - max(taken["mean_quote"], taken["start_quote"])
    assert surplus > 0
    gained = env.read("getTreasury")[1] - reserve
    assert 0 <= gained - surplus <= 25
