"""What the differences from the reference diamond lead to. `test_call_by_call.py` compares all
calls, decision 20 lists what differs."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode

from macrostrike.chain import Reverted

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
    reference,
    selector,
)


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
