"""Cuts that are accepted: what they change, what they announce, what they run."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode

from .support import (
    ADD,
    CUT,
    CUT_ARGUMENTS,
    LOUPE,
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
)


def store(value: int) -> bytes:
    return selector("store(uint256)") + encode(["uint256"], [value])


def test_add(chain: Chain, diamond: Diamond, probe: Contract) -> None:
    before, added = diamond.facets(), made_up(17)
    diamond.cut((probe.address, ADD, added))
    assert diamond.announced() == [(((probe.address, ADD, tuple(added)),), ZERO, b"")]
    assert diamond.facets() == before | {probe.address: set(added)}


def test_add_to_a_facet_that_has_functions_already(diamond: Diamond, probe: Contract) -> None:
    diamond.cut((probe.address, ADD, made_up(3)))
    diamond.cut((probe.address, ADD, made_up(2, start=3)))
    assert diamond.facets()[probe.address] == set(made_up(5))


def test_the_highest_and_the_lowest_selector(diamond: Diamond, probe: Contract) -> None:
    extremes = [b"\xff" * 4, bytes(3) + b"\x01"]
    diamond.cut((probe.address, ADD, extremes))
    assert diamond.facets()[probe.address] == set(extremes)
    diamond.cut((ZERO, REMOVE, extremes))
    assert probe.address not in diamond.facets()


def test_replace(chain: Chain, diamond: Diamond, probe: Contract, other: Contract) -> None:
    version = selector("version()")
    diamond.cut((probe.address, ADD, [version, *made_up(2)]))
    assert chain.call(probe.at(diamond.address), "version") == 1
    diamond.cut((other.address, REPLACE, [version]))
    assert diamond.announced() == [(((other.address, REPLACE, (version,)),), ZERO, b"")]
    assert chain.call(probe.at(diamond.address), "version") == 2
    assert diamond.facets()[probe.address] == set(made_up(2))
    assert diamond.facets()[other.address] == {version}


def test_remove(chain: Chain, diamond: Diamond, probe: Contract) -> None:
    before, version = diamond.facets(), selector("version()")
    diamond.cut((probe.address, ADD, [*made_up(2), version]))
    diamond.cut((ZERO, REMOVE, [version]))
    assert diamond.announced() == [(((ZERO, REMOVE, (version,)),), ZERO, b"")]
    assert diamond.facets() == before | {probe.address: set(made_up(2))}
    with chain.refuses("FunctionNotFound", version):
        chain.call(probe.at(diamond.address), "version")


def test_a_removed_function_leaves_nothing_in_storage(diamond: Diamond, probe: Contract) -> None:
    with diamond.unchanged(*made_up(4)):
        diamond.cut((probe.address, ADD, made_up(4)))
        diamond.cut((ZERO, REMOVE, made_up(4)[::-1]))


def test_entries_apply_in_order(diamond: Diamond, probe: Contract, other: Contract) -> None:
    one, two, three = made_up(3)
    cuts = (
        (probe.address, ADD, [one, two]),
        (other.address, REPLACE, [two]),
        (ZERO, REMOVE, [one]),
        (other.address, ADD, [one, three]),
    )
    diamond.cut(*cuts)
    assert diamond.announced() == [(tuple((f, a, tuple(s)) for f, a, s in cuts), ZERO, b"")]
    assert diamond.facets()[other.address] == {one, two, three}
    assert probe.address not in diamond.facets()


def test_the_event_is_encoded_as_solidity_would(
    chain: Chain, diamond: Diamond, probe: Contract
) -> None:
    cuts = [(probe.address, ADD, made_up(3)), (probe.address, ADD, made_up(1, start=3))]
    diamond.cut(*cuts, init=probe.address, data=store(9))
    assert chain.logs()[0][2] == encode(CUT_ARGUMENTS, [cuts, probe.address, store(9)])


def test_the_event_is_canonical_even_if_calldata_is_not(
    chain: Chain, diamond: Diamond, probe: Contract
) -> None:
    """Offsets may point anywhere, and bytes may follow; who reads the log is spared that."""
    cuts, init = [(probe.address, ADD, made_up(3))], probe.address
    tidy = encode(CUT_ARGUMENTS, [cuts, init, store(9)])
    length = 3 * 32
    moved = bytearray(tidy[:length] + b"\xee" * 64 + tidy[length:] + b"\xdd" * 5)
    for word in (0, 2):
        offset = int.from_bytes(tidy[32 * word : 32 * word + 32], "big") + 64
        moved[32 * word : 32 * word + 32] = offset.to_bytes(32, "big")
    chain.raw(diamond.address, CUT + bytes(moved))
    assert diamond.announced() == [(((probe.address, ADD, tuple(made_up(3))),), init, store(9))]
    assert chain.logs()[0][2] == tidy
    assert diamond.facets()[probe.address] == set(made_up(3))


def test_an_initialiser_runs_in_the_diamond_after_the_cut(
    chain: Chain, diamond: Diamond, probe: Contract
) -> None:
    stored, write = selector("stored()"), selector("store(uint256)")
    # The diamond as its own initialiser: the call finds its facet only if that is there already.
    diamond.cut((probe.address, ADD, [stored, write]), init=diamond.address, data=store(9))
    assert diamond.announced()[0][1:] == (diamond.address, store(9))
    assert chain.call(probe.at(diamond.address), "stored") == 9


def test_an_initialiser_runs_without_any_entries(
    chain: Chain, diamond: Diamond, probe: Contract
) -> None:
    diamond.cut((probe.address, ADD, [selector("stored()")]))
    diamond.cut(init=probe.address, data=store(7))
    assert diamond.announced() == [((), probe.address, store(7))]
    assert chain.call(probe.at(diamond.address), "stored") == 7


def test_nothing_at_all_is_announced_and_changes_nothing(diamond: Diamond) -> None:
    with diamond.unchanged():
        diamond.cut()
        assert diamond.announced() == [((), ZERO, b"")]


def test_core_functions_may_be_replaced(chain: Chain, diamond: Diamond, probe: Contract) -> None:
    cut_facet = chain.deploy(artifact("DiamondCutFacet"))
    loupe_facet = chain.deploy(artifact("DiamondLoupeFacet"))
    diamond.cut((cut_facet.address, REPLACE, [CUT]), (loupe_facet.address, REPLACE, LOUPE))
    assert diamond.facet(CUT) == cut_facet.address
    assert diamond.facets()[loupe_facet.address] == set(LOUPE)
    diamond.cut((probe.address, ADD, made_up(1)))
    assert diamond.facet(made_up(1)[0]) == probe.address


@pytest.mark.parametrize("core", LOUPE, ids=["facets", "selectors", "addresses", "facet"])
def test_core_functions_are_removed_by_the_function_made_for_it(
    chain: Chain, diamond: Diamond, core: bytes
) -> None:
    diamond.remove_core(core)
    assert diamond.announced() == [(((ZERO, REMOVE, (core,)),), ZERO, b"")]
    with chain.refuses("FunctionNotFound", core):
        chain.raw(diamond.address, core + bytes(32))


def test_a_diamond_can_be_closed_for_good(chain: Chain, diamond: Diamond, probe: Contract) -> None:
    closing = selector("removeCoreFunctions(bytes4[])")
    diamond.cut((probe.address, ADD, [selector("version()")]))
    diamond.remove_core(CUT)
    with chain.refuses("FunctionNotFound", CUT):
        diamond.cut((probe.address, ADD, made_up(1)))
    assert diamond.facets() == {
        diamond.cut_facet.address: {closing},
        diamond.loupe_facet.address: {*LOUPE, selector("supportsInterface(bytes4)")},
        probe.address: {selector("version()")},
    }
    assert chain.call(probe.at(diamond.address), "version") == 1


def test_after_a_transfer_the_new_owner_cuts(chain: Chain, diamond: Diamond) -> None:
    access = chain.deploy(artifact("AccessFacet"))
    names = ("owner", "transferOwnership", "acceptOwnership")
    wanted = [s for s in access.selectors() if s in {selector_of(access, n) for n in names}]
    diamond.cut((access.address, ADD, wanted))
    seen = access.at(diamond.address)
    chain.call(seen, "transferOwnership", STRANGER)
    with chain.refuses("NotOwner", STRANGER, OWNER):
        diamond.cut(sender=STRANGER)
    chain.call(seen, "acceptOwnership", sender=STRANGER)
    with chain.refuses("NotOwner", OWNER, STRANGER):
        diamond.cut(sender=OWNER)
    diamond.cut(sender=STRANGER)


def selector_of(contract: Contract, name: str) -> bytes:
    inputs = ",".join(i["type"] for i in contract.function(name)["inputs"])
    return selector(f"{name}({inputs})")
