"""What a stranger can do to open strikes, with real Uniswap pools.

He has no role and as many tokens as he likes. Within one second he pushes the pool, takes a strike
over, and trades back, in any order. Depths of pools are those recorded in ../shared/data/pools.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from macrostrike.errors import GateError
from macrostrike.types import Signal

from ..unit.market.markets import config
from ..unit.pools import FEE, POOL, ROUTER, sqrt_price
from ..unit.scene import TOKEN, Scene

POOLS = Path(__file__).parents[2] / "../shared/data/pools/cow_auction_7400681.json.gz"
WETH = "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"
ETHER_USD = 1610
U = (1 << 256) - 1
# Each example is put back by `Scene.undone`.
_SHARED = [HealthCheck.function_scoped_fixture]
LONG, SHORT = Signal.STRONG_LONG, Signal.STRONG_SHORT
PUSHES = [Fraction(each, 1000) for each in (-60, -30, -15, -7, -3, 3, 7, 15, 30, 60)]


@cache
def recorded_depths() -> list[int]:
    """Virtual depths of the recorded V3 pools of WETH, in raw USDC, ascending."""
    if not POOLS.exists():
        pytest.skip(f"{POOLS} is not there")
    pools = json.loads(gzip.decompress(POOLS.read_bytes()))
    return sorted(_depths(pools))


def _depths(auction: Any) -> Iterator[int]:
    for amm in auction["amms"].values():
        if amm["kind"] != "Concentrated":
            continue
        tokens, state = [each["id"] for each in amm["pool"]["tokens"]], amm["pool"]["state"]
        if WETH not in tokens:
            continue
        root, liquidity = int(state["sqrt_price"]), int(state["liquidity"])
        weth = (liquidity << 96) // root if tokens[0] == WETH else liquidity * root >> 96
        depth = weth * ETHER_USD * 10**6 // 10**18
        if depth > 10**5 * 10**6:
            yield depth


def quantiles(count: int) -> list[int]:
    depths = recorded_depths()
    return [depths[(len(depths) - 1) * step // (count - 1)] for step in range(count)]


@dataclass
class Stranger:
    """Someone with tokens, and a market of a pool of his choice."""

    scene: Scene
    market: int
    base: str
    pool: str

    @property
    def key(self) -> LocalAccount:
        return self.scene.people["stranger"]

    def price(self) -> Fraction:
        """Raw quote for raw base."""
        root = self.scene.ask(POOL.abi, self.pool, "slot0")[0]
        price = Fraction(root * root, 1 << 192)
        return price if self.base_first else 1 / price

    @property
    def base_first(self) -> bool:
        return int(self.base, 16) < int(self.scene.quote, 16)

    def push(self, share: Fraction) -> None:
        """Trades the pool's price that far away, by his own swap."""
        self.buy_to(self.price() * (1 + share))

    def sell(self, base: int) -> None:
        self._swap(False, base, 0)

    def buy_to(self, price: Fraction) -> None:
        self._swap(
            price > self.price(), 10**24, sqrt_price(price if self.base_first else 1 / price)
        )

    def holds(self) -> tuple[int, int]:
        scene, at = self.scene, str(self.key.address)
        return scene.balance(scene.quote, at), scene.balance(self.base, at)

    def take(self, strike_id: int, signal: Signal) -> None:
        self.scene.stranger.send("takeStrike", strike_id, U if signal.is_long else 0)

    def even(self, before: int) -> None:
        """Trades until he has as much base as before."""
        has = self.holds()[1]
        if has > before:
            self.sell(has - before)
        elif has < before:
            swap = (self.scene.quote, self.base, FEE, self.key.address, before - has, 1 << 120, 0)
            self._router("exactOutputSingle", swap)

    def _swap(self, buys: bool, amount: int, limit: int) -> None:
        paid, got = (self.scene.quote, self.base)[:: 1 if buys else -1]
        swap = (paid, got, FEE, self.key.address, amount, 0, limit)
        self._router("exactInputSingle", swap)

    def _router(self, function: str, swap: tuple[Any, ...]) -> None:
        router = self.scene.world.venues.fixtures.router
        self.scene.tell(self.key, ROUTER.abi, router, function, swap)


