// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITakeover} from "../interfaces/ITakeover.sol";

/// @title Takes a strike over with the tokens of a pool
/// @notice For its owner alone. What the takeover costs comes from a pool's flash swap, what it yields pays the pool, and
/// the rest is sent to the owner in the same transaction. The contract has no tokens and no allowances between its calls.
/// @dev The takeover's price is of the second's beginning, so that the flash swap itself does not move it, even on the
/// market's own pool. Where that pool remembers no more than one observation, or is a V2 pair, the diamond knows no price
/// in a second in which others have traded on it, and refuses.
interface IFlashTaker {
    /// @notice Which strike of which diamond, and whose tokens.
    /// @param diamond The MacroStrike diamond: look at its code before it is named here.
    /// @param pool In the shape of Uniswap V3 or V2, of the two tokens. It may be the market's own.
    /// @param isV2 Whether it is of V2's shape.
    /// @param fee What a V2 pair takes, as pairs do not say it: hundredths of a basis point, 3000 is 0.3 %. What is more
    /// than it takes is a gift to the pair, and with less it refuses. Not looked at for V3.
    /// @param tokenIn What the takeover costs: quote for a long, base for a short.
    /// @param tokenOut What it yields: the other one.
    /// @param minProfit Raw units of `tokenIn` that must be left of what the pool pays.
    struct Order {
        ITakeover diamond;
        uint256 strikeId;
        bool isLong;
        address pool;
        bool isV2;
        uint24 fee;
        address tokenIn;
        address tokenOut;
        uint256 minProfit;
    }

    /// @notice A strike was taken over, and its profit sent to the owner.
    /// @param amountIn Raw units of the order's `tokenIn` that the takeover cost.
    /// @param amountOut Raw units of `tokenOut` that it yielded.
    /// @param profit Raw units of `tokenIn` that the owner got of it.
    event TakenByFlash(
        address indexed diamond,
        uint256 indexed strikeId,
        address indexed pool,
        uint256 amountIn,
        uint256 amountOut,
        uint256 profit
    );

    /// @notice Takes a strike over. Owner only; nonReentrant. Refused with `StrikeNotTakeable` where the diamond does not
    /// let it be taken over now: it is too early, takeovers are stopped, or a price is unknown.
    /// @param order See `Order`.
    /// @return profit Raw units of `tokenIn` that were sent to the owner as profit.
    function take(Order calldata order) external returns (uint256 profit);

    /// @notice Uniswap V3: accepted from the order's pool, once, while `take` runs.
    /// @param amount0Delta Raw units of token 0: owed to the pool where positive, delivered by it where negative.
    /// @param amount1Delta As `amount0Delta`, of token 1.
    /// @param data Not looked at.
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata data) external;

    /// @notice As `uniswapV3SwapCallback`, by the name that PancakeSwap's V3 and its forks call.
    /// @param amount0Delta Raw units of token 0: owed to the pool where positive, delivered by it where negative.
    /// @param amount1Delta As `amount0Delta`, of token 1.
    /// @param data Not looked at.
    function pancakeV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata data) external;

    /// @notice As `uniswapV3SwapCallback`, by the name that Algebra's pools call.
    /// @param amount0Delta Raw units of token 0: owed to the pool where positive, delivered by it where negative.
    /// @param amount1Delta As `amount0Delta`, of token 1.
    /// @param data Not looked at.
    function algebraSwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata data) external;

    /// @notice Uniswap V2: accepted from the order's pair, once, while `take` runs.
    /// @param sender Who began the swap: this contract itself.
    /// @param amount0 Raw units of token 0 that the pair delivered.
    /// @param amount1 As `amount0`, of token 1.
    /// @param data Not looked at.
    function uniswapV2Call(address sender, uint256 amount0, uint256 amount1, bytes calldata data) external;

    /// @notice As `uniswapV2Call`, by the name that PancakeSwap's V2 and its forks call.
    /// @param sender Who began the swap: this contract itself.
    /// @param amount0 Raw units of token 0 that the pair delivered.
    /// @param amount1 As `amount0`, of token 1.
    /// @param data Not looked at.
    function pancakeCall(address sender, uint256 amount0, uint256 amount1, bytes calldata data) external;

    /// @notice As `uniswapV2Call`, by the name that further forks call.
    /// @param sender Who began the swap: this contract itself.
    /// @param amount0 Raw units of token 0 that the pair delivered.
    /// @param amount1 As `amount0`, of token 1.
    /// @param data Not looked at.
    function hook(address sender, uint256 amount0, uint256 amount1, bytes calldata data) external;

    /// @notice Who may call, and gets the profit.
    /// @return The account that it was created for.
    function owner() external view returns (address);
}
