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
    /// @param strikeId The strike.
    /// @return Its record and lots; all zero where there is none.
    function getStrike(uint256 strikeId) external view returns (StrikeView memory);

    /// @notice The ids of the open strikes.
    /// @return strikeIds In no order.
    function getOpenStrikes() external view returns (uint256[] memory strikeIds);

    /// @notice Each bot's lots, in the word that `StrikeOpened` has them in.
    /// @param weights The word: 25 times 10 bits.
    /// @return lots Each bot's lots, by number.
    function decodeWeights(uint256 weights) external pure returns (uint256[25] memory lots);

    /// @notice The score in totals.
    /// @return Counts, and amounts in raw quote units.
    function getStrikeStats() external view returns (StrikeStats memory);

    /// @notice One signal's score.
    /// @param signal The signal.
    /// @return Counts, and profit and loss in raw quote units.
    function getSignalStats(Signal signal) external view returns (SignalStats memory);

    /// @notice One strategy's score.
    /// @param strategy The strategy.
    /// @return Counts, and P&L and equity in raw quote units.
    function getStrategyStats(Strategy strategy) external view returns (StrategyStats memory);

    /// @notice What the open strikes would add to the score, or take from it, by now: as of `markToMarket`.
    /// @return marked Raw quote units, at the best for the fleet of each market's reference prices.
    /// @return unpriced How many of them count as even, as their price is not known.
    /// @return overdue How many were due longer ago than their market's keeper delay: by the owner or an operator they
    /// can't be won any more.
    function getUnrealised() external view returns (int256 marked, uint256 unpriced, uint256 overdue);

    /// @notice The models that the owner has registered, revoked ones too, with their records over all bins and signals.
    /// @return At most 256, in the order of their registration.
    function getModels() external view returns (ModelView[] memory);

    /// @notice The 7 confidence bins of a model: 9300 to 9399, …, 9900 to 10000 basis points.
    /// @param modelId The model.
    /// @return Counts, Brier sums in 1e-6, and factors in basis points.
    function getCalibration(uint16 modelId) external view returns (CalibrationBin[7] memory);
}