def stranger_of(scene: Scene, depth: int, lots: int = 1023) -> Stranger:
    """A market on a new pool of that depth, on which a bot has at most so many lots."""
    exchange = scene.exchange
    base = exchange.token(18)
    price = Fraction(1600) * Fraction(10) ** (6 - 18)
    exchange.mint(base, exchange.key.address, 10**27)
    scene.give(exchange.key.address, quote=4 * depth)
    pool = exchange.v3_pool(base, scene.quote, price, depth)
    rules = scene.read("getMarket", 0).rules
    open_rules = replace(rules, max_bot_lots=lots, max_deviation_bps=1000)
    market = config(scene, base=base, pool=pool, factory=exchange.factory, rules=open_rules)
    found = scene.owner.only("MarketRegistered", "registerMarket", market)["market"]
    holder = scene.owner.address
    exchange.mint(base, holder, 10**24)
    scene.approve(scene.owner.key, base)
    scene.owner.send("depositInventory", base, 10**23)
    stranger = Stranger(scene, found, base, str(pool))
    key = stranger.key
    exchange.mint(base, key.address, 10**27)
    scene.give(key.address, quote=10**18)
    router = scene.world.venues.fixtures.router
    for token in (base, scene.quote):
        scene.approve(key, token)
        scene.tell(key, TOKEN.abi, token, "approve", router, U)
    return stranger


def due_strike(stranger: Stranger, signal: Signal, lag: Fraction) -> int:
    """A strike that can be taken over, in a market that has run ahead of its means by `lag`."""
    scene = stranger.scene
    opened = scene.strike(market=stranger.market, signal=signal, horizon=60)
    strike_id = int(opened["strike_id"])
    opens_at = scene.read("quoteTake", strike_id)[1]
    scene.at(opens_at + 1200 - 13)
    if lag:
        stranger.push(lag)
        scene.wait(11)
    return strike_id


def gain(stranger: Stranger, strike_id: int, signal: Signal, push: Fraction) -> int:
    """What he has more of quote after pushing, taking, trading back and even, in one second."""
    scene = stranger.scene
    with scene.undone(), scene.frozen():
        quote, base = stranger.holds()
        price = stranger.price()
        if push:
            stranger.push(push)
        stranger.take(strike_id, signal)
        if push:
            stranger.buy_to(price)
        stranger.even(base)
        return stranger.holds()[0] - quote


@pytest.mark.parametrize("signal", [LONG, SHORT])
@pytest.mark.parametrize("lots", [1, 30, 1023])
@pytest.mark.parametrize("lag", [0, 1, 5])
def test_s1_no_push_within_the_second_earns_more_than_the_plain_take(
    scene: Scene, signal: Signal, lots: int, lag: int
) -> None:
    """Property 3: over all recorded depths, strikes of $500 and more, both sides."""
    ahead = Fraction(lag if signal.is_long else -lag, 100)
    for depth in quantiles(4):
        with scene.undone():
            stranger = stranger_of(scene, depth, lots)
            try:
                strike_id = due_strike(stranger, signal, ahead)
            except GateError:
                continue  # the pool is too thin for the strike itself
            plain = gain(stranger, strike_id, signal, Fraction(0))
            best = max(gain(stranger, strike_id, signal, push) for push in PUSHES)
            assert best <= plain


@settings(max_examples=15, deadline=None, suppress_health_check=_SHARED)
@given(seed=st.integers(0, 1 << 32), signal=st.sampled_from([LONG, SHORT]))
def test_a_takeovers_price_is_of_the_seconds_beginning(
    scene: Scene, seed: int, signal: Signal
) -> None:
    """Property 1: whatever is traded within the second, not a unit of it changes."""
    random = Random(seed)
    with scene.undone():
        stranger = stranger_of(scene, 10**13)
        strike_id = due_strike(stranger, signal, Fraction(random.randint(-30, 30), 1000))
        with scene.frozen():
            expected = scene.stranger.call("quoteTake", strike_id)
            for _ in range(random.randint(1, 4)):
                stranger.push(Fraction(random.choice((-1, 1)) * random.randint(1, 300), 1000))
                if random.random() < 0.3:
                    grow = POOL.abi.encode_call("increaseObservationCardinalityNext", 70)
                    scene.transact(stranger.key, stranger.pool, grow)
                assert scene.stranger.call("quoteTake", strike_id) == expected


