// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {Facet} from "../types/DiamondTypes.sol";

/// @title Looking into a diamond (EIP-2535, interface id 0x48e2b093; ERC-165)
/// @notice Facets and selectors come in no order that could be relied on. For an unknown facet or selector the answer is an empty
/// answer, never a revert.
/// @dev Meant for calls from outside a transaction: the cost grows with the number of selectors times that of facets.
interface IDiamondLoupe is IERC165 {
    /// @notice Every facet with all its selectors.
    /// @return facets_ Every facet with its selectors.
    function facets() external view returns (Facet[] memory facets_);

    /// @notice The selectors that `_facet` answers; empty when it is not a facet of this diamond.
    /// @param _facet The facet.
    /// @return facetFunctionSelectors_ Its selectors.
    function facetFunctionSelectors(address _facet) external view returns (bytes4[] memory facetFunctionSelectors_);

    /// @notice Every facet's address, each once.
    /// @return facetAddresses_ Every facet, once.
    function facetAddresses() external view returns (address[] memory facetAddresses_);

    /// @notice The facet that answers `_functionSelector`; the zero address when none does.
    /// @param _functionSelector The selector.
    /// @return facetAddress_ The facet; zero when none has it.
    function facetAddress(bytes4 _functionSelector) external view returns (address facetAddress_);
}
