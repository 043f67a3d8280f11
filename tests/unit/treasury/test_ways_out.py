"""There is no other way out of the diamond: no approval, no call of somebody's choosing."""

from __future__ import annotations

import pytest
from eth_utils.crypto import keccak

from macrostrike.abi import artifact

from ..scene import Scene

FACETS = (
    "AccessFacet",
    "TreasuryFacet",
    "FleetFacet",
    "MarketFacet",
    "StrikeBotFacet",
    "ScoreFacet",
    "SwapCallbackFacet",
)
APPROVALS = (
    "approve(address,uint256)",
    "increaseAllowance(address,uint256)",
    "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
    "setApprovalForAll(address,bool)",
)
TRANSFERS = ("transfer(address,uint256)", "transferFrom(address,address,uint256)")


@pytest.mark.parametrize("facet", FACETS)
def test_no_facet_knows_how_to_approve(facet: str) -> None:
    code = artifact(facet).deployed_bytecode
    for approval in APPROVALS:
        assert keccak(text=approval)[:4] not in code


def test_two_facets_and_the_callback_know_how_to_transfer() -> None:
    """The treasury to the owner, strikes and the callback to a registered pool."""
    able = {
        facet
        for facet in FACETS
        for transfer in TRANSFERS
        if keccak(text=transfer)[:4] in artifact(facet).deployed_bytecode
    }
    assert able == {"TreasuryFacet", "StrikeBotFacet", "SwapCallbackFacet"}


def test_a_strike_leaves_no_allowance_behind(scene: Scene) -> None:
    scene.strike()
    approval = keccak(text="Approval(address,address,uint256)")
    logs = scene.chain.logs([scene.quote, scene.base], topics=[approval])
    owner = bytes.fromhex(scene.diamond[2:]).rjust(32, b"\0")
    assert not [log for log in logs if log.topics[1] == owner]
