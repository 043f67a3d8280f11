// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IDiamondCut} from "../interfaces/IDiamondCut.sol";
import {IFacet} from "../interfaces/IFacet.sol";
import {LibAccess} from "../libraries/access/LibAccess.sol";
import {LibDiamond} from "../libraries/diamond/LibDiamond.sol";
import {FacetCut, FacetCutAction} from "../types/DiamondTypes.sol";

/// @title Changing the diamond's functions
contract DiamondCutFacet is IDiamondCut, IFacet, ReentrancyGuardTransient {
    /// @dev A FacetCut as calldata has it, its selectors seen as whole words. Those the compiler copies as a block; of
    ///      bytes4 it would clean and check every single one, which LibDiamond does again, and cheaper.
    struct UncheckedCut {
        address facetAddress;
        FacetCutAction action;
        bytes32[] functionSelectors;
    }

    /// @inheritdoc IDiamondCut
    function diamondCut(FacetCut[] calldata _diamondCut, address _init, bytes calldata _calldata)
        external
        nonReentrant
    {
        LibAccess.requireOwner();
        UncheckedCut[] calldata cuts;
        assembly ("memory-safe") {
            cuts.offset := _diamondCut.offset
            cuts.length := _diamondCut.length
        }
        LibDiamond.cut(abi.encode(cuts, _init, _calldata), false);
    }

    /// @inheritdoc IDiamondCut
    function removeCoreFunctions(bytes4[] calldata selectors) external nonReentrant {
        LibAccess.requireOwner();
        for (uint256 i; i < selectors.length; ++i) {
            if (!LibDiamond.isCore(selectors[i])) revert NotCoreFunction(selectors[i]);
        }
        FacetCut[] memory cuts = new FacetCut[](1);
        cuts[0] = FacetCut({facetAddress: address(0), action: FacetCutAction.Remove, functionSelectors: selectors});
        LibDiamond.cut(abi.encode(cuts, address(0), bytes("")), true);
    }

    /// @inheritdoc IFacet
    function exportSelectors() external pure returns (bytes memory selectors) {
        return bytes.concat(IDiamondCut.diamondCut.selector, IDiamondCut.removeCoreFunctions.selector);
    }
}
