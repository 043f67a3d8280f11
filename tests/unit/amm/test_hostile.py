"""Hostile surroundings: each refused with its own error, and nothing has changed."""

from __future__ import annotations

from typing import Any

import pytest

from macrostrike.abi import diamond_abi
from macrostrike.build import ours
from macrostrike.errors import (
    CallbackAmountExceeded,
    CallbackAmountMismatch,
    CallbackMissing,
    ContractError,
    NotProfitable,
    PartialFill,
    ProfitMismatch,
    ReentrancyGuardReentrantCall,
    UnexpectedCallback,
    UnexpectedInitiator,
    UnfaithfulToken,
)
from macrostrike.types import Venue

from ..environment import ZERO, altered, call_failed, reverts
from ..readers import refuses, unchanged
from .hostile import AMOUNT, HOST, Hostiles, HostileTokens, PairMode, PoolMode, called_out
from .pools import PAIR, Amm


@pytest.fixture
def hostiles(amm: Amm) -> Hostiles:
    return Hostiles(amm)


@pytest.fixture
def tokens(amm: Amm) -> HostileTokens:
    return HostileTokens(amm)


AT_WORK = str(ReentrancyGuardReentrantCall())


def callback(delta0: int = 1, delta1: int = -1) -> bytes:
    return diamond_abi().encode_call("uniswapV3SwapCallback", delta0, delta1, b"")


def v2_call(sender: str, amount: int = 1) -> bytes:
    return diamond_abi().encode_call("uniswapV2Call", sender, amount, 0, b"\0")


class TestHonest:
    """The mocks as they are before they turn: what is refused below is refused for what they do."""

    def test_pool_and_pair(self, hostiles: Hostiles) -> None:
        for first, last in (
            ("low_usdc_weth", hostiles.pool_id),
            ("b_usdc_weth", hostiles.pool_id),
            ("low_usdc_weth", hostiles.pair_id),
            ("b_usdc_weth", hostiles.pair_id),
        ):
            assert hostiles.amm.execute(hostiles.order(first, last))["profit"] > 0

    def test_token(self, tokens: HostileTokens) -> None:
        for token, amount in ((tokens.env.quote, AMOUNT), (tokens.token, 10 * HOST)):
            assert tokens.amm.execute(tokens.order(token, amount))["profit"] > 0


class TestStrangers:
    def test_no_swap_is_running(self, amm: Amm) -> None:
        for name in ("keeper", "operator", "owner"):
            actor = getattr(amm.env, name)
            error = UnexpectedCallback(actor.address, ZERO)
            with refuses(amm.env, error):
                actor.send("uniswapV3SwapCallback", 1, -1, b"")
            with refuses(amm.env, error):
                actor.send("uniswapV2Call", amm.env.diamond, 1, 0, b"\0")

    @pytest.mark.parametrize("name", ["a_usdc_weth", "b_usdc_weth"])
    def test_a_registered_pair_that_a_stranger_sends(self, amm: Amm, name: str) -> None:
        # A real pair's flash swap to the diamond: the pair is known, the swap is not ours.
        pair = amm[name].address
        with refuses(amm.env, UnexpectedCallback(pair, ZERO)):
            amm.tell(PAIR, pair, "swap", 1000, 0, amm.env.diamond, b"\0")

    @pytest.mark.parametrize("make", [callback, lambda: v2_call(ZERO)], ids=["v3", "v2"])
    def test_in_the_turn_of_another(self, hostiles: Hostiles, make: Any) -> None:
        pool, stranger = hostiles.pool, hostiles.another("HostilePair")
        hostiles.behave(pool, PoolMode.CALLS_OUT_FIRST, stranger, hostiles.relay(make()))
        for first in ("low_usdc_weth", "b_usdc_weth"):
            order = hostiles.order(first, hostiles.pool_id)
            assert hostiles.answers(order, stranger) == [str(UnexpectedCallback(stranger, pool))]

    def test_in_nobodys_turn(self, hostiles: Hostiles) -> None:
        pair, stranger = hostiles.pair, hostiles.another("HostilePair")
        hostiles.behave(pair, PairMode.CALLS_OUT_FIRST, stranger, hostiles.relay(callback()))
        order = hostiles.order("low_usdc_weth", hostiles.pair_id)
        assert hostiles.answers(order, stranger) == [str(UnexpectedCallback(stranger, ZERO))]


