// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IFacet} from "../interfaces/IFacet.sol";
import {IStrikeBot} from "../interfaces/IStrikeBot.sol";
import {LibAccess} from "../libraries/access/LibAccess.sol";
import {LibBatch} from "../libraries/strike/LibBatch.sol";
import {LibPrediction} from "../libraries/strike/LibPrediction.sol";
import {LibSettlement} from "../libraries/strike/LibSettlement.sol";
import {LibStats} from "../libraries/fleet/LibStats.sol";
import {LibStrike} from "../libraries/strike/LibStrike.sol";
import {Due, Prediction, StrikeOrder, StrikeView} from "../types/StrikeTypes.sol";

/// @title Strikes
contract StrikeBotFacet is IStrikeBot, IFacet, ReentrancyGuardTransient {
    /// @inheritdoc IStrikeBot
    function executeStrike(Prediction calldata prediction, bytes calldata signature, uint256 limitAmount)
        external
        nonReentrant
        returns (uint256 strikeId)
    {
        return LibStrike.open(prediction, signature, limitAmount);
    }

    /// @inheritdoc IStrikeBot
    /// @dev Not guarded as a whole: each strike is a guarded call of its own, so that a skipped one is undone whole.
    function executeStrikes(StrikeOrder[] calldata orders, bool skip) external returns (uint256[] memory strikeIds) {
        strikeIds = new uint256[](orders.length);
        for (uint256 i; i < orders.length; ++i) {
            StrikeOrder calldata order = orders[i];
            bytes memory call =
                abi.encodeCall(IStrikeBot.executeStrike, (order.prediction, order.signature, order.limitAmount));
            strikeIds[i] = LibBatch.run(i, call, skip);
        }
    }

    /// @inheritdoc IStrikeBot
    function settleStrike(uint256 strikeId, uint256 limitAmount) external nonReentrant returns (int256 pnl) {
        return LibSettlement.settle(strikeId, limitAmount);
    }

    /// @inheritdoc IStrikeBot
    /// @dev Not guarded as a whole, as `executeStrikes`.
    function settleStrikes(uint256[] calldata strikeIds, uint256[] calldata limitAmounts, bool skip)
        external
        returns (int256[] memory pnls)
    {
        if (strikeIds.length != limitAmounts.length) {
            revert LengthMismatch(strikeIds.length, limitAmounts.length);
        }
        pnls = new int256[](strikeIds.length);
        for (uint256 i; i < strikeIds.length; ++i) {
            bytes memory call = abi.encodeCall(IStrikeBot.settleStrike, (strikeIds[i], limitAmounts[i]));
            pnls[i] = int256(LibBatch.run(i, call, skip));
        }
    }

    /// @inheritdoc IStrikeBot
    function writeOffStrike(uint256 strikeId) external nonReentrant {
        LibAccess.requireOwner();
        LibSettlement.writeOff(strikeId);
    }

    /// @inheritdoc IStrikeBot
    function canSettle(uint256 strikeId) external view returns (bool due, Due reason) {
        return LibSettlement.canSettle(strikeId);
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
            IStrikeBot.executeStrikes.selector,
            IStrikeBot.settleStrike.selector,
            IStrikeBot.settleStrikes.selector,
            IStrikeBot.writeOffStrike.selector,
            IStrikeBot.canSettle.selector,
            IStrikeBot.getStrike.selector,
            IStrikeBot.getOpenStrikes.selector,
            IStrikeBot.hashPrediction.selector
        );
    }
}
