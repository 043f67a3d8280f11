"""Markets on a real Uniswap V4 pool, with a feed as their oracle."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from macrostrike.errors import (
    CallbackAmountExceeded,
    HooksNotAllowed,
    InvalidOracle,
    NotOwner,
    OracleDeviation,
    PoolNotCanonical,
    PoolNotInitialized,
    PoolTokensMismatch,
    SlippageExceeded,
    StrikeNotTakeable,
    UnexpectedCallback,
    UnsupportedDecimals,
    WrappedNativeAlreadySet,
)
from macrostrike.types import BPS, Closing, OracleKind, Signal, Venue

from ..deployed import deploy_other
from ..environment import DAY, ZERO, event
from ..readers import assert_rebuilt, refuses
from .markets import rules
from .v4 import FEE, V4Market

LONGS = [Signal.STRONG_LONG, Signal.LONG]
SHORTS = [Signal.SHORT, Signal.STRONG_SHORT]
ANY = {True: 0, False: (1 << 256) - 1}


@pytest.fixture(scope="module", params=[True, False], ids=["base-first", "quote-first"])
def _deployed(request: pytest.FixtureRequest) -> V4Market:
    decimals = {"quote_decimals": 6, "base_decimals": 18, "unit_exponent": 0}
    return V4Market(deploy_other(**decimals, base_first=request.param))


@pytest.fixture
def v4(_deployed: V4Market) -> Iterator[V4Market]:
    key = _deployed.key
    with _deployed.env.undone():
        yield _deployed
        assert_rebuilt(_deployed.env)
    _deployed.key = key


class TestRegistering:
    def test_the_market_has_its_key(self, v4: V4Market) -> None:
        view = v4.view()
        assert (view.pool, view.factory, view.venue) == (v4.manager, v4.manager, Venue.UNISWAP_V4)
        assert (view.fee, view.tick_spacing, view.hooks) == (FEE, 60, ZERO)
        market = v4.config()
        assert v4.env.owner.send("registerMarket", market) == [
            event("MarketRegistered", market=2, base=v4.env.base, pool=v4.manager, config=market)
        ]

    @pytest.mark.parametrize("change", [{"fee": 3000}, {"tick_spacing": 10}])
    def test_a_pool_that_the_manager_does_not_have(
        self, v4: V4Market, change: dict[str, int]
    ) -> None:
        with pytest.raises(PoolNotInitialized):
            v4.env.owner.send("registerMarket", v4.config(**change))

    def test_the_pool_is_the_manager(self, v4: V4Market) -> None:
        env = v4.env
        with refuses(env, PoolNotCanonical(env.pool, v4.manager)):
            env.owner.send("registerMarket", v4.config(pool=env.pool))

    def test_other_tokens_than_the_pools(self, v4: V4Market) -> None:
        env, other = v4.env, v4.env.exchange.token()
        with pytest.raises(PoolNotInitialized):
            env.owner.send("registerMarket", v4.config(base=other))
        with refuses(env, PoolTokensMismatch(v4.manager, env.quote, env.quote)):
            env.owner.send("registerMarket", v4.config(base=env.quote))

    def test_ether_is_not_a_base(self, v4: V4Market) -> None:
        key = (ZERO, v4.env.quote, FEE, 60, ZERO)
        v4.env.chain.set_balance(v4.v4.address, 10**19)
        v4.v4.create_pool(key, {ZERO: 10**18, v4.env.quote: 1600 * 10**6})
        with refuses(v4.env, UnsupportedDecimals(ZERO, 0)):
            v4.env.owner.send("registerMarket", v4.config(base=ZERO))

    def test_without_a_feed_it_is_refused(self, v4: V4Market) -> None:
        """The pool keeps no price history."""
        own = rules(v4.env, oracle=OracleKind.POOL_TWAP)
        with refuses(v4.env, InvalidOracle(ZERO)):
            v4.env.owner.send("registerMarket", v4.config(feed=ZERO, rules=own))
        with refuses(v4.env, InvalidOracle(v4.feed.address)):
            v4.env.owner.send("updateMarket", 1, own)

    def test_hooks_are_refused_unless_allowed(self, v4: V4Market) -> None:
        env = v4.env
        hooks = v4.hooked(market=False)
        market = v4.config()
        with refuses(env, HooksNotAllowed(hooks)):
            env.owner.send("registerMarket", market)
        env.owner.send("setHooks", hooks, True)
        env.owner.send("registerMarket", market)
        assert env.read("getMarket", 2).hooks == hooks
        env.owner.send("setHooks", hooks, False)
        with refuses(env, HooksNotAllowed(hooks)):
            env.owner.send("registerMarket", market)
        # What is registered stays.
        env.settle(v4.strike(market=2))

    def test_owner_only(self, v4: V4Market) -> None:
        env = v4.env
        for actor in (env.operator, env.guardian, env.keeper):
            with refuses(env, NotOwner(actor.address, env.owner.address)):
                actor.send("registerMarket", v4.config())


class TestTrading:
    @pytest.mark.parametrize("signal", LONGS)
    def test_a_long_buys_there_and_sells_there(self, v4: V4Market, signal: Signal) -> None:
        env = v4.env
        quote, base = env.balance(env.quote), env.balance(env.base)
        notional = v4.opened(signal)["notional"]
        received = env.read("getStrike", 1).record.base_amount
        assert env.balance(env.quote) == quote - notional
        assert env.balance(env.base) == base + received
        settled = env.settle(1)
        assert env.balance(env.base) == base
        assert env.balance(env.quote) == quote + settled["pnl"]
        # Twice 5 basis points.
        assert -11 * notional < settled["pnl"] * BPS < -9 * notional

    @pytest.mark.parametrize("signal", SHORTS)
    def test_a_short_sells_there_and_buys_back(self, v4: V4Market, signal: Signal) -> None:
        env = v4.env
        quote, base = env.balance(env.quote), env.balance(env.base)
        notional = v4.opened(signal)["notional"]
        sold = env.read("getStrike", 1).record.base_amount
        assert env.balance(env.quote) == quote + notional
        assert env.balance(env.base) == base - sold
        settled = env.settle(1)
        assert settled["base_amount"] == sold
        assert env.balance(env.base) == base
        assert env.balance(env.quote) == quote + settled["pnl"]

    @pytest.mark.parametrize("signal", Signal)
    @pytest.mark.parametrize("price", [1400, 1800])
    def test_profit_and_loss_follow_the_price(
        self, v4: V4Market, signal: Signal, price: int
    ) -> None:
        v4.strike(signal)
        v4.price(price)
        settled = v4.env.settle(1)
        assert settled["won"] == (settled["pnl"] > 0) == (signal.is_long == (price > 1600))
        assert v4.env.read("excessOf", v4.env.quote) == 0
        assert v4.env.read("excessOf", v4.env.base) == 0

    @pytest.mark.parametrize("signal", Signal)
    def test_the_limit_holds_to_the_unit(self, v4: V4Market, signal: Signal) -> None:
        env = v4.env
        with env.undone():
            base = v4.opened(signal)["base_amount"]
        worse = base + 1 if signal.is_long else base - 1
        with refuses(env, SlippageExceeded(base, worse)):
            v4.strike(signal, limit=worse)
        v4.strike(signal, limit=base)

    @pytest.mark.parametrize("signal", [Signal.LONG, Signal.SHORT])
    def test_the_protocols_fee_is_the_pools_affair(self, v4: V4Market, signal: Signal) -> None:
        """Once the protocol takes its part, a strike gets that much less."""
        before = after = 0
        for fee in (0, 1000):
            with v4.env.undone():
                v4.protocol_fee(fee)
                before, after = after, v4.opened(signal)["base_amount"]
                v4.env.settle(1)
        worse = before - after if signal.is_long else after - before
        assert 9 * before < worse * BPS < 11 * before

    def test_a_shorts_loss_ends_at_its_margin(self, v4: V4Market) -> None:
        env = v4.env
        opened = v4.opened(Signal.STRONG_SHORT)
        notional, sold = opened["notional"], opened["base_amount"]
        v4.price(4000)
        settled = env.settle(1)
        assert (settled["quote_amount"], settled["pnl"]) == (2 * notional, -notional)
        assert settled["base_amount"] < sold

    def test_a_short_sells_no_more_than_the_inventory(self, v4: V4Market) -> None:
        env = v4.env
        with env.undone():
            sold = v4.opened(Signal.STRONG_SHORT)["base_amount"]
        everything = env.read("inventoryOf", env.base)
        take = everything - sold + 1
        env.owner.send("withdrawInventory", env.base, take, env.owner.address)
        with refuses(env, CallbackAmountExceeded(sold, sold - 1)):
            v4.strike(Signal.STRONG_SHORT)

    def test_a_price_far_from_the_feeds_is_refused(self, v4: V4Market) -> None:
        v4.feed.tell(1800 * 10**8)
        for signal in Signal:
            with pytest.raises(OracleDeviation):
                v4.strike(signal)

    @pytest.mark.parametrize("signal", Signal)
    def test_an_operator_settles_near_the_feeds_price_alone(
        self, v4: V4Market, signal: Signal
    ) -> None:
        env = v4.env
        v4.strike(signal)
        v4.move(1500 if signal.is_long else 1700)
        with pytest.raises(OracleDeviation):
            env.settle(1)
        env.settle(1, by="owner")

    @pytest.mark.parametrize("signal", [Signal.LONG, Signal.SHORT])
    def test_what_is_over_the_feeds_price_counts_up_to_the_deviation(
        self, v4: V4Market, signal: Signal
    ) -> None:
        """The pool can't tell its price of before this second: moving it earns no score."""
        env = v4.env
        opened = v4.opened(signal)
        v4.move(1800 if signal.is_long else 1400)
        (fair, *_) = env.keeper.call("getReferencePrices", 1, opened["base_amount"])
        deviation = v4.view().rules.exit_deviation_bps
        settled = env.settle(1, by="owner")
        if signal.is_long:
            assert settled["pnl"] == fair * (BPS + deviation) // BPS - opened["notional"]
        else:
            assert settled["pnl"] == opened["notional"] - fair * (BPS - deviation) // BPS

    def test_roll(self, v4: V4Market) -> None:
        env = v4.env
        v4.strike()
        order = v4.order(Signal.STRONG_SHORT)
        reported = env.operator.send("roll", 1, 0, order, False)
        assert [each.name for each in reported] == ["StrikeSettled", "StrikeOpened"]
        assert reported[1].args["strike_id"] == 2

    def test_batches(self, v4: V4Market) -> None:
        """On V3 and V4 in one transaction, each waiting for its own callback."""
        env = v4.env
        orders = [v4.order(signal, market) for signal in Signal for market in (1, 0)]
        reported = env.operator.send("executeStrikes", orders, False)
        assert [each.args["market"] for each in reported] == [1, 0] * 4
        ids = [each.args["strike_id"] for each in reported]
        limits = [ANY[each.args["signal"].is_long] for each in reported]
        reported = env.operator.send("settleStrikes", ids, limits, False)
        settled = [each for each in reported if each.name == "StrikeSettled"]
        assert [each.args["strike_id"] for each in settled] == ids

    def test_what_is_skipped_leaves_nothing(self, v4: V4Market) -> None:
        env = v4.env
        orders = [v4.order(Signal.LONG), v4.order(Signal.LONG, limit=1 << 200)]
        reported = env.operator.send("executeStrikes", orders[::-1], True)
        assert [each.name for each in reported] == ["Skipped", "StrikeOpened"]
        assert env.read("getStrikeStats").open == 1


