"""Tokens that are not as tokens should be: measured, or refused, never booked wrongly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from macrostrike.abi import diamond_abi
from macrostrike.errors import CallFailed, UnfaithfulToken
from macrostrike.types import Signal, StrikeStatus

from ..readers import assert_rebuilt, refuses
from ..scene import Scene, call_failed, deploy_other, ours

HOSTILE, NO_RETURN = ours("HostileToken"), ours("NoReturnToken")
SURCHARGING = ours("SurchargingToken")
PERCENT = 100


def insufficient_input(scene: Scene) -> CallFailed:
    """What a V3 pool says when less arrives than it is owed."""
    return call_failed(scene.pool, "Error(string)", "IIA")


def world(**kinds: Any) -> Scene:
    decimals = {"quote_decimals": 18, "base_decimals": 18, "unit_exponent": 12, "base_first": True}
    return deploy_other(**(decimals | kinds))


@pytest.fixture(scope="module")
def _hostile_base() -> Scene:
    return world(base_contract=HOSTILE)


@pytest.fixture(scope="module")
def _hostile_quote() -> Scene:
    return world(quote_contract=HOSTILE)


@pytest.fixture(scope="module")
def _surcharging_quote() -> Scene:
    return world(quote_contract=SURCHARGING)


@pytest.fixture(scope="module", params=["quote", "base"])
def _no_return(request: pytest.FixtureRequest) -> Scene:
    kind = request.param
    decimals = {f"{kind}_decimals": 6, f"{kind}_contract": NO_RETURN}
    return world(**decimals | {"unit_exponent": 0 if kind == "quote" else 12})


def put_back(scene: Scene) -> Iterator[Scene]:
    with scene.undone():
        yield scene
        assert_rebuilt(scene)


@pytest.fixture
def hostile_base(_hostile_base: Scene) -> Iterator[Scene]:
    yield from put_back(_hostile_base)


@pytest.fixture
def hostile_quote(_hostile_quote: Scene) -> Iterator[Scene]:
    yield from put_back(_hostile_quote)


@pytest.fixture
def surcharging_quote(_surcharging_quote: Scene) -> Iterator[Scene]:
    yield from put_back(_surcharging_quote)


@pytest.fixture
def no_return(_no_return: Scene) -> Iterator[Scene]:
    yield from put_back(_no_return)


def take_fees(scene: Scene, token: str, bps: int = PERCENT) -> None:
    """From now on, a part of what is sent does not arrive."""
    scene.tell(scene.keeper.key, HOSTILE.abi, token, "behave", bps, False)


def lie(scene: Scene, token: str) -> None:
    """From now on, transfers do nothing and answer false."""
    scene.tell(scene.keeper.key, HOSTILE.abi, token, "behave", 0, True)


def seize(scene: Scene, token: str, amount: int) -> None:
    """A rebase down, of what the diamond has."""
    scene.tell(scene.keeper.key, HOSTILE.abi, token, "seize", scene.diamond, amount)


class TestNoReturn:
    """Transfers that answer nothing, as those of the dollar that most people hold."""

    @pytest.mark.parametrize("signal", Signal)
    def test_strikes(self, no_return: Scene, signal: Signal) -> None:
        strike_id = no_return.strike(signal=signal)["strike_id"]
        no_return.settle(strike_id)
        assert no_return.read("getStrike", strike_id).status is StrikeStatus.SETTLED

    def test_capital(self, no_return: Scene) -> None:
        owner = no_return.owner
        owner.send("deposit", 1000)
        owner.send("withdraw", 1000, owner.address)
        owner.send("depositInventory", no_return.base, 1000)
        owner.send("withdrawInventory", no_return.base, 1000, owner.address)
        no_return.exchange.mint(no_return.quote, no_return.diamond, 5)
        owner.send("skim", no_return.quote)
        assert no_return.read("excessOf", no_return.quote) == 0


class TestFeesOnTransfer:
    """Less arrives than was sent."""

    def test_deposits_are_what_arrived(self, hostile_quote: Scene) -> None:
        take_fees(hostile_quote, hostile_quote.quote)
        reserve = hostile_quote.read("getTreasury")[1]
        deposited = hostile_quote.owner.only("Deposited", "deposit", 10_000)
        assert deposited["amount"] == 9_900
        assert hostile_quote.read("getTreasury")[1] == reserve + 9_900

    def test_inventory_is_what_arrived(self, hostile_base: Scene) -> None:
        take_fees(hostile_base, hostile_base.base)
        args = (hostile_base.base, 10_000)
        deposited = hostile_base.owner.only("InventoryDeposited", "depositInventory", *args)
        assert deposited["amount"] == 9_900

    @pytest.mark.parametrize("signal", [Signal.STRONG_LONG, Signal.LONG])
    def test_a_long_on_such_a_base_is_refused(self, hostile_base: Scene, signal: Signal) -> None:
        """It could be bought, but not be sold again: the pool would not be paid in full."""
        scene, base = hostile_base, hostile_base.base
        with scene.undone():
            scene.strike(signal=signal)
            stated = scene.read("getStrike", 1).record.base_amount
        take_fees(scene, base)
        with refuses(scene, UnfaithfulToken(base, stated - stated * PERCENT // 10_000, stated)):
            scene.strike(signal=signal)

    def test_a_short_on_such_a_base_is_refused(self, hostile_base: Scene) -> None:
        take_fees(hostile_base, hostile_base.base)
        with refuses(hostile_base, insufficient_input(hostile_base)):
            hostile_base.strike(signal=Signal.SHORT)

    def test_strikes_in_such_a_quote_are_refused(self, hostile_quote: Scene) -> None:
        scene, quote = hostile_quote, hostile_quote.quote
        with scene.undone():
            stated = scene.strike(signal=Signal.SHORT)["notional"]
        take_fees(scene, quote)
        with refuses(scene, insufficient_input(scene)):
            scene.strike()
        with refuses(scene, UnfaithfulToken(quote, stated * 99 // 100, stated)):
            scene.strike(signal=Signal.SHORT)

    def test_fees_that_come_later_leave_waiting_or_a_write_off(self, hostile_base: Scene) -> None:
        scene, base = hostile_base, hostile_base.base
        scene.strike()
        scene.strike(signal=Signal.SHORT)
        sold = scene.read("getStrike", 2).record.base_amount
        take_fees(scene, base)
        with refuses(scene, insufficient_input(scene)):
            scene.settle(1, by="owner")
        with refuses(scene, UnfaithfulToken(base, sold - sold * PERCENT // 10_000, sold)):
            scene.settle(2, by="owner")
        with scene.undone():
            take_fees(scene, base, 0)
            scene.settle(1)
            scene.settle(2)
        scene.owner.send("writeOffStrike", 1)
        scene.owner.send("writeOffStrike", 2)


class TestSurcharges:
    """More leaves than was sent."""

    def behave(self, scene: Scene, bps: int) -> None:
        scene.tell(scene.keeper.key, SURCHARGING.abi, scene.quote, "behave", bps)

    def test_a_long_that_costs_more_than_its_notional_is_refused(
        self, surcharging_quote: Scene
    ) -> None:
        scene = surcharging_quote
        with scene.undone():
            notional = scene.strike()["notional"]
        self.behave(scene, PERCENT)
        with refuses(scene, UnfaithfulToken(scene.quote, notional * 101 // 100, notional)):
            scene.strike()

    def test_what_a_short_pays_more_is_its_loss(self, surcharging_quote: Scene) -> None:
        scene = surcharging_quote
        scene.strike(signal=Signal.STRONG_SHORT)
        with scene.undone():
            plain = scene.settle(1)["quote_amount"]
        self.behave(scene, PERCENT)
        settled = scene.settle(1, by="owner")
        assert settled["quote_amount"] == plain + plain * PERCENT // 10_000
        assert scene.read("excessOf", scene.quote) == 0

    def test_but_never_more_than_its_margin(self, surcharging_quote: Scene) -> None:
        """At almost twice the price the surcharge would go beyond all that the bots put in."""
        scene = surcharging_quote
        notional = scene.strike(signal=Signal.STRONG_SHORT)["notional"]
        scene.price(3050)
        with scene.undone():
            plain = scene.settle(1, by="owner")["quote_amount"]
        self.behave(scene, 10 * PERCENT)
        spent = plain + plain // 10
        assert plain < 2 * notional < spent
        with refuses(scene, UnfaithfulToken(scene.quote, spent, 2 * notional)):
            scene.settle(1, by="owner")


class TestRebases:
    """Balances that change by themselves."""

    def test_up_is_a_donation(self, hostile_base: Scene) -> None:
        scene = hostile_base
        scene.strike()
        scene.exchange.mint(scene.base, scene.diamond, 10**18)
        assert scene.read("excessOf", scene.base) == 10**18
        scene.owner.send("skim", scene.base)
        scene.settle(1)
        assert scene.read("excessOf", scene.base) == 0

    def test_down_while_long_waits_for_what_is_missing(self, hostile_base: Scene) -> None:
        scene, base = hostile_base, hostile_base.base
        everything = scene.read("inventoryOf", base)
        scene.owner.send("withdrawInventory", base, everything, scene.owner.address)
        scene.strike()
        held = scene.read("getStrike", 1).record.base_amount
        seize(scene, base, 1)
        with refuses(scene, _insufficient(scene, held - 1, held)):
            scene.settle(1)
        with scene.undone():
            scene.owner.send("writeOffStrike", 1)
        scene.exchange.mint(base, scene.diamond, 1)
        scene.settle(1)

    def test_down_is_never_hidden_by_an_excess(self, hostile_base: Scene) -> None:
        scene = hostile_base
        seize(scene, scene.base, 10**18)
        assert scene.read("excessOf", scene.base) == 0
        scene.exchange.mint(scene.base, scene.diamond, 10**18)
        assert scene.read("excessOf", scene.base) == 0
        scene.exchange.mint(scene.base, scene.diamond, 1)
        assert scene.read("excessOf", scene.base) == 1


def _insufficient(scene: Scene, held: int, asked: int) -> CallFailed:
    """The token's own words (ERC-6093)."""
    signature = "ERC20InsufficientBalance(address,uint256,uint256)"
    return call_failed(scene.base, signature, scene.diamond, held, asked)


