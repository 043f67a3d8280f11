"""Tokens that are not as tokens should be: measured, or refused, never booked wrongly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from macrostrike.abi import diamond_abi
from macrostrike.errors import CallFailed, UnfaithfulToken
from macrostrike.types import Signal, StrikeStatus

from ..deployed import deploy_other
from ..environment import Env, call_failed, ours
from ..readers import assert_rebuilt, refuses

HOSTILE, NO_RETURN = ours("HostileToken"), ours("NoReturnToken")
SURCHARGING = ours("SurchargingToken")
PERCENT = 100


def insufficient_input(env: Env) -> CallFailed:
    """What a V3 pool says when less arrives than it is owed."""
    return call_failed(env.pool, "Error(string)", "IIA")


def world(**kinds: Any) -> Env:
    decimals = {"quote_decimals": 18, "base_decimals": 18, "unit_exponent": 12, "base_first": True}
    return deploy_other(**(decimals | kinds))


@pytest.fixture(scope="module")
def _hostile_base() -> Env:
    return world(base_contract=HOSTILE)


@pytest.fixture(scope="module")
def _hostile_quote() -> Env:
    return world(quote_contract=HOSTILE)


@pytest.fixture(scope="module")
def _surcharging_quote() -> Env:
    return world(quote_contract=SURCHARGING)


@pytest.fixture(scope="module", params=["quote", "base"])
def _no_return(request: pytest.FixtureRequest) -> Env:
    kind = request.param
    decimals = {f"{kind}_decimals": 6, f"{kind}_contract": NO_RETURN}
    return world(**decimals | {"unit_exponent": 0 if kind == "quote" else 12})


def put_back(env: Env) -> Iterator[Env]:
    with env.undone():
        yield env
        assert_rebuilt(env)


@pytest.fixture
def hostile_base(_hostile_base: Env) -> Iterator[Env]:
    yield from put_back(_hostile_base)


@pytest.fixture
def hostile_quote(_hostile_quote: Env) -> Iterator[Env]:
    yield from put_back(_hostile_quote)


@pytest.fixture
def surcharging_quote(_surcharging_quote: Env) -> Iterator[Env]:
    yield from put_back(_surcharging_quote)


@pytest.fixture
def no_return(_no_return: Env) -> Iterator[Env]:
    yield from put_back(_no_return)


def take_fees(env: Env, token: str, bps: int = PERCENT) -> None:
    """From now on, a part of what is sent does not arrive."""
    env.tell(env.keeper.key, HOSTILE.abi, token, "behave", bps, False)


def lie(env: Env, token: str) -> None:
    """From now on, transfers do nothing and answer false."""
    env.tell(env.keeper.key, HOSTILE.abi, token, "behave", 0, True)


def seize(env: Env, token: str, amount: int) -> None:
    """A rebase down, of what the diamond has."""
    env.tell(env.keeper.key, HOSTILE.abi, token, "seize", env.diamond, amount)


class TestNoReturn:
    """Transfers that answer nothing, as those of the dollar that most people hold."""

    @pytest.mark.parametrize("signal", Signal)
    def test_strikes(self, no_return: Env, signal: Signal) -> None:
        strike_id = no_return.strike(signal=signal)["strike_id"]
        no_return.settle(strike_id)
        assert no_return.read("getStrike", strike_id).status is StrikeStatus.SETTLED

    def test_capital(self, no_return: Env) -> None:
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

    def test_deposits_are_what_arrived(self, hostile_quote: Env) -> None:
        take_fees(hostile_quote, hostile_quote.quote)
        reserve = hostile_quote.read("getTreasury")[1]
        deposited = hostile_quote.owner.only("Deposited", "deposit", 10_000)
        assert deposited["amount"] == 9_900
        assert hostile_quote.read("getTreasury")[1] == reserve + 9_900

    def test_inventory_is_what_arrived(self, hostile_base: Env) -> None:
        take_fees(hostile_base, hostile_base.base)
        args = (hostile_base.base, 10_000)
        deposited = hostile_base.owner.only("InventoryDeposited", "depositInventory", *args)
        assert deposited["amount"] == 9_900

    @pytest.mark.parametrize("signal", [Signal.STRONG_LONG, Signal.LONG])
    def test_a_long_on_such_a_base_is_refused(self, hostile_base: Env, signal: Signal) -> None:
        """It could be bought, but not be sold again: the pool would not be paid in full."""
        env, base = hostile_base, hostile_base.base
        with env.undone():
            env.strike(signal=signal)
            stated = env.read("getStrike", 1).record.base_amount
        take_fees(env, base)
        with refuses(env, UnfaithfulToken(base, stated - stated * PERCENT // 10_000, stated)):
            env.strike(signal=signal)

    def test_a_short_on_such_a_base_is_refused(self, hostile_base: Env) -> None:
        take_fees(hostile_base, hostile_base.base)
        with refuses(hostile_base, insufficient_input(hostile_base)):
            hostile_base.strike(signal=Signal.SHORT)

    def test_strikes_in_such_a_quote_are_refused(self, hostile_quote: Env) -> None:
        env, quote = hostile_quote, hostile_quote.quote
        with env.undone():
            stated = env.strike(signal=Signal.SHORT)["notional"]
        take_fees(env, quote)
        with refuses(env, insufficient_input(env)):
            env.strike()
        with refuses(env, UnfaithfulToken(quote, stated * 99 // 100, stated)):
            env.strike(signal=Signal.SHORT)

    def test_fees_that_come_later_leave_waiting_or_a_write_off(self, hostile_base: Env) -> None:
        env, base = hostile_base, hostile_base.base
        env.strike()
        env.strike(signal=Signal.SHORT)
        sold = env.read("getStrike", 2).record.base_amount
        take_fees(env, base)
        with refuses(env, insufficient_input(env)):
            env.settle(1, by="owner")
        with refuses(env, UnfaithfulToken(base, sold - sold * PERCENT // 10_000, sold)):
            env.settle(2, by="owner")
        with env.undone():
            take_fees(env, base, 0)
            env.settle(1)
            env.settle(2)
        env.owner.send("writeOffStrike", 1)
        env.owner.send("writeOffStrike", 2)


class TestSurcharges:
    """More leaves than was sent."""

    def behave(self, env: Env, bps: int) -> None:
        env.tell(env.keeper.key, SURCHARGING.abi, env.quote, "behave", bps)

    def test_a_long_that_costs_more_than_its_notional_is_refused(
        self, surcharging_quote: Env
    ) -> None:
        env = surcharging_quote
        with env.undone():
            notional = env.strike()["notional"]
        self.behave(env, PERCENT)
        with refuses(env, UnfaithfulToken(env.quote, notional * 101 // 100, notional)):
            env.strike()

    def test_what_a_short_pays_more_is_its_loss(self, surcharging_quote: Env) -> None:
        env = surcharging_quote
        env.strike(signal=Signal.STRONG_SHORT)
        with env.undone():
            plain = env.settle(1)["quote_amount"]
        self.behave(env, PERCENT)
        settled = env.settle(1, by="owner")
        assert settled["quote_amount"] == plain + plain * PERCENT // 10_000
        assert env.read("excessOf", env.quote) == 0

    def test_but_never_more_than_its_margin(self, surcharging_quote: Env) -> None:
        """At almost twice the price the surcharge would go beyond all that the bots put in."""
        env = surcharging_quote
        notional = env.strike(signal=Signal.STRONG_SHORT)["notional"]
        env.price(3050)
        with env.undone():
            plain = env.settle(1, by="owner")["quote_amount"]
        self.behave(env, 10 * PERCENT)
        spent = plain + plain // 10
        assert plain < 2 * notional < spent
        with refuses(env, UnfaithfulToken(env.quote, spent, 2 * notional)):
            env.settle(1, by="owner")

    @pytest.mark.parametrize("units", [0, 1, 2])
    def test_a_withdrawal_books_what_left_to_the_unit(
        self, surcharging_quote: Env, units: int
    ) -> None:
        env = surcharging_quote
        env.give(env.owner.address, quote=10**20)
        env.owner.send("deposit", 10**20)
        env.tell(env.keeper.key, SURCHARGING.abi, env.quote, "charge", units)
        before, owner = env.read("getTreasury")[1], env.owner.address
        withdrawn = env.owner.only("Withdrawn", "withdraw", 10**18, owner)
        assert withdrawn["amount"] == 10**18 + units
        assert env.read("getTreasury")[1] == before - 10**18 - units
        assert env.read("excessOf", env.quote) == 0

    @pytest.mark.parametrize("units", [0, 1, 2])
    def test_and_so_does_one_of_inventory(self, surcharging_quote: Env, units: int) -> None:
        env, owner = surcharging_quote, surcharging_quote.owner.address
        token = env.deploy(SURCHARGING)
        env.tell(env.keeper.key, SURCHARGING.abi, token, "mint", owner, 10**20)
        env.approve(env.owner.key, token)
        env.owner.send("depositInventory", token, 10**20)
        env.tell(env.keeper.key, SURCHARGING.abi, token, "charge", units)
        withdrawn = env.owner.only("InventoryWithdrawn", "withdrawInventory", token, 10**18, owner)
        assert withdrawn["amount"] == 10**18 + units
        assert env.read("inventoryOf", token) == 10**20 - 10**18 - units
        assert env.read("excessOf", token) == 0


class TestRebases:
    """Balances that change by themselves."""

    def test_up_is_a_donation(self, hostile_base: Env) -> None:
        env = hostile_base
        env.strike()
        env.exchange.mint(env.base, env.diamond, 10**18)
        assert env.read("excessOf", env.base) == 10**18
        env.owner.send("skim", env.base)
        env.settle(1)
        assert env.read("excessOf", env.base) == 0

    def test_down_while_long_waits_for_what_is_missing(self, hostile_base: Env) -> None:
        env, base = hostile_base, hostile_base.base
        everything = env.read("inventoryOf", base)
        env.owner.send("withdrawInventory", base, everything, env.owner.address)
        env.strike()
        kept = env.read("getStrike", 1).record.base_amount
        seize(env, base, 1)
        with refuses(env, _insufficient(env, kept - 1, kept)):
            env.settle(1)
        with env.undone():
            env.owner.send("writeOffStrike", 1)
        env.exchange.mint(base, env.diamond, 1)
        env.settle(1)

    def test_down_is_never_hidden_by_an_excess(self, hostile_base: Env) -> None:
        env = hostile_base
        seize(env, env.base, 10**18)
        assert env.read("excessOf", env.base) == 0
        env.exchange.mint(env.base, env.diamond, 10**18)
        assert env.read("excessOf", env.base) == 0
        env.exchange.mint(env.base, env.diamond, 1)
        assert env.read("excessOf", env.base) == 1


def _insufficient(env: Env, kept: int, asked: int) -> CallFailed:
    """The token's own words (ERC-6093)."""
    signature = "ERC20InsufficientBalance(address,uint256,uint256)"
    return call_failed(env.base, signature, env.diamond, kept, asked)


