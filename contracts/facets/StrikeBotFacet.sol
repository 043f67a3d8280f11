// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IFacet} from "../interfaces/IFacet.sol";
import {IStrikeBot} from "../interfaces/IStrikeBot.sol";
import {LibBatch} from "../libraries/strike/LibBatch.sol";
import {LibPrediction} from "../libraries/strike/LibPrediction.sol";
import {LibSettlement} from "../libraries/strike/LibSettlement.sol";
import {LibStrike} from "../libraries/strike/LibStrike.sol";
import {Prediction, StrikeOrder} from "../types/StrikeTypes.sol";

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
    function executeStrikes(StrikeOrder[] calldata orders, bool skip) public returns (uint256[] memory strikeIds) {
        strikeIds = new uint256[](orders.length);
        for (uint256 i; i < orders.length; ++i) {
            strikeIds[i] = _openApart(i, orders[i], skip);
        }
    }

    /// @inheritdoc IStrikeBot
    function settleStrike(uint256 strikeId, uint256 limitAmount) external nonReentrant returns (int256 pnl) {
        return LibSettlement.settle(strikeId, limitAmount);
    }

    /// @inheritdoc IStrikeBot
    /// @dev Not guarded as a whole, as `executeStrikes`.
    function settleStrikes(uint256[] calldata strikeIds, uint256[] calldata limitAmounts, bool skip)
        public
        returns (int256[] memory pnls)
    {
        if (strikeIds.length != limitAmounts.length) {
            revert LengthMismatch(strikeIds.length, limitAmounts.length);
        }
        pnls = new int256[](strikeIds.length);
        for (uint256 i; i < strikeIds.length; ++i) {
            pnls[i] = _settleApart(i, strikeIds[i], limitAmounts[i], skip);
        }
    }

    /// @inheritdoc IStrikeBot
    /// @dev Both parts are guarded calls of their own, as in a batch.
    // Slither takes the assembly that names a storage slot for a write to it. Each part is a guarded call of its own.
    // slither-disable-next-line reentrancy-no-eth
    function roll(uint256 strikeId, uint256 limitAmount, StrikeOrder calldata order, bool openMayFail)
        external
        returns (int256 pnl, uint256 nextId)
    {
        pnl = _settleApart(0, strikeId, limitAmount, false);
        nextId = _openApart(0, order, openMayFail);
    }

    /// @inheritdoc IStrikeBot
    // Slither takes the assembly that names a storage slot for a write to it. Each part is a guarded call of its own.
    // slither-disable-next-line reentrancy-no-eth
    function rollStrikes(
        uint256[] calldata strikeIds,
        uint256[] calldata limitAmounts,
        StrikeOrder[] calldata orders,
        bool skip
    ) external returns (int256[] memory pnls, uint256[] memory nextIds) {
        pnls = settleStrikes(strikeIds, limitAmounts, skip);
        nextIds = executeStrikes(orders, skip);
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
            IStrikeBot.roll.selector,
            IStrikeBot.rollStrikes.selector,
            IStrikeBot.hashPrediction.selector
        );
    }

    /// @dev In a call frame of its own, which a failure reverts whole.
    function _openApart(uint256 index, StrikeOrder calldata order, bool skip) private returns (uint256 strikeId) {
        bytes memory call = bytes.concat(IStrikeBot.executeStrike.selector, _arguments(order));
        bool ok;
        bytes memory reason;
        (ok, strikeId, reason) = LibBatch.run(call, skip);
        if (!ok) emit Skipped(index, order.prediction.engine, order.prediction.nonce, reason);
    }

    /// @dev An order's three members are laid out as the three arguments of `executeStrike` are: the bytes from the order's
    /// start to the end of its signature are the arguments.
    // Place and length are two writes of one variable, for Slither.
    // slither-disable-next-line write-after-write
    function _arguments(StrikeOrder calldata order) private pure returns (bytes calldata arguments) {
        bytes calldata signature = order.signature;
        assembly ("memory-safe") {
            arguments.offset := order
            arguments.length := sub(add(signature.offset, and(add(signature.length, 0x1f), not(0x1f))), order)
        }
    }

    function _settleApart(uint256 index, uint256 strikeId, uint256 limitAmount, bool skip) private returns (int256) {
        bytes memory call = abi.encodeCall(IStrikeBot.settleStrike, (strikeId, limitAmount));
        (bool ok, uint256 pnl, bytes memory reason) = LibBatch.run(call, skip);
        if (!ok) emit SettlementSkipped(index, strikeId, reason);
        return int256(pnl);
    }
}
