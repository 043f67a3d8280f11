"""Side by side with the reference diamond's published bytecode: the same wherever that is right,
and where it is not, what differs and why."""

from __future__ import annotations

import pytest
from eth_abi.abi import decode, encode
from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike.chain import Reverted

from .sequences import FUNCTIONS, NOBODY, NONE, OTHER, PROBE, Call, addresses, calls
from .support import (
    ADD,
    CORE,
    REMOVE,
    ZERO,
    Chain,
    Contract,
    Diamond,
    artifact,
    made_up,
    our_diamond,
    reference,
    reference_diamond,
    selector,
)

# What the reference says, and what ours says with values.
REASONS = {
    "LibDiamond: Must be contract owner": {"NotOwner"},
    "LibDiamondCut: No selectors in facet to cut": {"NoSelectors"},
    "LibDiamondCut: Add facet can't be address(0)": {"FacetWithoutCode"},
    "LibDiamondCut: New facet has no code": {"FacetWithoutCode"},
    "LibDiamondCut: Can't add function that already exists": {
        "SelectorAlreadyAdded",
        "DuplicateSelector",
    },
    "LibDiamondCut: Can't replace function with same function": {
        "SelectorAlreadyOnFacet",
        "DuplicateSelector",
    },
    "LibDiamondCut: Can't remove function that doesn't exist": {
        "SelectorNotAdded",
        "DuplicateSelector",
    },
    "LibDiamondCut: Remove facet address must be address(0)": {"RemoveNamesFacet"},
    "LibDiamondCut: _init is address(0) but_calldata is not empty": {"InitMissing"},
    "LibDiamondCut: _calldata is empty but _init is not address(0)": {"InitDataMissing"},
    "LibDiamondCut: _init address has no code": {"InitWithoutCode"},
    "LibDiamondCut: _init function reverted": {"InitializationFailed"},
    "Diamond: Function does not exist": {"FunctionNotFound"},
}


@pytest.fixture(scope="module")
def shared() -> tuple[Chain, str, str]:
    """One chain for all examples, each of which has a pair of diamonds of its own on it."""
    chain = Chain()
    probe, other = (chain.deploy(artifact("DiamondProbeFacet"), n) for n in (1, 2))
    return chain, probe.address, other.address


@settings(max_examples=150, deadline=None)
@given(sequence=st.lists(calls(FUNCTIONS, [PROBE, OTHER, NOBODY, NONE]), min_size=1, max_size=12))
def test_any_sequence_of_cuts_ends_the_same(
    shared: tuple[Chain, str, str], sequence: list[Call]
) -> None:
    chain, probe, other = shared
    pair = our_diamond(chain), reference_diamond(chain)
    for call in sequence:
        ours, theirs = (outcome(diamond, call, probe, other) for diamond in pair)
        assert_same(chain, ours, theirs)
        seen = [look(diamond, probe, other) for diamond in pair]
        assert seen[0] == seen[1]
        for function in FUNCTIONS:
            ours, theirs = (answer(diamond, function) for diamond in pair)
            assert_same(chain, ours, theirs)


def outcome(diamond: Diamond, call: Call, probe: str, other: str) -> object:
    """The event of the cut, or why it was refused."""
    at = addresses(probe, other, diamond.address)
    cuts = [(at[e.facet], e.action, e.selectors) for e in call.entries]
    try:
        diamond.cut(*cuts, init=at[call.init], data=call.data, sender=call.sender)
    except Reverted as refused:
        return refused
    names = {address: name for name, address in at.items()}
    return [(cuts, names[init], data) for cuts, init, data in diamond.announced()]


def look(diamond: Diamond, probe: str, other: str) -> object:
    """All that the loupe says, but for the diamonds' own facets, which are not the same ones."""
    own = {diamond.cut_facet.address, diamond.loupe_facet.address}
    facets = diamond.facets()
    assert own <= set(facets)
    return (
        {facet: selectors for facet, selectors in facets.items() if facet not in own},
        set(diamond.addresses()) - own,
        {facet: set(diamond.selectors(facet)) for facet in (probe, other, ZERO)},
        {function: diamond.facet(function) for function in [*FUNCTIONS, bytes(4)]},
    )


def answer(diamond: Diamond, function: bytes) -> object:
    """What a call of `function` returns, or why it is refused."""
    try:
        return diamond.chain.raw(diamond.address, function + bytes(32))
    except Reverted as refused:
        return refused


def assert_same(chain: Chain, ours: object, theirs: object) -> None:
    if not isinstance(ours, Reverted) or not isinstance(theirs, Reverted):
        assert ours == theirs
    elif theirs.data[:4] == selector("Error(string)"):
        said = decode(["bytes"], theirs.data[4:])[0]
        known = REASONS.get(said.decode(errors="replace"))
        if known:
            assert chain.error(ours.data)[0] in known
        else:
            # The reason of an initialiser, which the reference wraps: see below.
            assert_same(chain, ours, Reverted(said))
    else:
        assert ours.data == theirs.data


