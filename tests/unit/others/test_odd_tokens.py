"""Every path that holds or moves a token, with every odd token: done and measured, or refused by
name and nothing changed. `table.py` says which."""

from __future__ import annotations

from typing import Any

import pytest

from macrostrike.errors import CallFailed, InsufficientFunds, ZeroAmount
from macrostrike.journal import Books
from macrostrike.types import BPS

from ..readers import assert_rebuilt, everything, refuses
from .outcome import DONE, outcome
from .paths import PATHS
from .table import TABLE
from .tokens import SURCHARGE_BPS, odd_tokens
from .world import World

# Of what is refused, nothing. A batch tells what it skips, and an attempt is counted too.
MAY_CHANGE: dict[str, set[Any]] = {
    "skipped": {"logs"},
    "missed": {"logs", ("getArbitrageCalibration", 0)},
}
# What arrives, or leaves, is not what was sent: the same books would be wrong.
CHARGING = ("deflating", "surcharging")
CELLS = [(role, path) for role, paths in PATHS.items() for path in paths]


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def test_the_table_has_every_path_and_no_other_token() -> None:
    assert {role: set(rows) for role, rows in TABLE.items()} == {
        role: set(paths) for role, paths in PATHS.items()
    }
    named = {token for rows in TABLE.values() for row in rows.values() for token in row}
    assert named < set(odd_tokens())


@pytest.mark.parametrize("odd", odd_tokens())
@pytest.mark.parametrize("role", PATHS)
def test_a_token_that_turns_keeps_what_everyone_has(world: World, role: str, odd: str) -> None:
    before = state(world)
    with world.env.undone(), world.turned(role, odd):
        assert state(world) == before
    assert state(world) == before


@pytest.mark.parametrize(("role", "name"), CELLS, ids=[" ".join(cell) for cell in CELLS])
def test_path(world: World, role: str, name: str) -> None:
    path, row = PATHS[role][name], TABLE[role][name]
    with world.env.undone():
        path.prepare(world)
        world.env.wait(1)
        before = state(world)
        with world.env.undone(), world.env.frozen():
            path.call(world)
            assert_measured(world)
            plain = state(world)
        found = {}
        for odd in odd_tokens():
            with world.env.undone(), world.turned(role, odd), world.env.frozen():
                found[odd] = reported = outcome(world, role, odd, path.call)
                after = state(world)
                if reported == DONE and odd not in CHARGING:
                    assert after == plain
                elif reported == DONE or reported.count("skipped") == 1:
                    assert_measured(world)
                else:
                    assert changed(before, after) <= MAY_CHANGE.get(reported.split()[0], set())
    assert found == dict.fromkeys(odd_tokens(), DONE) | row


@pytest.mark.parametrize("name", ["withdraw", "withdraw inventory"])
def test_the_books_that_pay_bear_the_charge(world: World, name: str) -> None:
    """And not a donation beside them: what they have no charge for does not leave."""
    role, function = ("usdc", "withdraw") if name == "withdraw" else ("weth", "withdrawInventory")
    env, token = world.env, world.tokens[role]
    first = () if role == "usdc" else (token,)
    with env.undone():
        if role == "usdc":
            env.owner.send("deposit", 10**9)
        booked = env.read("getTreasury")[1] if role == "usdc" else env.read("inventoryOf", token)
        env.give(env.diamond, **{"quote" if role == "usdc" else "base": booked})
        with world.turned(role, "surcharging"):
            before = gaps(world)
            with refuses(env, InsufficientFunds(token, charge(booked), 0)):
                env.owner.send(function, *first, booked, env.owner.address)
            fits = booked * BPS // (BPS + SURCHARGE_BPS)
            (reported,) = env.owner.send(function, *first, fits, env.owner.address)
            assert reported.args["amount"] == fits + charge(fits)
            assert gaps(world) == before


def charge(amount: int) -> int:
    return amount * SURCHARGE_BPS // BPS


@pytest.mark.parametrize("odd", odd_tokens())
@pytest.mark.parametrize("path", ["deposit", "withdraw"])
def test_what_is_not_there_is_not_booked(world: World, path: str, odd: str) -> None:
    """Not by a token either that answers false, or nothing, where others revert."""
    env, owner = world.env, world.env.owner
    with env.undone(), world.turned("usdc", odd):
        before = state(world)
        if path == "deposit":
            with pytest.raises((CallFailed, ZeroAmount)):
                owner.send("deposit", env.balance(env.quote, owner.address) + 1)
        else:
            reserve = env.read("getTreasury")[1]
            with pytest.raises(InsufficientFunds):
                owner.send("withdraw", reserve + 1, owner.address)
        assert state(world) == before


def state(world: World) -> dict[Any, Any]:
    """What every view function answers, what all hold of the two tokens, what the diamond lets
    Balancer's vault take, and what the diamond has logged."""
    env = world.env
    people = (env.keeper.address, env.owner.address, world.balancer.vault, world.v4.manager)
    holders = {*people, *(pool.address for pool in world.pools.values())}
    found = everything(env)
    for token in (env.quote, env.base):
        found |= {(token, holder): env.balance(token, holder) for holder in holders}
        found["allowance", token] = world.allowance(token)
    found["logs"] = [(log.topics, log.data) for log in env.chain.logs(env.diamond)]
    return found


def changed(before: dict[Any, Any], after: dict[Any, Any]) -> set[Any]:
    return {key for key in before | after if before.get(key) != after.get(key)}


def assert_measured(world: World) -> None:
    """The events give every answer, and the books have neither more nor less than there is."""
    assert_rebuilt(world.env)
    assert not gaps(world)


def gaps(world: World) -> dict[str, int]:
    """What the diamond has of each token beyond what its books say, by the events alone."""
    env, books = world.env, Books()
    books.apply_logs(env.chain.logs(env.diamond), env.times.__getitem__)
    tokens = {"usdc": env.quote, "weth": env.base}
    over = {name: env.balance(token) - books.booked(token) for name, token in tokens.items()}
    return {name: amount for name, amount in over.items() if amount}
