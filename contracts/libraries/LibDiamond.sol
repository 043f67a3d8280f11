// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDiamondCut} from "../interfaces/IDiamondCut.sol";
import {IDiamondLoupe} from "../interfaces/IDiamondLoupe.sol";
import {Facet, FacetCut, FacetCutAction} from "../types/DiamondTypes.sol";
import {DiamondStorage} from "./storage/DiamondStorage.sol";

/// @title The diamond's functions: which facet answers what, and how that changes
library LibDiamond {
    /// @dev The node of this selector is the head of the ring of selectors and never has a facet.
    bytes4 private constant HEAD = 0x00000000;

    /// @return facet The facet that answers `selector`; zero when none does.
    function facetAddress(bytes4 selector) internal view returns (address facet) {
        return DiamondStorage.load().nodes[selector].facet;
    }

    /// @return facets_ Every facet with its selectors, in the order of addition.
    function facets() internal view returns (Facet[] memory facets_) {
        (bytes4[] memory selectors, address[] memory owners) = _functions();
        address[] memory addresses = _unique(owners);
        facets_ = new Facet[](addresses.length);
        for (uint256 i; i < addresses.length; ++i) {
            facets_[i] = Facet(addresses[i], _selectorsOf(addresses[i], selectors, owners));
        }
    }

    /// @return addresses Every facet, once, in the order of addition.
    function facetAddresses() internal view returns (address[] memory addresses) {
        (, address[] memory owners) = _functions();
        return _unique(owners);
    }

    /// @return selectors What `facet` answers, in the order of addition.
    function facetFunctionSelectors(address facet) internal view returns (bytes4[] memory selectors) {
        (bytes4[] memory all, address[] memory owners) = _functions();
        return _selectorsOf(facet, all, owners);
    }

    /// @notice Applies `cuts`, announces them and runs the initialisation. Whoever calls answers for authorisation.
    /// @param coreToo Whether core functions may be removed.
    function cut(FacetCut[] memory cuts, address init, bytes memory data, bool coreToo) internal {
        for (uint256 i; i < cuts.length; ++i) {
            FacetCut memory entry = cuts[i];
            address facet = entry.facetAddress;
            bytes4[] memory selectors = entry.functionSelectors;
            if (selectors.length == 0) revert IDiamondCut.NoSelectors(facet, entry.action);
            if (entry.action == FacetCutAction.Add) {
                _requireFacet(facet);
                _add(facet, selectors);
            } else if (entry.action == FacetCutAction.Replace) {
                _requireFacet(facet);
                _replace(facet, selectors);
            } else {
                if (facet != address(0)) revert IDiamondCut.RemoveNamesFacet(facet);
                _remove(selectors, coreToo);
            }
        }
        emit IDiamondCut.DiamondCut(cuts, init, data);
        _initialize(init, data);
    }

    /// @dev Without these the diamond cannot be changed, or not be looked into.
    function isCore(bytes4 selector) internal pure returns (bool) {
        return selector == IDiamondCut.diamondCut.selector || selector == IDiamondLoupe.facets.selector
            || selector == IDiamondLoupe.facetFunctionSelectors.selector
            || selector == IDiamondLoupe.facetAddresses.selector || selector == IDiamondLoupe.facetAddress.selector;
    }

    /// @dev Appends to the ring. Each node is written once, complete, naming the selector that the next round will add:
    ///      a fresh slot a selector, and the two neighbours once a call. That holds together because any refusal
    ///      reverts everything.
    function _add(address facet, bytes4[] memory selectors) private {
        mapping(bytes4 => DiamondStorage.Node) storage nodes = DiamondStorage.load().nodes;
        bytes4 previous = nodes[HEAD].previous;
        bytes4 selector = selectors[0];
        nodes[previous].next = selector;
        uint256 last = selectors.length - 1;
        for (uint256 i; i <= last; ++i) {
            if (selector == HEAD) revert IDiamondCut.ZeroSelector();
            address current = nodes[selector].facet;
            if (current != address(0)) {
                _refuseDuplicate(selectors, i);
                revert IDiamondCut.SelectorAlreadyAdded(selector, current);
            }
            bytes4 next = i == last ? HEAD : selectors[i + 1];
            nodes[selector] = DiamondStorage.Node({facet: facet, previous: previous, next: next});
            (previous, selector) = (selector, next);
        }
        nodes[HEAD].previous = previous;
    }

    function _replace(address facet, bytes4[] memory selectors) private {
        mapping(bytes4 => DiamondStorage.Node) storage nodes = DiamondStorage.load().nodes;
        for (uint256 i; i < selectors.length; ++i) {
            bytes4 selector = selectors[i];
            DiamondStorage.Node storage node = nodes[selector];
            address current = node.facet;
            if (current == address(0)) revert IDiamondCut.SelectorNotAdded(selector);
            if (current == facet) {
                _refuseDuplicate(selectors, i);
                revert IDiamondCut.SelectorAlreadyOnFacet(selector, facet);
            }
            node.facet = facet;
        }
    }

    function _remove(bytes4[] memory selectors, bool coreToo) private {
        mapping(bytes4 => DiamondStorage.Node) storage nodes = DiamondStorage.load().nodes;
        for (uint256 i; i < selectors.length; ++i) {
            bytes4 selector = selectors[i];
            DiamondStorage.Node memory node = nodes[selector];
            if (node.facet == address(0)) {
                _refuseDuplicate(selectors, i);
                revert IDiamondCut.SelectorNotAdded(selector);
            }
            if (!coreToo && isCore(selector)) revert IDiamondCut.CoreFunction(selector);
            nodes[node.previous].next = node.next;
            nodes[node.next].previous = node.previous;
            delete nodes[selector];
        }
    }

    function _requireFacet(address facet) private view {
        // The diamond comes first: while it is being constructed it has no code either.
        if (facet == address(this)) revert IDiamondCut.DiamondAsFacet(facet);
        if (facet.code.length == 0) revert IDiamondCut.FacetWithoutCode(facet);
    }

    /// @dev Called only once a selector has been refused, so that looking for its twin costs accepted cuts nothing.
    function _refuseDuplicate(bytes4[] memory selectors, uint256 position) private pure {
        bytes4 selector = selectors[position];
        for (uint256 i; i < position; ++i) {
            if (selectors[i] == selector) revert IDiamondCut.DuplicateSelector(selector);
        }
    }

    function _initialize(address init, bytes memory data) private {
        if (init == address(0)) {
            if (data.length != 0) revert IDiamondCut.InitMissing(data);
            return;
        }
        if (init.code.length == 0) revert IDiamondCut.InitWithoutCode(init);
        (bool success, bytes memory reason) = init.delegatecall(data);
        if (success) return;
        if (reason.length == 0) revert IDiamondCut.InitializationFailed(init, data);
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }

    /// @return selectors Every selector of the diamond, in the order of addition.
    /// @return owners The facet of each.
    function _functions() private view returns (bytes4[] memory selectors, address[] memory owners) {
        mapping(bytes4 => DiamondStorage.Node) storage nodes = DiamondStorage.load().nodes;
        uint256 count;
        for (bytes4 s = nodes[HEAD].next; s != HEAD; s = nodes[s].next) {
            ++count;
        }
        selectors = new bytes4[](count);
        owners = new address[](count);
        bytes4 selector = nodes[HEAD].next;
        for (uint256 i; i < count; ++i) {
            DiamondStorage.Node memory node = nodes[selector];
            (selectors[i], owners[i]) = (selector, node.facet);
            selector = node.next;
        }
    }

    function _unique(address[] memory owners) private pure returns (address[] memory addresses) {
        addresses = new address[](owners.length);
        uint256 count;
        for (uint256 i; i < owners.length; ++i) {
            uint256 j;
            while (j < count && addresses[j] != owners[i]) ++j;
            if (j == count) addresses[count++] = owners[i];
        }
        assembly ("memory-safe") {
            mstore(addresses, count)
        }
    }

    function _selectorsOf(address facet, bytes4[] memory all, address[] memory owners)
        private
        pure
        returns (bytes4[] memory selectors)
    {
        selectors = new bytes4[](all.length);
        uint256 count;
        for (uint256 i; i < all.length; ++i) {
            if (owners[i] == facet) selectors[count++] = all[i];
        }
        assembly ("memory-safe") {
            mstore(selectors, count)
        }
    }
}
