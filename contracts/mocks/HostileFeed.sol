// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAggregatorV3} from "../interfaces/external/IAggregatorV3.sol";

/// @title A price feed that says whatever anyone tells it to, or nothing
contract HostileFeed is IAggregatorV3 {
    uint8 public immutable decimals;
    bool public silent;
    int256 private answer;
    uint256 private updatedAt;

    error Silent();

    constructor(uint8 decimals_) {
        decimals = decimals_;
    }

    function tell(int256 answer_, uint256 updatedAt_, bool silent_) external {
        (answer, updatedAt, silent) = (answer_, updatedAt_, silent_);
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        if (silent) revert Silent();
        return (1, answer, updatedAt, updatedAt, 1);
    }
}
