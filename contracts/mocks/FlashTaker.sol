// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {ITakeover} from "../interfaces/ITakeover.sol";
import {IUniswapV3Pool} from "../libraries/venues/UniswapV3.sol";

/// @title A taker without tokens of its own
/// @dev Swaps on the strike's own pool, takes the strike over from within the pool's callback with what the pool gave,
/// and pays the pool with what it got. What is left goes to the caller.
contract FlashTaker {
    using SafeERC20 for IERC20;

    uint160 private constant MIN = 4295128740;
    uint160 private constant MAX = 1461446703485210103287273052203988822378723970341;

    /// @notice What the takeover took and gave.
    event Took(uint256 amountIn, uint256 amountOut);

    /// @param base What the takeover pays of the base token for a long, or asks for a short.
    function take(ITakeover diamond, uint256 strikeId, IUniswapV3Pool pool, bool zeroForOne, bool long, uint256 base)
        external
    {
        int256 amount = long ? int256(base) : -int256(base);
        pool.swap(address(this), zeroForOne, amount, zeroForOne ? MIN : MAX, abi.encode(diamond, strikeId, long));
        IERC20 profit = IERC20(zeroForOne == long ? pool.token1() : pool.token0());
        profit.safeTransfer(msg.sender, profit.balanceOf(address(this)));
    }

    function uniswapV3SwapCallback(int256 amount0, int256 amount1, bytes calldata data) external {
        (ITakeover diamond, uint256 strikeId, bool long) = abi.decode(data, (ITakeover, uint256, bool));
        (IERC20 token0, IERC20 token1) =
            (IERC20(IUniswapV3Pool(msg.sender).token0()), IERC20(IUniswapV3Pool(msg.sender).token1()));
        (IERC20 owed, IERC20 got) = amount0 > 0 ? (token0, token1) : (token1, token0);
        got.forceApprove(address(diamond), type(uint256).max);
        (uint256 amountIn, uint256 amountOut) = diamond.takeStrike(strikeId, long ? type(uint256).max : 0);
        emit Took(amountIn, amountOut);
        owed.safeTransfer(msg.sender, uint256(amount0 > 0 ? amount0 : amount1));
    }
}
