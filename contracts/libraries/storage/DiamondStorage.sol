// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Storage of the diamond's functions
/// @dev Append-only. Used by LibDiamond alone.
library DiamondStorage {
    /// @dev One slot a selector. Selectors form a ring, in the order of their addition, so that one can be taken out in
    ///      constant time and the loupe can walk all of them without a further slot. The ring's head is the node of
    ///      selector 0x00000000, which has no facet: its `next` is the first selector and its `previous` the last one.
    struct Node {
        address facet;
        bytes4 previous;
        bytes4 next;
    }

    /// @custom:storage-location erc7201:macrostrike.storage.Diamond
    struct Layout {
        Node[4294967296] nodes;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("macrostrike.storage.Diamond")) - 1)) & ~bytes32(uint256(0xff))
    uint256 internal constant SLOT = 0x9e75b2c1b5624276b51d884103ac22b534f88f13c42483e5192a70ebcd178200;

    function node(bytes4 selector) internal pure returns (Node storage n) {
        assembly ("memory-safe") {
            n.slot := add(SLOT, shr(224, selector))
        }
    }

    /// @dev Fills the nodes of `selectors`, one fresh slot each, each written once and whole: it names the selector that
    ///      the next round fills. Stops at one that is zero or has a facet already; the caller must then revert.
    /// @param previous The selector that the first one follows.
    /// @param next The selector that follows the last one.
    /// @return linked How many of the selectors were linked.
    function link(address facet, bytes4[] memory selectors, bytes4 previous, bytes4 next)
        internal
        returns (uint256 linked)
    {
        assembly ("memory-safe") {
            let at := add(selectors, 0x20)
            let end := add(at, shl(5, mload(selectors)))
            // Stands in for one selector more; put back below.
            let beyond := mload(end)
            mstore(end, next)
            let before := shr(224, previous)
            let selector := shr(224, mload(at))
            for {} 1 {} {
                let slot := add(SLOT, selector)
                if or(iszero(selector), shl(96, sload(slot))) { break }
                at := add(at, 0x20)
                let following := shr(224, mload(at))
                sstore(slot, or(or(shl(192, following), shl(160, before)), facet))
                if eq(at, end) { break }
                before := selector
                selector := following
            }
            mstore(end, beyond)
            linked := sub(shr(5, sub(at, selectors)), 1)
        }
    }

    function clear(bytes4 selector) internal {
        assembly ("memory-safe") {
            sstore(add(SLOT, shr(224, selector)), 0)
        }
    }
}
