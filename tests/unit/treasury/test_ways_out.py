"""There is no other way out of the diamond: no approval, no call of somebody's choosing."""

from __future__ import annotations

from eth_utils.crypto import keccak

from macrostrike.abi import artifact

from ..environment import Env

FACETS = (
    "AccessFacet",
    "TreasuryFacet",
    "FleetFacet",
    "MarketFacet",
    "StrikeBotFacet",
    "ScoreFacet",
    "AMMBotFacet",
    "PoolsFacet",
    "SwapCallbackFacet",
)
APPROVALS = (
    "approve(address,uint256)",
    "increaseAllowance(address,uint256)",
    "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
    "setApprovalForAll(address,bool)",
)
TRANSFERS = ("transfer(address,uint256)", "transferFrom(address,address,uint256)")


def knowing(*functions: str) -> set[str]:
    """The facets in whose code any of the selectors stands."""
    selectors = [keccak(text=function)[:4] for function in functions]
    return {
        facet
        for facet in FACETS
        for selector in selectors
        if selector in artifact(facet).deployed_bytecode
    }


def test_arbitrage_alone_knows_how_to_approve() -> None:
    """Balancer's vault takes what it is owed: the very amount, and what is left of it is refused
    (tests/unit/amm/test_hostile_vault.py)."""
    assert knowing(APPROVALS[0]) == {"AMMBotFacet", "SwapCallbackFacet"}
    assert not knowing(*APPROVALS[1:])


def test_who_knows_how_to_transfer() -> None:
    """The treasury to the owner; strikes, arbitrages and the callbacks to a registered pool."""
    facets = {"TreasuryFacet", "StrikeBotFacet", "AMMBotFacet", "SwapCallbackFacet"}
    assert knowing(*TRANSFERS) == facets


def test_a_strike_leaves_no_allowance_behind(env: Env) -> None:
    env.strike()
    approval = keccak(text="Approval(address,address,uint256)")
    logs = env.chain.logs([env.quote, env.base], topics=[approval])
    owner = bytes.fromhex(env.diamond[2:]).rjust(32, b"\0")
    assert not [log for log in logs if log.topics[1] == owner]
