// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

import {IFleet} from "../../interfaces/IFleet.sol";
import {IStrikeBot} from "../../interfaces/IStrikeBot.sol";
import {BPS} from "../../types/AccessTypes.sol";
import {CoreWord} from "../../types/CoreWord.sol";
import {FleetMarks, STATUS_HALTED} from "../../types/StrikeTypes.sol";
import {LibFleet} from "./LibFleet.sol";

/// @title What halts the fleet: a drawdown, or too few wins
library LibBreakers {
    uint256 private constant DRAWDOWN_KEEP_BPS = 9000;
    uint256 private constant MIN_RECENT_WINS = 34;

    /// @param marked Raw quote units that open strikes add to the equity by the reference prices, or take from it. What
    /// they lose there is in the new mark already: settling them later adds no drawdown.
    function resume(int256 marked) internal {
        CoreWord value = LibFleet.core();
        if (!value.isHalted()) revert IFleet.NotHalted();
        uint256 lost = marked < 0 ? uint256(-marked) / value.unit() : 0;
        value = value.withStatus(STATUS_HALTED, false).withoutLosses();
        value = value.withHighWater(FixedPointMathLib.zeroFloorSub(LibFleet.totalEquity(), lost));
        LibFleet.store(value);
        emit IFleet.Resumed(value.highWater() * value.unit());
    }

    /// @dev Trips the drawdown breaker where equity and what open strikes have gained or lost by now are under it.
    /// @param marked As of `resume`.
    function haltIfMarkedDown(int256 marked) internal returns (bool halted) {
        CoreWord value = LibFleet.core();
        if (value.isHalted()) return true;
        int256 unit = int256(value.unit());
        int256 equity = int256(LibFleet.totalEquity()) * unit + marked;
        int256 keep = int256(value.highWater() * DRAWDOWN_KEEP_BPS) * unit;
        if (equity * int256(uint256(BPS)) >= keep) return false;
        LibFleet.store(value.withStatus(STATUS_HALTED, true));
        emit IStrikeBot.Halted(
            "marked", uint256(FixedPointMathLib.max(equity, 0)), value.highWater() * uint256(unit), value.recentWins()
        );
        return true;
    }

    /// @dev Keeps the marks and trips the breakers.
    /// @return value The core word to store.
    function mark(CoreWord before, int256 pnl, bool won, uint256 equity) internal returns (CoreWord value) {
        value = _keepMarks(before.withOutcome(won), pnl);
        if (equity > value.highWater()) value = value.withHighWater(equity);
        if (value.isHalted()) return value;
        uint256 wins = value.recentWins();
        bool drawdown;
        // 48 bits times 14.
        unchecked {
            drawdown = equity * BPS < value.highWater() * DRAWDOWN_KEEP_BPS;
        }
        if (!drawdown && wins >= MIN_RECENT_WINS) return value;
        value = value.withStatus(STATUS_HALTED, true);
        bytes32 reason = drawdown ? bytes32("drawdown") : bytes32("winrate");
        emit IStrikeBot.Halted(reason, equity * value.unit(), value.highWater() * value.unit(), wins);
    }

    /// @dev A P&L with fewer bits than the best, or the worst, is neither: the word is not read for it.
    function _keepMarks(CoreWord value, int256 pnl) private returns (CoreWord) {
        FleetMarks storage marks_ = LibFleet.marks();
        uint256 size = pnl > 0 ? uint256(pnl) : uint256(-pnl);
        if (size == 0) return value;
        uint256 bits = FixedPointMathLib.log2(size) + 1;
        if (pnl > 0) {
            if (bits < value.bestBits() || size <= marks_.best) return value;
            marks_.best = uint64(size);
            return value.withBestBits(bits);
        }
        if (bits < value.worstBits() || size <= marks_.worst) return value;
        marks_.worst = uint64(size);
        return value.withWorstBits(bits);
    }
}
