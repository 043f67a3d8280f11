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

from ..environment import ZERO, Env, call_failed, event
from ..readers import refuses

HUGE = (1 << 256) - 1


def reserve(env: Env) -> int:
    return int(env.read("getTreasury")[1])


def inventory(env: Env) -> int:
    return int(env.read("inventoryOf", env.base))


@pytest.mark.parametrize("amount", [1, 123_456_789, 10**15])
def test_a_deposit_is_what_arrives(env: Env, amount: int) -> None:
    env.give(env.owner.address, quote=amount)
    before, kept = reserve(env), env.balance(env.quote)
    assert env.owner.send("deposit", amount) == [
        event("Deposited", **{"from": env.owner.address}, amount=amount)
    ]
    assert reserve(env) == before + amount
    assert env.balance(env.quote) == kept + amount


def test_nothing_is_not_a_deposit(env: Env) -> None:
    with refuses(env, ZeroAmount()):
        env.owner.send("deposit", 0)
    with refuses(env, ZeroAmount()):
        env.owner.send("depositInventory", env.base, 0)


def test_the_owner_deposits_what_it_has(env: Env) -> None:
    kept = env.balance(env.quote, env.owner.address)
    insufficient = _insufficient(env, kept, kept + 1)
    with refuses(env, insufficient):
        env.owner.send("deposit", kept + 1)
    with refuses(env, _insufficient(env, kept, HUGE)):
        env.owner.send("deposit", HUGE)


def _insufficient(env: Env, kept: int, asked: int) -> CallFailed:
    """The token's own words (ERC-6093)."""
    signature = "ERC20InsufficientBalance(address,uint256,uint256)"
    return call_failed(env.quote, signature, env.owner.address, kept, asked)


def test_a_deposit_beyond_what_the_books_can_hold_is_refused(env: Env) -> None:
    amount = 1 << 128
    env.give(env.owner.address, quote=amount)
    with refuses(env, SafeCastOverflowedUintDowncast(128, amount)):
        env.owner.send("deposit", amount)


def test_a_withdrawal_goes_where_the_owner_says(env: Env) -> None:
    env.give(env.owner.address, quote=1000)
    env.owner.send("deposit", 1000)
    before = reserve(env)
    assert env.owner.send("withdraw", 400, env.stranger.address) == [
        event("Withdrawn", to=env.stranger.address, amount=400)
    ]
    assert reserve(env) == before - 400
    assert env.balance(env.quote, env.stranger.address) == 400


def test_the_whole_reserve_can_be_withdrawn_and_no_more(env: Env) -> None:
    env.give(env.owner.address, quote=1000)
    env.owner.send("deposit", 1000)
    everything = reserve(env)
    for amount in (everything + 1, HUGE):
        with refuses(env, InsufficientFunds(env.quote, amount, everything)):
            env.owner.send("withdraw", amount, env.owner.address)
    env.owner.send("withdraw", everything, env.owner.address)
    assert reserve(env) == 0


