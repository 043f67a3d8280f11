"""A diamond whose cuts are whole facets, as ERC-8153 has them: what such contracts share."""

from __future__ import annotations

from functools import cache
from typing import Any

from macrostrike.chain import LocalTransport
from tools._solc import compile_sources

from ..diamonds import OWNER

PATH = "contracts/WholeFacets.sol"
SHARED = """// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

interface IExports { function exportSelectors() external pure returns (bytes memory); }
struct Facet { address facet; bytes4[] selectors; }

abstract contract WholeFacets {
    event FacetAdded(address indexed _facet);
    event FacetReplaced(address indexed _oldFacet, address indexed _newFacet);
    event FacetRemoved(address indexed _facet);

    address[] internal _facets;

    function facets() external view returns (Facet[] memory all) {
        all = new Facet[](_facets.length);
        for (uint256 i; i < all.length; i++) all[i] = Facet(_facets[i], _selectors(_facets[i]));
    }

    function facetAddresses() external view returns (address[] memory) {
        return _facets;
    }

    function _drop(address facet) internal {
        for (uint256 i; i < _facets.length; i++) {
            if (_facets[i] != facet) continue;
            _facets[i] = _facets[_facets.length - 1];
            _facets.pop();
            return;
        }
        revert("no such facet");
    }

    function _selectors(address facet) internal pure returns (bytes4[] memory all) {
        bytes memory packed = IExports(facet).exportSelectors();
        all = new bytes4[](packed.length / 4);
        for (uint256 i; i < all.length; i++) {
            bytes4 each;
            assembly { each := mload(add(add(packed, 32), mul(i, 4))) }
            all[i] = each;
        }
    }
}
"""


@cache
def built(source: str) -> dict[str, Any]:
    """Its contracts by their names; `source` goes on from `SHARED`."""
    output = compile_sources({PATH: SHARED + source}, {"*": ["abi", "evm.bytecode.object"]})
    contracts: dict[str, Any] = output["contracts"][PATH]
    return contracts


def deploy(chain: LocalTransport, source: str, name: str, arguments: bytes = b"") -> str:
    chain.set_balance(OWNER.address, 10**20)
    code = bytes.fromhex(built(source)[name]["evm"]["bytecode"]["object"]) + arguments
    return str(chain.send(OWNER, None, code).contract_address)
