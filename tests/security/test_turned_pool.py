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
from ..unit.market.markets import config, deploy_feed, rules
from ..unit.readers import refuses, unchanged
from ..unit.scene import Scene, deploy_scene

POOL, TOKEN = ours("HostilePool"), ours("LocalToken")
PRICE_X96 = (1600 * 10**6 << 96) // 10**18
ETHER = 10**18


@pytest.fixture
def pool(scene: Scene) -> str:
    """Market 1, honest so far; and 500 of another base in the inventory."""
    address = scene.deploy(POOL, scene.base, scene.quote, PRICE_X96)
    scene.give(address, quote=10**13, base=10**22)
    scene.owner.send("setFactory", address, Venue.UNISWAP_V3, True)
    feed = deploy_feed(scene)
    feed.tell(1600 * 10**8)
    by_feed = rules(scene, oracle=1, oracle_window=10**6)
    market = config(scene, pool=address, factory=address, feed=feed.address, rules=by_feed)
    scene.owner.send("registerMarket", market)
    return address


@pytest.fixture
def other(scene: Scene) -> str:
    token = scene.deploy(TOKEN, 18)
    maker = scene.world.venues.maker
    scene.tell(maker, TOKEN.abi, token, "mint", scene.owner.address, 500 * ETHER)
    scene.approve(scene.owner.key, token)
    scene.owner.send("depositInventory", token, 500 * ETHER)
    return token


def turn(scene: Scene, pool: str, token0: str, token1: str) -> None:
    scene.tell(scene.keeper.key, POOL.abi, pool, "turn", token0, token1)


def test_an_ordinary_short_takes_no_other_inventory(scene: Scene, pool: str, other: str) -> None:
    """It names the other base: what it asks for is paid in the market's own, or not at all."""
    turn(scene, pool, other, scene.quote)
    before = scene.read("inventoryOf", scene.base)
    record = scene.strike(market=1, signal=Signal.STRONG_SHORT)["strike_id"]
    sold = scene.read("getStrike", record).record.base_amount
    assert scene.read("inventoryOf", other) == scene.balance(other) == 500 * ETHER
    assert scene.balance(other, pool) == 0
    assert before - scene.read("inventoryOf", scene.base) == sold


@pytest.mark.parametrize("signal", [Signal.STRONG_LONG, Signal.STRONG_SHORT], ids=str)
def test_worthless_tokens_settle_nothing(
    scene: Scene, pool: str, other: str, signal: Signal
) -> None:
    strike_id = scene.strike(market=1, signal=signal)["strike_id"]
    worthless = scene.deploy(TOKEN, 6)
    scene.tell(scene.world.venues.maker, TOKEN.abi, worthless, "mint", pool, 10**30)
    pays = (scene.base, worthless) if signal.is_long else (worthless, scene.quote)
    turn(scene, pool, *pays)
    for by in ("operator", "owner"):
        with pytest.raises(ContractError), unchanged(scene):
            scene.settle(strike_id, by=by)
    scene.owner.send("writeOffStrike", strike_id)


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
    scene = deploy_scene()  # of its own: code that is put in place stays
    ids = [scene.strike(horizon=60)["strike_id"] for _ in SAID]
    scene.wait(10_000)
    for strike_id, said in zip(ids, SAID.values(), strict=True):
        put_code(scene.chain, scene.pool, said)
        with refuses(scene, OracleUnavailable(0)):
            scene.read("getOracleQuote", 0, ETHER)
        assert scene.read("getReferencePrices", 0, ETHER) == (0, 0, 0)
        assert scene.read("quoteTake", strike_id)[0] is False
        with refuses(scene, OracleUnavailable(0)):
            scene.stranger.send("takeStrike", strike_id, 0)
        for attempt in (partial(scene.settle, strike_id, limit=0), scene.strike):
            with pytest.raises(MacroStrikeError) as refused, unchanged(scene):
                attempt()
            assert isinstance(refused.value, (SwapError, OracleUnavailable)) or (
                isinstance(refused.value, UnknownRevert) and not refused.value.data
            )
        scene.owner.send("writeOffStrike", strike_id)
        if scene.read("getStrikeStats").halted:
            scene.owner.send("resume")
