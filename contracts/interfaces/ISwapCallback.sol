// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Callbacks of the venues
/// @notice Accepted only from the one pool that the running swap expects, once, up to the amount that the swap allows.
/// @dev Runs inside a guarded swap: it is not nonReentrant itself, its transient context is the guard.
interface ISwapCallback {
    /// @notice Called by someone whom no running swap expects: a stranger, or a pool that calls twice, late or nested.
    error UnexpectedCallback(address caller, address expected);
    /// @notice The pool asks for more than the swap allows. Raw units.
    error CallbackAmountExceeded(uint256 asked, uint256 allowed);
    /// @notice The swap gave less than the least, or took more than the most, that was allowed. Raw units, measured.
    error SlippageExceeded(uint256 measured, uint256 limit);
    /// @notice Less, or more, of the token arrived than the pool says it gave, or more left than the swap allowed: it
    /// takes fees or rebases. Or less left than the pool says it took: someone gave some meanwhile. Raw units.
    error UnfaithfulToken(address token, uint256 measured, uint256 stated);
    /// @notice The pool could not trade the whole amount. Raw units, measured.
    error PartialFill(uint256 traded, uint256 asked);

    /// @notice Uniswap V3: pays the pool what the running swap owes it.
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata data) external;
}
