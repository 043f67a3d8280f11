// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What every facet says about itself (the direction of ERC-8153)
interface IFacet {
    /// @notice The selectors that this facet means to have in a diamond.
    /// @dev Asked of the facet directly, never cut into the diamond: two facets could not both have it there.
    /// @return selectors 4-byte selectors, packed without padding.
    function exportSelectors() external pure returns (bytes memory selectors);
}
