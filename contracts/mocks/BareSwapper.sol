// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IUniswapV3Pool} from "../libraries/venues/UniswapV3.sol";
import {IPoolManager, PoolKey, UniswapV4} from "../libraries/venues/UniswapV4.sol";

/// @title Two swaps in one transaction and nothing else, to compare gas with
/// @dev For its maker alone, and with no check that anyone but a comparison could do without: first on a V3 pool, then on a V4 pool what that gave. What goes in
/// leaves its maker for the V3 pool directly, and what comes out goes back directly.
contract BareSwapper {
    using SafeERC20 for IERC20;

    uint160 private constant MIN_SQRT_RATIO = 4295128740;
    uint160 private constant MAX_SQRT_RATIO = 1461446703485210103287273052203988822378723970341;

    address private immutable maker = msg.sender;

    /// @param tokenIn What the V3 pool takes, which is what the V4 pool pays.
    struct Cycle {
        address pool;
        bool zeroForOne;
        address tokenIn;
        address tokenBetween;
        address manager;
        PoolKey key;
        uint256 amountIn;
        uint256 minOut;
    }

    error NotMaker();
    error TooLittle(uint256 got);

    function swap(Cycle calldata cycle) external {
        if (msg.sender != maker) revert NotMaker();
        IPoolManager(cycle.manager).unlock(abi.encode(cycle));
    }

    function unlockCallback(bytes calldata data) external returns (bytes memory) {
        Cycle memory cycle = abi.decode(data, (Cycle));
        UniswapV4.sync(cycle.manager, cycle.tokenBetween);
        uint160 limit = cycle.zeroForOne ? MIN_SQRT_RATIO : MAX_SQRT_RATIO;
        IUniswapV3Pool(cycle.pool)
            .swap(cycle.manager, cycle.zeroForOne, int256(cycle.amountIn), limit, abi.encode(cycle.tokenIn));
        uint256 between = UniswapV4.settle(cycle.manager, 0);
        bool forwards = cycle.key.currency0 == cycle.tokenBetween;
        (, uint256 amountOut) = UniswapV4.swapKey(cycle.manager, cycle.key, forwards, -int256(between));
        if (amountOut < cycle.minOut) revert TooLittle(amountOut);
        UniswapV4.take(cycle.manager, cycle.tokenIn, maker, amountOut);
        return "";
    }

    function uniswapV3SwapCallback(int256 amount0, int256 amount1, bytes calldata data) external {
        address token = abi.decode(data, (address));
        // slither-disable-next-line arbitrary-send-erc20
        IERC20(token).safeTransferFrom(maker, msg.sender, uint256(amount0 > 0 ? amount0 : amount1));
    }
}
