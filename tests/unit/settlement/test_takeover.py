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

from ..market.markets import deploy_feed, feed_market
from ..readers import refuses
from ..scene import DAY, Scene, event

U = (1 << 256) - 1
HORIZON = 600
SIDES = [Signal.STRONG_LONG, Signal.STRONG_SHORT]


def endow(scene: Scene) -> None:
    """The keeper has tokens and lets the diamond take them."""
    scene.give(scene.keeper.address, quote=10**13, base=10**21)
    for token in (scene.quote, scene.base):
        scene.approve(scene.keeper.key, token)


def due(scene: Scene, signal: Signal, price: int = 1600, **changes: Any) -> dict[str, Any]:
    """A strike that is past its horizon but not yet open to takers."""
    opened = scene.strike(signal=signal, horizon=HORIZON, **changes)
    scene.price(price)
    endow(scene)
    return opened


def opens_at(scene: Scene, strike_id: int = 1) -> int:
    delay = scene.read("getMarket", 0).rules.keeper_delay
    return int(scene.read("getStrike", strike_id).record.due_at + delay)


def limit(signal: Signal) -> int:
    return U if signal.is_long else 0


def references(scene: Scene) -> tuple[int, int, int]:
    """What the three prices make of the strike's base in the next transaction."""
    base = scene.read("getStrike", 1).record.base_amount
    return tuple(scene.keeper.call("getReferencePrices", 0, base))  # type: ignore[return-value]


