"""Swaps of V2 and V3, call by call: what the pool is asked for, and what it took and paid."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from macrostrike.errors import (
    ApprovalLeft,
    CallbackAmountExceeded,
    CallFailed,
    PartialFill,
    UnfaithfulToken,
)
from macrostrike.types import Venue

from ..answering import encoded, words
from ..readers import reverts
from .conftest import Place

MIN, MAX = 4295128740, 1461446703485210103287273052203988822378723970341
OTHER, TO = "0x" + "22" * 20, "0x" + "33" * 20
FEE_BASE = 10**6
RESERVE = st.integers(1, 10**12) | st.integers(10**18, (1 << 112) - 1)
AMOUNT = st.integers(1, 1000) | st.integers(1, 1 << 90)
WAYS = st.booleans()


def route(place: Place, venue: Venue, zero_for_one: bool) -> tuple[Any, ...]:
    """The place is the pool, and the token that goes in."""
    return (venue, place.address, zero_for_one, place.address, OTHER, 0)


def hop(place: Place, venue: Venue, zero_for_one: bool, fee: int = 3000, out: int = 0) -> Any:
    return (1, venue, place.address, zero_for_one, False, False, fee, place.address, out)


def v3_swap(to: str, zero_for_one: bool, amount: int) -> bytes:
    limit = MIN if zero_for_one else MAX
    signature = "swap(address,bool,int256,uint160,bytes)"
    return encoded(signature, to, zero_for_one, amount, limit, b"")


def v2_swap(zero_for_one: bool, out: int, to: str, data: bytes = b"") -> bytes:
    outs = (0, out) if zero_for_one else (out, 0)
    return encoded("swap(uint256,uint256,address,bytes)", *outs, to, data)


def pair(place: Place, zero_for_one: bool, has: int, pays: int) -> None:
    reserves = (has, pays) if zero_for_one else (pays, has)
    place.set({encoded("getReserves()") + words(0): words(*reserves, 1)})


def pays_in(place: Place, amount: int) -> dict[bytes, bytes]:
    """The diamond pays the pair before it asks."""
    return {encoded("transfer(address,uint256)", place.address, amount): words(1)}


@given(
    zero_for_one=WAYS,
    amount=st.integers(-(1 << 100), 1 << 100).filter(bool),
    took=st.integers(0, 1 << 100),
    paid=st.integers(0, 1 << 100),
)
def test_a_v3_pool_says_what_it_took_and_gave(
    place: Place, zero_for_one: bool, amount: int, took: int, paid: int
) -> None:
    """At a limit beyond all prices."""
    said = (took, -paid) if zero_for_one else (-paid, took)
    place.set({v3_swap(place.probe, zero_for_one, amount): words(*said)})
    way = route(place, Venue.UNISWAP_V3, zero_for_one)
    for may_fail in (False, True):
        assert place.ask("v3Trade", way, amount, may_fail) == (True, took, paid)


@pytest.mark.parametrize("zero_for_one", [True, False])
def test_a_v3_swap_that_fails_fails_by_name_or_is_none(place: Place, zero_for_one: bool) -> None:
    place.set({v3_swap(place.probe, zero_for_one, 5): b"no"}, fails=True)
    way = route(place, Venue.UNISWAP_V3, zero_for_one)
    assert place.ask("v3Trade", way, 5, True) == (False, 0, 0)
    with reverts(CallFailed(place.address, b"no")):
        place.ask("v3Trade", way, 5, False)


@given(
    zero_for_one=WAYS,
    has=RESERVE,
    pays=RESERVE,
    amount=AMOUNT,
    fee=st.sampled_from((0, 1, 3000, 10_000, FEE_BASE - 1)),
)
def test_a_v2_pair_pays_for_what_it_was_paid_to_the_unit(
    place: Place, zero_for_one: bool, has: int, pays: int, amount: int, fee: int
) -> None:
    """A strike's with 0.3 % of fee, an arbitrage's with the pool's own."""
    pair(place, zero_for_one, has, pays)
    kept = amount * 997
    out = kept * pays // (has * 1000 + kept)
    place.set(pays_in(place, amount) | {v2_swap(zero_for_one, out, place.probe): b""})
    way = route(place, Venue.UNISWAP_V2, zero_for_one)
    for allowed in (0, amount):
        assert place.ask("v2Trade", way, amount, allowed, False) == (True, amount, out)
    kept = amount * (FEE_BASE - fee)
    out = kept * pays // (has * FEE_BASE + kept)
    place.set({v2_swap(zero_for_one, out, TO): b""})
    assert place.ask("v2Swap", hop(place, Venue.UNISWAP_V2, zero_for_one, fee), amount, TO) == out


