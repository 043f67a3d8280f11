"""Facet, interface and loupe agree: what a facet implements is what its interface says, is what it
exports, is what the diamond answers from it."""

from __future__ import annotations

import pytest
from eth_utils.abi import abi_to_signature

from macrostrike import RevmTransport
from macrostrike.abi import Abi, artifact, diamond_abi
from macrostrike.testing import World, deploy_world

INTERFACES = {
    "DiamondCutFacet": "IDiamondCut",
    "DiamondLoupeFacet": "IDiamondLoupe",
    "AccessFacet": "IAccess",
    "TreasuryFacet": "ITreasury",
    "MarketFacet": "IMarket",
    "FleetFacet": "IFleet",
    "StrikeBotFacet": "IStrikeBot",
    "TakeoverFacet": "ITakeover",
    "ScoreFacet": "IScore",
    "PoolsFacet": "IPools",
    "AMMBotFacet": "IAMMBot",
    "SwapCallbackFacet": "ISwapCallback",
}
SIZE_LIMIT = 24_576
ROOM = SIZE_LIMIT // 10


@pytest.fixture(scope="module")
def world() -> World:
    return deploy_world(RevmTransport())


def functions(name: str) -> dict[bytes, str]:
    """A contract's functions by selector."""
    entries = [entry for entry in artifact(name).abi if entry["type"] == "function"]
    abi = Abi(entries)
    signatures = [abi_to_signature(entry) for entry in entries]  # type: ignore[arg-type]
    return {abi.selector(signature): signature for signature in signatures}


def exported(world: World, facet: str) -> set[bytes]:
    """The selectors that a facet exports."""
    abi = Abi(artifact(facet).abi)
    address = world.manifest.facets[facet].address
    answer = world.transport.call(address, abi.encode_call("exportSelectors"))
    packed = abi.decode_result("exportSelectors", answer)
    return {packed[at : at + 4] for at in range(0, len(packed), 4)}


def loupe(world: World, facet: str) -> set[bytes]:
    """The selectors that the diamond answers from a facet."""
    abi = diamond_abi()
    call = abi.encode_call("facetFunctionSelectors", world.manifest.facets[facet].address)
    answer = world.transport.call(world.diamond, call)
    return set(abi.decode_result("facetFunctionSelectors", answer))


def test_every_facet_that_is_deployed_is_looked_at(world: World) -> None:
    assert set(world.manifest.facets) == set(INTERFACES)


@pytest.mark.parametrize("facet", INTERFACES)
def test_a_facet_is_its_interface_and_the_diamond_answers_all_of_it(
    world: World, facet: str
) -> None:
    implemented = functions(facet)
    export = Abi(artifact("IFacet").abi).selector("exportSelectors")
    assert implemented.pop(export) == "exportSelectors()"
    assert implemented == functions(INTERFACES[facet])
    assert exported(world, facet) == set(implemented)
    assert loupe(world, facet) == set(implemented)


def test_the_combined_interface_is_all_of_them_and_nothing_else(world: World) -> None:
    union: dict[bytes, str] = {}
    for interface in INTERFACES.values():
        union |= functions(interface)
    assert functions("IMacroStrike") == union


@pytest.mark.parametrize("contract", ["MacroStrikeDiamond", *INTERFACES])
def test_every_contract_leaves_a_tenth_of_the_size_limit(contract: str) -> None:
    assert len(artifact(contract).deployed_bytecode) <= SIZE_LIMIT - ROOM