class TestLies:
    """Transfers that do nothing, and answer false."""

    @pytest.mark.parametrize("function", ["deposit", "withdraw"])
    def test_capital_does_not_move(self, hostile_quote: Env, function: str) -> None:
        env = hostile_quote
        env.owner.send("deposit", 1000)
        lie(env, env.quote)
        args = (1000,) if function == "deposit" else (1000, env.owner.address)
        with refuses(env, CallFailed(env.quote, bytes(32))):
            env.owner.send(function, *args)

    def test_strikes_are_refused(self, hostile_base: Env) -> None:
        env = hostile_base
        env.strike()
        lie(env, env.base)
        with refuses(env, CallFailed(env.base, bytes(32))):
            env.settle(1, by="owner")
        with refuses(env, call_failed(env.pool, "Error(string)", "TF")):
            env.strike()
        env.owner.send("writeOffStrike", 1)


class TestReentrancy:
    """A token that calls the diamond while it moves."""

    def arm(self, env: Env, function: str, *args: Any) -> None:
        call = diamond_abi().encode_call(function, *args)
        env.tell(env.keeper.key, HOSTILE.abi, env.base, "arm", env.diamond, call)

    def answer(self, env: Env, function: str, *args: Any) -> tuple[str, tuple[Any, ...]] | None:
        """The answer to the token's call, while the owner did something."""
        data = diamond_abi().encode_call(function, *args)
        receipt = env.transact(env.owner.key, env.diamond, data)
        for log in receipt.logs:
            event = HOSTILE.abi.decode_event(log.topics, log.data)
            if event is not None and event.name == "CalledOut":
                assert not event.args["ok"]
                return diamond_abi().decode_error(event.args["result"])
        raise AssertionError("the token did not call")

    @pytest.mark.parametrize("function", ["depositInventory", "withdrawInventory"])
    def test_deposits_are_not_counted_twice(self, hostile_base: Env, function: str) -> None:
        env, base = hostile_base, hostile_base.base
        env.owner.send("transferOwnership", base)
        self.arm(env, "depositInventory", base, 1)
        before = env.read("inventoryOf", base)
        to = () if function == "depositInventory" else (env.owner.address,)
        reported = self.answer(env, function, base, 1000, *to)
        assert reported == ("ReentrancyGuardReentrantCall", ())
        after = env.read("inventoryOf", base)
        assert abs(after - before) == 1000

    def test_a_strike_is_not_settled_twice(self, hostile_base: Env) -> None:
        env = hostile_base
        env.strike(horizon=1)
        env.wait(10)
        self.arm(env, "settleStrike", 1, 0)
        reported = self.answer(env, "settleStrike", 1, 0)
        assert reported == ("ReentrancyGuardReentrantCall", ())
        assert env.read("getStrikeStats").settled == 1