@given(zero_for_one=WAYS, has=RESERVE, pays=RESERVE, amount=AMOUNT, near=st.integers(-2, 2))
def test_a_v2_pair_is_paid_for_what_it_pays_to_the_unit(
    place: Place, zero_for_one: bool, has: int, pays: int, amount: int, near: int
) -> None:
    """As much as it asks for, rounded up, and within what is allowed; it never pays all it has."""
    amount = max(1, pays + near) if near else amount
    pair(place, zero_for_one, has, pays)
    cost = (1 << 256) - 1
    if amount < pays:
        cost = has * amount * 1000 // ((pays - amount) * 997) + 1
    way = route(place, Venue.UNISWAP_V2, zero_for_one)
    place.set({v2_swap(zero_for_one, amount, place.probe): b""})
    if amount < pays:
        place.set(pays_in(place, cost))
        assert place.ask("v2Trade", way, -amount, cost, False) == (True, cost, amount)
    assert place.ask("v2Trade", way, -amount, cost - 1, True) == (False, 0, 0)
    with reverts(CallbackAmountExceeded(cost, cost - 1)):
        place.ask("v2Trade", way, -amount, cost - 1, False)


@pytest.mark.parametrize("zero_for_one", [True, False])
def test_a_v2_pair_that_fails_fails_by_name(place: Place, zero_for_one: bool) -> None:
    pair(place, zero_for_one, 10**9, 10**9)
    place.set(pays_in(place, 1000))
    place.set({v2_swap(zero_for_one, 996, place.probe): b"no"}, fails=True)
    with reverts(CallFailed(place.address, b"no")):
        place.ask("v2Trade", route(place, Venue.UNISWAP_V2, zero_for_one), 1000, 1000, True)


@pytest.mark.parametrize("zero_for_one", [True, False])
def test_a_flash_pool_is_asked_to_pay_first(place: Place, zero_for_one: bool) -> None:
    """A pair with a byte of data, so that it calls back."""
    lent = hop(place, Venue.UNISWAP_V2, zero_for_one, out=77)
    place.set({v2_swap(zero_for_one, 77, TO, b"\x00"): b""})
    place.ask("v2Lend", lent, TO)
    place.set({v3_swap(TO, zero_for_one, 55): words(1, 1)})
    place.ask("v3Lend", hop(place, Venue.UNISWAP_V3, zero_for_one), 55, TO)
    place.set({v3_swap(TO, zero_for_one, 55): b"no"}, fails=True)
    with reverts(CallFailed(place.address, b"no")):
        place.ask("v3Lend", hop(place, Venue.UNISWAP_V3, zero_for_one), 55, TO)


POOL_ID = bytes(31) + b"\x07"


def balancer_swap(place: Place, amount: int, to: str) -> bytes:
    """Of the diamond's own tokens, not of a balance that it has in the vault."""
    types = [
        "(bytes32,uint8,address,address,uint256,bytes)",
        "(address,bool,address,bool)",
        "uint256",
        "uint256",
    ]
    single = (POOL_ID, 0, place.address, OTHER, amount, b"")
    args = [single, (place.probe, False, to, False), 1, place.next]
    return keccak(text=f"swap({','.join(types)})")[:4] + encode(types, args)


@pytest.mark.parametrize("left", [0, 1])
@pytest.mark.parametrize("spent", [999, 1000, 1001])
def test_a_vault_is_allowed_what_it_takes_and_no_more(place: Place, left: int, spent: int) -> None:
    """The place is vault and token. All of the amount must have gone, and no approval be left."""
    place.set(
        {
            encoded("approve(address,uint256)", place.address, 1000): words(1),
            encoded("allowance(address,address)", place.probe, place.address): words(left),
            encoded("balanceOf(address)", place.probe): words(5000 - spent),
        }
    )
    place.set({balancer_swap(place, 1000, TO): words(77)})
    way = hop(place, Venue.BALANCER_WEIGHTED, True)
    args = way, place.address, POOL_ID, OTHER, 1000, 4000, TO
    if left:
        with reverts(ApprovalLeft(place.address, place.address, 1)):
            place.ask("balancerSwap", *args)
    elif spent != 1000:
        with reverts(PartialFill(spent, 1000)):
            place.ask("balancerSwap", *args)
    else:
        assert place.ask("balancerSwap", *args) == 77


@pytest.mark.parametrize("paid", [999, 1000, 1001])
def test_a_manager_says_what_it_was_paid(place: Place, paid: int) -> None:
    place.set({encoded("settle()"): words(paid)})
    way = hop(place, Venue.UNISWAP_V4, True)
    if paid == 1000:
        place.ask("v4Close", way, 0, 1000)
        return
    with reverts(UnfaithfulToken(place.address, paid, 1000)):
        place.ask("v4Close", way, 0, 1000)


def test_a_manager_that_fails_fails_the_swap_by_name(place: Place) -> None:
    way = hop(place, Venue.UNISWAP_V4, True)
    place.set({encoded("settle()"): b"no", encoded("sync(address)", place.address): b"nor"}, True)
    for function, args, reason in (("v4Open", (), b"nor"), ("v4Close", (0, 1000), b"no")):
        with reverts(CallFailed(place.address, reason)):
            place.ask(function, way, *args)
