// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {SafeTransferLib} from "solady/src/utils/SafeTransferLib.sol";

import {ISwapCallback} from "../../interfaces/ISwapCallback.sol";
import {LibView} from "./LibView.sol";

/// @title Moving tokens, whatever a token answers
/// @dev A token that answers nothing has done what was asked, if it has code. One that fails, or answers false, fails
/// the call with `CallFailed(token, answer)`: see LibCall.
library LibToken {
    using SafeERC20 for IERC20;

    function transfer(address token, address to, uint256 amount) internal {
        if (!IERC20(token).trySafeTransfer(to, amount)) revert ISwapCallback.CallFailed(token, LibView.reason());
    }

    function transferFrom(address token, address from, address to, uint256 amount) internal {
        if (!IERC20(token).trySafeTransferFrom(from, to, amount)) {
            revert ISwapCallback.CallFailed(token, LibView.reason());
        }
    }

    /// @dev None may be left from before: some tokens refuse to change an allowance that is not zero.
    function approve(address token, address spender, uint256 amount) internal {
        // slither-disable-next-line low-level-calls
        (bool ok, bytes memory answer) = token.call(abi.encodeCall(IERC20.approve, (spender, amount)));
        ok = ok && (answer.length == 0 ? token.code.length != 0 : bytes32(answer) == bytes32(uint256(1)));
        if (!ok) revert ISwapCallback.CallFailed(token, answer);
    }

    /// @return amount What `spender` may still take of the diamond's `token`.
    function allowance(address token, address spender) internal view returns (uint256 amount) {
        try IERC20(token).allowance(address(this), spender) returns (uint256 left) {
            return left;
        } catch (bytes memory reason) {
            revert ISwapCallback.CallFailed(token, reason);
        }
    }

    /// @dev Exactly `stated` must have come.
    /// @param balanceBefore Of the diamond, before that.
    function requireArrived(address token, uint256 balanceBefore, uint256 stated) internal view {
        uint256 measured =
            FixedPointMathLib.zeroFloorSub(SafeTransferLib.balanceOf(token, address(this)), balanceBefore);
        if (measured != stated) revert ISwapCallback.UnfaithfulToken(token, measured, stated);
    }

    /// @dev Exactly `amount` must have gone.
    /// @param balanceBefore Of the diamond, before `amount` came.
    function requireSpent(address token, uint256 balanceBefore, uint256 amount) internal view {
        uint256 left = SafeTransferLib.balanceOf(token, address(this));
        uint256 spent = FixedPointMathLib.zeroFloorSub(balanceBefore + amount, left);
        if (spent != amount) revert ISwapCallback.PartialFill(spent, amount);
    }
}
