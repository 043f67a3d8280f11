"""Capital in and out, by the owner alone."""

from __future__ import annotations

import pytest

from macrostrike.errors import (
    CallFailed,
    InsufficientFunds,
    NotABaseToken,
    QuoteNotSet,
    SafeCastOverflowedUintDowncast,
    ZeroAddress,
    ZeroAmount,
)
from macrostrike.types import Signal

from ..readers import refuses
from ..scene import ZERO, Scene, call_failed, event

HUGE = (1 << 256) - 1


def reserve(scene: Scene) -> int:
    return int(scene.read("getTreasury")[1])


def inventory(scene: Scene) -> int:
    return int(scene.read("inventoryOf", scene.base))


@pytest.mark.parametrize("amount", [1, 123_456_789, 10**15])
def test_a_deposit_is_what_arrives(scene: Scene, amount: int) -> None:
    scene.give(scene.owner.address, quote=amount)
    before, held = reserve(scene), scene.balance(scene.quote)
    assert scene.owner.send("deposit", amount) == [
        event("Deposited", **{"from": scene.owner.address}, amount=amount)
    ]
    assert reserve(scene) == before + amount
    assert scene.balance(scene.quote) == held + amount


def test_nothing_is_no_deposit(scene: Scene) -> None:
    with refuses(scene, ZeroAmount()):
        scene.owner.send("deposit", 0)
    with refuses(scene, ZeroAmount()):
        scene.owner.send("depositInventory", scene.base, 0)


def test_the_owner_deposits_what_it_has(scene: Scene) -> None:
    held = scene.balance(scene.quote, scene.owner.address)
    insufficient = _insufficient(scene, held, held + 1)
    with refuses(scene, insufficient):
        scene.owner.send("deposit", held + 1)
    with refuses(scene, _insufficient(scene, held, HUGE)):
        scene.owner.send("deposit", HUGE)


def _insufficient(scene: Scene, held: int, asked: int) -> CallFailed:
    """The token's own words (ERC-6093)."""
    signature = "ERC20InsufficientBalance(address,uint256,uint256)"
    return call_failed(scene.quote, signature, scene.owner.address, held, asked)


def test_a_deposit_beyond_what_the_books_can_hold_is_refused(scene: Scene) -> None:
    amount = 1 << 128
    scene.give(scene.owner.address, quote=amount)
    with refuses(scene, SafeCastOverflowedUintDowncast(128, amount)):
        scene.owner.send("deposit", amount)


def test_a_withdrawal_goes_where_the_owner_says(scene: Scene) -> None:
    scene.give(scene.owner.address, quote=1000)
    scene.owner.send("deposit", 1000)
    before = reserve(scene)
    assert scene.owner.send("withdraw", 400, scene.stranger.address) == [
        event("Withdrawn", to=scene.stranger.address, amount=400)
    ]
    assert reserve(scene) == before - 400
    assert scene.balance(scene.quote, scene.stranger.address) == 400


def test_the_whole_reserve_can_be_withdrawn_and_no_more(scene: Scene) -> None:
    scene.give(scene.owner.address, quote=1000)
    scene.owner.send("deposit", 1000)
    everything = reserve(scene)
    for amount in (everything + 1, HUGE):
        with refuses(scene, InsufficientFunds(scene.quote, amount, everything)):
            scene.owner.send("withdraw", amount, scene.owner.address)
    scene.owner.send("withdraw", everything, scene.owner.address)
    assert reserve(scene) == 0


