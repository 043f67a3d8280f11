// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IFacet} from "../interfaces/IFacet.sol";
import {ITakeover} from "../interfaces/ITakeover.sol";
import {LibAccess} from "../libraries/access/LibAccess.sol";
import {LibTakeover} from "../libraries/strike/LibTakeover.sol";
import {Due} from "../types/StrikeTypes.sol";

/// @title Closing strikes without a trade of the diamond's
contract TakeoverFacet is ITakeover, IFacet, ReentrancyGuardTransient {
    /// @inheritdoc ITakeover
    function markDue(uint256[] calldata strikeIds) external nonReentrant {
        LibTakeover.markDue(strikeIds);
    }

    /// @inheritdoc ITakeover
    function takeStrike(uint256 strikeId, uint256 limitAmount)
        external
        nonReentrant
        returns (uint256 amountIn, uint256 amountOut)
    {
        return LibTakeover.take(strikeId, limitAmount);
    }

    /// @inheritdoc ITakeover
    function quoteTake(uint256 strikeId)
        external
        view
        nonReentrantView
        returns (bool takeable, uint256 opensAt, uint256 amountIn, uint256 amountOut)
    {
        return LibTakeover.quote(strikeId);
    }

    /// @inheritdoc ITakeover
    function closeAtOracle(uint256 strikeId) external nonReentrant returns (int256 pnl) {
        LibAccess.requireOwner();
        return LibTakeover.closeAtOracle(strikeId);
    }

    /// @inheritdoc ITakeover
    function writeOffStrike(uint256 strikeId) external nonReentrant {
        LibAccess.requireOwner();
        LibTakeover.writeOff(strikeId);
    }

    /// @inheritdoc ITakeover
    function canSettle(uint256 strikeId) external view nonReentrantView returns (bool due, Due reason) {
        (reason,) = LibTakeover.due(strikeId);
        due = reason == Due.TakeProfit || reason == Due.StopLoss || reason == Due.Horizon;
    }

    /// @inheritdoc IFacet
    function exportSelectors() external pure returns (bytes memory selectors) {
        return bytes.concat(
            ITakeover.markDue.selector,
            ITakeover.takeStrike.selector,
            ITakeover.quoteTake.selector,
            ITakeover.closeAtOracle.selector,
            ITakeover.writeOffStrike.selector,
            ITakeover.canSettle.selector
        );
    }
}
