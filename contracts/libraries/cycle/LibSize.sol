// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

import {Hop} from "../../types/AmmTypes.sol";
import {LibVenue} from "../venues/LibVenue.sol";
import {LibAmm} from "./LibAmm.sol";
import {LibPlan} from "./LibPlan.sol";

/// @title The best amount for a cycle, by the state that the pools are in
/// @dev Each pool pays out = b x / (a + x) for x, where a and b are its reserves, a with the fee on top: Uniswap's do
/// exactly that, in V3 and V4 until the liquidity changes. A row of such pools is one more such pool;
/// b x / (a + x) - x is greatest at x = sqrt(a b) - a.
///
/// Balancer's curves are others. There a and b are those of the curve of this kind through two of the pool's own
/// answers, at the amount that the last round found and at half of it. The rounds close in on the best amount.
library LibSize {
    uint256 private constant ROUNDS = 3;

    /// @param maxAmount What it may be at most. Raw units.
    /// @return amount Zero where no amount makes a profit.
    function best(Hop[] memory hops, uint256 maxAmount) internal returns (uint256 amount) {
        amount = maxAmount;
        uint256 rounds = 1;
        for (uint256 i; i < hops.length; ++i) {
            if (LibVenue.isFitted(hops[i].venue)) rounds = ROUNDS;
        }
        for (; rounds != 0 && amount != 0; --rounds) {
            amount = FixedPointMathLib.min(_peak(hops, amount), maxAmount);
        }
    }

    /// @param amount What goes in as far as is known yet.
    // Slither takes the assembly that names a storage slot for a write to it. Nothing is written here.
    // slither-disable-next-line reentrancy-no-eth
    function _peak(Hop[] memory hops, uint256 amount) private returns (uint256) {
        (uint256 a, uint256 b) = _curve(hops, 0, amount);
        for (uint256 i = 1; i < hops.length; ++i) {
            if (a == 0 && b == 0) return 0;
            uint256 flow = FixedPointMathLib.fullMulDiv(b, amount, a + amount);
            (uint256 nextA, uint256 nextB) = _curve(hops, i, flow);
            uint256 sum = nextA + b;
            if (sum == 0) return 0;
            a = FixedPointMathLib.fullMulDiv(a, nextA, sum);
            b = FixedPointMathLib.fullMulDiv(b, nextB, sum);
        }
        return FixedPointMathLib.zeroFloorSub(FixedPointMathLib.mulSqrt(a, b), a);
    }

    function _curve(Hop[] memory hops, uint256 i, uint256 amount) private returns (uint256 a, uint256 b) {
        return LibVenue.curve(hops[i], LibAmm.recordOf(hops[i].id), LibPlan.tokenAfter(hops, i), amount);
    }
}
