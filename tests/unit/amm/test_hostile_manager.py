"""A manager in the shape of V4's that cheats, and ether in mid-flight: refused by their errors."""

from __future__ import annotations

import pytest

from macrostrike.abi import diamond_abi
from macrostrike.errors import (
    CallbackMissing,
    FunctionNotFound,
    PartialFill,
    ReentrancyGuardReentrantCall,
    UnexpectedCallback,
    UnfaithfulToken,
)
from macrostrike.types import ArbitrageOrder

from ..environment import ZERO
from ..readers import refuses, unchanged
from .hostile import HostileManagers, Hostiles, ManagerMode, PoolMode
from .pools import PRICE, UNIT, Amm

UNLOCK = diamond_abi().encode_call("unlockCallback", b"")
PLAIN = str(FunctionNotFound(bytes(4)))
# Before the manager's pool: one that pays first, with the manager's in its tail; one that is paid
# first, so that the manager's pays first.
FIRSTS = ("low_usdc_weth", "b_usdc_weth")


@pytest.fixture
def hostiles(amm: Amm) -> HostileManagers:
    return HostileManagers(amm)


@pytest.mark.parametrize("first", FIRSTS)
def test_honest(hostiles: HostileManagers, first: str) -> None:
    """As they are before they turn: what is refused below is refused for what they do."""
    for pool in (hostiles.token_id, hostiles.ether_id):
        assert hostiles.amm.execute(hostiles.order(first, pool))["profit"] > 0


@pytest.mark.parametrize("first", FIRSTS)
class TestTurns:
    def test_never(self, hostiles: HostileManagers, first: str) -> None:
        hostiles.behave(ManagerMode.SAYS_NOTHING)
        with refuses(hostiles.env, CallbackMissing(hostiles.manager)):
            hostiles.amm.execute(hostiles.order(first, hostiles.token_id))

    def test_never_after_an_arbitrage_that_went_well(
        self, hostiles: HostileManagers, first: str
    ) -> None:
        order = hostiles.order(first, hostiles.token_id)
        hostiles.amm.execute(order)
        hostiles.behave(ManagerMode.SAYS_NOTHING)
        with refuses(hostiles.env, CallbackMissing(hostiles.manager)):
            hostiles.amm.execute(order)

    def test_twice(self, hostiles: HostileManagers, first: str) -> None:
        hostiles.behave(ManagerMode.CALLS_TWICE)
        with refuses(hostiles.env, UnexpectedCallback(hostiles.manager, ZERO)):
            hostiles.amm.execute(hostiles.order(first, hostiles.token_id))

    def test_nested(self, hostiles: HostileManagers, first: str) -> None:
        hostiles.behave(ManagerMode.CALLS_WITHIN)
        with refuses(hostiles.env, UnexpectedCallback(hostiles.manager, ZERO)):
            hostiles.amm.execute(hostiles.order(first, hostiles.token_id))

    def test_by_the_name_of_another_venue(self, hostiles: HostileManagers, first: str) -> None:
        abi, diamond = diamond_abi(), hostiles.env.diamond
        for call in (
            abi.encode_call("uniswapV3SwapCallback", 1, -1, b""),
            abi.encode_call("uniswapV2Call", diamond, 1, 0, b""),
        ):
            hostiles.behave(ManagerMode.CALLS_OUT_FIRST, diamond, call)
            with hostiles.env.undone():
                receipt = hostiles.amm.run(hostiles.order(first, hostiles.token_id))
                answers = hostiles.answers(receipt, hostiles.manager)
            assert answers == [str(UnexpectedCallback(hostiles.manager, ZERO))]

    def test_late(self, hostiles: HostileManagers, first: str) -> None:
        hostiles.amm.execute(hostiles.order(first, hostiles.token_id))
        receipt = hostiles.tell(hostiles.manager, "relay", hostiles.env.diamond, UNLOCK)
        late = str(UnexpectedCallback(hostiles.manager, ZERO))
        assert hostiles.answers(receipt, hostiles.manager) == [late]

    def test_by_a_stranger(self, hostiles: HostileManagers, first: str) -> None:
        stranger = hostiles.another()
        hostiles.behave(ManagerMode.CALLS_OUT, stranger, hostiles.relay(UNLOCK))
        receipt = hostiles.amm.run(hostiles.order(first, hostiles.token_id))
        refused = str(UnexpectedCallback(stranger, ZERO))
        assert hostiles.answers(receipt, stranger) == [refused]

    def test_an_arbitrage_from_within(self, hostiles: HostileManagers, first: str) -> None:
        order = hostiles.order(first, hostiles.token_id)
        again = diamond_abi().encode_call("executeArbitrage", order)
        hostiles.behave(ManagerMode.CALLS_OUT, hostiles.env.diamond, again)
        receipt = hostiles.amm.run(order)
        at_work = str(ReentrancyGuardReentrantCall())
        assert hostiles.answers(receipt, hostiles.manager) == [at_work]


