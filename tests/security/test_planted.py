"""Weaker rules, each found by the property that it breaks: what finds nothing here proves nothing.

The weaker rules are those of tests/stateful/weakened.py, in one diamond, each behind a switch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from macrostrike.errors import ContractError

from ..stateful.bugs import Bug
from ..stateful.seeded import cuts, switch
from ..stateful.weakened import WEAKENED
from ..unit.environment import ZERO, Env
from ..unit.roll import test_roll as rolls
from . import test_exits as exits
from . import test_hostile_takes as hostile
from . import test_stolen_operator as stolen
from . import test_stranger as strangers
from . import test_takers as takers
from .stranger import LONG, SHORT

SIDES = (LONG, SHORT)
Check = Callable[[Env], object]


def of_seeds(check: Callable[..., object], *args: object) -> list[Check]:
    """A property in twelve random states."""
    return [lambda env, seed=seed: check(env, seed, *args) for seed in range(12)]


def of_sides(check: Callable[..., object], *args: object) -> list[Check]:
    return [lambda env, side=side: check(env, side, *args) for side in SIDES]


def of_thieves(check: Callable[..., object], *args: object) -> list[Check]:
    def run(env: Env) -> None:
        with stolen.two_markets(env) as feed:
            check(env, feed, *args)

    return [run]


def roll(env: Env) -> None:
    rolls.test_an_opening_that_fails_reverts_all_or_leaves_the_settlement(env, "nonce")


PAID_IN_FULL = "a taker pays what he says"
# By weaker rule: the property, in the states in which it may be broken.
FOUND_BY: dict[str, list[Check]] = {
    "a takeover at the pool's price of the moment": of_seeds(takers.check_second, LONG),
    "a pair's price of the moment": of_sides(takers.check_pair),
    "the second before, by an observation too early": of_seeds(takers.check_second, SHORT),
    "an auction without a premium": of_sides(strangers.check_premium),
    "a mark by a mean that is older than the strike": of_seeds(exits.check_marks, LONG),
    "no takeovers while paused": of_sides(takers.check_liveness),
    "a short's taker must bring all of its base": of_sides(takers.check_liveness),
    "exits bounded by the second before": of_sides(exits.check_exit, -40),
    "exits bounded by the oracle's window": of_sides(exits.check_jump, 5),
    "exits at twice the deviation": of_thieves(stolen.test_what_was_open, LONG, 100, 1600),
    "a discount of one and a half": of_thieves(stolen.check_taker, LONG, 1600),
    "all that a closing brought counts": of_sides(exits.check_wins, 5),
    "a win needs no exit price to agree": of_sides(exits.check_steady_second),
    "a late win": [lambda env: exits.check_late(env, "owner")],
    "a win by a takeover at any time": of_sides(exits.check_late_takeover),
    "marked to the worst of the prices": [exits.check_halt],
    "marked to the second's beginning alone": of_sides(exits.check_unpriced),
    "a resumption by the second's beginning": of_sides(exits.check_pushed_resumption),
    "a resumption that forgets the open losers": [exits.check_resumption],
    "a roll whose opening may always fail": [roll],
    "a takeover by the prices that are known": of_sides(takers.check_feed, "v3", 0),
    "a takeover by the oracle alone": of_sides(takers.check_feed, "v3", 4),
    PAID_IN_FULL: of_sides(hostile.check_fee),
}


def test_a_call_that_costs_more_than_the_discount_is_found(sown: Env) -> None:
    """Property 5, which draws its calls: here they are given."""
    calls = [("take", strike_id, 900) for strike_id in (1, 2, 3, 4)]
    run(sown, [lambda env: strangers.check_calls(env, [LONG] * 4, calls)])
    (bug,) = (each for each in WEAKENED if each.what == "a discount of one and a half")
    sown.transact(sown.owner.key, sown.diamond, switch(bug))
    with pytest.raises(AssertionError):
        strangers.check_calls(sown, [LONG] * 4, calls)


@pytest.fixture
def hostile_tokens() -> Env:
    """As `sown`, where quote and base are tokens that anyone can make behave badly."""
    env = hostile.deploy_hostile()
    env.owner.send("diamondCut", cuts(env.world.manifest, env.chain), ZERO, b"")
    return env


def run(env: Env, checks: Sequence[Check]) -> None:
    for check in checks:
        with env.undone():
            check(env)


def test_every_weaker_rule_has_a_property() -> None:
    assert FOUND_BY.keys() == {bug.what for bug in WEAKENED}


@pytest.mark.parametrize("bug", WEAKENED, ids=lambda bug: bug.what)
def test_a_weaker_rule_is_found(request: pytest.FixtureRequest, bug: Bug) -> None:
    world = "hostile_tokens" if bug.what == PAID_IN_FULL else "sown"
    env: Env = request.getfixturevalue(world)
    checks = FOUND_BY[bug.what]
    run(env, checks[:1])
    env.transact(env.owner.key, env.diamond, switch(bug))
    with pytest.raises((AssertionError, pytest.fail.Exception, ContractError)):
        run(env, checks)