def test_dust_that_waits_can_be_withdrawn_with_the_rest(scene: Scene) -> None:
    scene.strike()
    settled = scene.settle(1)
    lots = scene.read("getStrike", 1).lots
    dust = settled["pnl"] - sum(settled["pnl"] * weight // sum(lots) for weight in lots)
    assert 0 < dust == reserve(scene)
    with refuses(scene, InsufficientFunds(scene.quote, dust + 1, dust)):
        scene.owner.send("withdraw", dust + 1, scene.owner.address)
    scene.owner.send("withdraw", dust, scene.owner.address)
    assert reserve(scene) == 0


def test_the_bots_equity_is_not_the_reserve(scene: Scene) -> None:
    assert scene.balance(scene.quote) > reserve(scene) == 0
    with refuses(scene, InsufficientFunds(scene.quote, 1, 0)):
        scene.owner.send("withdraw", 1, scene.owner.address)


def test_nothing_is_withdrawn_to_nobody(scene: Scene) -> None:
    with refuses(scene, ZeroAddress()):
        scene.owner.send("withdraw", 1, ZERO)
    with refuses(scene, ZeroAddress()):
        scene.owner.send("withdrawInventory", scene.base, 1, ZERO)
    with refuses(scene, ZeroAmount()):
        scene.owner.send("withdraw", 0, scene.owner.address)
    with refuses(scene, ZeroAmount()):
        scene.owner.send("withdrawInventory", scene.base, 0, scene.owner.address)


@pytest.mark.parametrize("amount", [1, 10**18, 10**24])
def test_inventory_is_what_arrives(scene: Scene, amount: int) -> None:
    scene.give(scene.owner.address, base=amount)
    before = inventory(scene)
    assert scene.owner.send("depositInventory", scene.base, amount) == [
        event(
            "InventoryDeposited",
            token=scene.base,
            **{"from": scene.owner.address},
            amount=amount,
        )
    ]
    assert inventory(scene) == before + amount
    assert scene.balance(scene.base) == before + amount


def test_inventory_of_any_token_but_the_quote(scene: Scene) -> None:
    with refuses(scene, NotABaseToken(scene.quote)):
        scene.owner.send("depositInventory", scene.quote, 1)
    token = scene.exchange.token(8)
    scene.exchange.mint(token, scene.owner.address, 5)
    scene.approve(scene.owner.key, token)
    scene.owner.send("depositInventory", token, 5)
    assert scene.read("inventoryOf", token) == 5
    scene.owner.send("withdrawInventory", token, 5, scene.stranger.address)
    assert scene.balance(token, scene.stranger.address) == 5


def test_inventory_is_withdrawn_to_the_last_unit_and_no_more(scene: Scene) -> None:
    everything = inventory(scene)
    with refuses(scene, InsufficientFunds(scene.base, everything + 1, everything)):
        scene.owner.send("withdrawInventory", scene.base, everything + 1, scene.owner.address)
    args = (scene.base, everything, scene.stranger.address)
    assert scene.owner.send("withdrawInventory", *args) == [
        event("InventoryWithdrawn", token=args[0], to=args[2], amount=everything)
    ]
    assert inventory(scene) == 0
    assert scene.balance(scene.base, scene.stranger.address) == everything


def test_quote_cannot_be_withdrawn_as_inventory(scene: Scene) -> None:
    with refuses(scene, InsufficientFunds(scene.quote, 1, 0)):
        scene.owner.send("withdrawInventory", scene.quote, 1, scene.owner.address)


def test_base_that_shorts_have_sold_is_not_there_to_withdraw(scene: Scene) -> None:
    everything = inventory(scene)
    scene.strike(signal=Signal.STRONG_SHORT)
    sold = scene.read("getStrike", 1).record.base_amount
    left = everything - sold
    with refuses(scene, InsufficientFunds(scene.base, everything, left)):
        scene.owner.send("withdrawInventory", scene.base, everything, scene.owner.address)
    scene.owner.send("withdrawInventory", scene.base, left, scene.owner.address)


def test_base_that_longs_hold_is_not_there_to_withdraw(scene: Scene) -> None:
    everything = inventory(scene)
    scene.strike()
    assert scene.balance(scene.base) > everything
    with refuses(scene, InsufficientFunds(scene.base, everything + 1, everything)):
        scene.owner.send("withdrawInventory", scene.base, everything + 1, scene.owner.address)


def test_capital_moves_while_paused_and_halted(scene: Scene) -> None:
    for _ in range(7):
        scene.owner.send("writeOffStrike", scene.strike()["strike_id"])
    scene.owner.send("pause")
    scene.give(scene.owner.address, quote=10, base=10)
    scene.give(scene.diamond, quote=1)
    scene.owner.send("deposit", 10)
    scene.owner.send("depositInventory", scene.base, 10)
    scene.owner.send("skim", scene.quote)
    scene.owner.send("withdrawInventory", scene.base, 10, scene.owner.address)
    scene.owner.send("withdraw", 10, scene.owner.address)


def test_before_the_quote_is_known_there_is_no_treasury(scene: Scene) -> None:
    bare = scene.bare()
    error = QuoteNotSet()
    for function, *args in (
        ("deposit", 1),
        ("withdraw", 1, scene.owner.address),
        ("depositInventory", scene.base, 1),
    ):
        with refuses(bare, error):
            bare.owner.send(function, *args)
    assert bare.read("getTreasury") == (ZERO, 0, 0)


def test_t1_dust_that_waits_can_fund_the_amm_bots(scene: Scene) -> None:
    """It is all of the reserve: uncarried, it would not be found."""
    scene.strike()
    scene.settle(1)
    dust = reserve(scene)
    assert 0 < dust < 256
    with refuses(scene, InsufficientFunds(scene.quote, dust + 1, dust)):
        scene.owner.send("fundAMM", scene.quote, dust + 1)
    scene.owner.send("fundAMM", scene.quote, dust)
    assert reserve(scene) == 0
    assert scene.read("getTreasury")[2] == dust
