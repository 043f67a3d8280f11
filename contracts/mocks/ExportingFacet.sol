// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title A facet that says what it was made to say of its selectors
contract ExportingFacet {
    bytes private selectors;

    constructor(bytes memory selectors_) {
        selectors = selectors_;
    }

    function exportSelectors() external view returns (bytes memory) {
        return selectors;
    }
}