class TestTurns:
    """Each pool calls back in its own turn, once, with the exact amount."""

    def test_twice_as_flash(self, hostiles: Hostiles) -> None:
        hostiles.behave(hostiles.pool, PoolMode.ASKS_TWICE)
        with refuses(hostiles.env, UnexpectedCallback(hostiles.pool, ZERO)):
            hostiles.amm.execute(hostiles.order("b_usdc_weth", hostiles.pool_id))

    def test_twice_within_a_flash(self, hostiles: Hostiles) -> None:
        hostiles.behave(hostiles.pool, PoolMode.ASKS_TWICE)
        with refuses(hostiles.env, UnexpectedCallback(hostiles.pool, ZERO)):
            hostiles.amm.execute(hostiles.order("low_usdc_weth", hostiles.pool_id))

    def test_twice_as_a_pair(self, hostiles: Hostiles) -> None:
        hostiles.behave(hostiles.pair, PairMode.CALLS_TWICE)
        with refuses(hostiles.env, UnexpectedCallback(hostiles.pair, ZERO)):
            hostiles.amm.execute(hostiles.order("b_usdc_weth", hostiles.pair_id))

    @pytest.mark.parametrize("first", ["low_usdc_weth", "b_usdc_weth"])
    def test_by_the_name_of_another_venue(self, hostiles: Hostiles, first: str) -> None:
        pool, order = hostiles.pool, hostiles.order(first, hostiles.pool_id)
        unlock = diamond_abi().encode_call("unlockCallback", b"")
        for call in (v2_call(hostiles.env.diamond), unlock):
            hostiles.behave(pool, PoolMode.CALLS_OUT_FIRST, hostiles.env.diamond, call)
            with hostiles.env.undone():
                answers = hostiles.answers(order, pool)
            assert answers == [str(UnexpectedCallback(pool, ZERO))]

    def test_never_when_it_is_registered(self, hostiles: Hostiles) -> None:
        pool = hostiles.another("HostilePool")
        hostiles.behave(pool, PoolMode.TAKES_NOTHING)
        with reverts(CallbackMissing(pool)):
            hostiles.register(pool, Venue.UNISWAP_V3, 500)

    @pytest.mark.parametrize("first", ["low_usdc_weth", "b_usdc_weth"])
    def test_never_as_a_pool(self, hostiles: Hostiles, first: str) -> None:
        hostiles.behave(hostiles.pool, PoolMode.TAKES_NOTHING)
        with refuses(hostiles.env, CallbackMissing(hostiles.pool)):
            hostiles.amm.execute(hostiles.order(first, hostiles.pool_id))

    def test_never_as_a_pair(self, hostiles: Hostiles) -> None:
        hostiles.behave(hostiles.pair, PairMode.SAYS_NOTHING)
        with refuses(hostiles.env, CallbackMissing(hostiles.pair)):
            hostiles.amm.execute(hostiles.order("b_usdc_weth", hostiles.pair_id))

    def test_nested_the_flash_in_the_turn_of_another(self, hostiles: Hostiles) -> None:
        """The flash waits for its pay; in the next pool's turn it calls back once more."""
        pool, flash = hostiles.pool, hostiles.another("HostilePool")
        first = hostiles.register(flash, Venue.UNISWAP_V3, 500)
        hostiles.tell(flash, "setPrice", hostiles.cheaper)
        hostiles.behave(pool, PoolMode.CALLS_OUT_FIRST, flash, hostiles.relay(callback()))
        order = hostiles.order(first, hostiles.pool_id)
        assert hostiles.answers(order, flash) == [str(UnexpectedCallback(flash, pool))]

    def test_early_and_again(self, hostiles: Hostiles) -> None:
        # It takes its pay before it gave; when it asks in its turn, that is over.
        owed = hostiles.from_low()
        deltas = (owed, -1) if hostiles.weth == hostiles.token0 else (-1, owed)
        early = callback(*deltas)
        hostiles.behave(hostiles.pool, PoolMode.CALLS_OUT_FIRST, hostiles.env.diamond, early)
        with refuses(hostiles.env, UnexpectedCallback(hostiles.pool, ZERO)):
            hostiles.amm.execute(hostiles.order("low_usdc_weth", hostiles.pool_id))

    @pytest.mark.parametrize("name", ["uniswap", "pancake"])
    def test_a_unit_that_it_takes_early_is_its_turn(self, hostiles: Hostiles, name: str) -> None:
        early = diamond_abi().encode_call(f"{name}V3SwapCallback", 1, -1, b"")
        hostiles.behave(hostiles.pool, PoolMode.CALLS_OUT_FIRST, hostiles.env.diamond, early)
        with refuses(hostiles.env, UnexpectedCallback(hostiles.pool, ZERO)):
            hostiles.amm.execute(hostiles.order("low_usdc_weth", hostiles.pool_id))

    def test_late(self, hostiles: Hostiles) -> None:
        hostiles.behave(hostiles.pool, PoolMode.CALLS_OUT_LAST, hostiles.env.diamond, callback())
        late = str(UnexpectedCallback(hostiles.pool, ZERO))
        for first in ("low_usdc_weth", "b_usdc_weth"):
            assert hostiles.answers(hostiles.order(first, hostiles.pool_id), hostiles.pool) == [
                late
            ]

    def test_after_the_arbitrage(self, hostiles: Hostiles) -> None:
        env = hostiles.env
        hostiles.amm.execute(hostiles.order("low_usdc_weth", hostiles.pool_id))
        receipt = hostiles.tell(hostiles.pool, "relay", env.diamond, callback())
        answers = called_out(receipt, hostiles.pool, ours("HostilePool").abi)
        assert answers == [str(UnexpectedCallback(hostiles.pool, ZERO))]

    def test_more_than_is_due_as_flash(self, hostiles: Hostiles) -> None:
        hostiles.behave(hostiles.pool, PoolMode.ASKS_TOO_MUCH)
        due = hostiles.from_b()
        with refuses(hostiles.env, CallbackAmountExceeded(3 * due, due)):
            hostiles.amm.execute(hostiles.order("b_usdc_weth", hostiles.pool_id))

    def test_more_than_is_due_within_a_flash(self, hostiles: Hostiles) -> None:
        hostiles.behave(hostiles.pool, PoolMode.ASKS_TOO_MUCH)
        due = hostiles.from_low()
        with refuses(hostiles.env, CallbackAmountExceeded(3 * due, due)):
            hostiles.amm.execute(hostiles.order("low_usdc_weth", hostiles.pool_id))

    def test_less_than_is_due_as_flash(self, hostiles: Hostiles) -> None:
        hostiles.behave(hostiles.pool, PoolMode.FILLS_HALF)
        due = hostiles.from_b()
        with refuses(hostiles.env, PartialFill(due // 2, due)):
            hostiles.amm.execute(hostiles.order("b_usdc_weth", hostiles.pool_id))

    def test_less_than_is_due_within_a_flash(self, hostiles: Hostiles) -> None:
        hostiles.behave(hostiles.pool, PoolMode.FILLS_HALF)
        due = hostiles.from_low()
        with refuses(hostiles.env, PartialFill(due // 2, due)):
            hostiles.amm.execute(hostiles.order("low_usdc_weth", hostiles.pool_id))

    def test_a_pair_that_says_it_returned_more(self, hostiles: Hostiles) -> None:
        hostiles.behave(hostiles.pair, PairMode.SAYS_MORE)
        paid_out = hostiles.from_pair()
        with refuses(hostiles.env, CallbackAmountMismatch(paid_out + paid_out // 100, paid_out)):
            hostiles.amm.execute(hostiles.order("b_usdc_weth", hostiles.pair_id))

    def test_a_pair_that_names_another_initiator(self, hostiles: Hostiles) -> None:
        hostiles.behave(hostiles.pair, PairMode.NAMES_ANOTHER)
        with refuses(hostiles.env, UnexpectedInitiator(hostiles.pair)):
            hostiles.amm.execute(hostiles.order("b_usdc_weth", hostiles.pair_id))

    def test_a_pair_that_calls_back_as_another_venue(self, hostiles: Hostiles) -> None:
        hostiles.behave(hostiles.pair, PairMode.CALLS_AS_V3)
        with refuses(hostiles.env, UnexpectedCallback(hostiles.pair, ZERO)):
            hostiles.amm.execute(hostiles.order("b_usdc_weth", hostiles.pair_id))

    @pytest.mark.parametrize("first", ["low_usdc_weth", "b_usdc_weth"])
    def test_a_pool_that_returns_less_than_it_says(self, hostiles: Hostiles, first: str) -> None:
        hostiles.behave(hostiles.pool, PoolMode.PAYS_LESS)
        with pytest.raises(UnfaithfulToken), unchanged(hostiles.env):
            hostiles.amm.execute(hostiles.order(first, hostiles.pool_id))


class TestReentrance:
    """What is called from within an arbitrage in the diamond finds it at work."""

    def calls(self, amm: Amm) -> list[bytes]:
        order = amm.order("usdc", AMOUNT, "low_usdc_weth", "a_usdc_weth")
        abi = diamond_abi()
        return [
            abi.encode_call("executeArbitrage", order),
            abi.encode_call("defundAMM", amm.env.quote, 1),
            abi.encode_call("skim", amm.env.quote),
            abi.encode_call("settleStrike", 1, 0),
        ]

    @pytest.mark.parametrize("index", range(4))
    def test_from_a_token(self, tokens: HostileTokens, index: int) -> None:
        call = self.calls(tokens.amm)[index]
        tokens.tell("arm", tokens.env.diamond, call)
        assert tokens.answers(tokens.order(tokens.token, 10 * HOST)) == [
            str(ReentrancyGuardReentrantCall())
        ]

    def test_a_quote_from_within(self, tokens: HostileTokens) -> None:
        order = tokens.amm.order("usdc", AMOUNT, "low_usdc_weth", "a_usdc_weth")
        call = diamond_abi().encode_call("quoteArbitrage", order)
        tokens.tell("arm", tokens.env.diamond, call)
        assert tokens.answers(tokens.order(tokens.token, 10 * HOST)) == [
            str(ReentrancyGuardReentrantCall())
        ]


class TestTokens:
    def test_a_donation_with_the_flash_is_not_a_profit(self, tokens: HostileTokens) -> None:
        order = tokens.order(tokens.token, 10 * HOST)
        paid_out = tokens.quoted(order)
        tokens.tell("arm", tokens.token, tokens.call("mint", tokens.env.diamond, 5 * HOST))
        with refuses(tokens.env, UnfaithfulToken(tokens.token, paid_out + 5 * HOST, paid_out)):
            tokens.amm.execute(order)

    def test_a_donation_with_the_pay_is_not_a_profit(self, tokens: HostileTokens) -> None:
        order = tokens.order(tokens.token, 10 * HOST)
        profit = tokens.quoted(order) - 10 * HOST
        again = tokens.call("mint", tokens.env.diamond, 5 * HOST)
        tokens.tell("arm", tokens.token, tokens.call("arm", tokens.token, again))
        with refuses(tokens.env, ProfitMismatch(tokens.token, profit + 5 * HOST, profit)):
            tokens.amm.execute(order)

    def test_a_donation_does_not_make_a_loss_a_profit(self, tokens: HostileTokens) -> None:
        order = altered(tokens.order(tokens.token, 10 * HOST), pools=tokens.ids)
        tokens.tell("arm", tokens.token, tokens.call("mint", tokens.env.diamond, 5 * HOST))
        with pytest.raises(UnfaithfulToken), unchanged(tokens.env):
            tokens.amm.execute(order)
        tokens.tell("arm", ZERO, b"")
        with pytest.raises(NotProfitable), unchanged(tokens.env):
            tokens.amm.execute(order)

    def test_a_balance_that_is_taken_in_mid_flight(self, tokens: HostileTokens) -> None:
        tokens.tell("mint", tokens.env.diamond, HOST)
        order = tokens.order(tokens.token, 10 * HOST)
        profit = tokens.quoted(order) - 10 * HOST
        again = tokens.call("seize", tokens.env.diamond, HOST)
        tokens.tell("arm", tokens.token, tokens.call("arm", tokens.token, again))
        with refuses(tokens.env, ProfitMismatch(tokens.token, profit, profit + HOST)):
            tokens.amm.execute(order)

    def test_a_fee_on_the_first_token(self, tokens: HostileTokens) -> None:
        order = tokens.order(tokens.token, 10 * HOST)
        paid_out = tokens.quoted(order)
        tokens.tell("behave", 100, False)
        with refuses(
            tokens.env, UnfaithfulToken(tokens.token, paid_out - paid_out // 100, paid_out)
        ):
            tokens.amm.execute(order)

    def test_a_fee_on_a_token_that_goes_from_pool_to_pool(self, tokens: HostileTokens) -> None:
        tokens.tell("behave", 100, False)
        # The pool that is short of it refuses.
        refused = call_failed(tokens.pairs[1], "Error(string)", "UniswapV2: K")
        with refuses(tokens.env, refused):
            tokens.amm.execute(tokens.order(tokens.env.quote, AMOUNT))

    def test_a_token_that_does_not_move(self, tokens: HostileTokens) -> None:
        tokens.tell("behave", 0, True)
        for token, amount in ((tokens.env.quote, AMOUNT), (tokens.token, 10 * HOST)):
            with pytest.raises(ContractError), unchanged(tokens.env):
                tokens.amm.execute(tokens.order(token, amount))