def test_dust_that_waits_can_be_withdrawn_with_the_rest(env: Env) -> None:
    env.strike()
    settled = env.settle(1)
    lots = env.read("getStrike", 1).lots
    dust = settled["pnl"] - sum(settled["pnl"] * weight // sum(lots) for weight in lots)
    assert 0 < dust == reserve(env)
    with refuses(env, InsufficientFunds(env.quote, dust + 1, dust)):
        env.owner.send("withdraw", dust + 1, env.owner.address)
    env.owner.send("withdraw", dust, env.owner.address)
    assert reserve(env) == 0


def test_the_bots_equity_is_not_the_reserve(env: Env) -> None:
    assert env.balance(env.quote) > reserve(env) == 0
    with refuses(env, InsufficientFunds(env.quote, 1, 0)):
        env.owner.send("withdraw", 1, env.owner.address)


def test_nothing_is_withdrawn_to_no_one(env: Env) -> None:
    with refuses(env, ZeroAddress()):
        env.owner.send("withdraw", 1, ZERO)
    with refuses(env, ZeroAddress()):
        env.owner.send("withdrawInventory", env.base, 1, ZERO)
    with refuses(env, ZeroAmount()):
        env.owner.send("withdraw", 0, env.owner.address)
    with refuses(env, ZeroAmount()):
        env.owner.send("withdrawInventory", env.base, 0, env.owner.address)


@pytest.mark.parametrize("amount", [1, 10**18, 10**24])
def test_inventory_is_what_arrives(env: Env, amount: int) -> None:
    env.give(env.owner.address, base=amount)
    before = inventory(env)
    assert env.owner.send("depositInventory", env.base, amount) == [
        event(
            "InventoryDeposited",
            token=env.base,
            **{"from": env.owner.address},
            amount=amount,
        )
    ]
    assert inventory(env) == before + amount
    assert env.balance(env.base) == before + amount


def test_inventory_of_any_token_but_the_quote(env: Env) -> None:
    with refuses(env, NotABaseToken(env.quote)):
        env.owner.send("depositInventory", env.quote, 1)
    token = env.exchange.token(8)
    env.exchange.mint(token, env.owner.address, 5)
    env.approve(env.owner.key, token)
    env.owner.send("depositInventory", token, 5)
    assert env.read("inventoryOf", token) == 5
    env.owner.send("withdrawInventory", token, 5, env.stranger.address)
    assert env.balance(token, env.stranger.address) == 5


def test_inventory_is_withdrawn_to_the_last_unit_and_no_more(env: Env) -> None:
    everything = inventory(env)
    with refuses(env, InsufficientFunds(env.base, everything + 1, everything)):
        env.owner.send("withdrawInventory", env.base, everything + 1, env.owner.address)
    args = (env.base, everything, env.stranger.address)
    assert env.owner.send("withdrawInventory", *args) == [
        event("InventoryWithdrawn", token=args[0], to=args[2], amount=everything)
    ]
    assert inventory(env) == 0
    assert env.balance(env.base, env.stranger.address) == everything


def test_quote_cannot_be_withdrawn_as_inventory(env: Env) -> None:
    with refuses(env, InsufficientFunds(env.quote, 1, 0)):
        env.owner.send("withdrawInventory", env.quote, 1, env.owner.address)


def test_base_that_shorts_have_sold_is_not_there_to_withdraw(env: Env) -> None:
    everything = inventory(env)
    env.strike(signal=Signal.STRONG_SHORT)
    sold = env.read("getStrike", 1).record.base_amount
    left = everything - sold
    with refuses(env, InsufficientFunds(env.base, everything, left)):
        env.owner.send("withdrawInventory", env.base, everything, env.owner.address)
    env.owner.send("withdrawInventory", env.base, left, env.owner.address)


def test_base_that_longs_hold_is_not_there_to_withdraw(env: Env) -> None:
    everything = inventory(env)
    env.strike()
    assert env.balance(env.base) > everything
    with refuses(env, InsufficientFunds(env.base, everything + 1, everything)):
        env.owner.send("withdrawInventory", env.base, everything + 1, env.owner.address)


def test_capital_moves_while_paused_and_halted(env: Env) -> None:
    for _ in range(7):
        env.owner.send("writeOffStrike", env.strike()["strike_id"])
    env.owner.send("pause")
    env.give(env.owner.address, quote=10, base=10)
    env.give(env.diamond, quote=1)
    env.owner.send("deposit", 10)
    env.owner.send("depositInventory", env.base, 10)
    env.owner.send("skim", env.quote)
    env.owner.send("withdrawInventory", env.base, 10, env.owner.address)
    env.owner.send("withdraw", 10, env.owner.address)


def test_before_the_quote_is_known_there_is_not_a_treasury(env: Env) -> None:
    bare = env.bare()
    error = QuoteNotSet()
    for function, *args in (
        ("deposit", 1),
        ("withdraw", 1, env.owner.address),
        ("depositInventory", env.base, 1),
    ):
        with refuses(bare, error):
            bare.owner.send(function, *args)
    assert bare.read("getTreasury") == (ZERO, 0, 0)


def test_t1_dust_that_waits_can_fund_the_amm_bots(env: Env) -> None:
    """It is all of the reserve: uncarried, it would not be found."""
    env.strike()
    env.settle(1)
    dust = reserve(env)
    assert 0 < dust < 256
    with refuses(env, InsufficientFunds(env.quote, dust + 1, dust)):
        env.owner.send("fundAMM", env.quote, dust + 1)
    env.owner.send("fundAMM", env.quote, dust)
    assert reserve(env) == 0
    assert env.read("getTreasury")[2] == dust
