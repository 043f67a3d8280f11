// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Callbacks of the venues
/// @notice Accepted only from the one pool that the running swap expects, once, up to the amount that the swap allows.
/// @dev Runs inside a guarded swap: it is not nonReentrant itself, its transient context is the guard. What comes along
/// as data is not looked at.
interface ISwapCallback {
    /// @notice Called by someone whom no running swap expects: a stranger, or a pool that calls twice, late or nested.
    error UnexpectedCallback(address caller, address expected);
    /// @notice The pool asks for more than the swap allows. Raw units.
    error CallbackAmountExceeded(uint256 asked, uint256 allowed);
    /// @notice The pool gave its output without calling back for its pay.
    error CallbackMissing(address pool);
    /// @notice The pool says that someone else began the swap.
    error UnexpectedInitiator(address initiator);
    /// @notice The pool calls back with other amounts than the swap has. Raw units.
    error CallbackAmountMismatch(uint256 stated, uint256 expected);
    /// @notice The swap gave less than the least, or took more than the most, that was allowed. Raw units, measured.
    error SlippageExceeded(uint256 measured, uint256 limit);
    /// @notice Less, or more, of the token arrived than the pool says it gave, or more left than the swap allowed: it
    /// takes fees or rebases. Or less left than the pool says it took: someone gave some meanwhile. Raw units; the
    /// zero address is ether.
    error UnfaithfulToken(address token, uint256 measured, uint256 stated);
    /// @notice The pool could not trade the whole amount. Raw units, measured.
    error PartialFill(uint256 traded, uint256 asked);

    /// @notice Uniswap V3: pays the pool what the running swap owes it; where the running arbitrage has taken the
    /// pool's output first, goes on with that and pays at its end.
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata data) external;

    /// @notice Uniswap V2: goes on with the running arbitrage, which has taken the pair's output first, and pays.
    function uniswapV2Call(address sender, uint256 amount0, uint256 amount1, bytes calldata data) external;

    /// @notice Uniswap V4: begins the running arbitrage, for which the manager was unlocked.
    /// @return result Nothing.
    function unlockCallback(bytes calldata data) external returns (bytes memory result);
}
