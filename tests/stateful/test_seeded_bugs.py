"""Each invariant can be broken: a bug is sown for it, and the audit finds it.

Each bug has a short script of calls, which the contracts without it pass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

import pytest

from .arena import RULES, fleets
from .bugs import BUGS, Bug
from .invariants import INVARIANTS, InvariantBroken
from .script import SHORT, Script
from .seeded import SeededArena
from .weakened import WEAKENED
from .wire import Order, any_price, execute_strike

pytestmark = pytest.mark.long


def skim(script: Script) -> None:
    script.arena.donate(script.arena.outside.weth, 1)
    script.strike()
    script.own("skim", script.arena.outside.weth)


def deposit(script: Script) -> None:
    script.own("deposit", 1_000_000)


def open_and_settle(script: Script) -> None:
    script.strike()
    script.settle()


def take_after_a_move(script: Script) -> None:
    """The three prices differ."""
    script.strike(horizon=60)
    script.arena.chain.mine(1000)  # the keeper delay, and the beginning of the auction
    outside = script.arena.outside
    outside.move_price(0, outside.price(0) * 103 / 100)
    script.arena.chain.mine(30)
    script.arena.send("keeper", "takeStrike", 1, (1 << 256) - 1)


def settle_by_a_stranger(script: Script) -> None:
    script.strike()
    script.arena.send("stranger", "settleStrike", 1, 0)


def rebalance(script: Script) -> None:
    script.arena.send("rebalancer", "rebalance", [*range(1, 26)])


def settle_of_one_strategy(script: Script) -> None:
    script.strike(strategies=2)
    script.settle()


def write_off(script: Script) -> None:
    script.strike(SHORT)
    script.own("writeOffStrike", 1)


def disable_with_a_strike_open(script: Script) -> None:
    script.strike()
    script.own("disableMarket", 0)


def defund(script: Script) -> None:
    script.own("defundBots", [10_000_000_000] * 25)


def strike_under_the_threshold(script: Script) -> None:
    script.own("setThreshold", 9600)
    script.strike()


def strike_unsigned(script: Script) -> None:
    said = script.say()
    data = execute_strike(Order(said, bytes(65), any_price(said)))
    script.arena.raw("bold", "executeStrike", data)


def strike_of_a_revoked_engine(script: Script) -> None:
    said = script.say()
    script.own("revokeEngine", script.arena.account(said.engine))
    script.arena.strike("bold", said)


def strike_too_late(script: Script) -> None:
    script.strike(valid_until=script.arena.now - 1)


def strike_twice(script: Script) -> None:
    said = script.say()
    script.arena.strike("bold", said)
    script.arena.strike("bold", said)


def strike_while_paused(script: Script) -> None:
    script.own("pause")
    script.strike()


def withdraw(script: Script) -> None:
    script.own("deposit", 10)
    script.arena.send("stranger", "withdraw", 10, script.arena.people["stranger"])


def strike_over_the_budget(script: Script) -> None:
    """One strike is within it, two are not."""
    thrifty, lots = script.arena.people["thrifty"], _lots_of_a_strike(script)
    budget = lots * script.arena.books.fleet.lot * 3 // 2
    script.own("setOperator", thrifty, script.arena.now + 1000, 1, budget)
    script.strike(by="thrifty")
    script.strike(by="thrifty")


def strike_over_the_day_cap(script: Script) -> None:
    rules = script.arena.books.markets[0].rules
    values = {each.name: getattr(rules, each.name) for each in fields(rules)}
    cap = _lots_of_a_strike(script) * 3 // 2
    script.own("updateMarket", 0, tuple((values | {"max_day_lots": cap}).values()))
    script.strike()
    script.strike()


def win(script: Script) -> None:
    script.strike()
    script.raise_price()
    script.settle()


def win_at_a_steady_price(script: Script) -> None:
    """The pool is up since the second before; its mean over the exit window hardly is."""
    script.strike()
    outside = script.arena.outside
    outside.move_price(0, outside.price(0) * 102 / 100)
    script.settle()


def win_late(script: Script) -> None:
    script.strike(horizon=60)
    script.raise_price()
    script.arena.chain.mine(script.arena.books.markets[0].rules.keeper_delay)
    script.settle()


def name_a_guardian(script: Script) -> None:
    script.own("setGuardian", script.arena.people["keeper"], True)


def skim_all(script: Script) -> None:
    """Of a token of which the AMM bots have some from the beginning."""
    script.arena.donate(script.arena.outside.weth, 1)
    script.own("skim", script.arena.outside.weth)


def fund_amm(script: Script) -> None:
    script.own("deposit", 1_000_000)
    script.own("fundAMM", script.arena.outside.quote, 1_000_000)


def fund_and_defund_amm(script: Script) -> None:
    fund_amm(script)
    script.own("defundAMM", script.arena.outside.quote, 1_000_000)


def arbitrage(script: Script) -> None:
    """V3 is dearer than the pair of the same tokens."""
    script.part_prices()
    now, quote = script.arena.now, script.arena.outside.quote
    order = ((3, 1), quote, 10**9, 0, 9500, now + 60, False, 1)
    script.arena.send("bold", "executeArbitrage", order)


def arbitrage_over_the_cap(script: Script) -> None:
    script.own("setAMMCap", script.arena.outside.quote, 10**8)
    arbitrage(script)


def arbitrage_by_a_stranger(script: Script) -> None:
    """In another token than quote, so that no budget ends it first."""
    script.part_prices()
    order = ((1, 3), script.arena.outside.weth, 10**17, 0, 9500, script.arena.now + 60, False, 1)
    script.arena.send("stranger", "executeArbitrage", order)


def arbitrage_while_paused(script: Script) -> None:
    script.own("pause")
    arbitrage(script)


def arbitrage_of_a_pool_taken_out(script: Script) -> None:
    script.own("unregisterPools", [3])
    arbitrage(script)


def _lots_of_a_strike(script: Script) -> int:
    """It stays open: the next ones are hardly smaller."""
    script.strike()
    return sum(script.arena.books.fleet.slots[1].lots)


def take_in_a_pushed_second(script: Script) -> None:
    script.strike(horizon=60)
    script.arena.chain.mine(1000)
    script.arena.chain.block_time = 0
    outside = script.arena.outside
    outside.move_price(0, outside.price(0) * 97 / 100)
    script.arena.send("keeper", "takeStrike", 1, (1 << 256) - 1)


def mark_after_a_move_before_the_opening(script: Script) -> None:
    """The means are of before: the market has moved, and not since."""
    outside, rules = script.arena.outside, script.arena.books.markets[0].rules
    outside.move_price(0, outside.price(0) * 101 / 100)
    script.strike(take_profit_bps=200, stop_loss_bps=40)
    script.arena.chain.mine(rules.exit_window + 1)
    script.arena.send("keeper", "markDue", [1])


def take_at_a_jumped_feed(script: Script) -> None:
    """A market on a pair, whose feed says half of its price."""
    outside = script.arena.outside
    script.strike(market=2, horizon=60)
    script.arena.chain.mine(1000)
    outside.tell_feed(2, off_bps=-5000)
    script.arena.send("keeper", "takeStrike", 1, (1 << 256) - 1)


def strike_for_too_long(script: Script) -> None:
    script.strike(horizon=script.arena.books.markets[0].rules.max_horizon + 1)


def strike_on_a_closed_side_too_soon(script: Script) -> None:
    script.strike()
    script.own("updateMarket", 0, replace(RULES, cooldown=60, longs=False))
    script.strike()


def register_with_forbidden_hooks(script: Script) -> None:
    arena = script.arena
    script.own("setHooks", arena.outside.hooks, False)
    script.own("registerMarket", arena.market_configs()[-1])


def short_on_a_turned_pool(script: Script) -> None:
    outside = script.arena.outside
    outside.turn_pool(outside.host)
    script.strike(SHORT, market=4)


def take_by_flash(script: Script, by: str = "keeper") -> None:
    """Through the pair of a pair's market, with something of both tokens in the taker."""
    arena = script.arena
    for token in (arena.outside.quote, arena.outside.weth):
        arena.flash.give(token, 10**6)
    script.strike(market=2, horizon=60)
    arena.chain.mine(1000)
    arena.outside.tell_feed(2)
    order = arena.flash.order(1, 2, is_long=True, through=2)
    arena.take_by_flash(by, order)


