// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ModelRecord, ScoreCell} from "../../types/StrikeTypes.sol";

/// @title Storage of the score
/// @dev Append-only. Used by LibScore alone.
library ScoreStorage {
    /// @custom:storage-location erc7201:macrostrike.storage.Score
    struct Layout {
        // slot 0: 32 bytes
        mapping(uint256 key => ScoreCell cell) cells;
        // slot 1: 32 bytes
        uint16[] modelIds;
        // slot 2: 32 bytes
        mapping(uint256 modelId => ModelRecord record) models;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("macrostrike.storage.Score")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant SLOT = 0xd42fe7ccdbddd9b0c7a0ab05c85b451b107cc4cb7f5224c1b9266d8865da6d00;

    function load() internal pure returns (Layout storage l) {
        assembly ("memory-safe") {
            l.slot := SLOT
        }
    }
}