@settings(max_examples=10, deadline=None, suppress_health_check=_SHARED)
@given(seed=st.integers(0, 1 << 32))
def test_the_start_of_the_second_is_the_pools_true_price(scene: Scene, seed: int) -> None:
    """Property 2: random swaps in random seconds; the price of the last of them before this one."""
    random = Random(seed)
    with scene.undone():
        stranger = stranger_of(scene, 10**13)
        for _ in range(8):
            scene.wait(random.choice((1, 1, 2, 40)))
            with scene.frozen():
                known = scene.stranger.call("getReferencePrices", stranger.market, 10**18)[2]
                for _ in range(random.randint(0, 3)):
                    stranger.push(Fraction(random.choice((-1, 1)) * random.randint(1, 80), 1000))
                told = scene.stranger.call("getReferencePrices", stranger.market, 10**18)[2]
                assert told == known
                after = stranger.price() * 10**18
            scene.wait(1)
            start = scene.stranger.call("getReferencePrices", stranger.market, 10**18)[2]
            # By the tick, which is a basis point wide.
            assert abs(start - after) <= after / 9_900


@pytest.mark.parametrize("signal", [LONG, SHORT])
def test_an_operators_exit_is_not_refused_for_what_one_second_did(
    scene: Scene, signal: Signal
) -> None:
    """Property 8: pushed by 30 % and held over the end of a second, then traded back."""
    with scene.undone():
        stranger = stranger_of(scene, 10**13)
        opened = scene.strike(market=stranger.market, signal=signal, horizon=3600)
        scene.wait(600)
        price = stranger.price()
        stranger.push(Fraction(3, 10) if signal.is_long else Fraction(-3, 10))
        scene.stranger.send("markDue", [opened["strike_id"]])
        stranger.buy_to(price)
        scene.settle(opened["strike_id"])


def test_liveness_behind_a_dead_operator_in_a_falling_market(scene: Scene) -> None:
    """Property 7: halted, paused, the operator gone, the market falling 1 % a minute."""
    with scene.undone():
        stranger = stranger_of(scene, 10**13)
        strike_id = int(scene.strike(market=stranger.market, horizon=3600)["strike_id"])
        scene.guardian.send("pause")
        scene.guardian.send("revokeOperator", scene.operator.address)
        opened_at = scene.now
        rules = scene.read("getMarket", stranger.market).rules
        bound = 3600 + rules.keeper_delay + rules.auction_seconds + 2 * rules.oracle_window
        while scene.read("getOpenStrikes"):
            assert scene.now - opened_at <= bound
            stranger.push(Fraction(-1, 100))
            scene.wait(59)
            scene.stranger.send("markDue", [strike_id])
            takeable, _, cost, base = scene.stranger.call("quoteTake", strike_id)
            # He wants half a percent for his trouble.
            if takeable and cost <= stranger.price() * base * 995 / 1000:
                stranger.take(strike_id, LONG)


def test_no_push_of_one_block_trips_the_mark_to_market_halt(scene: Scene) -> None:
    """Property 12, for a flash and for a price held over the end of a second."""
    with scene.undone():
        stranger = stranger_of(scene, 10**13, 200)
        for _ in range(6):
            scene.strike(market=stranger.market)
        for held in (0, 1):
            price = stranger.price()
            with scene.frozen():
                stranger.push(Fraction(-9, 10))
                if not held:
                    assert not scene.stranger.call("markToMarket")[2]
            assert not scene.stranger.call("markToMarket")[2]
            stranger.buy_to(price)
            scene.wait(1000)


def test_s3_a_fall_that_holds_trips_it_and_resuming_is_not_undone(scene: Scene) -> None:
    with scene.undone():
        stranger = stranger_of(scene, 10**13, 1023)
        scene.rule(max_bot_lots=1023)
        ids = [scene.strike(market=stranger.market)["strike_id"] for _ in range(9)]
        stranger.push(Fraction(-80, 100))
        scene.wait(700)
        marked, unpriced, halted = scene.stranger.call("markToMarket")
        assert (marked < 0, unpriced, halted) == (True, 0, True)
        scene.stranger.send("markToMarket")
        assert scene.read("getStrikeStats").halted
        scene.owner.send("resume")
        scene.stranger.send("markToMarket")
        assert not scene.read("getStrikeStats").halted
        # What was lost is in the mark: closing the losers is no drawdown.
        for strike_id in ids[:4]:
            scene.settle(strike_id, by="owner")
        assert not scene.read("getStrikeStats").halted
