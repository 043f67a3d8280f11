"""A manager in the shape of Uniswap V4's that cheats at strikes: refused by the errors' names."""

from __future__ import annotations

from typing import Any

import pytest

from macrostrike.abi import diamond_abi
from macrostrike.errors import CallbackMissing, PartialFill, UnexpectedCallback, UnfaithfulToken
from macrostrike.types import OracleKind, Signal, Venue

from ..amm.hostile import ManagerMode, called_out
from ..readers import refuses
from ..scene import ZERO, Scene, ours
from .markets import config, deploy_feed, rules

CONTRACT = ours("HostileManager")
UNLOCK = diamond_abi().encode_call("unlockCallback", b"")
SIDES = [Signal.STRONG_LONG, Signal.STRONG_SHORT]


class Hostile:
    """Market 1 is on its pool."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        amounts = {scene.quote: 1600 * 10**6, scene.base: 10**18}
        token0, token1 = sorted(amounts, key=str.lower)
        self.manager = scene.deploy(CONTRACT, (amounts[token1] << 96) // amounts[token0])
        scene.give(self.manager, quote=10**13, base=10**22)
        scene.owner.send("setFactory", self.manager, Venue.UNISWAP_V4, True)
        feed = deploy_feed(scene)
        feed.tell(1600 * 10**8)
        market = config(
            scene,
            pool=self.manager,
            factory=self.manager,
            feed=feed.address,
            rules=rules(scene, oracle=OracleKind.FEED, oracle_window=10**6),
            fee=500,
            tick_spacing=60,
        )
        scene.owner.send("registerMarket", market)

    def behave(self, mode: ManagerMode, target: str = ZERO, call: bytes = b"") -> None:
        self.tell("behave", mode, target, call)

    def tell(self, function: str, *args: Any) -> Any:
        return self.scene.tell(self.scene.keeper.key, CONTRACT.abi, self.manager, function, *args)

    def opened(self, signal: Signal) -> dict[str, Any]:
        return self.scene.strike(market=1, signal=signal)


@pytest.fixture
def hostile(scene: Scene) -> Hostile:
    return Hostile(scene)


@pytest.mark.parametrize("signal", SIDES)
class TestTurns:
    def test_honest(self, hostile: Hostile, signal: Signal) -> None:
        hostile.opened(signal)
        hostile.scene.settle(1)

    def test_never(self, hostile: Hostile, signal: Signal) -> None:
        hostile.behave(ManagerMode.SAYS_NOTHING)
        with refuses(hostile.scene, CallbackMissing(hostile.manager)):
            hostile.opened(signal)

    def test_never_at_a_settlement(self, hostile: Hostile, signal: Signal) -> None:
        """A short that can't be bought back whole is not bought back at all."""
        hostile.opened(signal)
        hostile.behave(ManagerMode.SAYS_NOTHING)
        with refuses(hostile.scene, CallbackMissing(hostile.manager)):
            hostile.scene.settle(1)

    def test_twice(self, hostile: Hostile, signal: Signal) -> None:
        hostile.behave(ManagerMode.CALLS_TWICE)
        with refuses(hostile.scene, UnexpectedCallback(hostile.manager, ZERO)):
            hostile.opened(signal)

    def test_nested(self, hostile: Hostile, signal: Signal) -> None:
        hostile.behave(ManagerMode.CALLS_WITHIN)
        with refuses(hostile.scene, UnexpectedCallback(hostile.manager, ZERO)):
            hostile.opened(signal)

    def test_late(self, hostile: Hostile, signal: Signal) -> None:
        hostile.opened(signal)
        receipt = hostile.tell("relay", hostile.scene.diamond, UNLOCK)
        late = str(UnexpectedCallback(hostile.manager, ZERO))
        assert called_out(receipt, hostile.manager, CONTRACT.abi) == [late]

    def test_by_a_stranger(self, hostile: Hostile, signal: Signal) -> None:
        """Another manager, while this one has its turn no more."""
        scene = hostile.scene
        stranger = scene.deploy(CONTRACT, 1)
        call = CONTRACT.abi.encode_call("relay", scene.diamond, UNLOCK)
        hostile.behave(ManagerMode.CALLS_OUT, stranger, call)
        prediction = scene.prediction(market=1, signal=signal)
        limit = 0 if signal.is_long else (1 << 256) - 1
        receipt = scene.tell(
            scene.operator.key,
            diamond_abi(),
            scene.diamond,
            "executeStrike",
            *(prediction, scene.sign(prediction), limit),
        )
        refused = str(UnexpectedCallback(stranger, ZERO))
        assert called_out(receipt, stranger, CONTRACT.abi) == [refused]


@pytest.mark.parametrize("signal", SIDES)
class TestAmounts:
    def test_less_than_it_says(self, hostile: Hostile, signal: Signal) -> None:
        scene = hostile.scene
        token, stated = self.given(hostile, signal)
        hostile.behave(ManagerMode.PAYS_LESS)
        with refuses(scene, UnfaithfulToken(token, stated - stated // 100, stated)):
            hostile.opened(signal)

    def test_more_than_it_says(self, hostile: Hostile, signal: Signal) -> None:
        token, stated = self.given(hostile, signal)
        hostile.behave(ManagerMode.PAYS_MORE)
        with refuses(hostile.scene, UnfaithfulToken(token, stated + 1, stated)):
            hostile.opened(signal)

    def test_it_saw_less_than_it_was_paid(self, hostile: Hostile, signal: Signal) -> None:
        scene = hostile.scene
        token = scene.quote if signal.is_long else scene.base
        with scene.undone():
            opened = hostile.opened(signal)
        paid = opened["notional"] if signal.is_long else opened["base_amount"]
        hostile.behave(ManagerMode.SAW_LESS)
        with refuses(scene, UnfaithfulToken(token, paid - paid // 100, paid)):
            hostile.opened(signal)

    def given(self, hostile: Hostile, signal: Signal) -> tuple[str, int]:
        """What a strike receives of an honest one."""
        scene = hostile.scene
        with scene.undone():
            opened = hostile.opened(signal)
        if signal.is_long:
            return scene.base, opened["base_amount"]
        return scene.quote, opened["notional"]


def test_a_long_is_filled_whole(hostile: Hostile) -> None:
    with hostile.scene.undone():
        notional = hostile.opened(Signal.LONG)["notional"]
    hostile.behave(ManagerMode.TAKES_LESS)
    with refuses(hostile.scene, PartialFill(notional - notional // 100, notional)):
        hostile.opened(Signal.LONG)
