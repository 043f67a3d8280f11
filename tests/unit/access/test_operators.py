"""Operators: a hot key's expiry, actions and daily budget."""

from __future__ import annotations

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
from macrostrike.types import Action, Signal

from ..readers import refuses
from ..scene import DAY, ZERO, Actor, Scene, event, reverts

ALL = sum(Action)
STRIKE, SETTLE = Action.STRIKE, Action.SETTLE


def grant(
    scene: Scene, *, until: int | None = None, actions: int = ALL, budget: int = 10**13
) -> Actor:
    """The stranger, as an operator."""
    until = scene.now + 2 * DAY if until is None else until
    scene.owner.send("setOperator", scene.stranger.address, until, actions, budget)
    return scene.stranger


def available(scene: Scene, operator: Actor) -> int:
    return int(scene.read("getOperator", operator.address)[3])


def test_a_grant_is_announced_and_read_back(scene: Scene) -> None:
    until = scene.now + DAY
    args = (scene.stranger.address, until, STRIKE | SETTLE, 5_000_000)
    names = ("operator", "valid_until", "actions", "daily_budget")
    assert scene.owner.send("setOperator", *args) == [
        event("OperatorSet", **dict(zip(names, args, strict=True)))
    ]
    assert scene.read("getOperator", args[0]) == (*args[1:], 5_000_000)


def test_a_grant_must_expire_in_the_future(scene: Scene) -> None:
    now = scene.now
    with refuses(scene, InvalidGrant(scene.stranger.address, now, 1)):
        scene.owner.send("setOperator", scene.stranger.address, now, 1, 1)
    scene.owner.send("setOperator", scene.stranger.address, scene.now + 1, 1, 1)


@pytest.mark.parametrize("actions", [0, 16, 17, 255])
def test_unknown_actions_cannot_be_granted(scene: Scene, actions: int) -> None:
    until = scene.now + DAY
    with refuses(scene, InvalidGrant(scene.stranger.address, until, actions)):
        scene.owner.send("setOperator", scene.stranger.address, until, actions, 1)


def test_nobody_is_no_operator(scene: Scene) -> None:
    with refuses(scene, ZeroAddress()):
        scene.owner.send("setOperator", ZERO, scene.now + DAY, 1, 1)


def test_an_operator_lives_to_the_second_of_its_expiry(scene: Scene) -> None:
    until = scene.now + 1000
    operator = grant(scene, until=until)
    prediction = scene.prediction()
    with scene.undone():
        scene.at(until)
        scene.execute(prediction, by="stranger")
    scene.at(until + 1)
    with refuses(scene, NotOperator(operator.address, until)):
        scene.execute(prediction, by="stranger")


def test_who_was_never_granted_is_no_operator(scene: Scene) -> None:
    with refuses(scene, NotOperator(scene.stranger.address, 0)):
        scene.execute(scene.prediction(), by="stranger")


@pytest.mark.parametrize("role", ["owner", "guardian"])
def test_a_revoked_operator_is_dead_at_once(scene: Scene, role: str) -> None:
    operator, by = scene.operator, getattr(scene, role)
    assert by.send("revokeOperator", operator.address) == [
        event("OperatorRevoked", operator=operator.address, by=by.address)
    ]
    with refuses(scene, NotOperator(operator.address, 0)):
        scene.strike()


def test_an_operator_does_what_it_was_granted_and_nothing_else(scene: Scene) -> None:
    operator = grant(scene, actions=ALL & ~STRIKE)
    with refuses(scene, ActionNotAllowed(operator.address, STRIKE, ALL & ~STRIKE)):
        scene.execute(scene.prediction(), by="stranger")
    grant(scene, actions=STRIKE)
    scene.execute(scene.prediction(), by="stranger")
    with refuses(scene, ActionNotAllowed(operator.address, Action.REBALANCE, STRIKE)):
        operator.send("rebalanceByPerformance")


def notional(scene: Scene, **changes: Any) -> int:
    """What the next such strike puts in, in book units."""
    with scene.undone():
        return int(scene.strike(**changes)["notional"])


def test_a_strike_takes_its_notional_out_of_the_budget(scene: Scene) -> None:
    size = notional(scene)
    operator = grant(scene, budget=3 * size)
    scene.execute(scene.prediction(), by="stranger")
    assert available(scene, operator) == 2 * size


def test_a_short_takes_its_notional_out_of_the_budget_too(scene: Scene) -> None:
    size = notional(scene, signal=Signal.SHORT)
    operator = grant(scene, budget=size)
    scene.execute(scene.prediction(signal=Signal.SHORT), by="stranger")
    assert available(scene, operator) == 0


def test_a_budget_covers_the_notional_to_the_unit(scene: Scene) -> None:
    size = notional(scene)
    operator = grant(scene, budget=size - 1)
    with refuses(scene, BudgetExceeded(operator.address, size, size - 1)):
        scene.execute(scene.prediction(), by="stranger")
    grant(scene, budget=size)
    scene.execute(scene.prediction(), by="stranger")


