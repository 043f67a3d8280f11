"""What no one deposited is in no book, and leaves by `skim` alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike.errors import CallbackAmountExceeded, InsufficientFunds, ZeroAmount
from macrostrike.types import Signal

from ..environment import Env, event
from ..readers import answers, refuses


def excess(env: Env) -> tuple[int, int]:
    return env.read("excessOf", env.quote), env.read("excessOf", env.base)


def test_there_is_none_at_first(env: Env) -> None:
    assert excess(env) == (0, 0)
    for token in (env.quote, env.base):
        with refuses(env, ZeroAmount()):
            env.owner.send("skim", token)


def test_a_donation_is_in_no_book(env: Env) -> None:
    before = answers(env)
    env.give(env.diamond, quote=777, base=888)
    donated = {("excessOf", env.quote): 777, ("excessOf", env.base): 888}
    assert answers(env) == before | donated


def test_a_donation_cannot_be_withdrawn(env: Env) -> None:
    env.give(env.diamond, quote=777)
    with refuses(env, InsufficientFunds(env.quote, 777, 0)):
        env.owner.send("withdraw", 777, env.owner.address)


@pytest.mark.parametrize("amount", [1, 10**12])
def test_skim_sends_it_to_the_owner(env: Env, amount: int) -> None:
    env.give(env.diamond, quote=amount, base=2 * amount)
    owner = env.owner.address
    for token, expected in ((env.quote, amount), (env.base, 2 * amount)):
        kept = env.balance(token, owner)
        assert env.owner.call("skim", token) == expected
        assert env.owner.send("skim", token) == [
            event("Skimmed", token=token, to=owner, amount=expected)
        ]
        assert env.balance(token, owner) == kept + expected
    assert excess(env) == (0, 0)


def test_a_token_that_no_book_knows_is_all_skimmed(env: Env) -> None:
    token = env.exchange.token(9)
    env.exchange.mint(token, env.diamond, 55)
    assert env.read("excessOf", token) == 55
    env.owner.send("skim", token)
    assert env.balance(token, env.owner.address) == 55


def test_open_strikes_are_not_excess(env: Env) -> None:
    env.strike()
    env.strike(signal=Signal.STRONG_SHORT)
    env.strike(signal=Signal.LONG)
    assert excess(env) == (0, 0)
    env.give(env.diamond, quote=5, base=7)
    assert excess(env) == (5, 7)
    env.owner.send("skim", env.quote)
    env.owner.send("skim", env.base)
    env.price(1700)
    for strike_id in (1, 2, 3):
        env.settle(strike_id)
    assert excess(env) == (0, 0)


def test_a_donation_is_not_a_profit(env: Env) -> None:
    env.strike()
    with env.undone():
        expected = env.settle(1)["pnl"]
    env.give(env.diamond, quote=10**12, base=10**20)
    assert env.settle(1)["pnl"] == expected
    assert excess(env) == (10**12, 10**20)


def test_a_donation_is_not_a_inventory(env: Env) -> None:
    """A short sells no more than what was deposited, whatever the balance."""
    everything = env.read("inventoryOf", env.base)
    env.owner.send("withdrawInventory", env.base, everything, env.owner.address)
    env.give(env.diamond, base=10**20)
    with pytest.raises(CallbackAmountExceeded) as refused:
        env.strike(signal=Signal.SHORT)
    assert refused.value.allowed == 0


amounts = st.integers(0, 10**12)


@settings(max_examples=15)
@given(
    st.lists(st.tuples(st.sampled_from(Signal), amounts, amounts, st.booleans()), max_size=6),
    st.integers(1200, 2000),
)
def test_the_excess_is_the_donations_and_nothing_else(
    env: Env, steps: list[tuple[Signal, int, int, bool]], price: int
) -> None:
    with env.undone():
        quote = base = 0
        for signal, more_quote, more_base, settles in steps:
            strike_id = env.strike(signal=signal)["strike_id"]
            env.give(env.diamond, quote=more_quote, base=more_base)
            quote, base = quote + more_quote, base + more_base
            assert excess(env) == (quote, base)
            if settles:
                env.price(price)
                env.settle(strike_id)
                assert excess(env) == (quote, base)
