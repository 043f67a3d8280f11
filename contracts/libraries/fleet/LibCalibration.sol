// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BPS, MIN_CONFIDENCE_BPS} from "../../types/AccessTypes.sol";

/// @title How predictions are judged: confidence bins and the Brier score
library LibCalibration {
    uint256 internal constant BINS = 7;

    /// @dev Bins of 100 basis points from 9300; 10000 belongs to the last.
    function bin(uint256 confidenceBps) internal pure returns (uint256) {
        // No confidence is under the minimum: `_accept` and `_admit` refuse it.
        unchecked {
            uint256 found = (confidenceBps - MIN_CONFIDENCE_BPS) / 100;
            return found == BINS ? BINS - 1 : found;
        }
    }

    /// @return (confidence - outcome)^2 in units of 1e-6.
    function brier(uint256 confidenceBps, bool right) internal pure returns (uint256) {
        // A confidence is at most 10000.
        unchecked {
            uint256 miss = right ? BPS - confidenceBps : confidenceBps;
            return miss * miss / 100;
        }
    }
}
