// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAMMBot} from "../../interfaces/IAMMBot.sol";
import {ISwapCallback} from "../../interfaces/ISwapCallback.sol";

/// @title Failures of what the diamond calls
/// @dev A token or pool can fail with any bytes, with one of the diamond's own errors too. So that none of them can say
/// `EnforcedPause()` in the diamond's name, their failures come out as `CallFailed(target, reason)`. Let through as they
/// are: the errors of a running swap, which our own callback fails with, and which come back by way of the pool.
library LibCall {
    function fail(address target, bytes memory reason) internal pure {
        if (!_isOfSwap(bytes4(reason))) revert ISwapCallback.CallFailed(target, reason);
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }

    /// @dev All of them say that this swap failed, and nothing else: a token that says one of them, says the truth.
    function _isOfSwap(bytes4 selector) private pure returns (bool) {
        return selector == ISwapCallback.CallFailed.selector || selector == ISwapCallback.UnexpectedCallback.selector
            || selector == ISwapCallback.CallbackAmountExceeded.selector
            || selector == ISwapCallback.CallbackAmountMismatch.selector
            || selector == ISwapCallback.CallbackMissing.selector
            || selector == ISwapCallback.UnexpectedInitiator.selector
            || selector == ISwapCallback.UnfaithfulToken.selector || selector == ISwapCallback.PartialFill.selector
            || selector == IAMMBot.NotProfitable.selector || selector == IAMMBot.OutputMismatch.selector
            || selector == IAMMBot.ApprovalLeft.selector;
    }
}
