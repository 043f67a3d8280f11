"""A manager in the shape of Uniswap V4's that cheats at strikes: refused by the errors' names."""

from __future__ import annotations

from typing import Any

import pytest

from macrostrike.abi import diamond_abi
from macrostrike.errors import CallbackMissing, PartialFill, UnexpectedCallback, UnfaithfulToken
from macrostrike.types import OracleKind, Signal, Venue

from ..amm.hostile import ManagerMode, called_out
from ..environment import ZERO, Env, ours
from ..readers import refuses
from .markets import config, deploy_feed, rules

CONTRACT = ours("HostileManager")
UNLOCK = diamond_abi().encode_call("unlockCallback", b"")
SIDES = [Signal.STRONG_LONG, Signal.STRONG_SHORT]


class Hostile:
    """Market 1 is on its pool."""

    def __init__(self, env: Env) -> None:
        self.env = env
        amounts = {env.quote: 1600 * 10**6, env.base: 10**18}
        token0, token1 = sorted(amounts, key=str.lower)
        self.manager = env.deploy(CONTRACT, (amounts[token1] << 96) // amounts[token0])
        env.give(self.manager, quote=10**13, base=10**22)
        env.owner.send("setFactory", self.manager, Venue.UNISWAP_V4, True)
        feed = deploy_feed(env)
        feed.tell(1600 * 10**8)
        market = config(
            env,
            pool=self.manager,
            factory=self.manager,
            feed=feed.address,
            rules=rules(env, oracle=OracleKind.FEED, oracle_window=10**6),
            fee=500,
            tick_spacing=60,
        )
        env.owner.send("registerMarket", market)

    def behave(self, mode: ManagerMode, target: str = ZERO, call: bytes = b"") -> None:
        self.tell("behave", mode, target, call)

    def tell(self, function: str, *args: Any) -> Any:
        return self.env.tell(self.env.keeper.key, CONTRACT.abi, self.manager, function, *args)

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


def test_a_long_is_filled_whole(hostile: Hostile) -> None:
    with hostile.env.undone():
        notional = hostile.opened(Signal.LONG)["notional"]
    hostile.behave(ManagerMode.TAKES_LESS)
    with refuses(hostile.env, PartialFill(notional - notional // 100, notional)):
        hostile.opened(Signal.LONG)