@pytest.mark.parametrize("first", FIRSTS)
class TestAmounts:
    @pytest.mark.parametrize("mode", [ManagerMode.PAYS_LESS, ManagerMode.PAYS_MORE])
    def test_it_returns_another_amount_than_it_says(
        self, hostiles: HostileManagers, first: str, mode: ManagerMode
    ) -> None:
        order = hostiles.order(first, hostiles.token_id)
        quoted = sum(hostiles.amm.quote(order))
        paid_out = quoted + 1 if mode is ManagerMode.PAYS_MORE else quoted - quoted // 100
        hostiles.behave(mode)
        with refuses(hostiles.env, UnfaithfulToken(hostiles.env.quote, paid_out, quoted)):
            hostiles.amm.execute(order)

    def test_it_takes_less_than_it_was_asked_to(
        self, hostiles: HostileManagers, first: str
    ) -> None:
        hostiles.behave(ManagerMode.TAKES_LESS)
        with pytest.raises(PartialFill) as refused, unchanged(hostiles.env):
            hostiles.amm.execute(hostiles.order(first, hostiles.token_id))
        asked = refused.value.asked
        assert refused.value.traded == asked - asked // 100 < asked

    def test_it_says_that_less_came(self, hostiles: HostileManagers, first: str) -> None:
        hostiles.behave(ManagerMode.SAW_LESS)
        with pytest.raises(UnfaithfulToken) as refused, unchanged(hostiles.env):
            hostiles.amm.execute(hostiles.order(first, hostiles.token_id))
        assert refused.value.token == hostiles.env.base


class TestEther:
    """The last pool pays ether for dollars: the manager alone is asked for it."""

    def order(self, hostiles: HostileManagers) -> ArbitrageOrder:
        # Ether must be cheap there for that to pay.
        usdc = (PRICE << 96) * UNIT["usdc"] // UNIT["weth"]
        hostiles.tell(hostiles.ether_manager, "setPrice", usdc * 10 // 11)
        return hostiles.order("low_usdc_weth", hostiles.ether_id, token_in="weth")

    def test_honest(self, hostiles: HostileManagers) -> None:
        assert hostiles.amm.execute(self.order(hostiles))["profit"] > 0

    @pytest.mark.parametrize("mode", [ManagerMode.PAYS_LESS, ManagerMode.PAYS_MORE])
    def test_another_amount_than_was_said(
        self, hostiles: HostileManagers, mode: ManagerMode
    ) -> None:
        order = self.order(hostiles)
        quoted = sum(hostiles.amm.quote(order))
        paid_out = quoted + 1 if mode is ManagerMode.PAYS_MORE else quoted - quoted // 100
        hostiles.behave(mode)
        with refuses(hostiles.env, UnfaithfulToken(ZERO, paid_out, quoted)):
            hostiles.amm.execute(order)

    def test_by_a_stranger_in_mid_flight(self, hostiles: HostileManagers) -> None:
        """Before the swap, and at the very moment at which the manager's ether is awaited."""
        order, stranger = self.order(hostiles), hostiles.another()
        hostiles.env.chain.set_balance(stranger, 10**18)
        hostiles.behave(ManagerMode.CALLS_OUT, stranger, hostiles.relay(b""))
        receipt = hostiles.amm.run(order)
        assert hostiles.answers(receipt, stranger) == [PLAIN, PLAIN]

    def test_by_the_manager_out_of_its_turn(self, hostiles: HostileManagers) -> None:
        order = hostiles.order("low_usdc_weth", hostiles.ether_id)
        hostiles.behave(ManagerMode.CALLS_OUT, hostiles.env.diamond, b"")
        receipt = hostiles.amm.run(order)
        assert hostiles.answers(receipt, hostiles.ether_manager) == [PLAIN]
        assert hostiles.env.chain.balance(hostiles.env.diamond) == 0

    def test_by_the_manager_after_its_turn(self, hostiles: HostileManagers) -> None:
        """While the pool that the ether was wrapped for is being paid."""
        self.order(hostiles)
        dear = Hostiles(hostiles.amm)
        order = hostiles.order(hostiles.ether_id, dear.pool_id)
        assert hostiles.amm.quote(order)[1] > 0
        late = hostiles.relay(b"")
        dear.behave(dear.pool, PoolMode.CALLS_OUT_FIRST, hostiles.ether_manager, late)
        receipt = hostiles.amm.run(order)
        assert hostiles.answers(receipt, hostiles.ether_manager) == [PLAIN]
        assert hostiles.env.chain.balance(hostiles.env.diamond) == 0

    def test_more_by_the_manager_in_its_turn(self, hostiles: HostileManagers) -> None:
        order = self.order(hostiles)
        quoted = sum(hostiles.amm.quote(order))
        hostiles.behave(ManagerMode.CALLS_OUT, hostiles.env.diamond, b"")
        with refuses(hostiles.env, UnfaithfulToken(ZERO, quoted + 1, quoted)):
            hostiles.amm.execute(order)
