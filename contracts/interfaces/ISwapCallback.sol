// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Callbacks of the venues
/// @notice Accepted only from the one pool that the running swap expects, once, up to the amount that the swap allows.
/// @dev Runs inside a guarded swap: it is not nonReentrant itself, its transient context is the guard. What comes along
/// as data is not looked at.
interface ISwapCallback {
    /// @notice `caller` called back, and `expected` was expected (zero: none was).
    /// @custom:group swap
    /// @custom:remedy Check who calls: a stranger, or a pool that calls twice, late or nested.
    error UnexpectedCallback(address caller, address expected);
    /// @notice Pool `pool` calls back by the function `selector`, which the diamond does not have.
    /// @custom:group config
    /// @custom:remedy Use another pool, or add the fork's callback to the callback facet.
    error UnsupportedCallback(address pool, bytes4 selector);
    /// @notice The pool called back as it must. Reverted with while a pool is registered, and caught there.
    /// @custom:group swap
    /// @custom:remedy None: it never comes out of the diamond.
    error CallbackProbed();
    /// @notice Contract `target`, a token, pool or vault, failed with `reason`, or a token returned false. Those are its
    /// words: they may look like any error, one of the diamond's own too.
    /// @custom:group swap, treasury
    /// @custom:remedy Look at what it says: balance, allowance, a pause or a blacklist of the token, the pool's liquidity.
    error CallFailed(address target, bytes reason);
    /// @notice The pool asks for `asked` raw units, and the swap allows `allowed`.
    /// @custom:group gate, swap
    /// @custom:remedy Trade less, or add inventory for a short.
    error CallbackAmountExceeded(uint256 asked, uint256 allowed);
    /// @notice Pool `pool` delivered its output without calling back for its payment.
    /// @custom:group swap
    /// @custom:remedy Check the pool: it does not swap as its venue does, so unregister it.
    error CallbackMissing(address pool);
    /// @notice The pool called back for a swap that `initiator` began.
    /// @custom:group swap
    /// @custom:remedy Check who calls: the diamond did not begin this swap.
    error UnexpectedInitiator(address initiator);
    /// @notice The pool called back with `stated` raw units, and the swap has `expected`.
    /// @custom:group swap
    /// @custom:remedy Check the pool: it does not swap as its venue does, so unregister it.
    error CallbackAmountMismatch(uint256 stated, uint256 expected);
    /// @notice The swap measured `measured` raw units, and the limit was `limit`.
    /// @custom:group gate, swap
    /// @custom:remedy Take a new quote, or allow more slippage.
    error SlippageExceeded(uint256 measured, uint256 limit);
    /// @notice `measured` raw units of token `token` (zero: ether) moved where the pool states `stated`: the token
    /// takes fees or rebases, or was moved by others during the swap.
    /// @custom:group gate, swap
    /// @custom:remedy Do not trade this token.
    error UnfaithfulToken(address token, uint256 measured, uint256 stated);
    /// @notice The pool traded `traded` of `asked` raw units: it lacks liquidity, or trades another amount than it is asked for.
    /// @custom:group gate, swap
    /// @custom:remedy Trade less.
    error PartialFill(uint256 traded, uint256 asked);

    /// @notice Uniswap V3: pays the pool what the running swap owes it; where the running arbitrage has taken the
    /// pool's output first, goes on with that and pays at its end.
    /// @param amount0Delta Raw units of token 0: owed to the pool where positive, delivered by it where negative.
    /// @param amount1Delta As `amount0Delta`, of token 1.
    /// @param data Not looked at.
    /// @custom:reentrancy one pool is expected, once, while the guard of the running call is set
    /// @custom:pause part of a running call
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata data) external;

    /// @notice As `uniswapV3SwapCallback`, by the name that PancakeSwap's V3 and its forks call.
    /// @param amount0Delta Raw units of token 0: owed to the pool where positive, delivered by it where negative.
    /// @param amount1Delta As `amount0Delta`, of token 1.
    /// @param data Not looked at.
    /// @custom:reentrancy one pool is expected, once, while the guard of the running call is set
    /// @custom:pause part of a running call
    function pancakeV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata data) external;

    /// @notice As `uniswapV3SwapCallback`, by the name that Algebra's pools call.
    /// @param amount0Delta Raw units of token 0: owed to the pool where positive, delivered by it where negative.
    /// @param amount1Delta As `amount0Delta`, of token 1.
    /// @param data Not looked at.
    /// @custom:reentrancy one pool is expected, once, while the guard of the running call is set
    /// @custom:pause part of a running call
    function algebraSwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata data) external;

    /// @notice Uniswap V2: goes on with the running arbitrage, which has taken the pair's output first, and pays.
    /// @param sender Who began the swap: the diamond itself.
    /// @param amount0 Raw units of token 0 that the pair delivered.
    /// @param amount1 As `amount0`, of token 1.
    /// @param data Not looked at.
    /// @custom:reentrancy one pool is expected, once, while the guard of the running call is set
    /// @custom:pause part of a running call
    function uniswapV2Call(address sender, uint256 amount0, uint256 amount1, bytes calldata data) external;

    /// @notice As `uniswapV2Call`, by the name that PancakeSwap's V2 and its forks call.
    /// @param sender Who began the swap: the diamond itself.
    /// @param amount0 Raw units of token 0 that the pair delivered.
    /// @param amount1 As `amount0`, of token 1.
    /// @param data Not looked at.
    /// @custom:reentrancy one pool is expected, once, while the guard of the running call is set
    /// @custom:pause part of a running call
    function pancakeCall(address sender, uint256 amount0, uint256 amount1, bytes calldata data) external;

    /// @notice As `uniswapV2Call`, by the name that further forks call.
    /// @param sender Who began the swap: the diamond itself.
    /// @param amount0 Raw units of token 0 that the pair delivered.
    /// @param amount1 As `amount0`, of token 1.
    /// @param data Not looked at.
    /// @custom:reentrancy one pool is expected, once, while the guard of the running call is set
    /// @custom:pause part of a running call
    function hook(address sender, uint256 amount0, uint256 amount1, bytes calldata data) external;

    /// @notice Uniswap V4: trades for the running strike, or begins the running arbitrage, for which the manager was unlocked.
    /// @param data Not looked at.
    /// @return result Nothing.
    /// @custom:reentrancy one pool is expected, once, while the guard of the running call is set
    /// @custom:pause part of a running call
    function unlockCallback(bytes calldata data) external returns (bytes memory result);
}
