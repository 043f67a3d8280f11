"""What no one deposited is in no book, and leaves by `skim` alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike.errors import CallbackAmountExceeded, InsufficientFunds, ZeroAmount
from macrostrike.types import Signal

from ..readers import answers, refuses
from ..scene import Scene, event


def excess(scene: Scene) -> tuple[int, int]:
    return scene.read("excessOf", scene.quote), scene.read("excessOf", scene.base)


def test_there_is_none_at_first(scene: Scene) -> None:
    assert excess(scene) == (0, 0)
    for token in (scene.quote, scene.base):
        with refuses(scene, ZeroAmount()):
            scene.owner.send("skim", token)


def test_a_donation_is_in_no_book(scene: Scene) -> None:
    before = answers(scene)
    scene.give(scene.diamond, quote=777, base=888)
    donated = {("excessOf", scene.quote): 777, ("excessOf", scene.base): 888}
    assert answers(scene) == before | donated


def test_a_donation_cannot_be_withdrawn(scene: Scene) -> None:
    scene.give(scene.diamond, quote=777)
    with refuses(scene, InsufficientFunds(scene.quote, 777, 0)):
        scene.owner.send("withdraw", 777, scene.owner.address)


@pytest.mark.parametrize("amount", [1, 10**12])
def test_skim_sends_it_to_the_owner(scene: Scene, amount: int) -> None:
    scene.give(scene.diamond, quote=amount, base=2 * amount)
    owner = scene.owner.address
    for token, expected in ((scene.quote, amount), (scene.base, 2 * amount)):
        held = scene.balance(token, owner)
        assert scene.owner.call("skim", token) == expected
        assert scene.owner.send("skim", token) == [
            event("Skimmed", token=token, to=owner, amount=expected)
        ]
        assert scene.balance(token, owner) == held + expected
    assert excess(scene) == (0, 0)


def test_a_token_that_no_book_knows_is_all_skimmed(scene: Scene) -> None:
    token = scene.exchange.token(9)
    scene.exchange.mint(token, scene.diamond, 55)
    assert scene.read("excessOf", token) == 55
    scene.owner.send("skim", token)
    assert scene.balance(token, scene.owner.address) == 55


def test_open_strikes_are_no_excess(scene: Scene) -> None:
    scene.strike()
    scene.strike(signal=Signal.STRONG_SHORT)
    scene.strike(signal=Signal.LONG)
    assert excess(scene) == (0, 0)
    scene.give(scene.diamond, quote=5, base=7)
    assert excess(scene) == (5, 7)
    scene.owner.send("skim", scene.quote)
    scene.owner.send("skim", scene.base)
    scene.price(1700)
    for strike_id in (1, 2, 3):
        scene.settle(strike_id)
    assert excess(scene) == (0, 0)


def test_a_donation_is_no_profit(scene: Scene) -> None:
    scene.strike()
    with scene.undone():
        expected = scene.settle(1)["pnl"]
    scene.give(scene.diamond, quote=10**12, base=10**20)
    assert scene.settle(1)["pnl"] == expected
    assert excess(scene) == (10**12, 10**20)


def test_a_donation_is_no_inventory(scene: Scene) -> None:
    """A short sells no more than what was deposited, whatever the balance."""
    everything = scene.read("inventoryOf", scene.base)
    scene.owner.send("withdrawInventory", scene.base, everything, scene.owner.address)
    scene.give(scene.diamond, base=10**20)
    with pytest.raises(CallbackAmountExceeded) as refused:
        scene.strike(signal=Signal.SHORT)
    assert refused.value.allowed == 0


amounts = st.integers(0, 10**12)


@settings(max_examples=15)
@given(
    st.lists(st.tuples(st.sampled_from(Signal), amounts, amounts, st.booleans()), max_size=6),
    st.integers(1200, 2000),
)
def test_the_excess_is_the_donations_and_nothing_else(
    scene: Scene, steps: list[tuple[Signal, int, int, bool]], price: int
) -> None:
    with scene.undone():
        quote = base = 0
        for signal, more_quote, more_base, settles in steps:
            strike_id = scene.strike(signal=signal)["strike_id"]
            scene.give(scene.diamond, quote=more_quote, base=more_base)
            quote, base = quote + more_quote, base + more_base
            assert excess(scene) == (quote, base)
            if settles:
                scene.price(price)
                scene.settle(strike_id)
                assert excess(scene) == (quote, base)
