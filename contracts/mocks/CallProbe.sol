// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LibCallback} from "../libraries/cycle/LibCallback.sol";
import {LibCall} from "../libraries/venues/LibCall.sol";
import {LibToken} from "../libraries/venues/LibToken.sol";
import {HostilePair} from "./HostilePair.sol";

/// @title Calls of tokens and pools, whatever they answer
contract CallProbe {
    /// @dev The callback that `callBack` asked for, which is only to be paid.
    fallback() external {
        require(LibCallback.payIfDue());
    }

    /// @dev Expects a callback of `pair`, and has it call with `call`.
    function callBack(HostilePair pair, address token, uint256 allowed, bytes calldata call) external {
        LibCallback.expectPay(address(pair), token, allowed);
        pair.relay(address(this), call);
        LibCallback.requireTurnTaken(address(pair));
    }

    function fail(address target, bytes calldata reason) external pure {
        LibCall.fail(target, reason);
    }

    function transfer(address token, address to, uint256 amount) external {
        LibToken.transfer(token, to, amount);
    }

    function transferFrom(address token, address from, address to, uint256 amount) external {
        LibToken.transferFrom(token, from, to, amount);
    }

    function approve(address token, address spender, uint256 amount) external {
        LibToken.approve(token, spender, amount);
    }

    function allowance(address token, address spender) external view returns (uint256) {
        return LibToken.allowance(token, spender);
    }

    function requireArrived(address token, uint256 balanceBefore, uint256 stated) external view {
        LibToken.requireArrived(token, balanceBefore, stated);
    }

    function requireSpent(address token, uint256 balanceBefore, uint256 amount) external view {
        LibToken.requireSpent(token, balanceBefore, amount);
    }
}
