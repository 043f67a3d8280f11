"""Takeovers and view functions against tokens that turn hostile: property 15, S14."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from eth_utils.crypto import keccak

from macrostrike.abi import artifact, diamond_abi
from macrostrike.build import ours
from macrostrike.chain import Reverted
from macrostrike.errors import ContractError, UnfaithfulToken
from macrostrike.types import Signal

from ..unit.deployed import deploy_other
from ..unit.environment import Env
from ..unit.readers import assert_rebuilt, refuses, unchanged
from .stranger import LONG, SHORT, U

TOKEN = ours("HostileToken")
E18 = 10**18


@pytest.fixture(scope="module")
def _hostile() -> Env:
    return deploy_hostile()


def deploy_hostile() -> Env:
    return deploy_other(
        quote_decimals=18,
        base_decimals=18,
        unit_exponent=12,
        base_first=True,
        quote_contract=TOKEN,
        base_contract=TOKEN,
    )


@pytest.fixture
def world(_hostile: Env) -> Iterator[Env]:
    """Quote and base are tokens that anyone can make behave badly."""
    with _hostile.undone():
        yield _hostile
        assert_rebuilt(_hostile)


def behave(env: Env, token: str, function: str, *args: Any) -> None:
    env.tell(env.stranger.key, TOKEN.abi, token, function, *args)


def due(env: Env, signal: Signal) -> int:
    """A strike that the keeper, who has tokens, can take over."""
    strike_id = int(env.strike(signal=signal, horizon=60)["strike_id"])
    for token in (env.quote, env.base):
        env.exchange.mint(token, env.keeper.address, 10**9 * E18)
        env.approve(env.keeper.key, token)
    env.wait(60 + 900 + 600)
    return strike_id


def take(env: Env, strike_id: int, signal: Signal) -> None:
    env.keeper.send("takeStrike", strike_id, U if signal.is_long else 0)


@pytest.mark.parametrize("signal", [LONG, SHORT])
def test_a_fee_that_is_switched_on_is_the_takers(world: Env, signal: Signal) -> None:
    """What arrives is measured; the owner closes without moving a token."""
    check_fee(world, signal)


def check_fee(env: Env, signal: Signal) -> None:
    with env.undone():
        strike_id = due(env, signal)
        paid = env.quote if signal.is_long else env.base
        behave(env, paid, "behave", 100, False)
        amount = env.keeper.call("quoteTake", strike_id)[2]
        with refuses(env, UnfaithfulToken(paid, amount - amount // 100, amount)):
            take(env, strike_id, signal)
        _close(env, strike_id)


@pytest.mark.parametrize("signal", [LONG, SHORT])
@pytest.mark.parametrize("token", ["quote", "base"])
@pytest.mark.parametrize("how", ["fails", "lies"])
def test_a_token_that_will_not_move_leaves_the_owner_to_close(
    world: Env, signal: Signal, token: str, how: str
) -> None:
    """As a blacklist of taker or diamond, or a pause, of either token."""
    strike_id = due(world, signal)
    address = world.quote if token == "quote" else world.base
    if how == "fails":
        behave(world, address, "speak", b"blacklisted" + bytes(21), False)
    else:
        behave(world, address, "behave", 0, True)
    with pytest.raises(ContractError), unchanged(world):
        take(world, strike_id, signal)
    _close(world, strike_id)


def _close(env: Env, strike_id: int) -> None:
    """By the owner, without a trade. At the oracle's price a long would need a reserve."""
    if env.read("getStrike", strike_id).signal.is_long:
        env.owner.send("writeOffStrike", strike_id)
    else:
        env.owner.send("closeAtOracle", strike_id)
    assert env.read("getOpenStrikes") == ()


# What a hook reads in the middle of things.

ARGUMENTS = {"address": "quote", "uint8": 0, "uint16": 1, "uint64": 1, "uint256": 1}


def views() -> list[dict[str, Any]]:
    """All view functions of numbers and addresses."""
    return [
        each
        for each in artifact("IMacroStrike").abi
        if each["type"] == "function"
        and each["stateMutability"] == "view"
        and all(argument["type"] in ARGUMENTS for argument in each["inputs"])
    ]


Act = Callable[[Env], object]
ACTS: dict[str, tuple[Signal, Act]] = {
    "take a long": (LONG, lambda env: take(env, 1, LONG)),
    "take a short": (SHORT, lambda env: take(env, 1, SHORT)),
    "settle a long": (LONG, lambda env: env.settle(1)),
    "settle a short": (SHORT, lambda env: env.settle(1)),
    "open a long": (LONG, lambda env: env.strike(signal=LONG)),
    "open a short": (SHORT, lambda env: env.strike(signal=SHORT)),
    "deposit": (LONG, lambda env: env.owner.send("deposit", E18)),
}


@pytest.mark.parametrize("token", ["quote", "base"])
@pytest.mark.parametrize("act", ACTS)
def test_s14_no_view_answers_what_is_neither_before_nor_after(
    world: Env, act: str, token: str
) -> None:
    """Each view function, asked from within a transfer, refuses or tells no half of a change."""
    signal, do = ACTS[act]
    due(world, signal)
    asked = 0
    for view in views():
        args = tuple(
            world.quote if each["type"] == "address" else ARGUMENTS[each["type"]]
            for each in view["inputs"]
        )
        call = diamond_abi().encode_call(view["name"], *args)
        with world.undone(), world.frozen():
            address = world.quote if token == "quote" else world.base
            behave(world, address, "arm", world.diamond, call)
            before = _answer(world, call)
            do(world)
            reported = _called_out(world, address)
            after = _answer(world, call)
        if reported is not None:
            asked += 1
            assert reported in (before, after, _REFUSED), view["name"]
    assert asked > 30 or (act == "deposit" and token == "base")


_REFUSED = keccak(text="ReentrancyGuardReentrantCall()")[:4]


def _answer(env: Env, call: bytes) -> bytes:
    """What it answers, or is refused with."""
    try:
        return bytes(env.chain.call(env.diamond, call, pending=True))
    except Reverted as reverted:
        return reverted.data


def _called_out(env: Env, token: str) -> bytes | None:
    """What the armed call was answered, or refused with."""
    for log in env.chain.logs(token, env.chain.block_number()):
        event = TOKEN.abi.decode_event(log.topics, log.data)
        if event is not None and event.name == "CalledOut":
            return bytes(event.args["result"])
    return None
