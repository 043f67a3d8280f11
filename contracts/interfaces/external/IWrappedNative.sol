// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The part of wrapped ether that is needed here, beyond ERC-20.
interface IWrappedNative {
    function deposit() external payable;

    function withdraw(uint256 amount) external;
}
