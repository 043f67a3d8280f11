"""The worst case of each key, by search: `make thefts` searches longer."""

from __future__ import annotations

from fractions import Fraction

import pytest

from ..stateful.bugs import BUGS
from ..stateful.seeded import switch
from ..stateful.weakened import WEAKENED
from ..unit.environment import Env
from .search import ROLES, play, search

TRIES = 12
_OVER_THE_LIMIT = {
    "stranger": "a taker pays the worst of the prices",
    "guardian": "a discount of one and a half",
    "engine": "a budget has no end",
    "operator": "a budget has no end",
}


@pytest.mark.parametrize("role", ROLES)
def test_no_role_takes_more_than_its_limit(env: Env, role: str) -> None:
    """The limit is not one in name alone: most of it can be taken."""
    worst = search(env, role, TRIES)
    assert Fraction(8, 10) * worst.limit <= worst.lost <= worst.limit


def test_without_a_move_nothing_is_lost(env: Env) -> None:
    for role in ("stranger", "guardian"):
        assert play(env, role, []).lost == 0


@pytest.mark.parametrize(("role", "weaker"), _OVER_THE_LIMIT.items())
def test_a_weaker_rule_takes_it_over_the_limit(sown: Env, role: str, weaker: str) -> None:
    (bug,) = (each for each in (*BUGS, *WEAKENED) if each.what == weaker)
    sown.transact(sown.owner.key, sown.diamond, switch(bug))
    worst = search(sown, role, 4 * TRIES)
    assert worst.lost > worst.limit
