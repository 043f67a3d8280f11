"""Reserves of pools, real and virtual ones, and the curve through a pool's own answers."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from hypothesis import assume, example, given
from hypothesis import strategies as st

from macrostrike.errors import CallFailed

from ..answering import encoded, words
from .conftest import Place

U112 = (1 << 112) - 1
RESERVES = st.sampled_from((0, 1, U112, U112 + 1)) | st.integers(0, U112)
AMOUNTS = st.integers(0, 1 << 96)
PRICES = st.integers(4295128739, 1 << 160) | st.integers(1 << 80, 1 << 112)
LIQUIDITY = st.integers(0, (1 << 128) - 1)
POOL_ID = keccak(text="a pool")
FEE_BASE = 10**6


def tell_pair(place: Place, *answer: int, fails: bool = False) -> None:
    place.set({encoded("getReserves()") + words(0): words(*answer)}, fails=fails)


@given(reserves=st.tuples(RESERVES, RESERVES), age=st.integers(0, 2), amount=AMOUNTS)
def test_a_pair_tells_the_price_of_before_this_second(
    place: Place, reserves: tuple[int, int], age: int, amount: int
) -> None:
    """None where it was traded on in this second, is empty, or has more than a pair can."""
    zero, one = reserves
    tell_pair(place, zero, one, place.next - age)
    known = age != 0 and 0 < zero <= U112 and 0 < one <= U112
    for is_zero, given_, got in ((True, zero, one), (False, one, zero)):
        quote = place.ask("v2StartQuote", place.address, amount, is_zero)
        assert quote == (amount * got // given_ if known else 0)


def test_a_pair_that_fails_tells_no_price_whatever_it_says(place: Place) -> None:
    tell_pair(place, 10**18, 10**18, 1, fails=True)
    assert place.ask("v2StartQuote", place.address, 10**6, True) == 0
    with pytest.raises(CallFailed):
        place.ask("v2Reserves", place.address, True)


def test_a_pair_answers_three_words(place: Place) -> None:
    tell_pair(place, 10**18, 10**18)
    assert place.ask("v2StartQuote", place.address, 10**6, True) == 0
    with pytest.raises(CallFailed):
        place.ask("v2Reserves", place.address, True)


def test_reserves_are_of_112_bits(place: Place) -> None:
    """Whatever is above them in a pair's answer."""
    tell_pair(place, (1 << 112) + 7, (5 << 112) + 9, 1)
    assert place.ask("v2Reserves", place.address, True) == (7, 9)
    assert place.ask("v2Reserves", place.address, False) == (9, 7)


def virtual(price: int, liquidity: int) -> tuple[int, int]:
    return (liquidity << 96) // price, liquidity * price >> 96


@given(price=PRICES, liquidity=LIQUIDITY, above=st.integers(0, (1 << 96) - 1))
def test_a_v3_pool_has_the_reserves_of_its_price(
    place: Place, price: int, liquidity: int, above: int
) -> None:
    """By the bits that are the pool's own."""
    price %= 1 << 160
    assume(price)
    slot0, kept = encoded("slot0()"), encoded("liquidity()")
    place.set(
        {
            slot0 + words(0): words(price | above << 160),
            kept + words(0): words(liquidity | above << 128),
        }
    )
    zero, one = virtual(price, liquidity)
    assert place.ask("v3Reserves", place.address, True) == (zero, one)
    assert place.ask("v3Reserves", place.address, False) == (one, zero)


@example(price=1 << 96, liquidity=10**18, tick=0, fees=(1000, 1001), lp_fee=3000)
@given(
    price=PRICES,
    liquidity=LIQUIDITY,
    tick=st.integers(0, (1 << 24) - 1),
    fees=st.tuples(*[st.integers(0, 1000) | st.integers(0, 4095)] * 2),
    lp_fee=st.integers(0, FEE_BASE),
)
def test_a_v4_pool_has_the_reserves_of_its_price_and_both_fees(
    place: Place, price: int, liquidity: int, tick: int, fees: tuple[int, int], lp_fee: int
) -> None:
    """The protocol's part is another one in each direction, and comes first."""
    price %= 1 << 160
    assume(price)
    slot = int.from_bytes(keccak(POOL_ID + words(6)), "big")
    first = price | tick << 160 | fees[0] << 184 | fees[1] << 196 | lp_fee << 208
    place.set(
        {
            encoded("extsload(bytes32)", words(slot)): words(first),
            encoded("extsload(bytes32)", words(slot + 3)): words(liquidity),
        }
    )
    zero, one = virtual(price, liquidity)
    for zero_for_one, reserves, protocol in ((True, (zero, one), 0), (False, (one, zero), 1)):
        part = fees[protocol]
        fee = part + lp_fee - part * lp_fee // FEE_BASE
        answer = place.ask("v4Reserves", place.address, POOL_ID, zero_for_one)
        assert answer == (*reserves, fee)