def take(scene: Scene, signal: Signal, at: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arguments of both events of a takeover at that second."""
    scene.at(at)
    events = scene.keeper.send("takeStrike", 1, limit(signal))
    found = {each.name: dict(each.args) for each in events}
    return found["StrikeSettled"], found["StrikeTaken"]


@pytest.mark.parametrize("signal", SIDES)
@pytest.mark.parametrize(
    ("elapsed", "off"),
    [(0, 100), (1, 100), (3, 99), (300, 0), (600, -100), (1199, -299), (1200, -300), (9999, -300)],
)
def test_the_price_falls_from_the_premium_to_the_discount(
    scene: Scene, signal: Signal, elapsed: int, off: int
) -> None:
    opened = due(scene, signal, 1620)
    at = opens_at(scene) + elapsed
    scene.at(at)
    prices = references(scene)
    settled, taken = take(scene, signal, at)
    if signal.is_long:
        amount = -(-max(prices) * (BPS + off) // BPS)
    else:
        amount = min(prices) * (BPS - off) // BPS
    assert taken == {
        "strike_id": 1,
        "taker": scene.keeper.address,
        "off_bps": off,
        "oracle_quote": prices[0],
        "mean_quote": prices[1],
        "start_quote": prices[2],
    }
    assert settled["quote_amount"] == amount
    assert (settled["by"], settled["how"]) == (scene.keeper.address, Closing.TAKEOVER)
    # What is paid over the reference prices does not count as the strike's profit.
    if signal.is_long:
        assert settled["pnl"] == min(amount, max(prices[1:])) - opened["notional"]
    else:
        assert settled["pnl"] == opened["notional"] - max(amount, min(prices[1:]))
    assert settled["won"] == (settled["pnl"] > 0)


@pytest.mark.parametrize("signal", SIDES)
def test_taker_and_diamond_exchange_just_that(scene: Scene, signal: Signal) -> None:
    due(scene, signal)
    at = opens_at(scene) + 700
    scene.at(at)
    takeable, opens, amount_in, amount_out = scene.keeper.call("quoteTake", 1)
    assert (takeable, opens) == (True, opens_at(scene))
    tokens = (scene.quote, scene.base) if signal.is_long else (scene.base, scene.quote)
    had = [scene.balance(token, scene.keeper.address) for token in tokens]
    held = [scene.balance(token) for token in tokens]
    inventory = scene.read("inventoryOf", scene.base)
    base = scene.read("getStrike", 1).record.base_amount
    assert scene.keeper.call("takeStrike", 1, limit(signal)) == (amount_in, amount_out)
    take(scene, signal, at)
    has = [scene.balance(token, scene.keeper.address) for token in tokens]
    assert has == [had[0] - amount_in, had[1] + amount_out]
    assert [scene.balance(token) for token in tokens] == [held[0] + amount_in, held[1] - amount_out]
    assert (amount_out if signal.is_long else amount_in) == base
    gained = 0 if signal.is_long else base
    assert scene.read("inventoryOf", scene.base) == inventory + gained
    assert scene.read("excessOf", scene.quote) == scene.read("excessOf", scene.base) == 0
    with refuses(scene, StrikeNotOpen(1)):
        scene.keeper.send("takeStrike", 1, limit(signal))


@pytest.mark.parametrize("signal", SIDES)
def test_not_a_second_before_the_keeper_delay_is_over(scene: Scene, signal: Signal) -> None:
    due(scene, signal)
    opens = opens_at(scene)
    scene.at(opens - 1)
    assert scene.keeper.call("quoteTake", 1) == (False, opens, 0, 0)
    with refuses(scene, StrikeNotTakeable(1, opens)):
        scene.keeper.send("takeStrike", 1, limit(signal))
    scene.at(opens)
    assert scene.keeper.call("quoteTake", 1)[0]
    scene.keeper.send("takeStrike", 1, limit(signal))


def test_a_mark_opens_it_earlier(scene: Scene) -> None:
    scene.strike(horizon=10_000, take_profit_bps=100)
    scene.price(1700)
    endow(scene)
    marked_at = scene.now
    scene.keeper.send("markDue", [1])
    assert opens_at(scene) == marked_at + 900
    scene.at(opens_at(scene))
    scene.keeper.send("takeStrike", 1, U)


@pytest.mark.parametrize("signal", SIDES)
def test_a_takers_limit_is_met_to_the_unit(scene: Scene, signal: Signal) -> None:
    due(scene, signal)
    at = opens_at(scene) + 600
    scene.at(at)
    _, _, amount_in, amount_out = scene.keeper.call("quoteTake", 1)
    quote, step = (amount_in, -1) if signal.is_long else (amount_out, 1)
    with refuses(scene, SlippageExceeded(quote, quote + step)):
        scene.keeper.send("takeStrike", 1, quote + step)
    scene.at(at)
    scene.keeper.send("takeStrike", 1, quote)


OFF: dict[str, Callable[[Scene], object]] = {
    "paused": lambda scene: scene.guardian.send("pause"),
    "market disabled": lambda scene: scene.guardian.send("disableMarket", 0),
    "operator revoked": lambda scene: scene.guardian.send("revokeOperator", scene.operator.address),
    "engine revoked": lambda scene: scene.guardian.send("revokeEngine", scene.engine.address),
}


@pytest.mark.parametrize("how", OFF)
def test_it_works_whatever_is_switched_off(scene: Scene, how: str) -> None:
    due(scene, Signal.LONG)
    OFF[how](scene)
    take(scene, Signal.LONG, opens_at(scene))


def test_it_works_while_halted(scene: Scene) -> None:
    due(scene, Signal.LONG)
    for _ in range(7):
        scene.owner.send("writeOffStrike", scene.strike()["strike_id"])
    assert scene.read("getStrikeStats").halted
    take(scene, Signal.LONG, max(opens_at(scene), scene.now))


def test_s5_a_guardian_stops_takeovers_and_the_owner_alone_allows_them(scene: Scene) -> None:
    due(scene, Signal.LONG)
    scene.at(opens_at(scene))
    assert scene.guardian.send("stopTakeovers") == [
        event("TakeoversStopped", by=scene.guardian.address)
    ]
    assert not scene.keeper.call("quoteTake", 1)[0]
    for role in ("keeper", "operator", "owner"):
        with refuses(scene, TakeoversAreStopped()):
            getattr(scene, role).send("takeStrike", 1, U)
    # Operators close it all the same.
    with scene.undone():
        scene.settle(1)
    assert scene.owner.send("allowTakeovers") == [event("TakeoversAllowed", by=scene.owner.address)]
    scene.keeper.send("takeStrike", 1, U)


def test_without_a_price_nothing_is_taken_over(scene: Scene) -> None:
    feed = deploy_feed(scene)
    feed.tell(1600 * 10**8)
    due(scene, Signal.LONG, market=feed_market(scene, feed, window=DAY))
    scene.at(opens_at(scene))
    feed.tell(1600 * 10**8, silent=True)
    assert scene.keeper.call("quoteTake", 1) == (False, opens_at(scene), 0, 0)
    with refuses(scene, OracleUnavailable(1)):
        scene.keeper.send("takeStrike", 1, U)


@pytest.mark.parametrize("price", [3300, 4000, 8000])
def test_a_short_past_its_cover_is_taken_over_for_as_much_base_as_it_pays_for(
    scene: Scene, price: int
) -> None:
    """Proceeds and margin are all there is, so that it closes at any price."""
    opened = due(scene, Signal.STRONG_SHORT, price)
    at = opens_at(scene)
    scene.at(at)
    base, cover = scene.read("getStrike", 1).record.base_amount, 2 * opened["notional"]
    full = min(references(scene)) * (BPS - 100) // BPS
    settled, _ = take(scene, Signal.STRONG_SHORT, at)
    assert full > cover
    assert settled["quote_amount"] == cover
    assert settled["base_amount"] == -(-base * cover // full)
    assert (settled["pnl"], settled["won"]) == (-opened["notional"], False)
    assert scene.read("excessOf", scene.quote) == scene.read("excessOf", scene.base) == 0


@pytest.mark.parametrize("strike_id", [0, 1, 65, U])
def test_only_what_is_open_is_taken_over(scene: Scene, strike_id: int) -> None:
    with refuses(scene, StrikeNotOpen(strike_id)):
        scene.keeper.send("takeStrike", strike_id, U)


def test_a_late_takeover_may_count_as_won(scene: Scene) -> None:
    """Its price is not the operator's to choose."""
    due(scene, Signal.LONG, 1700)
    settled, _ = take(scene, Signal.LONG, opens_at(scene) + DAY)
    assert settled["won"] is True


def test_a_surplus_over_the_references_is_the_reserves(scene: Scene) -> None:
    due(scene, Signal.LONG)
    reserve = scene.read("getTreasury")[1]
    settled, taken = take(scene, Signal.LONG, opens_at(scene))
    surplus = settled["quote_amount"] - max(taken["mean_quote"], taken["start_quote"])
    assert surplus > 0
    gained = scene.read("getTreasury")[1] - reserve
    assert 0 <= gained - surplus <= 25
