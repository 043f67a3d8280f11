// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {IDiamondCut} from "../interfaces/IDiamondCut.sol";
import {IDiamondLoupe} from "../interfaces/IDiamondLoupe.sol";
import {IFacet} from "../interfaces/IFacet.sol";
import {LibDiamond} from "../libraries/diamond/LibDiamond.sol";
import {Facet} from "../types/DiamondTypes.sol";

/// @title Looking into the diamond
contract DiamondLoupeFacet is IDiamondLoupe, IFacet {
    /// @dev ERC-173: owner() ^ transferOwnership(address).
    bytes4 private constant ERC173 = 0x7f5828d0;

    /// @inheritdoc IDiamondLoupe
    function facets() external view returns (Facet[] memory facets_) {
        return LibDiamond.facets();
    }

    /// @inheritdoc IDiamondLoupe
    function facetFunctionSelectors(address _facet) external view returns (bytes4[] memory facetFunctionSelectors_) {
        return LibDiamond.facetFunctionSelectors(_facet);
    }

    /// @inheritdoc IDiamondLoupe
    function facetAddresses() external view returns (address[] memory facetAddresses_) {
        return LibDiamond.facetAddresses();
    }

    /// @inheritdoc IDiamondLoupe
    function facetAddress(bytes4 _functionSelector) external view returns (address facetAddress_) {
        return LibDiamond.facetAddress(_functionSelector);
    }

    /// @inheritdoc IERC165
    /// @dev A list in code, not in storage: a cut that brings a new interface brings a new loupe facet along. The id of
    ///      EIP-2535's cut is that of its one function.
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(IERC165).interfaceId || interfaceId == IDiamondCut.diamondCut.selector
            || interfaceId == type(IDiamondLoupe).interfaceId || interfaceId == ERC173;
    }

    /// @inheritdoc IFacet
    function exportSelectors() external pure returns (bytes memory selectors) {
        return bytes.concat(
            IDiamondLoupe.facets.selector,
            IDiamondLoupe.facetFunctionSelectors.selector,
            IDiamondLoupe.facetAddresses.selector,
            IDiamondLoupe.facetAddress.selector,
            IERC165.supportsInterface.selector
        );
    }
}
