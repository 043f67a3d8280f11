// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IFacet} from "../interfaces/IFacet.sol";
import {IScore} from "../interfaces/IScore.sol";
import {LibScore} from "../libraries/fleet/LibScore.sol";
import {LibStats} from "../libraries/fleet/LibStats.sol";
import {CalibrationBin, Signal, SignalStats, Strategy, StrategyStats, StrikeStats} from "../types/StrikeTypes.sol";

/// @title The score
contract ScoreFacet is IScore, IFacet {
    /// @inheritdoc IScore
    function getStrikeStats() external view returns (StrikeStats memory) {
        return LibStats.totals();
    }

    /// @inheritdoc IScore
    function getSignalStats(Signal signal) external view returns (SignalStats memory) {
        return LibStats.bySignal(signal);
    }

    /// @inheritdoc IScore
    function getStrategyStats(Strategy strategy) external view returns (StrategyStats memory) {
        return LibStats.byStrategy(strategy);
    }

    /// @inheritdoc IScore
    function getCalibration(uint16 modelId) external view returns (CalibrationBin[7] memory) {
        return LibScore.calibration(modelId);
    }

    /// @inheritdoc IFacet
    function exportSelectors() external pure returns (bytes memory selectors) {
        return bytes.concat(
            IScore.getStrikeStats.selector,
            IScore.getSignalStats.selector,
            IScore.getStrategyStats.selector,
            IScore.getCalibration.selector
        );
    }
}
