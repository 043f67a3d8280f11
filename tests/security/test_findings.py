"""Findings on the first edition that have no other test, by their number and for their kind."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from macrostrike.build import ours
from macrostrike.types import BOTS, MAX_LOTS, BotConfig, Signal, Venue

from ..unit.environment import DAY, Env
from ..unit.market.markets import config, deploy_feed, rules

shared = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
POOL = ours("HostilePool")
CAPS = st.integers(2000, 100_000)


@settings(shared, max_examples=8)
@given(shares=st.lists(st.integers(1, 30), min_size=5, max_size=5), more=st.integers(1, 10**9))
def test_s11_open_lots_pass_1023_of_a_bot_and_its_equity_still_holds_them(
    env: Env, shares: list[int], more: int
) -> None:
    """A strike takes 1,023 lots of a bot at most; several of them more, as money moves between."""
    with env.undone():
        env.rule(max_bot_lots=MAX_LOTS, max_strike_lots=25 * MAX_LOTS, max_open_lots=65_000)
        risky = BotConfig(
            risk_bps=10_000, min_confidence_bps=9300, longs=True, shorts=True, active=True
        )
        for bot in range(BOTS):
            env.owner.send("configureBot", bot, risky)
        env.owner.send("setLot", 10_000_000)
        env.give(env.owner.address, quote=5 * BOTS * more)
        env.owner.send("deposit", 5 * BOTS * more)
        for share in shares:
            opened = env.strike()
            assert max(env.read("getStrike", opened["strike_id"]).lots) <= MAX_LOTS
            env.owner.send("fundBots", [more] * BOTS)
            env.owner.send("rebalance", [100, *[100 + share] * (BOTS - 1)])
            for bot in env.read("getBots"):
                assert bot.locked <= bot.equity
        assert max(bot.locked for bot in env.read("getBots")) > MAX_LOTS * env.lot_value


@settings(shared, max_examples=15)
@given(caps=st.lists(st.tuples(st.integers(0, DAY), CAPS), min_size=1, max_size=5))
def test_s13_no_change_of_a_day_cap_forgives_what_was_used(
    env: Env, caps: list[tuple[int, int]]
) -> None:
    """Raised or lowered, at any time: what is in use stays in use, to a lot."""
    with env.undone():
        env.rule(max_day_lots=5000)
        env.strike()
        for wait, cap in caps:
            env.wait(wait)
            with env.frozen():
                used = env.keeper.call("getMarket", 0).used_day_lots
                env.rule(max_day_lots=cap)
                assert abs(env.keeper.call("getMarket", 0).used_day_lots - used) <= 1


@settings(shared, max_examples=15)
@given(
    loss=st.integers(0, 90),
    moves=st.lists(st.tuples(st.booleans(), st.integers(1, 95)), min_size=1, max_size=4),
)
def test_s15_the_mark_moves_by_shares(env: Env, loss: int, moves: list[tuple[bool, int]]) -> None:
    """Money that the owner puts in or takes out leaves the drawdown what it was, never less."""
    with env.undone():
        if loss:
            env.rule(max_bot_lots=loss)
            env.owner.send("writeOffStrike", env.strike()["strike_id"])
        for adds, percent in moves:
            before = env.read("getStrikeStats")
            amounts = [bot.equity * percent // 100 for bot in env.read("getBots")]
            if adds:
                env.give(env.owner.address, quote=sum(amounts))
                env.owner.send("deposit", sum(amounts))
            env.owner.send("fundBots" if adds else "defundBots", amounts)
            after = env.read("getStrikeStats")
            # mark' = ceil(mark x E' / E)
            exact = before.high_water * after.equity
            assert 0 <= after.high_water * before.equity - exact < before.equity
            assert not after.halted


def test_s17_a_full_reserve_holds_up_no_closing_and_no_withdrawal(env: Env) -> None:
    """Neither what a short gives back nor dust finds room in it: they are a donation then."""
    with env.undone():
        short, other = env.strike(signal=Signal.STRONG_SHORT), env.strike()
        env.settle(other["strike_id"])
        full = (1 << 128) - 1
        env.give(env.owner.address, quote=full)
        env.owner.send("deposit", full - env.read("getTreasury")[1])
        env.owner.send("writeOffStrike", short["strike_id"])
        assert env.read("getTreasury")[1] > full  # dust is waiting
        env.owner.send("withdraw", full, env.owner.address)
        assert env.read("getTreasury")[1] == 0
        assert env.read("excessOf", env.quote) == 2 * short["notional"]


@pytest.mark.parametrize("bits", [100, 120, 130])
def test_s17_no_profit_is_too_large_to_settle(env: Env, bits: int) -> None:
    """The books hold what they can; the reserve gets the rest until it is full, too."""
    with env.undone():
        pool = env.deploy(POOL, env.base, env.quote, (1600 * 10**6 << 96) // 10**18)
        env.give(pool, quote=10**13, base=10**22)
        env.owner.send("setFactory", pool, Venue.UNISWAP_V3, True)
        feed = deploy_feed(env)
        feed.tell(1600 * 10**8)
        by_feed = rules(env, oracle=1, oracle_window=10**6)
        market = config(env, pool=pool, factory=pool, feed=feed.address, rules=by_feed)
        env.owner.send("registerMarket", market)
        opened = env.strike(market=1)
        paid = 1 << bits
        env.give(pool, quote=2 * paid)
        env.tell(env.keeper.key, POOL.abi, pool, "setPrice", (paid << 96) // opened["base_amount"])
        feed.tell((1 << 96) - 1)
        settled = env.settle(opened["strike_id"])
        assert settled["quote_amount"] > paid * 99 // 100
        stats = env.read("getStrikeStats")
        assert (stats.settled, stats.wins, stats.open) == (1, 1, 0)
        if bits < 128:
            assert env.read("excessOf", env.quote) == 0
