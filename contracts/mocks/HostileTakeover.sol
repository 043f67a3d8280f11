// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title What looks like a diamond with a strike to take over
/// @dev Takes and yields what it is set to, out of what it holds.
contract HostileTakeover {
    using SafeERC20 for IERC20;

    IERC20 private immutable TOKEN_IN;
    IERC20 private immutable TOKEN_OUT;
    bool private takeable;
    uint256 private quotedIn;
    uint256 private quotedOut;
    uint256 private takes;
    uint256 private yields;

    constructor(IERC20 tokenIn, IERC20 tokenOut) {
        (TOKEN_IN, TOKEN_OUT) = (tokenIn, tokenOut);
    }

    function quote(bool takeable_, uint256 quotedIn_, uint256 quotedOut_) external {
        (takeable, quotedIn, quotedOut) = (takeable_, quotedIn_, quotedOut_);
    }

    function behave(uint256 takes_, uint256 yields_) external {
        (takes, yields) = (takes_, yields_);
    }

    function quoteTake(uint256) external view returns (bool, uint256, uint256, uint256) {
        return (takeable, 1, quotedIn, quotedOut);
    }

    function takeStrike(uint256, uint256) external returns (uint256, uint256) {
        if (takes != 0) TOKEN_IN.safeTransferFrom(msg.sender, address(this), takes);
        if (yields != 0) TOKEN_OUT.safeTransfer(msg.sender, yields);
        return (quotedIn, quotedOut);
    }
}
