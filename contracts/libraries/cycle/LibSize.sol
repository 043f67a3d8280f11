// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

import {FEE_BASE, Hop} from "../../types/AmmTypes.sol";
import {Venue} from "../../types/MarketTypes.sol";
import {LibAmm} from "./LibAmm.sol";
import {LibHop} from "./LibHop.sol";
import {BalancerV2} from "../venues/BalancerV2.sol";
import {UniswapV2} from "../venues/UniswapV2.sol";
import {UniswapV3} from "../venues/UniswapV3.sol";
import {UniswapV4} from "../venues/UniswapV4.sol";

/// @title The best amount for a cycle, by the state that the pools are in
/// @dev Each pool gives out = b x / (a + x) for x, where a and b are its reserves, a with the fee on top: Uniswap's do
/// exactly that, in V3 and V4 until the liquidity changes. A row of such pools is one more such pool;
/// b x / (a + x) - x is greatest at x = sqrt(a b) - a.
///
/// Balancer's curves are others. There a and b are those of the curve of this kind through two of the pool's own
/// answers, at the amount that the last round found and at half of it. The rounds close in on the best amount.
library LibSize {
    uint256 private constant ROUNDS = 3;
    /// @dev Balancer's weighted pools take no more than 30 % of what they have.
    uint256 private constant MAX_BALANCE_SHARE = 4;

    /// @param maxAmount What it may be at the maxAmount. Raw units.
    /// @return amount Zero where no amount makes a profit.
    function best(Hop[] memory hops, uint256 maxAmount) internal returns (uint256 amount) {
        amount = maxAmount;
        uint256 rounds = 1;
        for (uint256 i; i < hops.length; ++i) {
            if (LibHop.isBalancer(hops[i].venue)) rounds = ROUNDS;
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
        Hop memory hop = hops[i];
        if (LibHop.isBalancer(hop.venue)) {
            return _fitted(hop, hops[i + 1 == hops.length ? 0 : i + 1].tokenIn, amount);
        }
        uint256 fee = hop.fee;
        if (hop.venue == Venue.UniswapV2) {
            (a, b) = UniswapV2.reserves(hop.pool, hop.zeroForOne);
        } else if (hop.venue == Venue.UniswapV3) {
            (a, b) = UniswapV3.virtualReserves(hop.pool, hop.zeroForOne);
        } else {
            (a, b, fee) = UniswapV4.virtualReserves(hop.pool, LibAmm.poolIdOf(hop.id), hop.zeroForOne);
        }
        a = FixedPointMathLib.fullMulDiv(a, FEE_BASE, FEE_BASE - fee);
    }

    /// @dev With y1 for x and y2 for 2 x: a = 2 x (y2 - y1) / (2 y1 - y2), b = y1 (a + x) / x.
    function _fitted(Hop memory hop, address tokenOut, uint256 amount) private returns (uint256 a, uint256 b) {
        (address vault, bytes32 poolId) = LibAmm.balancerOf(hop.id);
        uint256 maxAmount = BalancerV2.balanceOf(vault, poolId, hop.tokenIn) / MAX_BALANCE_SHARE;
        // The odd unit that this loses is lost of both.
        // slither-disable-next-line divide-before-multiply
        uint256 x = FixedPointMathLib.min(amount, maxAmount) / 2;
        if (x == 0) return (0, 0);
        uint256 y1 = BalancerV2.quote(vault, poolId, hop.tokenIn, tokenOut, x);
        uint256 y2 = BalancerV2.quote(vault, poolId, hop.tokenIn, tokenOut, 2 * x);
        // A straight line, as far as units can tell, has no peak: as good as one far out.
        uint256 bend = 2 * y1 > y2 ? 2 * y1 - y2 : 1;
        a = FixedPointMathLib.fullMulDiv(2 * x, FixedPointMathLib.zeroFloorSub(y2, y1), bend);
        b = FixedPointMathLib.fullMulDiv(y1, a + x, x);
    }
}
