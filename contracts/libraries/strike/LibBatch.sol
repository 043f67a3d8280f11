// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LibAccess} from "../access/LibAccess.sol";

/// @title One call of a batch
library LibBatch {
    /// @dev Calls the diamond's own function, in place and in the caller's name. The target is this diamond and nothing
    /// else, and `call` is built by the facet, never taken from a caller. A call frame of its own is what lets a
    /// failure be undone whole, transient storage included.
    /// Nothing is skipped for a stranger, nor for hooks or tokens that call out while an operator's swap runs: they would
    /// write skips into the diamond's events.
    /// @return ok Whether it was done; false only where it may be skipped.
    /// @return result The word that the function returned; 0 when it was skipped.
    /// @return reason What it was refused with.
    function run(bytes memory call, bool skip) internal returns (bool ok, uint256 result, bytes memory reason) {
        (ok, reason) = address(this).delegatecall(call);
        if (ok) {
            result = abi.decode(reason, (uint256));
        } else if (!skip || !LibAccess.isOperatorOrOwner(msg.sender)) {
            assembly ("memory-safe") {
                revert(add(reason, 0x20), mload(reason))
            }
        }
    }
}