IN, OUT = "0x" + "11" * 20, "0x" + "22" * 20
MAX_SHARE = 4  # of a balance, in one swap


def query(asker: str, amount: int) -> bytes:
    signature = (
        "queryBatchSwap(uint8,(bytes32,uint256,uint256,uint256,bytes)[],address[],"
        "(address,bool,address,bool))"
    )
    types = [
        "uint8",
        "(bytes32,uint256,uint256,uint256,bytes)[]",
        "address[]",
        "(address,bool,address,bool)",
    ]
    step = (POOL_ID, 0, 1, amount, b"")
    args: list[Any] = [0, [step], [IN, OUT], (asker, False, asker, False)]
    return keccak(text=signature)[:4] + encode(types, args)


@given(
    balance=st.integers(0, 10**30),
    amount=st.integers(0, 10**30) | st.integers(0, 4),
    first=st.integers(0, 10**24),
    bend=st.sampled_from((0, 1)) | st.integers(0, 10**24),
    beyond=st.booleans(),
)
def test_a_curve_goes_through_two_of_the_pools_answers(
    place: Place, balance: int, amount: int, first: int, bend: int, beyond: bool
) -> None:
    """At half the amount and at the whole, or at what the pool takes; units may bend it up."""
    x = min(amount, balance // MAX_SHARE) // 2
    second = 2 * first + bend if beyond else max(2 * first - bend, 0)
    info = encoded("getPoolTokenInfo(bytes32,address)", POOL_ID, IN)
    answers = {info: words(balance, 0, 0, 0)}
    for sold, bought in ((x, first), (2 * x, second)):
        deltas = encode(["int256[]"], [[sold, -bought]])
        answers[query(place.probe, sold)] = deltas
    place.set(answers)
    hop = (1, 3, place.address, True, False, False, 0, IN, 0)
    answer = place.ask("fitted", hop, place.address, POOL_ID, OUT, amount)
    if x == 0:
        assert answer == (0, 0)
        return
    a = 2 * x * max(second - first, 0) // max(2 * first - second, 1)
    assert answer == (a, first * (a + x) // x)


def test_what_a_vault_would_take_is_not_an_output(place: Place) -> None:
    info = encoded("getPoolTokenInfo(bytes32,address)", POOL_ID, IN)
    answers = {info: words(1000, 0, 0, 0)}
    for sold in (50, 100):
        answers[query(place.probe, sold)] = encode(["int256[]"], [[sold, 5]])
    place.set(answers)
    hop = (1, 3, place.address, True, False, False, 0, IN, 0)
    assert place.ask("fitted", hop, place.address, POOL_ID, OUT, 100) == (0, 0)


SIDES = st.sampled_from((-1, 0, 1)) | st.integers(-(1 << 127), (1 << 127) - 1)
ALL = st.sampled_from((-1, 1)) | st.integers(-(1 << 127), (1 << 127) - 1)
KEY = (IN, OUT, 3000, 60, "0x" + "00" * 20)
LIMITS = (4295128740, 1461446703485210103287273052203988822378723970341)


@given(deltas=st.tuples(SIDES, SIDES), zero_for_one=st.booleans(), amount=ALL)
def test_what_a_v4_swap_took_and_gave_is_never_negative(
    place: Place, deltas: tuple[int, int], zero_for_one: bool, amount: int
) -> None:
    """Hooks may turn either about. The limit is a price beyond all prices."""
    types = ["(address,address,uint24,int24,address)", "(bool,int256,uint160)", "bytes"]
    params = (zero_for_one, amount, LIMITS[0] if zero_for_one else LIMITS[1])
    signature = f"swap({','.join(types)})"
    call = keccak(text=signature)[:4] + encode(types, [KEY, params, b""])
    place.set({call: words((deltas[0] << 128) + deltas[1] % (1 << 128))})
    paid, got = deltas if zero_for_one else deltas[::-1]
    spent, amount_out = place.ask("v4Swap", place.address, KEY, zero_for_one, amount)
    assert (spent, amount_out) == (max(-paid, 0), max(got, 0))
