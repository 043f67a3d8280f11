// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IStrikeBot} from "../../interfaces/IStrikeBot.sol";

/// @title One call of a batch
library LibBatch {
    /// @dev Calls the diamond's own function, in place and in the caller's name. The target is this diamond and nothing
    /// else, and `call` is built by the facet, never taken from a caller. A call frame of its own is what lets a
    /// failure
    /// be undone whole, transient storage included.
    /// @return result The word that the function returned; 0 when it was skipped.
    function run(uint256 index, bytes memory call, bool skip) internal returns (uint256 result) {
        (bool ok, bytes memory data) = address(this).delegatecall(call);
        if (ok) return abi.decode(data, (uint256));
        if (!skip) {
            assembly ("memory-safe") {
                revert(add(data, 0x20), mload(data))
            }
        }
        emit IStrikeBot.Skipped(index, data);
    }
}
