"""S7, A4: a pool that turns names other tokens, and gets none of them; its words stay its own."""

from __future__ import annotations

from functools import partial

import pytest
from eth_utils.crypto import keccak

from macrostrike.build import ours
from macrostrike.errors import (
    ContractError,
    MacroStrikeError,
    OracleUnavailable,
    SwapError,
    UnknownRevert,
)
from macrostrike.types import Signal, Venue

from ..evm import put_code
from ..unit.deployed import deploy_env
from ..unit.environment import Env
from ..unit.market.markets import config, deploy_feed, rules
from ..unit.readers import refuses, unchanged

POOL, TOKEN = ours("HostilePool"), ours("LocalToken")
PRICE_X96 = (1600 * 10**6 << 96) // 10**18
ETHER = 10**18


@pytest.fixture
def pool(env: Env) -> str:
    """Market 1, honest so far; and 500 of another base in the inventory."""
    address = env.deploy(POOL, env.base, env.quote, PRICE_X96)
    env.give(address, quote=10**13, base=10**22)
    env.owner.send("setFactory", address, Venue.UNISWAP_V3, True)
    feed = deploy_feed(env)
    feed.tell(1600 * 10**8)
    by_feed = rules(env, oracle=1, oracle_window=10**6)
    market = config(env, pool=address, factory=address, feed=feed.address, rules=by_feed)
    env.owner.send("registerMarket", market)
    return address


@pytest.fixture
def other(env: Env) -> str:
    token = env.deploy(TOKEN, 18)
    maker = env.world.venues.maker
    env.tell(maker, TOKEN.abi, token, "mint", env.owner.address, 500 * ETHER)
    env.approve(env.owner.key, token)
    env.owner.send("depositInventory", token, 500 * ETHER)
    return token


def turn(env: Env, pool: str, token0: str, token1: str) -> None:
    env.tell(env.keeper.key, POOL.abi, pool, "turn", token0, token1)


def test_an_ordinary_short_takes_no_other_inventory(env: Env, pool: str, other: str) -> None:
    """It names the other base: what it asks for is paid in the market's own, or not at all."""
    turn(env, pool, other, env.quote)
    before = env.read("inventoryOf", env.base)
    record = env.strike(market=1, signal=Signal.STRONG_SHORT)["strike_id"]
    sold = env.read("getStrike", record).record.base_amount
    assert env.read("inventoryOf", other) == env.balance(other) == 500 * ETHER
    assert env.balance(other, pool) == 0
    assert before - env.read("inventoryOf", env.base) == sold


@pytest.mark.parametrize("signal", [Signal.STRONG_LONG, Signal.STRONG_SHORT], ids=str)
def test_worthless_tokens_settle_nothing(env: Env, pool: str, other: str, signal: Signal) -> None:
    strike_id = env.strike(market=1, signal=signal)["strike_id"]
    worthless = env.deploy(TOKEN, 6)
    env.tell(env.world.venues.maker, TOKEN.abi, worthless, "mint", pool, 10**30)
    pays = (env.base, worthless) if signal.is_long else (worthless, env.quote)
    turn(env, pool, *pays)
    for by in ("operator", "owner"):
        with pytest.raises(ContractError), unchanged(env):
            env.settle(strike_id, by=by)
    env.owner.send("writeOffStrike", strike_id)


def speaking(data: bytes, *, fails: bool) -> bytes:
    """Code that answers every call with those bytes, or fails with them."""
    return bytes.fromhex(f"60{len(data):02x}8060095f395f{'fd' if fails else 'f3'}") + data


SAID = {
    "fails as the diamond would": speaking(keccak(text="EnforcedPause()")[:4], fails=True),
    "fails as a pool is unknown": speaking(keccak(text="UnknownPool(uint256)")[:4], fails=True),
    "fails with nothing": speaking(b"", fails=True),
    "answers nothing": speaking(b"", fails=False),
    "answers too little": speaking(bytes(31), fails=False),
    "answers zeros": speaking(bytes(7 * 32), fails=False),
    "answers what it cannot be": speaking(b"\xff" * 7 * 32, fails=False),
}


def test_a4_what_a_turned_pool_answers_is_not_the_diamonds_word() -> None:
    """Its views as well as its swaps: unknown, or failed by name; nothing changes."""
    env = deploy_env()  # of its own: code that is put in place stays
    ids = [env.strike(horizon=60)["strike_id"] for _ in SAID]
    env.wait(10_000)
    for strike_id, said in zip(ids, SAID.values(), strict=True):
        put_code(env.chain, env.pool, said)
        with refuses(env, OracleUnavailable(0)):
            env.read("getOracleQuote", 0, ETHER)
        assert env.read("getReferencePrices", 0, ETHER) == (0, 0, 0)
        assert env.read("quoteTake", strike_id)[0] is False
        with refuses(env, OracleUnavailable(0)):
            env.stranger.send("takeStrike", strike_id, 0)
        for attempt in (partial(env.settle, strike_id, limit=0), env.strike):
            with pytest.raises(MacroStrikeError) as refused, unchanged(env):
                attempt()
            assert isinstance(refused.value, (SwapError, OracleUnavailable)) or (
                isinstance(refused.value, UnknownRevert) and not refused.value.data
            )
        env.owner.send("writeOffStrike", strike_id)
        if env.read("getStrikeStats").halted:
            env.owner.send("resume")
