"""Markets on a real Uniswap V2 pair, with a feed as their oracle."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pytest

from macrostrike.errors import (
    CallbackAmountExceeded,
    OracleDeviation,
    SlippageExceeded,
    UnexpectedCallback,
)
from macrostrike.types import Signal, Venue

from ..pools import PAIR, TOKEN
from ..readers import assert_rebuilt, refuses
from ..scene import ZERO, Scene, deploy_other
from .markets import config, deploy_feed, rules

LONGS = [Signal.STRONG_LONG, Signal.LONG]
SHORTS = [Signal.SHORT, Signal.STRONG_SHORT]
PRICE = Fraction(1600, 10**12)


class V2:
    """Market 1 of a scene."""

    def __init__(self, scene: Scene) -> None:
        exchange = scene.exchange
        self.scene = scene
        self.factory = exchange.v2_factory()
        self.pair = exchange.v2_pair(self.factory, scene.base, scene.quote, PRICE, 10**14)
        self.feed = deploy_feed(scene)
        self.feed.tell(1600 * 10**8)
        scene.owner.send("setFactory", self.factory, Venue.UNISWAP_V2, True)
        by_feed = rules(scene, oracle=1, oracle_window=10**6)
        market = config(
            scene, pool=self.pair, factory=self.factory, feed=self.feed.address, rules=by_feed
        )
        scene.owner.send("registerMarket", market)

    def strike(self, signal: Signal = Signal.STRONG_LONG, limit: int | None = None) -> int:
        return int(self.scene.strike(limit, market=1, signal=signal)["strike_id"])

    def price(self, price: int) -> None:
        """Of the pair and the feed: somebody trades on it until it is so."""
        scene, trader = self.scene, self.scene.exchange
        reserve0, reserve1, _ = scene.ask(PAIR.abi, self.pair, "getReserves")
        base, quote = (reserve0, reserve1) if self._base_first else (reserve1, reserve0)
        target = int((base * quote / (price * 10**-12)) ** 0.5)
        if target < base:
            paid = quote * 1000 * (base - target) // (target * 997) + 1
            self._swap(trader.key.address, scene.quote, paid, base - target, buys_base=True)
        else:
            got = (
                quote
                - int(Fraction(quote) * base * 1000 / (base * 1000 + (target - base) * 997))
                - 1
            )
            self._swap(trader.key.address, scene.base, target - base, got, buys_base=False)
        self.feed.tell(price * 10**8)

    @property
    def _base_first(self) -> bool:
        return int(self.scene.base, 16) < int(self.scene.quote, 16)

    def _swap(self, to: str, token: str, paid: int, got: int, *, buys_base: bool) -> None:
        exchange = self.scene.exchange
        exchange.tell(TOKEN, token, "transfer", self.pair, paid)
        outs = (got, 0) if buys_base == self._base_first else (0, got)
        exchange.tell(PAIR, self.pair, "swap", *outs, to, b"")


@pytest.fixture(scope="module", params=[True, False], ids=["base-first", "quote-first"])
def _deployed(request: pytest.FixtureRequest) -> V2:
    decimals = {"quote_decimals": 6, "base_decimals": 18, "unit_exponent": 0}
    return V2(deploy_other(**decimals, base_first=request.param))


@pytest.fixture
def v2(_deployed: V2) -> Iterator[V2]:
    with _deployed.scene.undone():
        yield _deployed
        assert_rebuilt(_deployed.scene)


@pytest.mark.parametrize("signal", LONGS)
def test_a_long_buys_on_the_pair_and_sells_there(v2: V2, signal: Signal) -> None:
    scene = v2.scene
    quote, base = scene.balance(scene.quote), scene.balance(scene.base)
    notional = scene.strike(market=1, signal=signal)["notional"]
    received = scene.read("getStrike", 1).record.base_amount
    assert scene.balance(scene.quote) == quote - notional
    assert scene.balance(scene.base) == base + received
    settled = scene.settle(1)
    assert scene.balance(scene.base) == base
    assert scene.balance(scene.quote) == quote + settled["pnl"]
    # Twice 30 basis points.
    assert -61 * notional < settled["pnl"] * 10_000 < -59 * notional


@pytest.mark.parametrize("signal", SHORTS)
def test_a_short_sells_on_the_pair_and_buys_back_there(v2: V2, signal: Signal) -> None:
    scene = v2.scene
    quote, base = scene.balance(scene.quote), scene.balance(scene.base)
    notional = scene.strike(market=1, signal=signal)["notional"]
    sold = scene.read("getStrike", 1).record.base_amount
    assert scene.balance(scene.quote) == quote + notional
    assert scene.balance(scene.base) == base - sold
    settled = scene.settle(1)
    assert settled["base_amount"] == sold
    assert scene.balance(scene.base) == base
    assert scene.balance(scene.quote) == quote + settled["pnl"]


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("price", [1400, 1800])
def test_profit_and_loss_follow_the_price(v2: V2, signal: Signal, price: int) -> None:
    v2.strike(signal)
    v2.price(price)
    settled = v2.scene.settle(1)
    assert (settled["pnl"] > 0) == (signal.is_long == (price > 1600))
    assert v2.scene.read("excessOf", v2.scene.quote) == 0
    assert v2.scene.read("excessOf", v2.scene.base) == 0


@pytest.mark.parametrize("signal", Signal)
def test_it_gets_what_the_pair_gives_to_the_unit(v2: V2, signal: Signal) -> None:
    """The pair keeps no more than its fee: one unit less would have been refused by it."""
    scene = v2.scene
    with scene.undone():
        v2.strike(signal)
        base = scene.read("getStrike", 1).record.base_amount
    worse = base + 1 if signal.is_long else base - 1
    with refuses(scene, SlippageExceeded(base, worse)):
        v2.strike(signal, limit=worse)
    v2.strike(signal, limit=base)


def test_a_shorts_loss_ends_at_its_margin(v2: V2) -> None:
    scene = v2.scene
    notional = scene.strike(market=1, signal=Signal.STRONG_SHORT)["notional"]
    sold = scene.read("getStrike", 1).record.base_amount
    v2.price(4000)
    settled = scene.settle(1)
    assert (settled["quote_amount"], settled["pnl"]) == (2 * notional, -notional)
    assert settled["base_amount"] < sold


def test_a_short_sells_no_more_than_the_inventory(v2: V2) -> None:
    scene = v2.scene
    with scene.undone():
        v2.strike(Signal.STRONG_SHORT)
        sold = scene.read("getStrike", 1).record.base_amount
    everything = scene.read("inventoryOf", scene.base)
    take = everything - sold + 1
    scene.owner.send("withdrawInventory", scene.base, take, scene.owner.address)
    with refuses(scene, CallbackAmountExceeded(sold, sold - 1)):
        v2.strike(Signal.STRONG_SHORT)


def test_a_short_of_more_than_the_pair_has_is_refused(v2: V2) -> None:
    """And named as what it is: there is no price for it."""
    scene = v2.scene
    liquidity = scene.balance(v2.pair, scene.exchange.address)
    transfer = PAIR.abi.encode_call("transfer", v2.pair, liquidity)
    scene.exchange.send(v2.pair, transfer)
    scene.exchange.tell(PAIR, v2.pair, "burn", scene.exchange.address)
    everything = scene.read("inventoryOf", scene.base)
    with refuses(scene, CallbackAmountExceeded((1 << 256) - 1, everything)):
        v2.strike(Signal.STRONG_SHORT)


@pytest.mark.parametrize("signal", [Signal.LONG, Signal.SHORT], ids=str)
def test_s10_a_gift_to_the_pair_is_no_profit(v2: V2, signal: Signal) -> None:
    """What someone gave the pair stays there: no swap of ours is the cheaper for it."""
    scene, opened, pnls = v2.scene, [], []
    v2.strike(signal)
    for gift in (0, 1, 10**6, 10**11):
        with scene.undone():
            scene.give(v2.pair, quote=gift, base=gift)
            pnls.append(scene.settle(1, by="owner")["pnl"])
        with scene.undone():
            scene.give(v2.pair, quote=gift, base=gift)
            v2.strike(signal)
            opened.append(scene.read("getStrike", 2).record.base_amount)
    assert len(set(pnls)) == len(set(opened)) == 1
    assert pnls[0] < 0


def test_a_price_far_from_the_feeds_is_refused(v2: V2) -> None:
    v2.feed.tell(1800 * 10**8)
    for signal in Signal:
        with pytest.raises(OracleDeviation):
            v2.strike(signal)


def test_a_pair_never_calls_back(v2: V2) -> None:
    """Uniswap V2's own callback has no function here, and V3's none to expect."""
    scene = v2.scene
    v2.strike()
    with refuses(scene, UnexpectedCallback(scene.keeper.address, ZERO)):
        scene.keeper.send("uniswapV3SwapCallback", 1, 0, b"")
