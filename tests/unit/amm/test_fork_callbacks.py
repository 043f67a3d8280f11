"""A3: pools that call back by another name trade, or are refused when they are registered."""

from __future__ import annotations

from typing import Any

import pytest

from macrostrike.errors import UnexpectedCallback, UnsupportedCallback
from macrostrike.types import ArbitrageOrder, PoolConfig, Signal, Venue

from ..answering import Answering, encoded, words
from ..deployed import deploy_env
from ..environment import ZERO, Env, ours
from ..forks import V2_ARGUMENTS, V3_ARGUMENTS, Forks, selector
from ..market.markets import Feed, config, deploy_feed, rules
from ..pools import in_order
from ..readers import refuses

V2_NAMES = ("uniswapV2Call", "pancakeCall", "hook")
V3_NAMES = ("uniswapV3SwapCallback", "pancakeV3SwapCallback", "algebraSwapCallback")
UNKNOWN = "someForksOwnCallback"


@pytest.fixture(scope="module")
def deployed() -> Env:
    return deploy_env()


@pytest.fixture
def forks(env: Env) -> Forks:
    env.owner.send("setAMMCap", env.quote, 10**12)
    return Forks(env)


def allow(env: Env, factory: str, venue: Venue) -> None:
    env.owner.send("setFactory", factory, venue, True)


def register(env: Env, factory: str, pool: str, venue: Venue) -> int:
    fee = 500 if venue is Venue.UNISWAP_V3 else 3000
    wanted = PoolConfig(factory=factory, pool=pool, fee=fee)
    return int(env.owner.only("PoolRegistered", "registerPools", [wanted])["id"])


def by_feed(env: Env, factory: str, pool: str) -> tuple[Feed, Any]:
    feed = deploy_feed(env)
    feed.tell(1600 * 10**8)
    market_rules = rules(env, oracle=1, oracle_window=10**6)
    return feed, config(env, pool=pool, factory=factory, feed=feed.address, rules=market_rules)


def cycle(env: Env, *pools: int) -> dict[str, Any]:
    order = ArbitrageOrder(
        pools=pools,
        token_in=env.quote,
        amount_in=1000 * 10**6,
        confidence_bps=9500,
        deadline=env.now + 60,
    )
    return env.operator.only("ArbitrageExecuted", "executeArbitrage", order)


@pytest.mark.parametrize(
    ("venue", "name"),
    [(Venue.UNISWAP_V2, name) for name in V2_NAMES]
    + [(Venue.UNISWAP_V3, name) for name in V3_NAMES],
)
def test_arbitrages_through_both_kinds(env: Env, forks: Forks, venue: Venue, name: str) -> None:
    """As the one that pays first, and as the one that is paid first, or in its callback."""
    make = forks.v2 if venue is Venue.UNISWAP_V2 else forks.v3
    ids = []
    for factory, pool in (make(name, 1500), make(name, 1700)):
        allow(env, factory, venue)
        ids.append(register(env, factory, pool, venue))
    assert cycle(env, *ids)["profit"] > 0


@pytest.mark.parametrize("signal", [Signal.STRONG_LONG, Signal.SHORT], ids=str)
@pytest.mark.parametrize("name", V3_NAMES)
def test_strikes_on_v3_pools(env: Env, forks: Forks, name: str, signal: Signal) -> None:
    factory, pool = forks.v3(name, 1600)
    allow(env, factory, Venue.UNISWAP_V3)
    _, wanted = by_feed(env, factory, pool)
    market = env.owner.only("MarketRegistered", "registerMarket", wanted)["market"]
    strike_id = env.strike(market=market, signal=signal)["strike_id"]
    assert env.settle(strike_id, by="owner")["pnl"] < 0


def test_v2_pairs_of_an_unknown_name_are_refused(env: Env, forks: Forks) -> None:
    factory, pair = forks.v2(UNKNOWN, 1600)
    allow(env, factory, Venue.UNISWAP_V2)
    refused = UnsupportedCallback(pair, selector(UNKNOWN + V2_ARGUMENTS))
    with refuses(env, refused):
        register(env, factory, pair, Venue.UNISWAP_V2)
    _, wanted = by_feed(env, factory, pair)
    with refuses(env, refused):
        env.owner.send("registerMarket", wanted)


@pytest.mark.parametrize("length", [0, 3, 4, 7, 8, 36])
def test_a_name_is_at_least_four_bytes_behind_the_error(env: Env, length: int) -> None:
    """What is less is a pool's own word, and its pool is not known to call otherwise."""
    place = Answering(env.caller(env.keeper.key))
    name = selector(UNKNOWN + V2_ARGUMENTS)
    reason = (selector("FunctionNotFound(bytes4)") + name + bytes(28))[:length]
    token0, token1 = in_order(env.base, env.quote)
    answers = {"token0()": token0, "token1()": token1}
    place.set({encoded(name) + words(0): words(int(at, 16)) for name, at in answers.items()})
    pair = encoded("getPair(address,address)", token0, token1)
    place.set({pair: words(int(place.address, 16))})
    asked = encoded("swap(uint256,uint256,address,bytes)", 1, 0, env.diamond, b"\0")
    place.set({asked: reason}, fails=True)
    allow(env, place.address, Venue.UNISWAP_V2)
    if length < 8:
        register(env, place.address, place.address, Venue.UNISWAP_V2)
        return
    with refuses(env, UnsupportedCallback(place.address, name)):
        register(env, place.address, place.address, Venue.UNISWAP_V2)


