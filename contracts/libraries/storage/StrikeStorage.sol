// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LotsWord} from "../../types/LotsWord.sol";
import {StrikeWord} from "../../types/StrikeWord.sol";

/// @title Storage of the strikes
/// @dev Append-only. Used by LibStrike alone.
library StrikeStorage {
    /// @dev Two words a strike. A settled strike's slot is not cleared but used again, so that a warm diamond never
    /// pays for a fresh word.
    struct Slot {
        // slot 0: 32 bytes
        StrikeWord record;
        // slot 1: 32 bytes
        LotsWord weights;
    }

    /// @custom:storage-location erc7201:macrostrike.storage.Strike
    struct Layout {
        // slots 0 to 127: 4096 bytes
        Slot[64] slots;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("macrostrike.storage.Strike")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant SLOT = 0x9347a68173e7e075327f63e9a24954ded3640d72bfda91a72a190fa845b68000;

    function load() internal pure returns (Layout storage l) {
        assembly ("memory-safe") {
            l.slot := SLOT
        }
    }
}
