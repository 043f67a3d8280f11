"""Operators: a hot key's expiry, actions and daily budget."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike.errors import (
    ActionNotAllowed,
    BudgetExceeded,
    InvalidGrant,
    NotOperator,
    ZeroAddress,
)
from macrostrike.types import Action, ArbitrageOrder, PoolConfig, Signal, TokenCap, Venue

from ..environment import DAY, ZERO, Actor, Env, event, reverts
from ..pools import FEE
from ..readers import refuses

ALL = sum(Action)
STRIKE, SETTLE = Action.STRIKE, Action.SETTLE


def grant(env: Env, *, until: int | None = None, actions: int = ALL, budget: int = 10**13) -> Actor:
    """The stranger, as an operator."""
    until = env.now + 2 * DAY if until is None else until
    env.owner.send("setOperator", env.stranger.address, until, actions, budget)
    return env.stranger


def available(env: Env, operator: Actor) -> int:
    return int(env.read("getOperator", operator.address)[3])


def test_a_grant_is_announced_and_read_back(env: Env) -> None:
    until = env.now + DAY
    args = (env.stranger.address, until, STRIKE | SETTLE, 5_000_000)
    names = ("operator", "valid_until", "actions", "daily_budget")
    assert env.owner.send("setOperator", *args) == [
        event("OperatorSet", **dict(zip(names, args, strict=True)))
    ]
    assert env.read("getOperator", args[0]) == (*args[1:], 5_000_000)


def test_a_grant_must_expire_in_the_future(env: Env) -> None:
    now = env.now
    with refuses(env, InvalidGrant(env.stranger.address, now, 1)):
        env.owner.send("setOperator", env.stranger.address, now, 1, 1)
    env.owner.send("setOperator", env.stranger.address, env.now + 1, 1, 1)


@pytest.mark.parametrize("actions", [0, 16, 17, 255])
def test_unknown_actions_cannot_be_granted(env: Env, actions: int) -> None:
    until = env.now + DAY
    with refuses(env, InvalidGrant(env.stranger.address, until, actions)):
        env.owner.send("setOperator", env.stranger.address, until, actions, 1)


def test_no_one_is_not_a_operator(env: Env) -> None:
    with refuses(env, ZeroAddress()):
        env.owner.send("setOperator", ZERO, env.now + DAY, 1, 1)


@pytest.mark.parametrize("what", ["strikes", "settles"])
def test_an_operator_lives_to_the_second_of_its_expiry(env: Env, what: str) -> None:
    strike_id, until = env.strike()["strike_id"], env.now + 1000
    operator, prediction = grant(env, until=until), env.prediction()

    def act() -> None:
        if what == "strikes":
            env.execute(prediction, by="stranger")
        else:
            env.settle(strike_id, by="stranger")

    with env.undone():
        env.at(until)
        act()
    env.at(until + 1)
    with refuses(env, NotOperator(operator.address, until)):
        act()


def test_who_was_never_granted_is_not_a_operator(env: Env) -> None:
    with refuses(env, NotOperator(env.stranger.address, 0)):
        env.execute(env.prediction(), by="stranger")


@pytest.mark.parametrize("role", ["owner", "guardian"])
def test_a_revoked_operator_is_dead_at_once(env: Env, role: str) -> None:
    operator, by = env.operator, getattr(env, role)
    assert by.send("revokeOperator", operator.address) == [
        event("OperatorRevoked", operator=operator.address, by=by.address)
    ]
    with refuses(env, NotOperator(operator.address, 0)):
        env.strike()


def test_an_operator_does_what_it_was_granted_and_nothing_else(env: Env) -> None:
    operator = grant(env, actions=ALL & ~STRIKE)
    with refuses(env, ActionNotAllowed(operator.address, STRIKE, ALL & ~STRIKE)):
        env.execute(env.prediction(), by="stranger")
    grant(env, actions=STRIKE)
    env.execute(env.prediction(), by="stranger")
    with refuses(env, ActionNotAllowed(operator.address, Action.REBALANCE, STRIKE)):
        operator.send("rebalanceByPerformance")


def notional(env: Env, **changes: Any) -> int:
    """What the next such strike puts in, in book units."""
    with env.undone():
        return int(env.strike(**changes)["notional"])


def test_a_strike_takes_its_notional_out_of_the_budget(env: Env) -> None:
    size = notional(env)
    operator = grant(env, budget=3 * size)
    env.execute(env.prediction(), by="stranger")
    assert available(env, operator) == 2 * size


def test_a_short_takes_its_notional_out_of_the_budget_too(env: Env) -> None:
    size = notional(env, signal=Signal.SHORT)
    operator = grant(env, budget=size)
    env.execute(env.prediction(signal=Signal.SHORT), by="stranger")
    assert available(env, operator) == 0


def test_a_budget_covers_the_notional_to_the_unit(env: Env) -> None:
    size = notional(env)
    operator = grant(env, budget=size - 1)
    with refuses(env, BudgetExceeded(operator.address, size, size - 1)):
        env.execute(env.prediction(), by="stranger")
    grant(env, budget=size)
    env.execute(env.prediction(), by="stranger")


def test_an_operator_without_a_budget_opens_nothing(env: Env) -> None:
    size = notional(env)
    operator = grant(env, budget=0)
    with refuses(env, BudgetExceeded(operator.address, size, 0)):
        env.execute(env.prediction(), by="stranger")


def test_an_arbitrage_takes_a_begun_unit_whole_out_of_the_budget(any_env: Env) -> None:
    env, whole = any_env, 10**any_env.world.manifest.quote.decimals
    units = 10_000 * whole // env.unit
    cheap = Fraction(1500 * whole, 10 ** env.world.manifest.markets[0].base.decimals)
    depth = 10**7 * whole
    env.give(env.exchange.address, quote=depth, base=int(depth / cheap))
    factory = env.exchange.v2_factory()
    pair = env.exchange.v2_pair(factory, env.base, env.quote, cheap, depth)
    pools = [
        PoolConfig(pool=pair, factory=factory, fee=3000),
        PoolConfig(pool=env.pool, factory=env.exchange.factory, fee=FEE),
    ]
    env.owner.send("setFactory", factory, Venue.UNISWAP_V2, True)
    env.owner.send("initializeAMMBots", [TokenCap(env.quote, 2 * units * env.unit)])
    env.owner.send("registerPools", pools)
    operator = grant(env, budget=units)

    def execute(amount: int) -> None:
        order = {"pools": (1, 2), "token_in": env.quote, "amount_in": amount}
        by = {"confidence_bps": 9500, "deadline": env.now + 60}
        operator.send("executeArbitrage", ArbitrageOrder(**order, **by))

    with refuses(env, BudgetExceeded(operator.address, units + 1, units)):
        execute(units * env.unit + 1)
    execute(units * env.unit)
    assert available(env, operator) == 0


def test_settling_returns_no_budget_back(env: Env) -> None:
    size = notional(env)
    operator = grant(env, budget=DAY * size)
    opened = env.execute(env.prediction(), by="stranger")
    env.settle(opened["strike_id"])
    # A second has passed, in which a second's worth has drained.
    assert available(env, operator) == DAY * size


def test_what_is_used_drains_evenly_over_a_day(env: Env) -> None:
    size = notional(env)
    budget = size
    operator = grant(env, budget=budget)
    env.execute(env.prediction(), by="stranger")
    used_at = env.chain.timestamp()
    for seconds in (1, 59, 3600, DAY // 2, DAY - 1, DAY, DAY + 1):
        with env.undone():
            env.wait(used_at + seconds - env.chain.timestamp())
            drained = min(budget * seconds // DAY, budget)
            assert available(env, operator) == drained


def test_a_strike_waits_for_its_budget_to_the_second(env: Env) -> None:
    operator = grant(env, budget=(budget := notional(env)))
    env.execute(env.prediction(), by="stranger")
    used_at, size = env.chain.timestamp(), notional(env)
    enough = -(-size * DAY // budget)
    prediction = env.prediction(valid_until=env.now + 2 * DAY)
    env.at(used_at + enough - 1)
    with refuses(env, BudgetExceeded(operator.address, size, budget * (enough - 1) // DAY)):
        env.execute(prediction, by="stranger")
    env.at(used_at + enough)
    env.execute(prediction, by="stranger")


def test_a_new_budget_forgives_nothing_that_was_used(env: Env) -> None:
    size = notional(env)
    operator = grant(env, budget=4 * size)
    env.execute(env.prediction(), by="stranger")
    used_at = env.chain.timestamp()
    # At the old budget's pace up to the change …
    env.at(used_at + DAY // 8)
    grant(env, budget=size)
    used = size - 4 * size * (DAY // 8) // DAY
    assert available(env, operator) == size - used
    # … and at the new one's from then on.
    changed_at = env.chain.timestamp()
    env.wait(changed_at + DAY // 4 - env.chain.timestamp())
    assert available(env, operator) == size - (used - size * (DAY // 4) // DAY)


def test_revoking_and_granting_again_forgives_nothing(env: Env) -> None:
    size = notional(env)
    operator = grant(env, budget=size)
    env.execute(env.prediction(), by="stranger")
    env.owner.send("revokeOperator", operator.address)
    grant(env, budget=size)
    assert available(env, operator) == size * 2 // DAY


def test_a_smaller_budget_than_what_is_used_leaves_nothing(env: Env) -> None:
    size = notional(env)
    operator = grant(env, budget=size)
    env.execute(env.prediction(), by="stranger")
    grant(env, budget=size // 2)
    assert available(env, operator) == 0


@settings(max_examples=25)
@given(
    waits=st.lists(
        st.one_of(st.integers(0, 100), st.integers(0, DAY // 4), st.sampled_from([DAY - 1, DAY])),
        min_size=2,
        max_size=12,
    ),
    tenths=st.integers(10, 30),
)
def test_no_day_has_an_edge(env: Env, waits: list[int], tenths: int) -> None:
    """In any time t, at most budget × (1 + t / day) is opened, whenever it begins."""
    with env.undone():
        budget = notional(env) * tenths // 10
        operator = grant(env, until=env.now + 100 * DAY, budget=budget)
        opened: list[tuple[int, int]] = []
        for seconds in waits:
            env.wait(seconds)
            size, room = notional(env), operator.call("getOperator", operator.address)[3]
            prediction = env.prediction()
            if size > room:
                with reverts(BudgetExceeded(operator.address, size, room)):
                    env.execute(prediction, by="stranger")
                continue
            strike = env.execute(prediction, by="stranger")
            opened.append((env.chain.timestamp(), strike["notional"]))
            env.settle(strike["strike_id"], by="owner")
            if env.read("getStrikeStats").halted:
                env.owner.send("resume")
        for first, (start, _) in enumerate(opened):
            for last in range(first, len(opened)):
                spent = sum(size for _, size in opened[first : last + 1])
                assert spent * DAY <= budget * (DAY + opened[last][0] - start)
