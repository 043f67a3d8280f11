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

from ..deployed import deploy_other
from ..environment import ZERO, Env
from ..pools import PAIR, TOKEN
from ..readers import assert_rebuilt, refuses
from .markets import config, deploy_feed, rules

LONGS = [Signal.STRONG_LONG, Signal.LONG]
SHORTS = [Signal.SHORT, Signal.STRONG_SHORT]
PRICE = Fraction(1600, 10**12)


class V2:
    """Market 1 of an environment."""

    def __init__(self, env: Env) -> None:
        exchange = env.exchange
        self.env = env
        self.factory = exchange.v2_factory()
        self.pair = exchange.v2_pair(self.factory, env.base, env.quote, PRICE, 10**14)
        self.feed = deploy_feed(env)
        self.feed.tell(1600 * 10**8)
        env.owner.send("setFactory", self.factory, Venue.UNISWAP_V2, True)
        by_feed = rules(env, oracle=1, oracle_window=10**6)
        market = config(
            env, pool=self.pair, factory=self.factory, feed=self.feed.address, rules=by_feed
        )
        env.owner.send("registerMarket", market)

    def strike(self, signal: Signal = Signal.STRONG_LONG, limit: int | None = None) -> int:
        return int(self.env.strike(limit, market=1, signal=signal)["strike_id"])

    def price(self, price: int) -> None:
        """Of the pair and the feed: somebody trades on it until it is so."""
        env, trader = self.env, self.env.exchange
        reserve0, reserve1, _ = env.ask(PAIR.abi, self.pair, "getReserves")
        base, quote = (reserve0, reserve1) if self._base_first else (reserve1, reserve0)
        target = int((base * quote / (price * 10**-12)) ** 0.5)
        if target < base:
            paid = quote * 1000 * (base - target) // (target * 997) + 1
            self._swap(trader.key.address, env.quote, paid, base - target, buys_base=True)
        else:
            got = (
                quote
                - int(Fraction(quote) * base * 1000 / (base * 1000 + (target - base) * 997))
                - 1
            )
            self._swap(trader.key.address, env.base, target - base, got, buys_base=False)
        self.feed.tell(price * 10**8)

    @property
    def _base_first(self) -> bool:
        return int(self.env.base, 16) < int(self.env.quote, 16)

    def _swap(self, to: str, token: str, paid: int, got: int, *, buys_base: bool) -> None:
        exchange = self.env.exchange
        exchange.tell(TOKEN, token, "transfer", self.pair, paid)
        outs = (got, 0) if buys_base == self._base_first else (0, got)
        exchange.tell(PAIR, self.pair, "swap", *outs, to, b"")


@pytest.fixture(scope="module", params=[True, False], ids=["base-first", "quote-first"])
def _deployed(request: pytest.FixtureRequest) -> V2:
    decimals = {"quote_decimals": 6, "base_decimals": 18, "unit_exponent": 0}
    return V2(deploy_other(**decimals, base_first=request.param))


@pytest.fixture
def v2(_deployed: V2) -> Iterator[V2]:
    with _deployed.env.undone():
        yield _deployed
        assert_rebuilt(_deployed.env)


@pytest.mark.parametrize("signal", LONGS)
def test_a_long_buys_on_the_pair_and_sells_there(v2: V2, signal: Signal) -> None:
    env = v2.env
    quote, base = env.balance(env.quote), env.balance(env.base)
    notional = env.strike(market=1, signal=signal)["notional"]
    received = env.read("getStrike", 1).record.base_amount
    assert env.balance(env.quote) == quote - notional
    assert env.balance(env.base) == base + received
    settled = env.settle(1)
    assert env.balance(env.base) == base
    assert env.balance(env.quote) == quote + settled["pnl"]
    # Twice 30 basis points.
    assert -61 * notional < settled["pnl"] * 10_000 < -59 * notional


