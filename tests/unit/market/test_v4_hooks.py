"""Hooks of a Uniswap V4 pool that cheat at strikes: refused, or what they take is measured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from eth_utils.crypto import keccak

from macrostrike.abi import diamond_abi
from macrostrike.errors import (
    CallFailed,
    OracleDeviation,
    PartialFill,
    ReentrancyGuardReentrantCall,
    SlippageExceeded,
    UnexpectedCallback,
    UnfaithfulToken,
)
from macrostrike.types import BPS, DYNAMIC_FEE, Closing, Signal

from ..amm.hostile import called_out
from ..amm.v4 import V4_MANAGER
from ..deployed import deploy_other
from ..environment import ZERO
from ..readers import assert_rebuilt, refuses, unchanged
from .v4 import HOOK, HookMode, V4Market

SIDES = [Signal.STRONG_LONG, Signal.STRONG_SHORT]
PERCENT = 10_000  # of what hooks take, in hundredths of a basis point
TAKES = [HookMode.TAKES_SPECIFIED, HookMode.TAKES_UNSPECIFIED]
ANY = {True: 0, False: (1 << 256) - 1}


class Hooked(V4Market):
    """Market 2 of an environment is on a pool with hooks whose fee they may set."""

    def __init__(self) -> None:
        decimals = {"quote_decimals": 6, "base_decimals": 18, "unit_exponent": 0}
        super().__init__(deploy_other(**decimals, base_first=True))
        self.hooks = self.hooked(DYNAMIC_FEE)

    def turn(self, mode: HookMode, share: int = 0, call: bytes = b"", target: str = "") -> None:
        self.behave(self.hooks, mode, share, target or self.env.diamond, call)

    def opened(self, signal: Signal = Signal.STRONG_LONG, **changes: Any) -> dict[str, Any]:
        return super().opened(signal, **({"market": 2} | changes))

    def settled(self, strike_id: int = 1, by: str = "operator") -> dict[str, Any]:
        return self.env.settle(strike_id, by=by)


@pytest.fixture(scope="module")
def _deployed() -> Hooked:
    return Hooked()


@pytest.fixture
def hooked(_deployed: Hooked) -> Iterator[Hooked]:
    with _deployed.env.undone():
        yield _deployed
        env = _deployed.env
        assert_rebuilt(env)
        assert env.read("excessOf", env.quote) == env.read("excessOf", env.base) == 0


@pytest.mark.parametrize("signal", SIDES)
def test_honest(hooked: Hooked, signal: Signal) -> None:
    """As they are before they turn: what is refused below is refused for what they do."""
    hooked.opened(signal)
    hooked.settled()


@pytest.mark.parametrize("signal", SIDES)
class TestRefusing:
    def test_a_strike(self, hooked: Hooked, signal: Signal) -> None:
        hooked.turn(HookMode.REFUSES)
        with unchanged(hooked.env), pytest.raises(CallFailed) as failed:
            hooked.opened(signal)
        assert failed.value.target == hooked.manager

    def test_a_settlement_traps_nothing(self, hooked: Hooked, signal: Signal) -> None:
        env = hooked.env
        opened = hooked.opened(signal)
        hooked.turn(HookMode.REFUSES)
        for by in ("operator", "owner"):
            with unchanged(env), pytest.raises(CallFailed):
                hooked.settled(by=by)
        with env.undone():
            settled = env.owner.only("StrikeSettled", "writeOffStrike", 1)
            assert settled["pnl"] == -opened["notional"]
        env.give(env.owner.address, quote=10**11)
        env.owner.send("deposit", 10**11)
        settled = env.owner.only("StrikeSettled", "closeAtOracle", 1)
        assert settled["how"] == Closing.ORACLE


def test_refusing_exact_outputs_alone_makes_no_short_a_total_loss(hooked: Hooked) -> None:
    """What notional and margin buy together is what a short gets where they do not suffice: not
    twice its base, booked as the loss of its notional, where the pool just will not."""
    opened = hooked.opened(Signal.STRONG_SHORT)
    hooked.turn(HookMode.REFUSES_EXACT_OUTPUT)
    for by in ("operator", "owner"):
        with unchanged(hooked.env), pytest.raises(PartialFill) as refused:
            hooked.settled(by=by)
        assert refused.value.asked == opened["base_amount"] < refused.value.traded
    hooked.turn(HookMode.HONEST)
    assert hooked.settled()["pnl"] > -opened["notional"] // 100


@pytest.mark.parametrize("signal", SIDES)
@pytest.mark.parametrize("mode", TAKES)
class TestTaking:
    def test_more_than_the_deviation_from_a_strike(
        self, hooked: Hooked, signal: Signal, mode: HookMode
    ) -> None:
        hooked.turn(mode, 5 * PERCENT)
        with unchanged(hooked.env), pytest.raises(OracleDeviation):
            hooked.opened(signal)

    def test_less_is_measured_and_the_limit_holds(
        self, hooked: Hooked, signal: Signal, mode: HookMode
    ) -> None:
        env = hooked.env
        with env.undone():
            fair = hooked.opened(signal)["base_amount"]
        hooked.turn(mode, PERCENT)
        with env.undone():
            got = hooked.opened(signal)["base_amount"]
        worse = fair - got if signal.is_long else got - fair
        assert 99 * fair < worse * BPS < 103 * fair
        with refuses(env, SlippageExceeded(got, fair)):
            hooked.opened(signal, limit=fair)
        hooked.opened(signal, limit=got)

    def test_more_than_the_deviation_from_a_settlement(
        self, hooked: Hooked, signal: Signal, mode: HookMode
    ) -> None:
        """The owner alone may accept it."""
        opened = hooked.opened(signal)
        hooked.turn(mode, 5 * PERCENT)
        with unchanged(hooked.env), pytest.raises(OracleDeviation):
            hooked.settled()
        loss = -hooked.settled(by="owner")["pnl"]
        assert 490 * opened["notional"] < loss * BPS < 540 * opened["notional"]


@pytest.mark.parametrize("signal", SIDES)
class TestAdding:
    def test_more_than_the_deviation_to_a_strike(self, hooked: Hooked, signal: Signal) -> None:
        hooked.turn(HookMode.ADDS_UNSPECIFIED, 5 * PERCENT)
        with unchanged(hooked.env), pytest.raises(OracleDeviation):
            hooked.opened(signal)

    def test_to_a_settlement_is_not_a_score(self, hooked: Hooked, signal: Signal) -> None:
        """What is over the feed's price and the deviation goes to the reserve."""
        env = hooked.env
        opened = hooked.opened(signal)
        hooked.turn(HookMode.ADDS_UNSPECIFIED, 5 * PERCENT)
        settled = hooked.settled(by="owner")
        deviation = env.read("getMarket", 2).rules.exit_deviation_bps
        fair = opened["base_amount"] * 1600 // 10**12
        if signal.is_long:
            assert settled["pnl"] == fair * (BPS + deviation) // BPS - opened["notional"]
        else:
            assert settled["pnl"] == opened["notional"] - fair * (BPS - deviation) // BPS
        assert not settled["won"]
        assert env.read("getTreasury")[1] > 0

    def test_tokens_past_the_manager(self, hooked: Hooked, signal: Signal) -> None:
        """A long pays less than it swapped; a short gets more than the pool gave."""
        env = hooked.env
        with env.undone():
            notional = hooked.opened(signal)["notional"]
        hooked.turn(HookMode.SENDS, 1)
        error = (
            PartialFill(notional - 1, notional)
            if signal.is_long
            else UnfaithfulToken(env.quote, notional + 1, notional)
        )
        with refuses(env, error):
            hooked.opened(signal)


