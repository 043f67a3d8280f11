"""Closing a strike without a trade at the reference prices, by the owner (R5, S5, S12)."""

from __future__ import annotations

import pytest

from macrostrike.errors import InsufficientFunds, NotOwner, StrikeNotOpen
from macrostrike.types import Closing, Signal

from ..market.markets import deploy_feed, feed_market
from ..readers import refuses
from ..scene import Scene

SIDES = [Signal.STRONG_LONG, Signal.STRONG_SHORT]


def reserve(scene: Scene) -> int:
    return int(scene.read("getTreasury")[1])


def fund(scene: Scene) -> None:
    """A reserve that can pay."""
    scene.give(scene.owner.address, quote=10**12)
    scene.owner.send("deposit", 10**12)


def references(scene: Scene, market: int = 0) -> tuple[int, ...]:
    base = scene.read("getStrike", 1).record.base_amount
    return tuple(scene.keeper.call("getReferencePrices", market, base))


@pytest.mark.parametrize("signal", SIDES)
@pytest.mark.parametrize("moved", [1500, 1580, 1620, 1700])
def test_it_closes_at_the_worst_of_the_known_prices(
    scene: Scene, signal: Signal, moved: int
) -> None:
    opened = scene.strike(signal=signal)
    fund(scene)
    scene.wait(100)
    scene.price(moved, settled=False)
    scene.wait(50)
    base, prices = scene.read("getStrike", 1).record.base_amount, references(scene)
    assert len(set(prices)) == 3
    before, inventory = reserve(scene), scene.read("inventoryOf", scene.base)
    held = scene.balance(scene.quote), scene.balance(scene.base)
    settled = scene.owner.only("StrikeSettled", "closeAtOracle", 1)
    price = min(prices) if signal.is_long else max(prices)
    gained = price - opened["notional"] if signal.is_long else opened["notional"] - price
    assert (settled["how"], settled["quote_amount"]) == (Closing.ORACLE, price)
    assert (settled["pnl"], settled["won"]) == (gained, gained > 0)
    # Nothing was traded or transferred: the reserve is the other side.
    assert (scene.balance(scene.quote), scene.balance(scene.base)) == held
    assert 0 <= reserve(scene) - before - (-price if signal.is_long else price) <= 25
    moved_base = base if signal.is_long else 0
    assert settled["base_amount"] == moved_base
    assert scene.read("inventoryOf", scene.base) == inventory + moved_base
    assert scene.read("excessOf", scene.quote) == scene.read("excessOf", scene.base) == 0
    with refuses(scene, StrikeNotOpen(1)):
        scene.owner.send("closeAtOracle", 1)


def test_a_shorts_cost_ends_at_its_cover(scene: Scene) -> None:
    opened = scene.strike(signal=Signal.STRONG_SHORT)
    scene.price(5000)
    settled = scene.owner.only("StrikeSettled", "closeAtOracle", 1)
    assert settled["quote_amount"] == 2 * opened["notional"]
    assert settled["pnl"] == -opened["notional"]


def test_the_reserve_must_cover_a_long(scene: Scene) -> None:
    scene.strike()
    price = min(references(scene))
    error = InsufficientFunds(scene.quote, price, reserve(scene))
    with refuses(scene, error):
        scene.owner.send("closeAtOracle", 1)


def test_it_works_by_what_is_known(scene: Scene) -> None:
    """The feed is dead: the pool's own prices are what there is."""
    feed = deploy_feed(scene)
    feed.tell(1600 * 10**8)
    market = feed_market(scene, feed)
    scene.strike(market=market)
    fund(scene)
    feed.tell(1600 * 10**8, silent=True)
    oracle, *known = references(scene, market)
    assert oracle == 0
    settled = scene.owner.only("StrikeSettled", "closeAtOracle", 1)
    assert settled["quote_amount"] == min(known)
    assert settled["won"] is False


@pytest.mark.parametrize("role", ["operator", "settler", "guardian", "keeper"])
def test_it_is_for_the_owner(scene: Scene, role: str) -> None:
    scene.strike(horizon=1)
    scene.wait(10_000)
    with refuses(scene, NotOwner(scene.people[role].address, scene.owner.address)):
        getattr(scene, role).send("closeAtOracle", 1)


def test_it_works_while_paused_and_takeovers_are_stopped(scene: Scene) -> None:
    scene.strike(signal=Signal.SHORT)
    scene.owner.send("pause")
    scene.guardian.send("stopTakeovers")
    scene.owner.send("closeAtOracle", 1)


def test_without_any_price_it_is_refused(scene: Scene) -> None:
    feed = deploy_feed(scene)
    feed.tell(1600 * 10**8)
    market = feed_market(scene, feed)
    scene.strike(market=market, signal=Signal.SHORT)
    feed.tell(1600 * 10**8, silent=True)
    settled = scene.owner.only("StrikeSettled", "closeAtOracle", 1)
    assert settled["quote_amount"] > 0
    with refuses(scene, StrikeNotOpen(2)):
        scene.owner.send("closeAtOracle", 2)