def test_v3_pools_of_an_unknown_name_are_refused(env: Env, forks: Forks) -> None:
    factory, pool = forks.v3(UNKNOWN, 1600)
    allow(env, factory, Venue.UNISWAP_V3)
    refused = UnsupportedCallback(pool, selector(UNKNOWN + V3_ARGUMENTS))
    with refuses(env, refused):
        register(env, factory, pool, Venue.UNISWAP_V3)
    _, wanted = by_feed(env, factory, pool)
    with refuses(env, refused):
        env.owner.send("registerMarket", wanted)


ASKING = """
    0 CALLDATALOAD 0xe0 SHR
    DUP1 SWAP_SELECTOR EQ @swap JUMPI
    DUP1 POOL_SELECTOR EQ @itself JUMPI
    CALLDATASIZE 0 0 CALLDATACOPY
    0 0 CALLDATASIZE 0 0 HONEST GAS CALL POP
    RETURNDATASIZE 0 0 RETURNDATACOPY RETURNDATASIZE 0 RETURN
itself:
    ADDRESS 0 MSTORE 0x20 0 RETURN
swap:
    CALLBACK 0xe0 SHL 0 MSTORE
    1 0x04 MSTORE 0 0x24 MSTORE 0x60 0x44 MSTORE 0 0x64 MSTORE
    0 0 0x84 0 0 CALLER GAS CALL POP
    NOT_FOUND 0xe0 SHL 0x100 MSTORE
    4 0 0x104 RETURNDATACOPY
    0x24 0x100 REVERT
"""
OPCODES = {
    "EQ": 0x14,
    "SHL": 0x1B,
    "SHR": 0x1C,
    "ADDRESS": 0x30,
    "CALLER": 0x33,
    "CALLDATALOAD": 0x35,
    "CALLDATASIZE": 0x36,
    "CALLDATACOPY": 0x37,
    "RETURNDATASIZE": 0x3D,
    "RETURNDATACOPY": 0x3E,
    "POP": 0x50,
    "MSTORE": 0x52,
    "JUMPI": 0x57,
    "GAS": 0x5A,
    "DUP1": 0x80,
    "CALL": 0xF1,
    "RETURN": 0xF3,
    "REVERT": 0xFD,
}


def assembled(text: str, **values: bytes) -> bytes:
    """Creation code of a contract whose code is given in words."""
    code, labels, jumps = b"", {}, {}
    for word in text.split():
        if word.endswith(":"):
            labels[word[:-1]] = len(code)
            code += b"\x5b"
        elif word.startswith("@"):
            jumps[len(code) + 1] = word[1:]
            code += b"\x61\x00\x00"
        elif word in OPCODES:
            code += bytes([OPCODES[word]])
        else:
            value = values[word] if word in values else int(word, 0).to_bytes(2, "big")
            code += bytes([0x5F + len(value)]) + value
    for at, label in jumps.items():
        code = code[:at] + labels[label].to_bytes(2, "big") + code[at + 2 :]
    return b"\x61" + len(code).to_bytes(2, "big") + bytes.fromhex("80600c6000396000f3") + code


def test_a_pool_that_is_tried_is_answered_with_an_error_of_its_own(env: Env) -> None:
    """What it is answered is undone with the try. This pool hands it on as if it were the name of a
    function that the diamond lacks; for all but swaps it asks a pool in the shape of V3."""
    honest = env.deploy(ours("HostilePool"), env.base, env.quote, 1 << 96)
    code = assembled(
        ASKING,
        SWAP_SELECTOR=selector("swap(address,bool,int256,uint160,bytes)"),
        POOL_SELECTOR=selector("getPool(address,address,uint24)"),
        CALLBACK=selector(f"uniswapV3SwapCallback{V3_ARGUMENTS}"),
        NOT_FOUND=selector("FunctionNotFound(bytes4)"),
        HONEST=bytes.fromhex(honest[2:]),
    )
    pool = env.caller(env.world.venues.maker).create(code)
    allow(env, pool, Venue.UNISWAP_V3)
    with refuses(env, UnsupportedCallback(pool, selector("CallbackProbed()"))):
        register(env, pool, pool, Venue.UNISWAP_V3)


@pytest.mark.parametrize("role", ["owner", "operator", "guardian", "keeper"])
def test_no_one_else_may_call_back_by_any_name(env: Env, role: str) -> None:
    actor = getattr(env, role)
    for name in V3_NAMES:
        with refuses(env, UnexpectedCallback(actor.address, ZERO)):
            actor.send(name, 1, -1, b"")
    for name in V2_NAMES:
        with refuses(env, UnexpectedCallback(actor.address, ZERO)):
            actor.send(name, env.diamond, 1, 0, b"\0")


def test_registering_leaves_no_turn_behind(env: Env, forks: Forks) -> None:
    """A pool that was looked at may not call back afterwards, in the same transaction or later."""
    factory, pool = forks.v3("pancakeV3SwapCallback", 1600)
    allow(env, factory, Venue.UNISWAP_V3)
    register(env, factory, pool, Venue.UNISWAP_V3)
    with refuses(env, UnexpectedCallback(env.keeper.address, ZERO)):
        env.keeper.send("pancakeV3SwapCallback", 1, -1, b"")
