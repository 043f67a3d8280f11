// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

import {IUniswapV3Factory, IUniswapV3Pool} from "../../interfaces/external/IUniswapV3.sol";

/// @title Uniswap V3: swaps on a pool directly, and its price over time
library UniswapV3 {
    /// @dev The pool's own price bounds, one inside: no limit but the measured amounts.
    uint160 private constant MIN_SQRT_RATIO = 4295128740;
    uint160 private constant MAX_SQRT_RATIO = 1461446703485210103287273052203988822378723970341;
    /// @dev ln(1.0001) in 1e-18.
    int256 private constant LN_TICK_WAD = 99995000333308;
    uint256 private constant WAD = 1e18;

    function isCanonical(address factory, address pool, address tokenA, address tokenB) internal view returns (bool) {
        return IUniswapV3Factory(factory).getPool(tokenA, tokenB, IUniswapV3Pool(pool).fee()) == pool;
    }

    /// @dev The pool calls back for its pay; whoever calls this has set what it may ask for.
    /// @param mayFail Whether a failed swap is answered with false instead of failing.
    function swap(address pool, bool zeroForOne, int256 amountSpecified, bool mayFail) internal returns (bool ok) {
        uint160 limit = zeroForOne ? MIN_SQRT_RATIO : MAX_SQRT_RATIO;
        if (!mayFail) {
            IUniswapV3Pool(pool).swap(address(this), zeroForOne, amountSpecified, limit, "");
            return true;
        }
        try IUniswapV3Pool(pool).swap(address(this), zeroForOne, amountSpecified, limit, "") {
            return true;
        } catch {
            return false;
        }
    }

    /// @dev The arithmetic mean tick of the last `window` seconds. Fails while the pool does not remember that long.
    function meanTick(address pool, uint32 window) internal view returns (bool ok, int256 tick) {
        uint32[] memory ago = new uint32[](2);
        ago[0] = window;
        try IUniswapV3Pool(pool).observe(ago) returns (int56[] memory cumulatives, uint160[] memory) {
            int256 moved = int256(cumulatives[1]) - cumulatives[0];
            int256 seconds_ = int256(uint256(window));
            tick = moved / seconds_;
            if (moved < 0 && moved % seconds_ != 0) --tick;
            return (true, tick);
        } catch {
            return (false, 0);
        }
    }

    /// @dev What `amount` of a token is worth in the other at a tick. The power is taken of the ratio over one, where
    /// it keeps its digits.
    function quoteAtTick(int256 tick, uint256 amount, bool amountIsToken0) internal pure returns (uint256) {
        if (!amountIsToken0) tick = -tick;
        uint256 ratio = uint256(FixedPointMathLib.expWad((tick < 0 ? -tick : tick) * LN_TICK_WAD));
        return tick < 0
            ? FixedPointMathLib.fullMulDiv(amount, WAD, ratio)
            : FixedPointMathLib.fullMulDiv(amount, ratio, WAD);
    }
}
