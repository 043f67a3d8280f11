"""Cuts that are refused: each with its own error and its values, and nothing changed."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode

from macrostrike.chain import Reverted

from .support import (
    ADD,
    CORE,
    CUT,
    CUT_ARGUMENTS,
    OWNER,
    REMOVE,
    REPLACE,
    STRANGER,
    ZERO,
    Chain,
    Contract,
    Cut,
    Diamond,
    artifact,
    made_up,
    selector,
)

ONE, TWO, THREE, FREE = made_up(4)


@pytest.fixture(autouse=True)
def added(diamond: Diamond, probe: Contract) -> None:
    """ONE, TWO and THREE are on the probe; FREE is not in the diamond."""
    diamond.cut((probe.address, ADD, [ONE, TWO, THREE]))


def refused(diamond: Diamond, *cuts: Cut, error: tuple[object, ...]) -> None:
    """The cut is refused with `error`, alone and after an entry that is good by itself."""
    good: Cut = (diamond.loupe_facet.address, ADD, made_up(2, start=100))
    for tried in (cuts, (good, *cuts)):
        with diamond.unchanged(FREE, *good[2]), diamond.chain.refuses(*error):  # type: ignore[arg-type]
            diamond.cut(*tried)


def test_strangers(chain: Chain, diamond: Diamond, probe: Contract) -> None:
    with diamond.unchanged(FREE), chain.refuses("NotOwner", STRANGER, OWNER):
        diamond.cut((probe.address, ADD, [FREE]), sender=STRANGER)
    with diamond.unchanged(), chain.refuses("NotOwner", STRANGER, OWNER):
        diamond.remove_core(CUT, sender=STRANGER)


def test_the_facet_itself_cuts_for_no_one(chain: Chain, diamond: Diamond, probe: Contract) -> None:
    cuts = [(probe.address, ADD, [FREE])]
    with chain.refuses("NotOwner", OWNER, ZERO):
        chain.call(diamond.cut_facet, "diamondCut", cuts, ZERO, b"")


@pytest.mark.parametrize("action", [ADD, REPLACE])
def test_no_selectors(diamond: Diamond, probe: Contract, action: int) -> None:
    refused(diamond, (probe.address, action, []), error=("NoSelectors", probe.address, action))


def test_no_selectors_to_remove(diamond: Diamond, chain: Chain) -> None:
    refused(diamond, (ZERO, REMOVE, []), error=("NoSelectors", ZERO, REMOVE))
    with diamond.unchanged(), chain.refuses("NoSelectors", ZERO, REMOVE):
        diamond.remove_core()


def test_adding_what_is_there(diamond: Diamond, probe: Contract, other: Contract) -> None:
    for facet in (probe, other):
        error = ("SelectorAlreadyAdded", TWO, probe.address)
        refused(diamond, (facet.address, ADD, [FREE, TWO]), error=error)
    refused(
        diamond,
        (other.address, ADD, [FREE]),
        (probe.address, ADD, [FREE]),
        error=("SelectorAlreadyAdded", FREE, other.address),
    )


def test_adding_the_zero_selector(diamond: Diamond, probe: Contract) -> None:
    for selectors in ([bytes(4)], [bytes(4), FREE], [FREE, bytes(4)]):
        refused(diamond, (probe.address, ADD, selectors), error=("ZeroSelector",))


def test_replacing_and_removing_the_zero_selector(diamond: Diamond, other: Contract) -> None:
    error = ("SelectorNotAdded", bytes(4))
    refused(diamond, (other.address, REPLACE, [ONE, bytes(4)]), error=error)
    refused(diamond, (ZERO, REMOVE, [ONE, bytes(4)]), error=error)


def test_replacing_by_the_same_facet(diamond: Diamond, probe: Contract, other: Contract) -> None:
    error = ("SelectorAlreadyOnFacet", ONE, probe.address)
    refused(diamond, (probe.address, REPLACE, [ONE]), error=error)
    refused(
        diamond,
        (other.address, REPLACE, [ONE]),
        (other.address, REPLACE, [TWO, ONE]),
        error=("SelectorAlreadyOnFacet", ONE, other.address),
    )


def test_replacing_and_removing_what_is_not_there(diamond: Diamond, other: Contract) -> None:
    refused(diamond, (other.address, REPLACE, [ONE, FREE]), error=("SelectorNotAdded", FREE))
    refused(diamond, (ZERO, REMOVE, [ONE, FREE]), error=("SelectorNotAdded", FREE))
    refused(diamond, (ZERO, REMOVE, [ONE]), (ZERO, REMOVE, [ONE]), error=("SelectorNotAdded", ONE))


def test_the_same_selector_twice_in_an_entry(diamond: Diamond, other: Contract) -> None:
    twice = ("DuplicateSelector", ONE)
    refused(diamond, (other.address, REPLACE, [ONE, TWO, ONE]), error=twice)
    refused(diamond, (ZERO, REMOVE, [TWO, ONE, ONE]), error=twice)
    refused(diamond, (other.address, ADD, [FREE, FREE]), error=("DuplicateSelector", FREE))


def test_removing_with_a_facet_named(diamond: Diamond, probe: Contract) -> None:
    refused(diamond, (probe.address, REMOVE, [ONE]), error=("RemoveNamesFacet", probe.address))


@pytest.mark.parametrize("facet", [ZERO, STRANGER, "0x" + "00" * 19 + "04"])
def test_facets_without_code(diamond: Diamond, facet: str) -> None:
    """The zero address, an account, and a precompiled contract, which has none either."""
    refused(diamond, (facet, ADD, [FREE]), error=("FacetWithoutCode", facet))
    refused(diamond, (facet, REPLACE, [ONE]), error=("FacetWithoutCode", facet))


def test_the_diamond_as_facet(diamond: Diamond) -> None:
    error = ("DiamondAsFacet", diamond.address)
    refused(diamond, (diamond.address, ADD, [FREE]), error=error)
    refused(diamond, (diamond.address, REPLACE, [ONE]), error=error)


@pytest.mark.parametrize("core", CORE, ids=["cut", "facets", "selectors", "addresses", "facet"])
def test_removing_core_functions(diamond: Diamond, core: bytes) -> None:
    refused(diamond, (ZERO, REMOVE, [ONE, core]), error=("CoreFunction", core))


@pytest.mark.parametrize("core", CORE, ids=["cut", "facets", "selectors", "addresses", "facet"])
def test_a5_replacing_core_functions_by_facets_without_them(
    chain: Chain, diamond: Diamond, probe: Contract, core: bytes
) -> None:
    """By one that exports nothing, and by one that exports others: no upgrade ever again."""
    others = diamond.loupe_facet if core == CUT else diamond.cut_facet
    for facet in (probe.address, others.address):
        error = ("CoreFunctionNotExported", core, facet)
        refused(diamond, (facet, REPLACE, [core]), error=error)


@pytest.mark.parametrize("core", CORE, ids=["cut", "facets", "selectors", "addresses", "facet"])
@pytest.mark.parametrize(("before", "after"), [(0, 0), (0, 1), (1, 1), (3, 0), (9, 12)])
def test_a5_a_facet_exports_what_is_anywhere_among_its_selectors(
    chain: Chain, diamond: Diamond, core: bytes, before: int, after: int
) -> None:
    """Whole ones: not at a step of other than four bytes, and not three bytes of it."""
    others = made_up(before + after)
    exported = b"".join([*others[:before], core, *others[before:]])
    for wrong in (exported[1:], b"\x00" + exported, exported[: 4 * before + 3]):
        facet = chain.deploy(artifact("ExportingFacet"), wrong).address
        error = ("CoreFunctionNotExported", core, facet)
        refused(diamond, (facet, REPLACE, [core]), error=error)
    facet = chain.deploy(artifact("ExportingFacet"), exported).address
    diamond.cut((facet, REPLACE, [core]))


def test_removing_others_as_core_functions(chain: Chain, diamond: Diamond) -> None:
    for other in (ONE, FREE, bytes(4), selector("removeCoreFunctions(bytes4[])")):
        with diamond.unchanged(), chain.refuses("NotCoreFunction", other):
            diamond.remove_core(CORE[1], other)


def test_removing_a_core_function_twice(chain: Chain, diamond: Diamond) -> None:
    with diamond.unchanged(), chain.refuses("DuplicateSelector", CORE[1]):
        diamond.remove_core(CORE[1], CORE[1])
    diamond.remove_core(CORE[3])
    with diamond.unchanged(), chain.refuses("SelectorNotAdded", CORE[3]):
        diamond.remove_core(CORE[3])


def test_calldata_without_an_initialiser(chain: Chain, diamond: Diamond, probe: Contract) -> None:
    with diamond.unchanged(FREE), chain.refuses("InitMissing", b"\x12"):
        diamond.cut((probe.address, ADD, [FREE]), data=b"\x12")


def test_an_initialiser_without_calldata(chain: Chain, diamond: Diamond, probe: Contract) -> None:
    with diamond.unchanged(FREE), chain.refuses("InitDataMissing", probe.address):
        diamond.cut((probe.address, ADD, [FREE]), init=probe.address)


def test_an_initialiser_without_code(chain: Chain, diamond: Diamond, probe: Contract) -> None:
    with diamond.unchanged(FREE), chain.refuses("InitWithoutCode", STRANGER):
        diamond.cut((probe.address, ADD, [FREE]), init=STRANGER, data=b"\x12")


def test_an_initialisers_reason_is_passed_on(
    chain: Chain, diamond: Diamond, probe: Contract
) -> None:
    data = selector("fail(uint256)") + encode(["uint256"], [77])
    with diamond.unchanged(FREE), chain.refuses("ProbeFailed", 77):
        diamond.cut((probe.address, ADD, [FREE]), init=probe.address, data=data)


def test_an_initialiser_that_fails_without_a_reason(
    chain: Chain, diamond: Diamond, probe: Contract
) -> None:
    data = selector("failSilently()")
    with diamond.unchanged(FREE), chain.refuses("InitializationFailed", probe.address, data):
        diamond.cut((probe.address, ADD, [FREE]), init=probe.address, data=data)


@pytest.mark.parametrize(
    "inner",
    [
        CUT + encode(CUT_ARGUMENTS, [[], ZERO, b""]),
        selector("removeCoreFunctions(bytes4[])") + encode(["bytes4[]"], [[CUT]]),
    ],
    ids=["diamondCut", "removeCoreFunctions"],
)
def test_cutting_again_from_an_initialiser(
    chain: Chain, diamond: Diamond, probe: Contract, inner: bytes
) -> None:
    """The diamond calling itself would not be the owner either, but does not get that far."""
    data = selector("callSelf(bytes)") + encode(["bytes"], [inner])
    with diamond.unchanged(FREE), chain.refuses("ReentrancyGuardReentrantCall"):
        diamond.cut((probe.address, ADD, [FREE]), init=probe.address, data=data)


def test_a_refused_cut_does_not_lock_the_next(
    chain: Chain, diamond: Diamond, probe: Contract
) -> None:
    with chain.refuses("ZeroSelector"):
        diamond.cut((probe.address, ADD, [bytes(4)]))
    diamond.cut((probe.address, ADD, [FREE]))
    assert diamond.facet(FREE) == probe.address


@pytest.mark.parametrize("action", [ADD, REPLACE, REMOVE])
@pytest.mark.parametrize("position", [0, 1])
@pytest.mark.parametrize(
    "dirt",
    [each.to_bytes(28, "big") for each in (1, 1 << 216, 1 << 223, (1 << 224) - 1)],
    ids=["last bit", "first byte", "first bit", "all"],
)
def test_selectors_with_dirty_padding(
    chain: Chain, diamond: Diamond, other: Contract, action: int, position: int, dirt: bytes
) -> None:
    selectors = [s.ljust(32, b"\0") for s in (made_up(2, start=9) if action == ADD else (ONE, TWO))]
    dirty = selectors[position] = selectors[position][:4] + dirt
    facet = ZERO if action == REMOVE else other.address
    types = ["(address,uint8,bytes32[])[]", "address", "bytes"]
    with diamond.unchanged(*made_up(2, start=9)), chain.refuses("DirtySelector", dirty):
        chain.raw(diamond.address, CUT + encode(types, [[(facet, action, selectors)], ZERO, b""]))


def test_arguments_that_are_not_arguments(chain: Chain, diamond: Diamond, probe: Contract) -> None:
    """The compiler's own checks of calldata refuse these, without a reason."""
    types = ["(uint256,uint256,bytes4[])[]", "uint256", "bytes"]
    good = int(probe.address, 16)
    for facet, action, init in ((good, 3, 0), (good + 2**160, ADD, 0), (good, ADD, 2**160)):
        data = encode(types, [[(facet, action, [FREE])], init, b""])
        with diamond.unchanged(FREE), pytest.raises(Reverted) as error:
            chain.raw(diamond.address, CUT + data)
        assert error.value.data == b""
    whole = encode(types, [[(good, ADD, [FREE])], 0, b""])
    for end in (0, 32, 96, 160, len(whole) - 64):
        with diamond.unchanged(FREE), pytest.raises(Reverted) as error:
            chain.raw(diamond.address, CUT + whole[:end])
        assert error.value.data == b""


def test_ether_with_a_cut(chain: Chain, diamond: Diamond) -> None:
    data = CUT + encode(CUT_ARGUMENTS, [[], ZERO, b""])
    with pytest.raises(Reverted) as error:
        chain.raw(diamond.address, data, value=1)
    assert error.value.data == b""
    assert chain.balance(diamond.address) == 0