@pytest.mark.parametrize("signal", SIDES)
def test_a_fee_out_of_the_blue(hooked: Hooked, signal: Signal) -> None:
    """Named at each swap, and unlike what the manager's storage says."""
    hooked.turn(HookMode.SETS_FEE, 50 * PERCENT)
    with unchanged(hooked.env), pytest.raises(OracleDeviation):
        hooked.opened(signal)
    hooked.turn(HookMode.HONEST)
    hooked.opened(signal)
    hooked.turn(HookMode.SETS_FEE, 5 * PERCENT)
    with unchanged(hooked.env), pytest.raises(OracleDeviation):
        hooked.settled()


def _calls(hooked: Hooked) -> dict[str, tuple[bytes, str]]:
    """What hooks may call in the diamond while it swaps, and what that is answered."""
    abi, order = diamond_abi(), hooked.order(Signal.LONG)
    guarded = str(ReentrancyGuardReentrantCall())
    terms = (order.prediction, order.signature, 0)
    return {
        "executeStrike": (abi.encode_call("executeStrike", *terms), guarded),
        "settleStrike": (abi.encode_call("settleStrike", 1, 0), guarded),
        # Not skipped either: the operator's receipt would say so of the strike that is opening.
        "executeStrikes": (abi.encode_call("executeStrikes", [order], True), guarded),
        "settleStrikes": (abi.encode_call("settleStrikes", [1], [0], True), guarded),
        "takeStrike": (abi.encode_call("takeStrike", 1, 0), guarded),
        "getMarket": (abi.encode_call("getMarket", 2), guarded),
        "unlockCallback": (
            abi.encode_call("unlockCallback", b""),
            str(UnexpectedCallback(hooked.hooks, ZERO)),
        ),
        "uniswapV3SwapCallback": (
            abi.encode_call("uniswapV3SwapCallback", 1, 0, b""),
            str(UnexpectedCallback(hooked.hooks, ZERO)),
        ),
    }


@pytest.mark.parametrize("signal", SIDES)
@pytest.mark.parametrize(
    "name",
    [
        "executeStrike",
        "settleStrike",
        "executeStrikes",
        "settleStrikes",
        "takeStrike",
        "getMarket",
        "unlockCallback",
        "uniswapV3SwapCallback",
    ],
)
def test_calling_the_diamond_while_it_swaps(hooked: Hooked, name: str, signal: Signal) -> None:
    call, refused = _calls(hooked)[name]
    hooked.turn(HookMode.CALLS_OUT, call=call)
    assert _answers(hooked, signal) == [refused]


def test_unlocking_the_manager_once_more(hooked: Hooked) -> None:
    call = V4_MANAGER.abi.encode_call("unlock", b"")
    hooked.turn(HookMode.CALLS_OUT, call=call, target=hooked.manager)
    (answer,) = _answers(hooked, Signal.LONG)
    assert keccak(text="AlreadyUnlocked()")[:4].hex() in answer


def _answers(hooked: Hooked, signal: Signal) -> list[str]:
    env, order = hooked.env, hooked.order(signal, 2)
    terms = (order.prediction, order.signature, ANY[signal.is_long])
    receipt = env.tell(env.operator.key, diamond_abi(), env.diamond, "executeStrike", *terms)
    return called_out(receipt, hooked.hooks, HOOK.abi)