def take_by_anothers_flash_taker(script: Script) -> None:
    take_by_flash(script, by="stranger")


SCRIPTS: dict[str, Callable[[Script], None]] = {
    "skim takes what open longs hold": skim,
    "a deposit is booked one short": deposit,
    "dust is lost": open_and_settle,
    "an operator's rebalancing loses the remainder": rebalance,
    "a long's profit is one more than it brought": open_and_settle,
    "each bot gets its neighbour's share": settle_of_one_strategy,
    "a write-off costs twice the notional": write_off,
    "a taker pays the worst of the prices": take_after_a_move,
    "a taker gets a unit more": take_after_a_move,
    "a win needs no exit price to agree": win_at_a_steady_price,
    "a late win": win_late,
    "anyone may settle": settle_by_a_stranger,
    "bots keep the lots of money that was taken out": defund,
    "what is disabled cannot be written off": disable_with_a_strike_open,
    "a settled strike's lots stay open": open_and_settle,
    "the threshold is not asked": strike_under_the_threshold,
    "any signature will do": strike_unsigned,
    "a revoked engine's word still counts": strike_of_a_revoked_engine,
    "an expired prediction still counts": strike_too_late,
    "a nonce can be used again": strike_twice,
    "strikes open while paused": strike_while_paused,
    "anyone may withdraw": withdraw,
    "a budget has no end": strike_over_the_budget,
    "a day has no cap": strike_over_the_day_cap,
    "no win is counted": win,
    "a guardian is named without an event": name_a_guardian,
    "skim takes the AMM bots' capital": skim_all,
    "the AMM bots get capital that the reserve keeps": fund_amm,
    "more goes back than the AMM bots have": fund_and_defund_amm,
    "an arbitrage's profit is not booked": arbitrage,
    "an arbitrage tells more than it made": arbitrage,
    "an arbitrage has no cap": arbitrage_over_the_cap,
    "arbitrages take nothing of a budget": arbitrage,
    "anyone may arbitrage": arbitrage_by_a_stranger,
    "arbitrages go on while paused": arbitrage_while_paused,
    "a pool that was taken out is used still": arbitrage_of_a_pool_taken_out,
    "a horizon has no end": strike_for_too_long,
    "the cooldown is asked before the side": strike_on_a_closed_side_too_soon,
    "a flash taker is anyone's": take_by_anothers_flash_taker,
    "what lies in a flash taker counts as profit": take_by_flash,
    "a flash taker keeps the change": take_by_flash,
    "hooks need no permission": register_with_forbidden_hooks,
    "the pool's word for what the base is": short_on_a_turned_pool,
    "a takeover at the pool's price of the moment": take_in_a_pushed_second,
    "a mark by a mean that is older than the strike": mark_after_a_move_before_the_opening,
    "a takeover by the oracle alone": take_at_a_jumped_feed,
}
# Weaker rules of settlement, and the invariant that each breaks.
WEAKER = {
    "a takeover at the pool's price of the moment": "second",
    "a mark by a mean that is older than the strike": "marks",
    "a takeover by the oracle alone": "takeover",
    "a win needs no exit price to agree": "wins",
    "a late win": "wins",
}
ALL = (
    *BUGS,
    *(replace(each, breaks=WEAKER[each.what]) for each in WEAKENED if each.what in WEAKER),
)


@pytest.fixture(scope="module")
def sown() -> SeededArena:
    return SeededArena(fleets()["fine"])


def run(arena: SeededArena, bug: Bug, script: Callable[[Script], None], *, on: bool) -> None:
    arena.reset()
    arena.sow(bug if on else None)
    script(Script(arena))
    arena.audit.check_all()


@pytest.mark.parametrize("bug", ALL, ids=lambda bug: bug.what)
def test_a_bug_is_found(sown: SeededArena, bug: Bug) -> None:
    with pytest.raises(InvariantBroken) as broken:
        run(sown, bug, SCRIPTS[bug.what], on=True)
    assert broken.value.name == bug.breaks, broken.value


@pytest.mark.parametrize("bug", ALL, ids=lambda bug: bug.what)
def test_without_the_bug_all_is_well(sown: SeededArena, bug: Bug) -> None:
    run(sown, bug, SCRIPTS[bug.what], on=False)


def test_every_invariant_has_a_bug() -> None:
    assert {bug.breaks for bug in ALL} == INVARIANTS.keys()
