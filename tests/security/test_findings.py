"""Findings on the first edition that have no other test, by their number and for their kind."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from macrostrike.build import ours
from macrostrike.types import BOTS, MAX_LOTS, BotConfig, Venue

from ..unit.market.markets import config, deploy_feed, rules
from ..unit.scene import DAY, Scene

shared = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
POOL = ours("HostilePool")
CAPS = st.integers(2000, 100_000)


@settings(shared, max_examples=8)
@given(shares=st.lists(st.integers(1, 30), min_size=5, max_size=5), more=st.integers(1, 10**9))
def test_s11_open_lots_pass_1023_of_a_bot_and_its_equity_still_holds_them(
    scene: Scene, shares: list[int], more: int
) -> None:
    """A strike takes 1,023 lots of a bot at most; several of them more, as money moves between."""
    with scene.undone():
        scene.rule(max_bot_lots=MAX_LOTS, max_strike_lots=25 * MAX_LOTS, max_open_lots=65_000)
        risky = BotConfig(
            risk_bps=10_000, min_confidence_bps=9300, longs=True, shorts=True, active=True
        )
        for bot in range(BOTS):
            scene.owner.send("configureBot", bot, risky)
        scene.owner.send("setLot", 10_000_000)
        scene.give(scene.owner.address, quote=5 * BOTS * more)
        scene.owner.send("deposit", 5 * BOTS * more)
        for share in shares:
            opened = scene.strike()
            assert max(scene.read("getStrike", opened["strike_id"]).lots) <= MAX_LOTS
            scene.owner.send("fundBots", [more] * BOTS)
            scene.owner.send("rebalance", [100, *[100 + share] * (BOTS - 1)])
            for bot in scene.read("getBots"):
                assert bot.locked <= bot.equity
        assert max(bot.locked for bot in scene.read("getBots")) > MAX_LOTS * scene.lot_value


@settings(shared, max_examples=15)
@given(caps=st.lists(st.tuples(st.integers(0, DAY), CAPS), min_size=1, max_size=5))
def test_s13_no_change_of_a_day_cap_forgives_what_was_used(
    scene: Scene, caps: list[tuple[int, int]]
) -> None:
    """Raised or lowered, at any time: what is in use stays in use, to a lot."""
    with scene.undone():
        scene.rule(max_day_lots=5000)
        scene.strike()
        for wait, cap in caps:
            scene.wait(wait)
            with scene.frozen():
                used = scene.keeper.call("getMarket", 0).used_day_lots
                scene.rule(max_day_lots=cap)
                assert abs(scene.keeper.call("getMarket", 0).used_day_lots - used) <= 1


@settings(shared, max_examples=15)
@given(
    loss=st.integers(0, 90),
    moves=st.lists(st.tuples(st.booleans(), st.integers(1, 95)), min_size=1, max_size=4),
)
def test_s15_the_mark_moves_by_shares(
    scene: Scene, loss: int, moves: list[tuple[bool, int]]
) -> None:
    """Money that the owner puts in or takes out leaves the drawdown what it was, never less."""
    with scene.undone():
        if loss:
            scene.rule(max_bot_lots=loss)
            scene.owner.send("writeOffStrike", scene.strike()["strike_id"])
        for adds, percent in moves:
            before = scene.read("getStrikeStats")
            amounts = [bot.equity * percent // 100 for bot in scene.read("getBots")]
            if adds:
                scene.give(scene.owner.address, quote=sum(amounts))
                scene.owner.send("deposit", sum(amounts))
            scene.owner.send("fundBots" if adds else "defundBots", amounts)
            after = scene.read("getStrikeStats")
            # mark' = ceil(mark x E' / E)
            exact = before.high_water * after.equity
            assert 0 <= after.high_water * before.equity - exact < before.equity
            assert not after.halted


@pytest.mark.parametrize("bits", [100, 120, 130])
def test_s17_no_profit_is_too_large_to_settle(scene: Scene, bits: int) -> None:
    """The books hold what they can; the reserve gets the rest until it is full, too."""
    with scene.undone():
        pool = scene.deploy(POOL, scene.base, scene.quote, (1600 * 10**6 << 96) // 10**18)
        scene.give(pool, quote=10**13, base=10**22)
        scene.owner.send("setFactory", pool, Venue.UNISWAP_V3, True)
        feed = deploy_feed(scene)
        feed.tell(1600 * 10**8)
        by_feed = rules(scene, oracle=1, oracle_window=10**6)
        market = config(scene, pool=pool, factory=pool, feed=feed.address, rules=by_feed)
        scene.owner.send("registerMarket", market)
        opened = scene.strike(market=1)
        paid = 1 << bits
        scene.give(pool, quote=2 * paid)
        scene.tell(
            scene.keeper.key, POOL.abi, pool, "setPrice", (paid << 96) // opened["base_amount"]
        )
        feed.tell((1 << 96) - 1)
        settled = scene.settle(opened["strike_id"])
        assert settled["quote_amount"] > paid * 99 // 100
        stats = scene.read("getStrikeStats")
        assert (stats.settled, stats.wins, stats.open) == (1, 1, 0)
        if bits < 128:
            assert scene.read("excessOf", scene.quote) == 0
