"""A pool is asked for the smallest swap there is: does it call back?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ..answering import encoded, words
from .conftest import Place

MIN, MAX = 4295128740, 1461446703485210103287273052203988822378723970341
BORDERS = (0, MIN - 1, MIN, MIN + 1, MIN + 2, MAX - 1, MAX, MAX + 1, (1 << 160) - 1)


def v3_swap(asker: str, limit: int) -> bytes:
    signature = "swap(address,bool,int256,uint160,bytes)"
    return encoded(signature, asker, True, 1, limit, b"")


@pytest.mark.parametrize("price", BORDERS)
def test_a_v3_pool_at_a_border_is_asked_within_it(place: Place, price: int) -> None:
    test_a_v3_pool_is_asked_at_a_limit_next_to_its_price.hypothesis.inner_test(place, price)


@given(price=st.integers(MIN, MAX))
def test_a_v3_pool_is_asked_at_a_limit_next_to_its_price(place: Place, price: int) -> None:
    """Where it has one between its bounds: without liquidity it would look all the way."""
    limit = price - 1 if MIN < price <= MAX else MIN
    place.set({encoded("slot0()") + words(0): words(price, 0, 0, 1)})
    place.set({v3_swap(place.probe, limit): words(1, 0)})
    assert place.ask("v3Probe", place.address) == (True, b"")
    place.set({v3_swap(place.probe, limit): b"no"}, fails=True)
    assert place.ask("v3Probe", place.address) == (False, b"no")


@pytest.mark.parametrize(("answer", "fails"), [(words(MIN + 5, 0, 0), False), (b"no", True)])
def test_a_v3_pool_that_says_no_price_is_asked_all_the_same(
    place: Place, answer: bytes, fails: bool
) -> None:
    place.set({encoded("slot0()") + words(0): answer}, fails=fails)
    place.set({v3_swap(place.probe, MIN): words(1, 0)})
    assert place.ask("v3Probe", place.address) == (True, b"")


def test_a_v2_pair_is_asked_for_a_unit(place: Place) -> None:
    call = encoded("swap(uint256,uint256,address,bytes)", 1, 0, place.probe, b"\x00")
    place.set({call: b""})
    assert place.ask("v2Probe", place.address) == (True, b"")
    place.set({call: b"no"}, fails=True)
    assert place.ask("v2Probe", place.address) == (False, b"no")
