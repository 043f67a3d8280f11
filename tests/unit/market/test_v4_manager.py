"""A manager in the shape of Uniswap V4's that cheats at strikes: refused by the errors' names."""

from __future__ import annotations

from typing import Any

import pytest

from macrostrike.abi import diamond_abi
from macrostrike.errors import (
    BaseAmountOverflow,
    CallbackMissing,
    OracleDeviation,
    PartialFill,
    UnexpectedCallback,
    UnfaithfulToken,
)
from macrostrike.types import BPS, OracleKind, Signal, Venue

from ..amm.hostile import ManagerMode, called_out
from ..environment import TOKEN, ZERO, Env, ours
from ..readers import refuses
from .markets import config, deploy_feed, on_either_side, rules

CONTRACT = ours("HostileManager")
UNLOCK = diamond_abi().encode_call("unlockCallback", b"")
SIDES = [Signal.STRONG_LONG, Signal.STRONG_SHORT]


class Hostile:
    """Market 1 is on its pool, of the quote and of `base`, or the usual one."""

    def __init__(self, env: Env, base: str = "") -> None:
        self.env, self.base = env, base or env.base
        amounts = {env.quote: 1600 * 10**6, self.base: 10**18}
        token0, token1 = sorted(amounts, key=str.lower)
        self.manager = env.deploy(CONTRACT, (amounts[token1] << 96) // amounts[token0])
        env.give(self.manager, quote=10**13, base=10**22)
        env.owner.send("setFactory", self.manager, Venue.UNISWAP_V4, True)
        self.feed = deploy_feed(env)
        self.feed.tell(1600 * 10**8)
        by_feed = {"oracle": OracleKind.FEED, "oracle_window": 10**6, "max_deviation_bps": 1000}
        market = config(
            env,
            base=self.base,
            pool=self.manager,
            factory=self.manager,
            feed=self.feed.address,
            rules=rules(env, **by_feed),
            fee=500,
            tick_spacing=60,
        )
        env.owner.send("registerMarket", market)

    def behave(self, mode: ManagerMode, target: str = ZERO, call: bytes = b"") -> None:
        self.tell("behave", mode, target, call)

    def tell(self, function: str, *args: Any) -> Any:
        return self.env.tell(self.env.keeper.key, CONTRACT.abi, self.manager, function, *args)

    def price(self, amount: int, of_base: int) -> None:
        """So that this much quote is traded for that much base, to the unit."""
        base_first = self.base.lower() < self.env.quote.lower()
        price = -(-(amount << 96) // of_base) if base_first else (of_base << 96) // amount
        self.tell("setPrice", price)

    def opened(self, signal: Signal) -> dict[str, Any]:
        return self.env.strike(market=1, signal=signal)


@pytest.fixture
def hostile(env: Env) -> Hostile:
    return Hostile(env)


@pytest.mark.parametrize("signal", SIDES)
class TestTurns:
    def test_honest(self, hostile: Hostile, signal: Signal) -> None:
        hostile.opened(signal)
        hostile.env.settle(1)

    def test_never(self, hostile: Hostile, signal: Signal) -> None:
        hostile.behave(ManagerMode.SAYS_NOTHING)
        with refuses(hostile.env, CallbackMissing(hostile.manager)):
            hostile.opened(signal)

    def test_never_at_a_settlement(self, hostile: Hostile, signal: Signal) -> None:
        """A short that can't be bought back whole is not bought back at all."""
        hostile.opened(signal)
        hostile.behave(ManagerMode.SAYS_NOTHING)
        with refuses(hostile.env, CallbackMissing(hostile.manager)):
            hostile.env.settle(1)

    def test_twice(self, hostile: Hostile, signal: Signal) -> None:
        hostile.behave(ManagerMode.CALLS_TWICE)
        with refuses(hostile.env, UnexpectedCallback(hostile.manager, ZERO)):
            hostile.opened(signal)

    def test_nested(self, hostile: Hostile, signal: Signal) -> None:
        hostile.behave(ManagerMode.CALLS_WITHIN)
        with refuses(hostile.env, UnexpectedCallback(hostile.manager, ZERO)):
            hostile.opened(signal)

    def test_late(self, hostile: Hostile, signal: Signal) -> None:
        hostile.opened(signal)
        receipt = hostile.tell("relay", hostile.env.diamond, UNLOCK)
        late = str(UnexpectedCallback(hostile.manager, ZERO))
        assert called_out(receipt, hostile.manager, CONTRACT.abi) == [late]

    def test_by_a_stranger(self, hostile: Hostile, signal: Signal) -> None:
        """Another manager, while this one has its turn no more."""
        env = hostile.env
        stranger = env.deploy(CONTRACT, 1)
        call = CONTRACT.abi.encode_call("relay", env.diamond, UNLOCK)
        hostile.behave(ManagerMode.CALLS_OUT, stranger, call)
        prediction = env.prediction(market=1, signal=signal)
        limit = 0 if signal.is_long else (1 << 256) - 1
        receipt = env.tell(
            env.operator.key,
            diamond_abi(),
            env.diamond,
            "executeStrike",
            *(prediction, env.sign(prediction), limit),
        )
        refused = str(UnexpectedCallback(stranger, ZERO))
        assert called_out(receipt, stranger, CONTRACT.abi) == [refused]


@pytest.mark.parametrize("signal", SIDES)
class TestAmounts:
    def test_less_than_it_says(self, hostile: Hostile, signal: Signal) -> None:
        env = hostile.env
        token, stated = self.given(hostile, signal)
        hostile.behave(ManagerMode.PAYS_LESS)
        with refuses(env, UnfaithfulToken(token, stated - stated // 100, stated)):
            hostile.opened(signal)

    def test_more_than_it_says(self, hostile: Hostile, signal: Signal) -> None:
        token, stated = self.given(hostile, signal)
        hostile.behave(ManagerMode.PAYS_MORE)
        with refuses(hostile.env, UnfaithfulToken(token, stated + 1, stated)):
            hostile.opened(signal)

    def test_it_saw_less_than_it_was_paid(self, hostile: Hostile, signal: Signal) -> None:
        env = hostile.env
        token = env.quote if signal.is_long else env.base
        with env.undone():
            opened = hostile.opened(signal)
        paid = opened["notional"] if signal.is_long else opened["base_amount"]
        hostile.behave(ManagerMode.SAW_LESS)
        with refuses(env, UnfaithfulToken(token, paid - paid // 100, paid)):
            hostile.opened(signal)

    def given(self, hostile: Hostile, signal: Signal) -> tuple[str, int]:
        """What a strike receives of an honest one."""
        env = hostile.env
        with env.undone():
            opened = hostile.opened(signal)
        if signal.is_long:
            return env.base, opened["base_amount"]
        return env.quote, opened["notional"]


def test_quote_given_while_a_short_is_bought_back_makes_it_no_cheaper(hostile: Hostile) -> None:
    env = hostile.env
    hostile.opened(Signal.STRONG_SHORT)
    with env.undone():
        cost = env.settle(1)["quote_amount"]
    gift = TOKEN.abi.encode_call("transfer", env.diamond, 1000)
    hostile.behave(ManagerMode.CALLS_OUT, env.quote, gift)
    with refuses(env, UnfaithfulToken(env.quote, cost - 1000, cost)):
        env.settle(1)


def test_a_long_is_filled_whole(hostile: Hostile) -> None:
    with hostile.env.undone():
        notional = hostile.opened(Signal.LONG)["notional"]
    hostile.behave(ManagerMode.TAKES_LESS)
    with refuses(hostile.env, PartialFill(notional - notional // 100, notional)):
        hostile.opened(Signal.LONG)


@pytest.mark.parametrize("signal", SIDES)
def test_an_exit_at_its_bound_is_taken_and_one_a_unit_worse_is_not(
    hostile: Hostile, signal: Signal
) -> None:
    env, worse = hostile.env, -1 if signal.is_long else 1
    hostile.opened(signal)
    base = env.read("getStrike", 1).record.base_amount
    # What basis points can be taken of without a rest.
    worth = base * 1600 // 10**12 // BPS * BPS
    hostile.feed.tell(-(-worth * 10**20 // base))
    deviation = env.read("getMarket", 1).rules.exit_deviation_bps
    bound = worth * (BPS + worse * deviation) // BPS
    hostile.price(bound + worse, base)
    with refuses(env, OracleDeviation(1, bound + worse, worth)):
        env.settle(1)
    hostile.price(bound, base)
    assert env.settle(1)["quote_amount"] == bound


def test_what_a_short_bought_back_in_part_is_worth_is_rounded_down(hostile: Hostile) -> None:
    env, cover = hostile.env, 2 * hostile.opened(Signal.STRONG_SHORT)["notional"]
    base = env.read("getStrike", 1).record.base_amount
    hostile.feed.tell(3456 * 10**8 + 7)
    worth = base * (3456 * 10**8 + 7) // 10**20
    bought = base // 3
    hostile.price(cover, bought)
    assert worth * bought % base
    with refuses(env, OracleDeviation(1, cover, worth * bought // base)):
        env.settle(1)


def test_a_strike_holds_as_much_base_as_its_96_bits(env: Env) -> None:
    """To the unit. A token of which a quote buys so much comes behind it in the pool."""
    _, base = on_either_side(env, env.quote)
    hostile, max_base = Hostile(env, base), (1 << 96) - 1
    env.exchange.mint(base, hostile.manager, 2 * max_base)
    with env.undone():
        notional = env.strike(market=0)["notional"]
    hostile.feed.tell(round(notional * 10**20 / max_base))
    hostile.tell("setPrice", -(-((max_base + 1) << 96) // notional))
    with refuses(env, BaseAmountOverflow(max_base + 1)):
        env.strike(market=1)
    hostile.tell("setPrice", -(-(max_base << 96) // notional))
    opened = env.strike(market=1)
    assert opened["base_amount"] == env.read("getStrike", 1).record.base_amount == max_base
