// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

import {IPools} from "../../interfaces/IPools.sol";
import {ISwapCallback} from "../../interfaces/ISwapCallback.sol";
import {Hop, PoolConfig} from "../../types/AmmTypes.sol";
import {Route} from "../../types/MarketTypes.sol";
import {LibCall} from "./LibCall.sol";
import {LibCallback} from "../cycle/LibCallback.sol";
import {LibToken} from "./LibToken.sol";
import {LibView} from "./LibView.sol";

/// @notice The part of Uniswap V3's factory that is needed here.
interface IUniswapV3Factory {
    function getPool(address tokenA, address tokenB, uint24 fee) external view returns (address pool);
}

/// @notice The memory of a Uniswap V3 pool.
interface IUniswapV3PoolMemory {
    /// @dev The pool returns two words more, which are not looked at.
    function slot0()
        external
        view
        returns (
            uint160 sqrtPriceX96,
            int24 tick,
            uint16 observationIndex,
            uint16 observationCardinality,
            uint16 observationCardinalityNext
        );

    function increaseObservationCardinalityNext(uint16 observationCardinalityNext) external;
}

/// @notice The part of a Uniswap V3 pool that is needed here.
interface IUniswapV3Pool {
    function token0() external view returns (address);

    function token1() external view returns (address);

    function fee() external view returns (uint24);

    function liquidity() external view returns (uint128);

    /// @dev The pool returns three words more, which are not looked at.
    function slot0()
        external
        view
        returns (uint160 sqrtPriceX96, int24 tick, uint16 observationIndex, uint16 observationCardinality);

    function observations(uint256 index)
        external
        view
        returns (
            uint32 blockTimestamp,
            int56 tickCumulative,
            uint160 secondsPerLiquidityCumulativeX128,
            bool initialized
        );

    function observe(uint32[] calldata secondsAgos)
        external
        view
        returns (int56[] memory tickCumulatives, uint160[] memory secondsPerLiquidityCumulativeX128s);

    function tickSpacing() external view returns (int24);

    function tickBitmap(int16 word) external view returns (uint256);

    /// @dev The pool returns six words more, which forks have in other numbers.
    function ticks(int24 tick) external view returns (uint128 liquidityGross, int128 liquidityNet);

    /// @param amountSpecified Positive: exact input. Negative: exact output.
    function swap(
        address recipient,
        bool zeroForOne,
        int256 amountSpecified,
        uint160 sqrtPriceLimitX96,
        bytes calldata data
    ) external returns (int256 amount0, int256 amount1);
}

