// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

import {IUniswapV3Factory, IUniswapV3Pool, IUniswapV3PoolMemory} from "../../interfaces/external/IUniswapV3.sol";
import {LibCall} from "./LibCall.sol";

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

    function isCanonical(address factory, address pool, address tokenA, address tokenB) internal view returns (bool) {
        // A pair of V2 has no fee to tell.
        try IUniswapV3Pool(pool).fee() returns (uint24 fee) {
            return IUniswapV3Factory(factory).getPool(tokenA, tokenB, fee) == pool;
        } catch {
            return false;
        }
    }

    /// @dev The pool calls back for its pay; whoever calls this has set what it may ask for.
    /// @param mayFail Whether a failed swap is answered with false instead of failing.
    /// @return ok Whether it was done.
    /// @return owed What the pool says it took.
    /// @return stated What the pool says it gave.
    function swap(address pool, bool zeroForOne, int256 amountSpecified, bool mayFail)
        internal
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

    /// @dev As `swap` with an exact input, the output going to `to`.
    function swapTo(address pool, address to, bool zeroForOne, uint256 amountIn) internal returns (uint256 stated) {
        uint160 limit = zeroForOne ? MIN_SQRT_RATIO : MAX_SQRT_RATIO;
        try IUniswapV3Pool(pool).swap(to, zeroForOne, int256(amountIn), limit, "") returns (
            int256 amount0, int256 amount1
        ) {
            return uint256(-(zeroForOne ? amount1 : amount0));
        } catch (bytes memory reason) {
            LibCall.fail(pool, reason);
        }
    }

    /// @dev Offers one unit, at a limit next to the price.
    /// @return done Whether the pool traded without calling back.
    /// @return reason What it reverted with otherwise.
    function probe(address pool) internal returns (bool done, bytes memory reason) {
        uint160 limit = MIN_SQRT_RATIO;
        try IUniswapV3Pool(pool).slot0() returns (uint160 sqrtPrice, int24, uint16, uint16) {
            // Without liquidity it would look for some all the way.
            if (sqrtPrice > limit) limit = sqrtPrice - 1;
        } catch {}
        try IUniswapV3Pool(pool).swap(address(this), true, 1, limit, "") {
            done = true;
        } catch (bytes memory why) {
            reason = why;
        }
    }

    /// @return slots How many observations the pool's memory has, or will have as soon as it is traded on.
    function memoryOf(address pool) internal view returns (uint256 slots) {
        (,,,, slots) = IUniswapV3PoolMemory(pool).slot0();
    }

    /// @dev The reserves of a V2 pair that would trade as this pool does at its price, until the liquidity changes.
    function virtualReserves(address pool, bool zeroForOne)
        internal
        view
        returns (uint256 reserveIn, uint256 reserveOut)
    {
        (uint160 sqrtPrice,,,) = IUniswapV3Pool(pool).slot0();
        uint256 liquidity = IUniswapV3Pool(pool).liquidity();
        uint256 reserve0 = (liquidity << 96) / sqrtPrice;
        uint256 reserve1 = (liquidity * sqrtPrice) >> 96;
        return zeroForOne ? (reserve0, reserve1) : (reserve1, reserve0);
    }

    /// @dev The arithmetic mean tick of at least the last `window` seconds and at most twice as long: any observation
    /// of
    /// that age will do, which one guess mostly finds, where the pool's own `observe` reads its way through its ring.
    /// Fails while the pool does not remember that long. Unchecked: 24-bit ticks, 32-bit times, 56-bit sums of them.
    function meanTick(address pool, uint256 window) internal view returns (bool ok, int256 tick) {
        (ok, tick,,) = ticks(pool, window);
    }

    /// @dev As `meanTick`, and the tick with which this second began. The pool writes an observation at the first swap
    /// of a second that moves the tick, of the tick before it, so that both come from the same reads. That tick is
    /// unknown where the pool remembers one observation only, and was traded on in this second.
    function ticks(address pool, uint256 window)
        internal
        view
        returns (bool meanKnown, int256 mean, bool startKnown, int256 start)
    {
        (, int24 spot, uint16 index, uint16 cardinality) = IUniswapV3Pool(pool).slot0();
        (uint256 latest, int256 cumulative,) = _observation(pool, index);
        (startKnown, start) = _startTick(pool, spot, index, cardinality, latest, cumulative);
        (uint256 since, int256 before) = _earlier(pool, index, cardinality, window);
        if (since == 0) return (false, 0, startKnown, start);
        unchecked {
            int256 moved = cumulative + int256(spot) * int256(block.timestamp - latest) - before;
            mean = _mean(moved, int256(block.timestamp - since));
        }
        meanKnown = true;
    }

    /// @dev Mean ticks of exactly the last `longWindow` and `shortWindow` seconds, by the pool's own search. What is
    /// traded in this second does not change them. A pool that reverts, or answers something else, is unknown: nothing
    /// here reverts for it.
    function exactMeanTicks(address pool, uint256 longWindow, uint256 shortWindow)
        internal
        view
        returns (bool ok, int256 longMean, int256 shortMean)
    {
        uint32[] memory ago = new uint32[](3);
        (ago[0], ago[1]) = (uint32(longWindow), uint32(shortWindow));
        bytes memory data;
        (ok, data) = pool.staticcall(abi.encodeCall(IUniswapV3Pool.observe, (ago)));
        if (!ok || data.length != 32 * OBSERVED_WORDS) return (false, 0, 0);
        (,,, int256 before, int256 then_, int256 now_) =
            abi.decode(data, (uint256, uint256, uint256, int256, int256, int256));
        unchecked {
            longMean = _mean(now_ - before, int256(longWindow));
            shortMean = _mean(now_ - then_, int256(shortWindow));
        }
        ok = _isTick(longMean) && _isTick(shortMean);
    }

    /// @dev The tick with which this second began. As `exactMeanTicks`, nothing reverts here.
    function startTick(address pool) internal view returns (bool ok, int256 tick) {
        bytes memory data;
        (ok, data) = pool.staticcall(abi.encodeCall(IUniswapV3Pool.slot0, ()));
        if (!ok || data.length < 32 * 4) return (false, 0);
        (, int256 spot, uint256 index, uint256 cardinality) = abi.decode(data, (uint256, int256, uint256, uint256));
        (uint256 latest, int256 cumulative, bool known) = _tryObservation(pool, index);
        if (!known || !_isTick(spot) || cardinality == 0) return (false, 0);
        if (latest != block.timestamp) return (true, spot);
        (uint256 time, int256 before, bool earlier) = _tryObservation(pool, (index + cardinality - 1) % cardinality);
        if (cardinality == 1 || !earlier || time >= latest) return (false, 0);
        unchecked {
            tick = (cumulative - before) / int256(latest - time);
        }
        ok = _isTick(tick);
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

    /// @return time Of an observation between `window` and twice `window` seconds old; 0 when there is none.
    function _earlier(address pool, uint256 index, uint256 count, uint256 window)
        private
        view
        returns (uint256 time, int256 cumulative)
    {
        bool full;
        (time, cumulative, full) = _observation(pool, (index + 1) % count);
        if (!full) {
            (time, cumulative,) = _observation(pool, 0);
            count = index + 1;
        }
        unchecked {
            uint256 span = block.timestamp - time;
            if (span < window) return (0, 0);
            if (span <= 2 * window) return (time, cumulative);
            // As if the observations were spread evenly, the middle of the range that will do.
            uint256 back = count * 3 * window / (2 * span);
            (time, cumulative,) = _observation(pool, (index + count - back) % count);
            uint256 age = block.timestamp - time;
            if (age >= window && age <= 2 * window) return (time, cumulative);
        }
        return _observed(pool, window);
    }

    function _startTick(
        address pool,
        int256 spot,
        uint256 index,
        uint256 cardinality,
        uint256 latest,
        int256 cumulative
    ) private view returns (bool known, int256 tick) {
        if (latest != block.timestamp) return (true, spot);
        if (cardinality == 1) return (false, 0);
        (uint256 time, int256 before,) = _observation(pool, (index + cardinality - 1) % cardinality);
        unchecked {
            return (true, (cumulative - before) / int256(latest - time));
        }
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

    function _tryObservation(address pool, uint256 index)
        private
        view
        returns (uint256 time, int256 cumulative, bool known)
    {
        (bool ok, bytes memory data) = pool.staticcall(abi.encodeCall(IUniswapV3Pool.observations, (index)));
        if (!ok || data.length < 32 * 4) return (0, 0, false);
        uint256 initialized;
        (time, cumulative,, initialized) = abi.decode(data, (uint256, int256, uint256, uint256));
        known = initialized == 1;
    }

    /// @dev By the pool's own search.
    function _observed(address pool, uint256 window) private view returns (uint256 time, int256 cumulative) {
        uint32[] memory ago = new uint32[](1);
        ago[0] = uint32(window);
        (int56[] memory cumulatives,) = IUniswapV3Pool(pool).observe(ago);
        return (block.timestamp - window, cumulatives[0]);
    }

    function _observation(address pool, uint256 index)
        private
        view
        returns (uint256 time, int256 cumulative, bool full)
    {
        (time, cumulative,, full) = IUniswapV3Pool(pool).observations(index);
    }
}
