"""Looking into the diamond: the loupe, ERC-165, and what facets export."""

from __future__ import annotations

from functools import reduce

import pytest
from eth_utils.crypto import keccak

from .support import (
    ADD,
    CUT,
    LOUPE,
    REMOVE,
    REPLACE,
    STRANGER,
    ZERO,
    Chain,
    Contract,
    Diamond,
    artifact,
    exported,
    made_up,
    selector,
)


def interface_id(selectors: list[bytes]) -> bytes:
    return reduce(lambda a, b: bytes(x ^ y for x, y in zip(a, b, strict=True)), selectors)


def test_the_four_functions_agree(chain: Chain, diamond: Diamond, probe: Contract) -> None:
    added = made_up(5)
    diamond.cut((probe.address, ADD, added))
    facets = diamond.facets()
    assert facets[probe.address] == set(added)
    assert set(facets) == {diamond.cut_facet.address, diamond.loupe_facet.address, probe.address}
    assert sorted(diamond.addresses()) == sorted(facets)
    for facet, selectors in facets.items():
        listed = diamond.selectors(facet)
        assert len(listed) == len(selectors)
        assert set(listed) == selectors
        assert {diamond.facet(s) for s in selectors} == {facet}


def test_the_unknown_is_answered_with_nothing(diamond: Diamond) -> None:
    assert diamond.selectors(STRANGER) == []
    assert diamond.selectors(ZERO) == []
    assert diamond.facet(made_up(1)[0]) == ZERO
    assert diamond.facet(bytes(4)) == ZERO


def test_a_facet_without_functions_left_is_not_a_facet(
    diamond: Diamond, probe: Contract, other: Contract
) -> None:
    before = diamond.facets()
    one, two = made_up(2)
    diamond.cut((probe.address, ADD, [one, two]))
    diamond.cut((other.address, REPLACE, [one]), (ZERO, REMOVE, [two]))
    assert probe.address not in diamond.addresses()
    assert diamond.facets() == before | {other.address: {one}}


def test_a_facet_whose_functions_are_scattered_is_listed_once(
    diamond: Diamond, probe: Contract, other: Contract
) -> None:
    selectors = made_up(6)
    for n, s in enumerate(selectors):
        diamond.cut(((probe, other)[n % 2].address, ADD, [s]))
    facets = diamond.facets()
    assert facets[probe.address] == set(selectors[::2])
    assert facets[other.address] == set(selectors[1::2])
    assert len(diamond.addresses()) == 4


@pytest.mark.parametrize(
    ("interface", "expected"),
    [
        pytest.param(bytes.fromhex("01ffc9a7"), True, id="ERC-165"),
        pytest.param(bytes.fromhex("1f931c1c"), True, id="EIP-2535 cut"),
        pytest.param(bytes.fromhex("48e2b093"), True, id="EIP-2535 loupe"),
        pytest.param(bytes.fromhex("7f5828d0"), True, id="ERC-173"),
        pytest.param(bytes.fromhex("ffffffff"), False, id="none"),
        pytest.param(bytes(4), False, id="zero"),
        pytest.param(bytes.fromhex("80ac58cd"), False, id="ERC-721"),
    ],
)
def test_interfaces(diamond: Diamond, interface: bytes, expected: bool) -> None:
    assert diamond.supports(interface) is expected


def test_interface_ids_are_those_of_the_standards_functions() -> None:
    assert interface_id([CUT]) == bytes.fromhex("1f931c1c")
    assert interface_id(LOUPE) == bytes.fromhex("48e2b093")
    ownership = [selector("owner()"), selector("transferOwnership(address)")]
    assert interface_id(ownership) == bytes.fromhex("7f5828d0")


@pytest.mark.parametrize("facet", ["DiamondCutFacet", "DiamondLoupeFacet"])
def test_a_facet_exports_its_interface_and_nothing_else(chain: Chain, facet: str) -> None:
    deployed = chain.deploy(artifact(facet))
    interface = Contract(ZERO, artifact("I" + facet.removesuffix("Facet"))["abi"])
    packed = exported(chain, deployed)
    assert len(set(packed)) == len(packed)
    assert set(packed) == set(interface.selectors())
    assert set(deployed.selectors()) == set(packed) | {selector("exportSelectors()")}


def test_a_facets_export_is_not_cut_into_the_diamond(chain: Chain, diamond: Diamond) -> None:
    with chain.refuses("FunctionNotFound", selector("exportSelectors()")):
        chain.raw(diamond.address, selector("exportSelectors()"))


def test_a10_tools_that_read_a_reference_diamonds_storage_see_nothing(
    chain: Chain, diamond: Diamond
) -> None:
    """As docs/decisions.md says: none where the reference keeps its facets; the loupe has all."""
    place = int.from_bytes(keccak(text="diamond.standard.diamond.storage"), "big")
    words = [chain.storage(diamond.address, place + offset) for offset in range(8)]
    assert words == [0] * 8
    assert diamond.facets()