class TestOtherClosings:
    @pytest.mark.parametrize("signal", [Signal.STRONG_LONG, Signal.STRONG_SHORT])
    def test_all_three_prices_are_the_feeds(self, v4: V4Market, signal: Signal) -> None:
        env = v4.env
        base = v4.opened(signal)["base_amount"]
        v4.move(1700)
        prices = env.read("getReferencePrices", 1, base)
        assert set(prices) == {base * 1600 // 10**12}
        v4.feed.tell(0)
        assert env.read("getReferencePrices", 1, base) == (0, 0, 0)

    @pytest.mark.parametrize("signal", [Signal.STRONG_LONG, Signal.STRONG_SHORT])
    @pytest.mark.parametrize("moved", [1400, 1600, 1800])
    def test_a_takeover_is_at_the_feeds_price_wherever_the_pool_is(
        self, v4: V4Market, signal: Signal, moved: int
    ) -> None:
        env, keeper = v4.env, v4.env.keeper
        opened = v4.opened(signal, horizon=600)
        env.give(keeper.address, quote=10**13, base=10**21)
        for token in (env.quote, env.base):
            env.approve(keeper.key, token)
        limit = ANY[not signal.is_long]
        opens = env.read("getStrike", 1).record.due_at + v4.view().rules.keeper_delay
        v4.move(moved)
        env.at(opens - 1)
        with refuses(env, StrikeNotTakeable(1, opens)):
            keeper.send("takeStrike", 1, limit)
        env.at(opens + 300)
        settled = keeper.only("StrikeSettled", "takeStrike", 1, limit)
        fair = opened["base_amount"] * 1600 // 10**12
        assert (settled["how"], settled["quote_amount"]) == (Closing.TAKEOVER, fair)

    @pytest.mark.parametrize("signal", [Signal.STRONG_LONG, Signal.STRONG_SHORT])
    def test_without_a_feed_no_one_takes_over(self, v4: V4Market, signal: Signal) -> None:
        env = v4.env
        v4.strike(signal, horizon=600)
        env.wait(DAY)
        v4.feed.tell(0)
        assert env.keeper.call("quoteTake", 1)[0] is False

    @pytest.mark.parametrize("signal", Signal)
    def test_at_the_oracles_price(self, v4: V4Market, signal: Signal) -> None:
        v4.env.give(v4.env.owner.address, quote=10**11)
        v4.env.owner.send("deposit", 10**11)
        opened = v4.opened(signal)
        settled = v4.env.owner.only("StrikeSettled", "closeAtOracle", 1)
        fair = opened["base_amount"] * 1600 // 10**12
        assert (settled["how"], settled["quote_amount"]) == (Closing.ORACLE, fair)

    @pytest.mark.parametrize("signal", Signal)
    def test_written_off(self, v4: V4Market, signal: Signal) -> None:
        notional = v4.opened(signal)["notional"]
        settled = v4.env.owner.only("StrikeSettled", "writeOffStrike", 1)
        assert (settled["how"], settled["pnl"]) == (Closing.WRITE_OFF, -notional)

    def test_marked_as_due_by_the_feed(self, v4: V4Market) -> None:
        env = v4.env
        v4.strike(take_profit_bps=100)
        v4.move(1700)
        env.wait(2 * v4.view().rules.exit_window)
        env.keeper.send("markDue", [1])
        assert env.read("getStrike", 1).record.horizon == 3600
        v4.feed.tell(1700 * 10**8)
        env.keeper.send("markDue", [1])
        assert env.read("getStrike", 1).record.horizon < 3600


def test_it_calls_back_for_its_own_swap_alone(v4: V4Market) -> None:
    env = v4.env
    v4.strike()
    with refuses(env, UnexpectedCallback(env.keeper.address, ZERO)):
        env.keeper.send("unlockCallback", b"")


def test_wrapped_ether_is_named_once_and_announced(v4: V4Market) -> None:
    env = v4.env
    assert env.read("wrappedNative") == ZERO
    assert env.owner.send("setWrappedNative", env.base) == [
        event("WrappedNativeSet", token=env.base)
    ]
    assert env.read("wrappedNative") == env.base
    with refuses(env, WrappedNativeAlreadySet(env.base)):
        env.owner.send("setWrappedNative", env.quote)