# Where ours differs on purpose


def test_zero_selector(diamond: Diamond, standard: Diamond, probe: Contract) -> None:
    """There it becomes a function, which calldata that is too short then calls. Ours refuses it."""
    standard.cut((probe.address, ADD, [bytes(4)]))
    assert standard.facet(bytes(4)) == probe.address
    with diamond.unchanged(), diamond.chain.refuses("ZeroSelector"):
        diamond.cut((probe.address, ADD, [bytes(4)]))


def test_short_calldata(chain: Chain, diamond: Diamond, standard: Diamond, probe: Contract) -> None:
    """There three bytes call the function whose selector ends in zero. Ours refuses them."""
    short = b"\x12\x34\x56"
    for each in (diamond, standard):
        each.cut((probe.address, ADD, [short + b"\0"]))
    # The facet does not know the selector: an empty refusal shows that the call has reached it.
    with pytest.raises(Reverted) as refused:
        chain.raw(standard.address, short)
    assert refused.value.data == b""
    with chain.refuses("FunctionNotFound", short + b"\0"):
        chain.raw(diamond.address, short)


def test_plain_ether(chain: Chain, diamond: Diamond, standard: Diamond) -> None:
    """There it is taken, and no function gives it back. Ours refuses it."""
    chain.raw(standard.address, b"", value=1)
    assert chain.balance(standard.address) == 1
    with chain.refuses("FunctionNotFound", bytes(4)):
        chain.raw(diamond.address, b"", value=1)


def test_the_diamond_as_facet(diamond: Diamond, standard: Diamond) -> None:
    """There it is taken, stays for good, and calls recurse until their gas is spent."""
    standard.cut((standard.address, ADD, made_up(1)))
    with pytest.raises(Reverted):
        standard.cut((ZERO, REMOVE, made_up(1)))
    with diamond.unchanged(), diamond.chain.refuses("DiamondAsFacet", diamond.address):
        diamond.cut((diamond.address, ADD, made_up(1)))


@pytest.mark.parametrize("core", CORE, ids=["cut", "facets", "selectors", "addresses", "facet"])
def test_removal_of_core_functions(
    chain: Chain, diamond: Diamond, standard: Diamond, core: bytes
) -> None:
    """There one slip, and the diamond can never be changed again. Ours wants it said."""
    standard.cut((ZERO, REMOVE, [core]))
    with diamond.unchanged(), chain.refuses("CoreFunction", core):
        diamond.cut((ZERO, REMOVE, [core]))
    diamond.remove_core(core)


def test_an_initialisers_reason(
    chain: Chain, diamond: Diamond, standard: Diamond, probe: Contract
) -> None:
    """There a custom error comes out as text that is none. Ours passes it on as it is."""
    data = selector("fail(uint256)") + encode(["uint256"], [5])
    inner = selector("ProbeFailed(uint256)") + encode(["uint256"], [5])
    wrapped = selector("Error(string)") + encode(["bytes"], [inner])
    for each, expected in ((diamond, inner), (standard, wrapped)):
        with pytest.raises(Reverted) as refused:
            each.cut(init=probe.address, data=data)
        assert refused.value.data == expected


def test_interfaces_from_the_start(diamond: Diamond, standard: Diamond) -> None:
    """There an initialiser has to write them down first. Ours has them in its code."""
    standards = [bytes.fromhex(i) for i in ("01ffc9a7", "1f931c1c", "48e2b093", "7f5828d0")]
    assert not any(standard.supports(i) for i in standards)
    assert all(diamond.supports(i) for i in standards)
    written = standard.chain.deploy(reference("DiamondERC165Init"))
    data = selector("setERC165(bytes4[],bytes4[])") + encode(
        ["bytes4[]", "bytes4[]"], [standards, []]
    )
    standard.cut(init=written.address, data=data)
    assert all(standard.supports(i) for i in standards)


@pytest.mark.parametrize("facet", ["DiamondCutFacet", "DiamondLoupeFacet"])
def test_the_standards_functions_have_the_same_abi(facet: str) -> None:
    """To the letter, names of arguments included. `supportsInterface` is ERC-165's."""
    ours = {x["name"]: x for x in artifact(facet)["abi"] if x["type"] in ("function", "event")}
    for item in reference(facet)["abi"]:
        if item["name"] != "supportsInterface":
            assert shape(ours[item["name"]]) == shape(item)


def shape(item: dict[str, object]) -> object:
    def bare(x: object) -> object:
        if isinstance(x, dict):
            return {k: bare(v) for k, v in x.items() if k != "internalType"}
        return [bare(v) for v in x] if isinstance(x, list) else x

    return bare(item)
