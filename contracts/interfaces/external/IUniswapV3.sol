// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

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
