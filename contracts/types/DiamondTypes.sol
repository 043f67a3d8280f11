// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What a cut does with its selectors. The order is EIP-2535's: the values are part of the ABI.
enum FacetCutAction {
    Add,
    Replace,
    Remove
}

/// @notice One entry of a cut: what to do with some selectors of one facet.
/// @param facetAddress The facet that will answer; the zero address when removing.
/// @param action What to do with the selectors.
/// @param functionSelectors The selectors, at least one, none twice.
struct FacetCut {
    address facetAddress;
    FacetCutAction action;
    bytes4[] functionSelectors;
}

/// @notice A facet and the selectors it answers, as the loupe reports them.
struct Facet {
    address facetAddress;
    bytes4[] functionSelectors;
}
