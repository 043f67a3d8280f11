// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    CalibrationBin,
    ModelView,
    Signal,
    SignalStats,
    Strategy,
    StrategyStats,
    StrikeStats,
    StrikeView
} from "../types/StrikeTypes.sol";

/// @title The score, and the strikes that are open
/// @notice Every figure is a sum over what settlements measured; anyone can rebuild it from events alone.
interface IScore {
    /// @notice A strike: open, or settled as long as its slot was not used again (its result is in the events).
    function getStrike(uint256 strikeId) external view returns (StrikeView memory);

    /// @notice The ids of the open strikes.
    function getOpenStrikes() external view returns (uint256[] memory strikeIds);

    /// @notice Each bot's lots, in the word that `StrikeOpened` has them in.
    function decodeWeights(uint256 weights) external pure returns (uint256[25] memory lots);

    /// @notice The score in totals.
    function getStrikeStats() external view returns (StrikeStats memory);

    /// @notice One signal's score.
    function getSignalStats(Signal signal) external view returns (SignalStats memory);

    /// @notice One strategy's score.
    function getStrategyStats(Strategy strategy) external view returns (StrategyStats memory);

    /// @notice What the open strikes would add to the score, or take from it, by now: as of `markToMarket`.
    /// @return marked Raw quote units, at the best for the fleet of each market's reference prices.
    /// @return unpriced How many of them have no price.
    /// @return overdue How many were due longer ago than their market's keeper delay: by the owner or an operator they
    /// can't be won any more.
    function getUnrealised() external view returns (int256 marked, uint256 unpriced, uint256 overdue);

    /// @notice The models that the owner has registered, revoked ones too, with their records over all bins and signals.
    /// @return At most 256, in the order of their registration.
    function getModels() external view returns (ModelView[] memory);

    /// @notice The 7 confidence bins of a model: 9300 to 9399, …, 9900 to 10000 basis points.
    function getCalibration(uint16 modelId) external view returns (CalibrationBin[7] memory);
}