/// @title Uniswap V3: swaps on a pool directly, and its price over time
library UniswapV3 {
    /// @dev The pool's own price bounds, one inside: no limit but the measured amounts.
    uint160 private constant MIN_SQRT_RATIO = 4295128740;
    uint160 private constant MAX_SQRT_RATIO = 1461446703485210103287273052203988822378723970341;
    /// @dev ln(1.0001) in 1e-18.
    int256 private constant LN_TICK_WAD = 99995000333308;
    uint256 private constant WAD = 1e18;
    int256 private constant MAX_TICK = 887272;
    /// @dev Words of the answer to `observe` for three points in time: two offsets, two lengths, two times three values.
    uint256 private constant OBSERVED_WORDS = 10;

    /// @dev A tick that is not known: a pool that reverts, or answers something else, tells none.
    int256 internal constant UNKNOWN = type(int256).max;

    function isCanonical(address factory, address pool, address tokenA, address tokenB) internal view returns (bool) {
        // A pair of V2 has no fee to tell.
        try IUniswapV3Pool(pool).fee() returns (uint24 fee) {
            return IUniswapV3Factory(factory).getPool(tokenA, tokenB, fee) == pool;
        } catch {
            return false;
        }
    }

    function describe(PoolConfig calldata config) internal view {
        if (LibView.word(config.pool, IUniswapV3Pool.fee.selector) == config.fee) return;
        revert IPools.InvalidPoolFee(config.pool, config.fee);
    }

    /// @dev A strike's swap. See LibVenue. The pool calls back for its pay.
    function trade(Route memory route, int256 amountSpecified, uint256 allowed, bool mayFail)
        internal
        returns (bool ok, uint256 owed, uint256 stated)
    {
        LibCallback.expectPay(route.pool, route.tokenIn, allowed);
        (ok, owed, stated) = _trade(route.pool, route.zeroForOne, amountSpecified, mayFail);
        // A pool that did not call back must not be able to later.
        LibCallback.forget();
    }

    /// @dev Swaps an input that the diamond has, and pays it in the callback.
    /// @param balanceBefore Of the input at the diamond before it came.
    function swap(Hop memory hop, uint256 amount, uint256 balanceBefore, address to)
        internal
        returns (uint256 amountOut)
    {
        LibCallback.expectPay(hop.pool, hop.tokenIn, amount);
        amountOut = _swapTo(hop.pool, to, hop.zeroForOne, amount);
        LibCallback.requireTurnTaken(hop.pool);
        LibToken.requireSpent(hop.tokenIn, balanceBefore, amount);
    }

    /// @dev The pool pays what `due` buys first and is paid in its callback.
    function lend(Hop memory hop, uint256 due, address to) internal {
        LibCallback.expect(hop.pool, LibCallback.FLASH_V3);
        _swapTo(hop.pool, to, hop.zeroForOne, due);
    }

    /// @dev Offers one unit, at a limit next to the price.
    /// @return done Whether the pool traded without calling back.
    /// @return reason What it reverted with otherwise.
    function probe(address pool) internal returns (bool done, bytes memory reason) {
        uint160 limit = MIN_SQRT_RATIO;
        (bool ok, uint256 price,,,) = LibView.ask(pool, IUniswapV3Pool.slot0.selector, 0, 4);
        // Without liquidity it would look for some all the way.
        if (ok && price > limit && price <= MAX_SQRT_RATIO) limit = uint160(price - 1);
        try IUniswapV3Pool(pool).swap(address(this), true, 1, limit, "") {
            done = true;
        } catch (bytes memory why) {
            reason = why;
        }
    }

    /// @return slots How many observations the pool's memory has, or will have as soon as it is traded on.
    function memoryOf(address pool) internal view returns (uint256 slots) {
        (bool ok, bytes memory slot0) = pool.staticcall(abi.encodeCall(IUniswapV3PoolMemory.slot0, ()));
        if (!ok || slot0.length < 5 * 32) revert ISwapCallback.CallFailed(pool, slot0);
        (,,,, slots) = abi.decode(slot0, (uint256, uint256, uint256, uint256, uint256));
    }

    /// @dev The reserves of a V2 pair that would trade as this pool does at its price, until the liquidity changes.
    function virtualReserves(address pool, bool zeroForOne)
        internal
        view
        returns (uint256 reserveIn, uint256 reserveOut)
    {
        uint256 sqrtPrice = uint160(LibView.word(pool, IUniswapV3Pool.slot0.selector));
        uint256 liquidity = uint128(LibView.word(pool, IUniswapV3Pool.liquidity.selector));
        uint256 reserve0 = (liquidity << 96) / sqrtPrice;
        uint256 reserve1 = (liquidity * sqrtPrice) >> 96;
        return zeroForOne ? (reserve0, reserve1) : (reserve1, reserve0);
    }

    /// @dev The arithmetic mean tick of at least the last `window` seconds and at most twice as long, and the tick with
    /// which this second began. Any observation of that age will do: the one as far back as that of last time, or one
    /// guess, mostly is, where the pool's own `observe` reads its way through its ring. The pool writes an observation at
    /// the first swap of a second that moves the tick, of the tick before it, so that both come from the same reads.
    /// Unchecked: 24-bit ticks, 32-bit times, 56-bit sums of them, whatever a pool says; what comes out is looked at.
    /// @param back As found last time; 0 for none.
    /// @return mean The mean tick, or `UNKNOWN`.
    /// @return start The tick with which this second began; `UNKNOWN` where the pool remembers one observation only, and was
    /// traded on in this second.
    /// @return found How many observations ago the one that the mean begins with is; 0 where there is none.
    function look(address pool, uint256 window, uint256 back)
        internal
        view
        returns (int256 mean, int256 start, uint256 found)
    {
        (bool ok, int256 spot, uint256 index, uint256 count) = _slot0(pool);
        if (!ok) return (UNKNOWN, UNKNOWN, 0);
        (bool known, uint256 latest, int256 cumulative) = _observation(pool, index);
        if (!known || latest > block.timestamp) return (UNKNOWN, UNKNOWN, 0);
        start = _startTick(pool, spot, index, count, latest, cumulative);
        uint256 since;
        int256 before;
        (since, before, found) = _earlier(pool, index, count, window, back);
        if (since == 0) return (UNKNOWN, start, found);
        unchecked {
            int256 moved = cumulative + spot * int256(block.timestamp - latest) - before;
            mean = _mean(moved, int256(block.timestamp - since));
        }
        if (!_isTick(mean)) mean = UNKNOWN;
    }

    /// @dev Mean ticks of exactly the last `longWindow` and `shortWindow` seconds, by the pool's own search. What is
    /// traded in this second does not change them. A pool that reverts, or answers something else, is unknown: nothing
    /// here reverts for it.
    function exactMeanTicks(address pool, uint256 longWindow, uint256 shortWindow)
        internal
        view
        returns (bool ok, int256 longMean, int256 shortMean)
    {
        int256[3] memory sums;
        (ok, sums) = _observe(pool, longWindow, shortWindow);
        if (!ok) return (false, 0, 0);
        unchecked {
            longMean = _mean(sums[2] - sums[0], int256(longWindow));
            shortMean = _mean(sums[2] - sums[1], int256(shortWindow));
        }
        ok = _isTick(longMean) && _isTick(shortMean);
    }

    /// @return tick The tick with which this second began, or `UNKNOWN`. As `exactMeanTicks`, nothing reverts here.
    function startTick(address pool) internal view returns (int256 tick) {
        (bool ok, int256 spot, uint256 index, uint256 count) = _slot0(pool);
        if (!ok) return UNKNOWN;
        (bool known, uint256 latest, int256 cumulative) = _observation(pool, index);
        if (!known || latest > block.timestamp) return UNKNOWN;
        return _startTick(pool, spot, index, count, latest, cumulative);
    }

    /// @dev What `amount` of a token is worth in the other at a tick. The power is taken of the ratio over one, where
    /// it keeps its digits.
    function quoteAtTick(int256 tick, uint256 amount, bool amountIsToken0) internal pure returns (uint256) {
        if (!amountIsToken0) tick = -tick;
        uint256 ratio = uint256(FixedPointMathLib.expWad((tick < 0 ? -tick : tick) * LN_TICK_WAD));
        return
            tick < 0
                ? FixedPointMathLib.fullMulDiv(amount, WAD, ratio)
                : FixedPointMathLib.fullMulDiv(amount, ratio, WAD);
    }

    /// @dev Unchecked: places of a ring of at most 65535, windows of 24 bits, times of 32 bits where they are known.
    /// @return time Of an observation between `window` and twice `window` seconds old; 0 when there is none.
    /// @return cumulative The tick's sum there.
    /// @return found How far back it is; 0 where the pool's own search found it.
    function _earlier(address pool, uint256 index, uint256 count, uint256 window, uint256 back)
        private
        view
        returns (uint256 time, int256 cumulative, uint256 found)
    {
        unchecked {
            bool known;
            if (back != 0 && back < count) {
                (known, time, cumulative) = _observation(pool, (index + count - back) % count);
                if (known && _isOfAge(time, window)) return (time, cumulative, back);
            }
            (known, time, cumulative) = _observation(pool, (index + 1) % count);
            if (!known) {
                (known, time, cumulative) = _observation(pool, 0);
                count = index + 1;
            }
            if (!known || time > block.timestamp || block.timestamp - time < window) return (0, 0, 0);
            if (_isOfAge(time, window)) return (time, cumulative, count - 1);
            // As if the observations were spread evenly, the middle of the range that will do.
            found = count * 3 * window / (2 * (block.timestamp - time));
            (known, time, cumulative) = _observation(pool, (index + count - found) % count);
            if (known && _isOfAge(time, window)) return (time, cumulative, found);
        }
        (bool answered, int256[3] memory sums) = _observe(pool, window, window);
        return answered ? (block.timestamp - window, sums[0], uint256(0)) : (uint256(0), int256(0), uint256(0));
    }

    function _isOfAge(uint256 time, uint256 window) private view returns (bool) {
        unchecked {
            return time + window <= block.timestamp && time + 2 * window >= block.timestamp;
        }
    }

    function _startTick(address pool, int256 spot, uint256 index, uint256 count, uint256 latest, int256 cumulative)
        private
        view
        returns (int256 tick)
    {
        if (latest != block.timestamp) return spot;
        if (count == 1) return UNKNOWN;
        (bool known, uint256 time, int256 before) = _observation(pool, (index + count - 1) % count);
        if (!known || time >= latest) return UNKNOWN;
        unchecked {
            tick = (cumulative - before) / int256(latest - time);
        }
        if (!_isTick(tick)) tick = UNKNOWN;
    }

    /// @dev Rounded down. Unchecked: 24-bit ticks, 32-bit times, 56-bit sums of them.
    function _mean(int256 moved, int256 elapsed) private pure returns (int256 tick) {
        unchecked {
            tick = moved / elapsed;
            if (moved < 0 && moved % elapsed != 0) --tick;
        }
    }

    function _isTick(int256 value) private pure returns (bool) {
        return value >= -MAX_TICK && value <= MAX_TICK;
    }

    /// @return ok Whether the pool answered.
    /// @return sums The tick's sums `first` and `second` seconds ago and now, by the pool's own search.
    function _observe(address pool, uint256 first, uint256 second)
        private
        view
        returns (bool ok, int256[3] memory sums)
    {
        uint32[] memory ago = new uint32[](3);
        (ago[0], ago[1]) = (uint32(first), uint32(second));
        bytes memory data;
        (ok, data) = pool.staticcall(abi.encodeCall(IUniswapV3Pool.observe, (ago)));
        if (!ok || data.length != 32 * OBSERVED_WORDS) return (false, sums);
        (,,, sums[0], sums[1], sums[2]) = abi.decode(data, (uint256, uint256, uint256, int256, int256, int256));
    }

    /// @return ok Whether the pool said something that can be.
    /// @return spot Its tick.
    /// @return index The place of its latest observation in its ring.
    /// @return count Places of the ring, 1 to 65535, and more than `index`.
    function _slot0(address pool) private view returns (bool ok, int256 spot, uint256 index, uint256 count) {
        uint256 tick;
        (ok,, tick, index, count) = LibView.ask(pool, IUniswapV3Pool.slot0.selector, 0, 4);
        spot = int256(tick);
        ok = ok && _isTick(spot) && index < count && count <= type(uint16).max;
    }

    /// @return known Whether the pool has it, and said so.
    /// @return time Unix second, of 32 bits where it is known.
    /// @return cumulative The tick's sum up to then.
    function _observation(address pool, uint256 index)
        private
        view
        returns (bool known, uint256 time, int256 cumulative)
    {
        uint256 sum;
        uint256 initialized;
        (known, time, sum,, initialized) = LibView.ask(pool, IUniswapV3Pool.observations.selector, index, 4);
        cumulative = int256(sum);
        known = known && initialized == 1 && time <= type(uint32).max;
    }

    /// @return ok Whether it was done.
    /// @return owed What the pool says it took.
    /// @return stated What the pool says it gave.
    function _trade(address pool, bool zeroForOne, int256 amountSpecified, bool mayFail)
        private
        returns (bool ok, uint256 owed, uint256 stated)
    {
        uint160 limit = zeroForOne ? MIN_SQRT_RATIO : MAX_SQRT_RATIO;
        try IUniswapV3Pool(pool).swap(address(this), zeroForOne, amountSpecified, limit, "") returns (
            int256 amount0, int256 amount1
        ) {
            return
                zeroForOne ? (true, uint256(amount0), uint256(-amount1)) : (true, uint256(amount1), uint256(-amount0));
        } catch (bytes memory reason) {
            if (!mayFail) LibCall.fail(pool, reason);
        }
    }

    /// @dev An exact input, the output going to `to`.
    function _swapTo(address pool, address to, bool zeroForOne, uint256 amountIn) private returns (uint256 stated) {
        uint160 limit = zeroForOne ? MIN_SQRT_RATIO : MAX_SQRT_RATIO;
        try IUniswapV3Pool(pool).swap(to, zeroForOne, int256(amountIn), limit, "") returns (
            int256 amount0, int256 amount1
        ) {
            return uint256(-(zeroForOne ? amount1 : amount0));
        } catch (bytes memory reason) {
            LibCall.fail(pool, reason);
        }
    }
}