def test_an_operator_without_a_budget_opens_nothing(scene: Scene) -> None:
    size = notional(scene)
    operator = grant(scene, budget=0)
    with refuses(scene, BudgetExceeded(operator.address, size, 0)):
        scene.execute(scene.prediction(), by="stranger")


def test_settling_gives_no_budget_back(scene: Scene) -> None:
    size = notional(scene)
    operator = grant(scene, budget=DAY * size)
    opened = scene.execute(scene.prediction(), by="stranger")
    scene.settle(opened["strike_id"])
    # A second has passed, in which a second's worth has drained.
    assert available(scene, operator) == DAY * size


def test_what_is_used_drains_evenly_over_a_day(scene: Scene) -> None:
    size = notional(scene)
    budget = size
    operator = grant(scene, budget=budget)
    scene.execute(scene.prediction(), by="stranger")
    used_at = scene.chain.timestamp()
    for seconds in (1, 59, 3600, DAY // 2, DAY - 1, DAY, DAY + 1):
        with scene.undone():
            scene.wait(used_at + seconds - scene.chain.timestamp())
            drained = min(budget * seconds // DAY, budget)
            assert available(scene, operator) == drained


def test_a_strike_waits_for_its_budget_to_the_second(scene: Scene) -> None:
    operator = grant(scene, budget=(budget := notional(scene)))
    scene.execute(scene.prediction(), by="stranger")
    used_at, size = scene.chain.timestamp(), notional(scene)
    enough = -(-size * DAY // budget)
    prediction = scene.prediction(valid_until=scene.now + 2 * DAY)
    scene.at(used_at + enough - 1)
    with refuses(scene, BudgetExceeded(operator.address, size, budget * (enough - 1) // DAY)):
        scene.execute(prediction, by="stranger")
    scene.at(used_at + enough)
    scene.execute(prediction, by="stranger")


def test_a_new_budget_forgives_nothing_that_was_used(scene: Scene) -> None:
    size = notional(scene)
    operator = grant(scene, budget=4 * size)
    scene.execute(scene.prediction(), by="stranger")
    used_at = scene.chain.timestamp()
    # At the old budget's pace up to the change …
    scene.at(used_at + DAY // 8)
    grant(scene, budget=size)
    used = size - 4 * size * (DAY // 8) // DAY
    assert available(scene, operator) == size - used
    # … and at the new one's from then on.
    changed_at = scene.chain.timestamp()
    scene.wait(changed_at + DAY // 4 - scene.chain.timestamp())
    assert available(scene, operator) == size - (used - size * (DAY // 4) // DAY)


def test_revoking_and_granting_again_forgives_nothing(scene: Scene) -> None:
    size = notional(scene)
    operator = grant(scene, budget=size)
    scene.execute(scene.prediction(), by="stranger")
    scene.owner.send("revokeOperator", operator.address)
    grant(scene, budget=size)
    assert available(scene, operator) == size * 2 // DAY


def test_a_smaller_budget_than_what_is_used_leaves_nothing(scene: Scene) -> None:
    size = notional(scene)
    operator = grant(scene, budget=size)
    scene.execute(scene.prediction(), by="stranger")
    grant(scene, budget=size // 2)
    assert available(scene, operator) == 0


@settings(max_examples=25)
@given(
    waits=st.lists(
        st.one_of(st.integers(0, 100), st.integers(0, DAY // 4), st.sampled_from([DAY - 1, DAY])),
        min_size=2,
        max_size=12,
    ),
    tenths=st.integers(10, 30),
)
def test_no_day_has_an_edge(scene: Scene, waits: list[int], tenths: int) -> None:
    """In any time t, at most budget × (1 + t / day) is opened, whenever it begins."""
    with scene.undone():
        budget = notional(scene) * tenths // 10
        operator = grant(scene, until=scene.now + 100 * DAY, budget=budget)
        opened: list[tuple[int, int]] = []
        for seconds in waits:
            scene.wait(seconds)
            size, room = notional(scene), operator.call("getOperator", operator.address)[3]
            prediction = scene.prediction()
            if size > room:
                with reverts(BudgetExceeded(operator.address, size, room)):
                    scene.execute(prediction, by="stranger")
                continue
            strike = scene.execute(prediction, by="stranger")
            opened.append((scene.chain.timestamp(), strike["notional"]))
            scene.settle(strike["strike_id"], by="owner")
            if scene.read("getStrikeStats").halted:
                scene.owner.send("resume")
        for first, (start, _) in enumerate(opened):
            for last in range(first, len(opened)):
                spent = sum(size for _, size in opened[first : last + 1])
                assert spent * DAY <= budget * (DAY + opened[last][0] - start)