class TestLies:
    """Transfers that do nothing, and answer false."""

    @pytest.mark.parametrize("function", ["deposit", "withdraw"])
    def test_capital_does_not_move(self, hostile_quote: Scene, function: str) -> None:
        scene = hostile_quote
        scene.owner.send("deposit", 1000)
        lie(scene, scene.quote)
        args = (1000,) if function == "deposit" else (1000, scene.owner.address)
        with refuses(scene, CallFailed(scene.quote, bytes(32))):
            scene.owner.send(function, *args)

    def test_strikes_are_refused(self, hostile_base: Scene) -> None:
        scene = hostile_base
        scene.strike()
        lie(scene, scene.base)
        with refuses(scene, CallFailed(scene.base, bytes(32))):
            scene.settle(1, by="owner")
        with refuses(scene, call_failed(scene.pool, "Error(string)", "TF")):
            scene.strike()
        scene.owner.send("writeOffStrike", 1)


class TestReentrancy:
    """A token that calls the diamond while it moves."""

    def arm(self, scene: Scene, function: str, *args: Any) -> None:
        call = diamond_abi().encode_call(function, *args)
        scene.tell(scene.keeper.key, HOSTILE.abi, scene.base, "arm", scene.diamond, call)

    def answer(self, scene: Scene, function: str, *args: Any) -> tuple[str, tuple[Any, ...]] | None:
        """The answer to the token's call, while the owner did something."""
        data = diamond_abi().encode_call(function, *args)
        receipt = scene.transact(scene.owner.key, scene.diamond, data)
        for log in receipt.logs:
            event = HOSTILE.abi.decode_event(log.topics, log.data)
            if event is not None and event.name == "CalledOut":
                assert not event.args["ok"]
                return diamond_abi().decode_error(event.args["result"])
        raise AssertionError("the token did not call")

    @pytest.mark.parametrize("function", ["depositInventory", "withdrawInventory"])
    def test_deposits_are_not_counted_twice(self, hostile_base: Scene, function: str) -> None:
        scene, base = hostile_base, hostile_base.base
        scene.owner.send("transferOwnership", base)
        self.arm(scene, "depositInventory", base, 1)
        before = scene.read("inventoryOf", base)
        to = () if function == "depositInventory" else (scene.owner.address,)
        told = self.answer(scene, function, base, 1000, *to)
        assert told == ("ReentrancyGuardReentrantCall", ())
        after = scene.read("inventoryOf", base)
        assert abs(after - before) == 1000

    def test_a_strike_is_not_settled_twice(self, hostile_base: Scene) -> None:
        scene = hostile_base
        scene.strike(horizon=1)
        scene.wait(10)
        self.arm(scene, "settleStrike", 1, 0)
        told = self.answer(scene, "settleStrike", 1, 0)
        assert told == ("ReentrancyGuardReentrantCall", ())
        assert scene.read("getStrikeStats").settled == 1
