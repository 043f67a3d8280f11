// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Engine, Operator} from "../../types/AccessTypes.sol";

/// @title Storage of ownership and roles
/// @dev Append-only. Used by LibAccess alone.
library AccessStorage {
    /// @custom:storage-location erc7201:macrostrike.storage.Access
    struct Layout {
        // slot 0: 20 bytes
        address owner;
        // slot 1: 20 bytes
        address pendingOwner;
        // slot 2: 32 bytes
        mapping(address account => Operator grant) operators;
        // slot 3: 32 bytes
        mapping(address account => Engine grant) engines;
        // slot 4: 32 bytes
        mapping(address account => bool active) guardians;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("macrostrike.storage.Access")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant SLOT = 0x095badafffbb055ddf354fd9d7b332ae6b3c5c4d6cedad742b639405f8636300;

    function load() internal pure returns (Layout storage l) {
        assembly ("memory-safe") {
            l.slot := SLOT
        }
    }
}
