// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CalibrationBin, Signal, SignalStats, Strategy, StrategyStats, StrikeStats} from "../types/StrikeTypes.sol";

/// @title The score
/// @notice Every figure is a sum over what settlements measured; anyone can rebuild it from events alone.
interface IScore {
    /// @notice The score in totals.
    function getStrikeStats() external view returns (StrikeStats memory);

    /// @notice One signal's score.
    function getSignalStats(Signal signal) external view returns (SignalStats memory);

    /// @notice One strategy's score.
    function getStrategyStats(Strategy strategy) external view returns (StrategyStats memory);

    /// @notice The 7 confidence bins of a model: 9300 to 9399, …, 9900 to 10000 basis points.
    function getCalibration(uint16 modelId) external view returns (CalibrationBin[7] memory);
}
