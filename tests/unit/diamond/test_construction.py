"""The constructor: a whole diamond, or none."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import decode

from .support import (
    ADD,
    OWNER,
    REMOVE,
    REPLACE,
    STRANGER,
    ZERO,
    Chain,
    Contract,
    Diamond,
    artifact,
    made_up,
    selector,
    types_of,
)


@pytest.fixture(autouse=True)
def facets(chain: Chain) -> tuple[Contract, Contract]:
    """Deployed first, so that the chain knows their errors."""
    return chain.deploy(artifact("DiamondCutFacet")), chain.deploy(artifact("DiamondLoupeFacet"))


def construct(
    chain: Chain, *cuts: Any, owner: str = OWNER, init: str = ZERO, data: bytes = b""
) -> Contract:
    return chain.deploy(artifact("MacroStrikeDiamond"), cuts, owner, init, data)


def test_every_function_is_there_and_the_cut_is_announced(
    chain: Chain, facets: tuple[Contract, Contract], probe: Contract
) -> None:
    cut_facet, loupe_facet = facets
    cuts = [(f.address, ADD, f.selectors()) for f in (loupe_facet, cut_facet, probe)]
    cuts = [(f, a, [s for s in ss if s != selector("exportSelectors()")]) for f, a, ss in cuts]
    store = selector("store(uint256)") + bytes(31) + b"\x05"
    made = construct(chain, *cuts, init=probe.address, data=store)
    diamond = Diamond(chain, made.address, cut_facet, loupe_facet)
    assert diamond.announced() == [
        (tuple((f, a, tuple(ss)) for f, a, ss in cuts), probe.address, store)
    ]
    assert diamond.facets() == {f: set(ss) for f, _, ss in cuts}
    assert chain.call(probe.at(made.address), "stored") == 5


def test_the_owner_is_named_and_announced(chain: Chain) -> None:
    made = construct(chain, owner=STRANGER)
    event = next(x for x in artifact("IAccess")["abi"] if x.get("name") == "OwnershipTransferred")
    address, topics, data = chain.logs()[0]
    values = [decode([t], v)[0] for t, v in zip(types_of(event), topics[1:], strict=True)]
    assert (address.lower(), values, data) == (made.address, [ZERO, STRANGER], b"")


def test_the_owner_may_cut_and_its_deployer_may_not(
    chain: Chain, facets: tuple[Contract, Contract], probe: Contract
) -> None:
    cut_facet, loupe_facet = facets
    cut = selector("diamondCut((address,uint8,bytes4[])[],address,bytes)")
    made = construct(chain, (cut_facet.address, ADD, [cut]), owner=STRANGER)
    diamond = Diamond(chain, made.address, cut_facet, loupe_facet)
    with chain.refuses("NotOwner", OWNER, STRANGER):
        diamond.cut((probe.address, ADD, made_up(1)), sender=OWNER)
    diamond.cut((probe.address, ADD, made_up(1)), sender=STRANGER)


def test_without_cuts_it_answers_nothing(chain: Chain) -> None:
    made = construct(chain)
    with chain.refuses("FunctionNotFound", selector("facets()")):
        chain.raw(made.address, selector("facets()"))


def test_no_owner_is_refused(chain: Chain) -> None:
    with chain.refuses("ZeroAddress"):
        construct(chain, owner=ZERO)


def test_cuts_are_steady_to_the_same_rules_as_later_ones(
    chain: Chain, facets: tuple[Contract, Contract], probe: Contract
) -> None:
    one, two = made_up(2)
    with chain.refuses("NoSelectors", probe.address, ADD):
        construct(chain, (probe.address, ADD, []))
    with chain.refuses("ZeroSelector"):
        construct(chain, (probe.address, ADD, [one, bytes(4)]))
    with chain.refuses("FacetWithoutCode", STRANGER):
        construct(chain, (STRANGER, ADD, [one]))
    with chain.refuses("DuplicateSelector", one):
        construct(chain, (probe.address, ADD, [one, two, one]))
    with chain.refuses("SelectorAlreadyAdded", two, probe.address):
        construct(chain, (probe.address, ADD, [one, two]), (probe.address, ADD, [two]))
    with chain.refuses("SelectorNotAdded", one):
        construct(chain, (probe.address, REPLACE, [one]))
    with chain.refuses("SelectorNotAdded", one):
        construct(chain, (ZERO, REMOVE, [one]))
    cut = selector("diamondCut((address,uint8,bytes4[])[],address,bytes)")
    with chain.refuses("CoreFunction", cut):
        construct(chain, (facets[0].address, ADD, [cut]), (ZERO, REMOVE, [cut]))
    with chain.refuses("InitMissing", b"x"):
        construct(chain, data=b"x")
    with chain.refuses("ProbeFailed", 3):
        data = selector("fail(uint256)") + bytes(31) + b"\x03"
        construct(chain, init=probe.address, data=data)


def test_it_cannot_be_its_own_facet(chain: Chain) -> None:
    # The address follows from the deployer's nonce: an identical chain tells it beforehand.
    twin = Chain()
    for name in ("DiamondCutFacet", "DiamondLoupeFacet"):
        twin.deploy(artifact(name))
    future = construct(twin).address
    with chain.refuses("DiamondAsFacet", future):
        construct(chain, (future, ADD, made_up(1)))
