"""What the diamond does with a call: hands it to the facet of its selector, or refuses it."""

from __future__ import annotations

import pytest
from eth_abi.abi import decode

from macrostrike.chain import Reverted

from .support import ADD, OWNER, STRANGER, Chain, Contract, Diamond, made_up, selector


@pytest.fixture(autouse=True)
def added(diamond: Diamond, probe: Contract) -> None:
    diamond.cut((probe.address, ADD, probe.selectors()))


def test_a_call_runs_in_the_diamond_with_sender_value_and_all_calldata(
    chain: Chain, diamond: Diamond
) -> None:
    data = selector("context()") + bytes(range(1, 100))
    returned = chain.raw(diamond.address, data, sender=STRANGER, value=7)
    answer = decode(["address", "address", "uint256", "bytes"], returned)
    assert answer == (diamond.address, STRANGER, 7, data)


def test_storage_is_the_diamonds(chain: Chain, diamond: Diamond, probe: Contract) -> None:
    chain.call(probe.at(diamond.address), "store", 42)
    assert chain.call(probe.at(diamond.address), "stored") == 42
    assert chain.call(probe, "stored") == 0


def test_a_facets_refusal_comes_through_unchanged(
    chain: Chain, diamond: Diamond, probe: Contract
) -> None:
    with chain.refuses("ProbeFailed", 42):
        chain.call(probe.at(diamond.address), "fail", 42)


def test_an_unknown_selector_is_refused(chain: Chain, diamond: Diamond) -> None:
    unknown = made_up(1)[0]
    with chain.refuses("FunctionNotFound", unknown):
        chain.raw(diamond.address, unknown + b"\xff" * 64)
    with chain.refuses("FunctionNotFound", unknown):
        chain.raw(diamond.address, unknown)


def test_the_zero_selector_which_heads_the_ring_is_refused(chain: Chain, diamond: Diamond) -> None:
    with chain.refuses("FunctionNotFound", bytes(4)):
        chain.raw(diamond.address, bytes(4))
    with chain.refuses("FunctionNotFound", bytes(4)):
        chain.raw(diamond.address, bytes(36))


def test_plain_ether_is_refused(chain: Chain, diamond: Diamond) -> None:
    before = chain.balance(OWNER)
    with chain.refuses("FunctionNotFound", bytes(4)):
        chain.raw(diamond.address, b"", value=1)
    assert chain.balance(diamond.address) == 0
    assert chain.balance(OWNER) == before


@pytest.mark.parametrize("length", [1, 2, 3])
def test_calldata_under_four_bytes_is_refused_even_where_zeros_would_complete_a_selector(
    chain: Chain, diamond: Diamond, other: Contract, length: int
) -> None:
    whole = bytes([0x12, 0x34, 0x56][:length]).ljust(4, b"\0")
    diamond.cut((other.address, ADD, [whole]))
    with chain.refuses("FunctionNotFound", whole):
        chain.raw(diamond.address, whole[:length])
    # Of four bytes it is a call: it reaches the facet, which does not know it and says nothing.
    with pytest.raises(Reverted) as refused:
        chain.raw(diamond.address, whole)
    assert refused.value.data == b""
