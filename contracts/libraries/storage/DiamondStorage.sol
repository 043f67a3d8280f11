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
        mapping(bytes4 selector => Node node) nodes;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("macrostrike.storage.Diamond")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant SLOT = 0x9e75b2c1b5624276b51d884103ac22b534f88f13c42483e5192a70ebcd178200;

    function load() internal pure returns (Layout storage l) {
        assembly ("memory-safe") {
            l.slot := SLOT
        }
    }
}
