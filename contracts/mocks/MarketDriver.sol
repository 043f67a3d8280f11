// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IUniswapV3Pool} from "../libraries/venues/UniswapV3.sol";

/// @notice What a liquidity provider needs of a Uniswap V3 pool.
interface IUniswapV3Liquidity {
    function mint(address recipient, int24 tickLower, int24 tickUpper, uint128 amount, bytes calldata data)
        external
        returns (uint256 amount0, uint256 amount1);

    function burn(int24 tickLower, int24 tickUpper, uint128 amount) external returns (uint256 amount0, uint256 amount1);
}

/// @title Brings one Uniswap V3 pool to a price and a liquidity, exactly: how a replay follows recorded minutes
/// @dev For local chains: it pays with tokens of its own and refuses all but its maker. One position over the whole
/// range; what it withdraws stays in the pool as owed to it.
contract MarketDriver {
    using SafeERC20 for IERC20;

    error NotMaker(address sender);
    error NotPool(address sender);

    address private immutable maker = msg.sender;
    IUniswapV3Pool private immutable pool;
    IERC20 private immutable token0;
    IERC20 private immutable token1;
    int24 private immutable range;

    /// @param range_ The last tick that the pool's spacing divides.
    constructor(IUniswapV3Pool pool_, int24 range_) {
        pool = pool_;
        token0 = IERC20(pool_.token0());
        token1 = IERC20(pool_.token1());
        range = range_;
    }

    /// @param sqrtPriceX96 Where the price goes, by one swap at the liquidity before.
    /// @param liquidity What is in range afterwards; 0 leaves it.
    function follow(uint160 sqrtPriceX96, uint128 liquidity) external {
        if (msg.sender != maker) revert NotMaker(msg.sender);
        (uint160 price,,,) = pool.slot0();
        if (price != sqrtPriceX96) {
            pool.swap(address(this), sqrtPriceX96 < price, type(int256).max, sqrtPriceX96, "");
        }
        if (liquidity == 0) return;
        uint128 present = pool.liquidity();
        IUniswapV3Liquidity provided = IUniswapV3Liquidity(address(pool));
        if (liquidity > present) provided.mint(address(this), -range, range, liquidity - present, "");
        else if (liquidity < present) provided.burn(-range, range, present - liquidity);
    }

    function uniswapV3SwapCallback(int256 amount0, int256 amount1, bytes calldata) external {
        if (msg.sender != address(pool)) revert NotPool(msg.sender);
        if (amount0 > 0) token0.safeTransfer(msg.sender, uint256(amount0));
        else token1.safeTransfer(msg.sender, uint256(amount1));
    }

    function uniswapV3MintCallback(uint256 amount0, uint256 amount1, bytes calldata) external {
        if (msg.sender != address(pool)) revert NotPool(msg.sender);
        token0.safeTransfer(msg.sender, amount0);
        token1.safeTransfer(msg.sender, amount1);
    }
}
