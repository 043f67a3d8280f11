// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IFacet} from "../interfaces/IFacet.sol";
import {IStrikeBot} from "../interfaces/IStrikeBot.sol";
import {LibPrediction} from "../libraries/LibPrediction.sol";
import {LibStats} from "../libraries/LibStats.sol";
import {LibStrike} from "../libraries/LibStrike.sol";
import {Prediction, StrikeView} from "../types/StrikeTypes.sol";

/// @title Strikes
contract StrikeBotFacet is IStrikeBot, IFacet, ReentrancyGuardTransient {
    /// @inheritdoc IStrikeBot
    function executeStrike(Prediction calldata prediction, bytes calldata signature, uint256 limitAmount)
        external
        nonReentrant
        returns (uint256 strikeId) {
        return LibStrike.open(prediction, signature, limitAmount);
    }

    /// @inheritdoc IStrikeBot
    function settleStrike(uint256 strikeId, uint256 limitAmount) external nonReentrant returns (int256 pnl) {
        return LibStrike.settle(strikeId, limitAmount);
    }

    /// @inheritdoc IStrikeBot
    function getStrike(uint256 strikeId) external view returns (StrikeView memory) {
        return LibStats.strike(strikeId);
    }

    /// @inheritdoc IStrikeBot
    function getOpenStrikes() external view returns (uint256[] memory strikeIds) {
        return LibStats.openStrikes();
    }

    /// @inheritdoc IStrikeBot
    function hashPrediction(Prediction calldata prediction) external view returns (bytes32) {
        return LibPrediction.digest(prediction);
    }

    /// @inheritdoc IFacet
    function exportSelectors() external pure returns (bytes memory selectors) {
        return bytes.concat(
            IStrikeBot.executeStrike.selector,
            IStrikeBot.settleStrike.selector,
            IStrikeBot.getStrike.selector,
            IStrikeBot.getOpenStrikes.selector,
            IStrikeBot.hashPrediction.selector
        );
    }
}
