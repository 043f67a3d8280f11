// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Storage of the diamond's functions
/// @dev Append-only. Used by LibDiamond alone.
library DiamondStorage {
    /// @dev One slot a selector. Selectors form a ring, so that one can be taken out in constant time and the loupe can
    ///      walk them all without a slot more. The ring's head is the node of selector 0x00000000, which never has a
    ///      facet: its `next` is the first selector and its `previous` the last one.
    struct Node {
        // slot 0: 20 + 4 + 4 = 28 bytes
        address facet;
        bytes4 previous;
        bytes4 next;
    }

    /// @dev An array as long as there are selectors instead of a mapping: a node's slot is then SLOT + selector, which
    ///      spares every single call through the diamond the hashing.
    /// @custom:storage-location erc7201:macrostrike.storage.Diamond
    struct Layout {
        // slots 0 and up: 137438953472 bytes
        Node[2 ** 32] nodes;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("macrostrike.storage.Diamond")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 internal constant SLOT = 0x9e75b2c1b5624276b51d884103ac22b534f88f13c42483e5192a70ebcd178200;

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

    /// @dev Links `selectors` into the ring: just before `anchor`, or at the ring's end if that has no facet. A fresh
    ///      slot for each, written once and whole, as it names the selector that the next round fills. Stops at a
    ///      selector that is zero, has dirty padding or has a facet already; some nodes then point nowhere, and the
    ///      caller must revert. In assembly, since this is what a cut is paid for.
    /// @param selectors At least one.
    /// @return linked How many selectors were linked.
    function link(address facet, bytes4[] memory selectors, bytes4 anchor) internal returns (uint256 linked) {
        assembly ("memory-safe") {
            let next := shr(224, anchor)
            let node_ := sload(add(SLOT, next))
            if iszero(shl(96, node_)) {
                next := 0
                node_ := sload(SLOT)
            }
            let at := add(selectors, 0x20)
            let end := add(at, shl(5, mload(selectors)))
            // `next` stands behind the last selector as if it were one more; what was there is put back below.
            let displaced := mload(end)
            mstore(end, shl(224, next))
            let before := and(shr(160, node_), 0xffffffff)
            let word := mload(at)
            // previous.next: nothing lies above it in a node.
            let slot := add(SLOT, before)
            sstore(slot, or(and(sload(slot), sub(shl(192, 1), 1)), shr(32, word)))
            for {} 1 {} {
                let selector := shr(224, word)
                // From node to node, which spares a constant that the optimizer would fetch from code every time.
                slot := add(slot, sub(selector, before))
                if or(or(iszero(selector), shl(32, word)), shl(96, sload(slot))) { break }
                at := add(at, 0x20)
                word := mload(at)
                // Dirt in the next word would spill into the other fields; its own round refuses it.
                sstore(slot, or(or(shr(32, word), shl(160, before)), facet))
                before := selector
                if eq(at, end) { break }
            }
            // next.previous: read anew, because that node may be the previous one, too.
            slot := add(SLOT, next)
            sstore(slot, or(and(sload(slot), not(shl(160, 0xffffffff))), shl(160, before)))
            mstore(end, displaced)
            linked := sub(shr(5, sub(at, selectors)), 1)
        }
    }
}
