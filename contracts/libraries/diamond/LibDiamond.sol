// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDiamondCut} from "../../interfaces/IDiamondCut.sol";
import {IDiamondLoupe} from "../../interfaces/IDiamondLoupe.sol";
import {IFacet} from "../../interfaces/IFacet.sol";
import {Facet, FacetCutAction} from "../../types/DiamondTypes.sol";
import {DiamondStorage} from "../storage/DiamondStorage.sol";

/// @title The diamond's functions: which facet answers what, and how that changes
library LibDiamond {
    /// @dev The head of the ring of selectors.
    bytes4 private constant HEAD = 0x00000000;
    /// @dev For dispatch alone: the slot at this place plus the selector has its facet in the lowest 160 bits, all zero where
    /// none answers, and anything above them.
    uint256 internal constant NODES = uint256(DiamondStorage.SLOT);

    // Reading

    /// @return facet The facet that answers `selector`; zero when none does.
    function facetAddress(bytes4 selector) internal view returns (address facet) {
        return DiamondStorage.node(selector).facet;
    }

    /// @return facets_ Every facet with its selectors.
    function facets() internal view returns (Facet[] memory facets_) {
        (bytes4[] memory selectors, address[] memory owners) = _functions();
        address[] memory addresses = _unique(owners);
        facets_ = new Facet[](addresses.length);
        for (uint256 i; i < addresses.length; ++i) {
            facets_[i] = Facet(addresses[i], _selectorsOf(addresses[i], selectors, owners));
        }
    }

    /// @return addresses Every facet, once.
    function facetAddresses() internal view returns (address[] memory addresses) {
        (, address[] memory owners) = _functions();
        return _unique(owners);
    }

    /// @return selectors What `facet` answers.
    function facetFunctionSelectors(address facet) internal view returns (bytes4[] memory selectors) {
        (bytes4[] memory all, address[] memory owners) = _functions();
        return _selectorsOf(facet, all, owners);
    }

    /// @return core Whether the diamond could not be changed, or not be looked into, without `selector`.
    function isCore(bytes4 selector) internal pure returns (bool core) {
        return selector == IDiamondCut.diamondCut.selector || selector == IDiamondLoupe.facets.selector
            || selector == IDiamondLoupe.facetFunctionSelectors.selector
            || selector == IDiamondLoupe.facetAddresses.selector || selector == IDiamondLoupe.facetAddress.selector;
    }

    // Cutting

    /// @notice Applies a cut, announces it and runs its initialisation. The caller checks authorisation.
    /// @dev Takes the cut encoded as its event carries it, for the sake of gas: the selectors are read where they
    /// stand,
    ///      and the event needs no second encoding.
    /// @param encoded abi.encode(FacetCut[] cuts, address init, bytes data). The selectors' padding need not be clean:
    ///        it is checked here.
    /// @param coreToo Whether core functions may be removed.
    function cut(bytes memory encoded, bool coreToo) internal {
        uint256 count;
        address init;
        bytes memory data;
        // Behind the length of `encoded`: offset of the cuts (always 0x60), init, offset of data, number of cuts.
        assembly ("memory-safe") {
            init := mload(add(encoded, 0x40))
            data := add(add(encoded, 0x20), mload(add(encoded, 0x60)))
            count := mload(add(encoded, 0x80))
        }
        for (uint256 i; i < count; ++i) {
            address facet;
            FacetCutAction action;
            bytes4[] memory selectors;
            // Then the cuts' offsets, and at each: facet, action, offset of the selectors (always 0x60), selectors.
            assembly ("memory-safe") {
                let entries := add(encoded, 0xa0)
                let entry := add(entries, mload(add(entries, shl(5, i))))
                facet := mload(entry)
                action := mload(add(entry, 0x20))
                selectors := add(entry, 0x60)
            }
            _apply(facet, action, selectors, coreToo);
        }
        bytes32 topic = IDiamondCut.DiamondCut.selector;
        assembly ("memory-safe") {
            log1(add(encoded, 0x20), mload(encoded), topic)
        }
        _initialize(init, data);
    }

    function _apply(address facet, FacetCutAction action, bytes4[] memory selectors, bool coreToo) private {
        if (selectors.length == 0) revert IDiamondCut.NoSelectors(facet, action);
        if (action == FacetCutAction.Remove) {
            if (facet != address(0)) revert IDiamondCut.RemoveNamesFacet(facet);
            _remove(selectors, coreToo);
            return;
        }
        // The diamond comes first: while it is being constructed it has no code either.
        if (facet == address(this)) revert IDiamondCut.DiamondAsFacet(facet);
        if (facet.code.length == 0) revert IDiamondCut.FacetWithoutCode(facet);
        if (action == FacetCutAction.Add) _add(facet, selectors);
        else _replace(facet, selectors);
    }

    /// @dev New selectors enter the ring just before `diamondCut`: dispatching the cut has read its slot already, which
    ///      makes it the cheapest neighbour. While there is none, they enter at the ring's end.
    function _add(address facet, bytes4[] memory selectors) private {
        uint256 linked = DiamondStorage.link(facet, selectors, IDiamondCut.diamondCut.selector);
        if (linked != selectors.length) {
            bytes4 refused = _selectorAt(selectors, linked);
            if (refused == HEAD) revert IDiamondCut.ZeroSelector();
            _refuseDuplicate(selectors, linked);
            revert IDiamondCut.SelectorAlreadyAdded(refused, facetAddress(refused));
        }
    }

    function _replace(address facet, bytes4[] memory selectors) private {
        for (uint256 i; i < selectors.length; ++i) {
            bytes4 selector = _selectorAt(selectors, i);
            DiamondStorage.Node storage node = DiamondStorage.node(selector);
            address current = node.facet;
            if (current == address(0)) revert IDiamondCut.SelectorNotAdded(selector);
            if (current == facet) {
                _refuseDuplicate(selectors, i);
                revert IDiamondCut.SelectorAlreadyOnFacet(selector, facet);
            }
            if (isCore(selector) && !_exports(facet, selector)) {
                revert IDiamondCut.CoreFunctionNotExported(selector, facet);
            }
            node.facet = facet;
        }
    }

    function _remove(bytes4[] memory selectors, bool coreToo) private {
        for (uint256 i; i < selectors.length; ++i) {
            bytes4 selector = _selectorAt(selectors, i);
            DiamondStorage.Node memory node = DiamondStorage.node(selector);
            if (node.facet == address(0)) {
                _refuseDuplicate(selectors, i);
                revert IDiamondCut.SelectorNotAdded(selector);
            }
            if (!coreToo && isCore(selector)) revert IDiamondCut.CoreFunction(selector);
            DiamondStorage.node(node.previous).next = node.next;
            DiamondStorage.node(node.next).previous = node.previous;
            DiamondStorage.clear(selector);
        }
    }

    /// @dev Whether the facet itself says that it means to have `selector`.
    function _exports(address facet, bytes4 selector) private pure returns (bool) {
        try IFacet(facet).exportSelectors() returns (bytes memory selectors) {
            for (uint256 i; i + 4 <= selectors.length; i += 4) {
                bytes4 exported;
                assembly ("memory-safe") {
                    exported := and(mload(add(add(selectors, 0x20), i)), shl(224, 0xffffffff))
                }
                if (exported == selector) return true;
            }
            return false;
        } catch {
            return false;
        }
    }

    /// @dev Selectors come undecoded, so the padding is not checked before.
    function _selectorAt(bytes4[] memory selectors, uint256 position) private pure returns (bytes4 selector) {
        selector = selectors[position];
        bytes32 word;
        assembly ("memory-safe") {
            word := mload(add(add(selectors, 0x20), shl(5, position)))
        }
        if (word != selector) revert IDiamondCut.DirtySelector(word);
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
        if (data.length == 0) revert IDiamondCut.InitDataMissing(init);
        if (init.code.length == 0) revert IDiamondCut.InitWithoutCode(init);
        (bool success, bytes memory reason) = init.delegatecall(data);
        if (success) return;
        if (reason.length == 0) revert IDiamondCut.InitializationFailed(init, data);
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }

    // Walking the ring, for views only

    /// @return selectors Every selector of the diamond.
    /// @return owners The facet of each.
    function _functions() private view returns (bytes4[] memory selectors, address[] memory owners) {
        uint256 count;
        for (bytes4 s = DiamondStorage.node(HEAD).next; s != HEAD; s = DiamondStorage.node(s).next) {
            ++count;
        }
        selectors = new bytes4[](count);
        owners = new address[](count);
        bytes4 selector = DiamondStorage.node(HEAD).next;
        for (uint256 i; i < count; ++i) {
            DiamondStorage.Node memory node = DiamondStorage.node(selector);
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
