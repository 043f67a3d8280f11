// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IFacet} from "../interfaces/IFacet.sol";
import {IScore} from "../interfaces/IScore.sol";
import {LibBooks} from "../libraries/fleet/LibBooks.sol";
import {LibScore} from "../libraries/fleet/LibScore.sol";
import {LibStats} from "../libraries/fleet/LibStats.sol";
import {LotsWord} from "../types/LotsWord.sol";
import {
    BOTS,
    CalibrationBin,
    ModelView,
    Signal,
    SignalStats,
    Strategy,
    StrategyStats,
    StrikeStats,
    StrikeView
} from "../types/StrikeTypes.sol";

/// @title The score
contract ScoreFacet is IScore, IFacet, ReentrancyGuardTransient {
    /// @inheritdoc IScore
    function getStrike(uint256 strikeId) external view nonReentrantView returns (StrikeView memory) {
        return LibStats.strike(strikeId);
    }

    /// @inheritdoc IScore
    function getOpenStrikes() external view nonReentrantView returns (uint256[] memory strikeIds) {
        return LibStats.openStrikes();
    }

    /// @inheritdoc IScore
    function decodeWeights(uint256 weights) external pure returns (uint256[25] memory lots) {
        for (uint256 bot; bot < BOTS; ++bot) {
            lots[bot] = LotsWord.wrap(weights).lotsOf(bot);
        }
    }

    /// @inheritdoc IScore
    function getStrikeStats() external view nonReentrantView returns (StrikeStats memory) {
        return LibStats.totals();
    }

    /// @inheritdoc IScore
    function getSignalStats(Signal signal) external view nonReentrantView returns (SignalStats memory) {
        return LibStats.bySignal(signal);
    }

    /// @inheritdoc IScore
    function getStrategyStats(Strategy strategy) external view nonReentrantView returns (StrategyStats memory) {
        return LibStats.byStrategy(strategy);
    }

    /// @inheritdoc IScore
    function getUnrealised() external view nonReentrantView returns (int256 marked, uint256 unpriced, uint256 overdue) {
        return LibBooks.unrealised(true);
    }

    /// @inheritdoc IScore
    function getModels() external view nonReentrantView returns (ModelView[] memory) {
        return LibScore.models();
    }

    /// @inheritdoc IScore
    function getCalibration(uint16 modelId) external view nonReentrantView returns (CalibrationBin[7] memory) {
        return LibScore.calibration(modelId);
    }

    /// @inheritdoc IFacet
    function exportSelectors() external pure returns (bytes memory selectors) {
        return bytes.concat(
            IScore.getStrike.selector,
            IScore.getOpenStrikes.selector,
            IScore.decodeWeights.selector,
            IScore.getStrikeStats.selector,
            IScore.getSignalStats.selector,
            IScore.getStrategyStats.selector,
            IScore.getUnrealised.selector,
            IScore.getModels.selector,
            IScore.getCalibration.selector
        );
    }
}
