// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Storage of the diamond's functions
/// @dev Append-only. Used by LibDiamond alone.
library DiamondStorage {
    /// @dev One slot a selector. Selectors form a ring, so that one can be taken out in constant time and the loupe can
    ///      walk them all without a slot more. The ring's head is the node of selector 0x00000000, which never has a
    ///      facet: its `next` is the first selector and its `previous` the last one.
    struct Node {
        address facet;
        bytes4 previous;
        bytes4 next;
    }

    /// @dev An array as long as there are selectors instead of a mapping: a node's slot is then SLOT + selector, which
    ///      spares every single call through the diamond the hashing.
    /// @custom:storage-location erc7201:macrostrike.storage.Diamond
    struct Layout {
        Node[2 ** 32] nodes;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("macrostrike.storage.Diamond")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant SLOT = 0x9e75b2c1b5624276b51d884103ac22b534f88f13c42483e5192a70ebcd178200;

    /// @dev Layout.nodes[selector], without the check of bounds that a selector cannot fail.
    function node(bytes4 selector) internal pure returns (Node storage n) {
        assembly ("memory-safe") {
            n.slot := add(SLOT, shr(224, selector))
        }
    }

    function clear(bytes4 selector) internal {
        assembly ("memory-safe") {
            sstore(add(SLOT, shr(224, selector)), 0)
        }
    }

    /// @dev Fills the nodes of `selectors`: a fresh slot each, written once and whole, as it names the selector that
    /// the
    ///      next round fills. Stops at a selector that is zero, has dirty padding or has a facet already; some nodes
    ///      then point nowhere, and the caller must revert. In assembly, since this is what a cut is paid for.
    /// @param selectors At least one.
    /// @param previous The selector that the first one is to follow.
    /// @param next The selector that is to follow the last one.
    /// @return linked How many selectors were linked.
    function link(address facet, bytes4[] memory selectors, bytes4 previous, bytes4 next)
        internal
        returns (uint256 linked)
    {
        assembly ("memory-safe") {
            let at := add(selectors, 0x20)
            let end := add(at, shl(5, mload(selectors)))
            // `next` stands behind the last selector as if it were one more; what was there is put back below.
            let displaced := mload(end)
            mstore(end, next)
            let before := shr(224, previous)
            let word := mload(at)
            for {} 1 {} {
                let selector := shr(224, word)
                let slot := add(SLOT, selector)
                if or(or(iszero(selector), shl(32, word)), shl(96, sload(slot))) { break }
                at := add(at, 0x20)
                word := mload(at)
                sstore(slot, or(or(shl(192, shr(224, word)), shl(160, before)), facet))
                if eq(at, end) { break }
                before := selector
            }
            mstore(end, displaced)
            linked := sub(shr(5, sub(at, selectors)), 1)
        }
    }
}