@pytest.mark.parametrize("signal", SHORTS)
def test_a_short_sells_on_the_pair_and_buys_back_there(v2: V2, signal: Signal) -> None:
    env = v2.env
    quote, base = env.balance(env.quote), env.balance(env.base)
    notional = env.strike(market=1, signal=signal)["notional"]
    sold = env.read("getStrike", 1).record.base_amount
    assert env.balance(env.quote) == quote + notional
    assert env.balance(env.base) == base - sold
    settled = env.settle(1)
    assert settled["base_amount"] == sold
    assert env.balance(env.base) == base
    assert env.balance(env.quote) == quote + settled["pnl"]


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("price", [1400, 1800])
def test_profit_and_loss_follow_the_price(v2: V2, signal: Signal, price: int) -> None:
    v2.strike(signal)
    v2.price(price)
    settled = v2.env.settle(1)
    assert (settled["pnl"] > 0) == (signal.is_long == (price > 1600))
    assert v2.env.read("excessOf", v2.env.quote) == 0
    assert v2.env.read("excessOf", v2.env.base) == 0


@pytest.mark.parametrize("signal", Signal)
def test_it_gets_what_the_pair_returns_to_the_unit(v2: V2, signal: Signal) -> None:
    """The pair keeps no more than its fee: one unit less would have been refused by it."""
    env = v2.env
    with env.undone():
        v2.strike(signal)
        base = env.read("getStrike", 1).record.base_amount
    worse = base + 1 if signal.is_long else base - 1
    with refuses(env, SlippageExceeded(base, worse)):
        v2.strike(signal, limit=worse)
    v2.strike(signal, limit=base)


def test_a_shorts_loss_ends_at_its_margin(v2: V2) -> None:
    env = v2.env
    notional = env.strike(market=1, signal=Signal.STRONG_SHORT)["notional"]
    sold = env.read("getStrike", 1).record.base_amount
    v2.price(4000)
    settled = env.settle(1)
    assert (settled["quote_amount"], settled["pnl"]) == (2 * notional, -notional)
    assert settled["base_amount"] < sold


def test_a_short_sells_no_more_than_the_inventory(v2: V2) -> None:
    env = v2.env
    with env.undone():
        v2.strike(Signal.STRONG_SHORT)
        sold = env.read("getStrike", 1).record.base_amount
    everything = env.read("inventoryOf", env.base)
    take = everything - sold + 1
    env.owner.send("withdrawInventory", env.base, take, env.owner.address)
    with refuses(env, CallbackAmountExceeded(sold, sold - 1)):
        v2.strike(Signal.STRONG_SHORT)


def test_a_short_of_more_than_the_pair_has_is_refused(v2: V2) -> None:
    """And named as what it is: there is no price for it."""
    env = v2.env
    liquidity = env.balance(v2.pair, env.exchange.address)
    transfer = PAIR.abi.encode_call("transfer", v2.pair, liquidity)
    env.exchange.send(v2.pair, transfer)
    env.exchange.tell(PAIR, v2.pair, "burn", env.exchange.address)
    everything = env.read("inventoryOf", env.base)
    with refuses(env, CallbackAmountExceeded((1 << 256) - 1, everything)):
        v2.strike(Signal.STRONG_SHORT)


@pytest.mark.parametrize("signal", [Signal.LONG, Signal.SHORT], ids=str)
def test_s10_a_gift_to_the_pair_is_not_a_profit(v2: V2, signal: Signal) -> None:
    """What someone gave the pair stays there: no swap of ours is the cheaper for it."""
    env, opened, pnls = v2.env, [], []
    v2.strike(signal)
    for gift in (0, 1, 10**6, 10**11):
        with env.undone():
            env.give(v2.pair, quote=gift, base=gift)
            pnls.append(env.settle(1, by="owner")["pnl"])
        with env.undone():
            env.give(v2.pair, quote=gift, base=gift)
            v2.strike(signal)
            opened.append(env.read("getStrike", 2).record.base_amount)
    assert len(set(pnls)) == len(set(opened)) == 1
    assert pnls[0] < 0


def test_a_price_far_from_the_feeds_is_refused(v2: V2) -> None:
    v2.feed.tell(1800 * 10**8)
    for signal in Signal:
        with pytest.raises(OracleDeviation):
            v2.strike(signal)


def test_a_pair_never_calls_back(v2: V2) -> None:
    """Uniswap V2's own callback has no function here, and V3's none to expect."""
    env = v2.env
    v2.strike()
    with refuses(env, UnexpectedCallback(env.keeper.address, ZERO)):
        env.keeper.send("uniswapV3SwapCallback", 1, 0, b"")
