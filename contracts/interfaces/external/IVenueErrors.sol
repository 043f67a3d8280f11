// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Errors of tokens and venues, for those who decode them: nothing here is called. Failures by text, such as
/// V3's "TF" or Balancer's "BAL#507", need no declaration.
interface IVenueErrors {
    // ERC-6093: what OpenZeppelin's tokens fail with.
    error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed);
    error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed);
    error ERC20InvalidReceiver(address receiver);
    error ERC20InvalidSender(address sender);

    // Solady's and solmate's tokens and transfers.
    error InsufficientBalance();
    error InsufficientAllowance();
    error TransferFailed();

    // Uniswap V4: the manager, its pools, currencies and hooks.
    error AlreadyUnlocked();
    error CurrenciesOutOfOrderOrEqual(address currency0, address currency1);
    error CurrencyNotSettled();
    error DelegateCallNotAllowed();
    error ERC20TransferFailed();
    error HookAddressNotValid(address hooks);
    error HookCallFailed();
    error HookDeltaExceedsSwapAmount();
    error InvalidCaller();
    error InvalidFeeForExactOut();
    error InvalidHookResponse();
    error InvalidPrice();
    error InvalidSqrtPrice(uint160 sqrtPriceX96);
    error InvalidTick(int24 tick);
    error LPFeeTooLarge(uint24 fee);
    error ManagerLocked();
    error MustClearExactPositiveDelta();
    error NativeTransferFailed();
    error NonzeroNativeValue();
    error NotEnoughLiquidity();
    error PoolNotInitialized();
    error PriceLimitAlreadyExceeded(uint160 sqrtPriceCurrentX96, uint160 sqrtPriceLimitX96);
    error PriceLimitOutOfBounds(uint160 sqrtPriceLimitX96);
    error ProtocolFeeCurrencySynced();
    error ProtocolFeeTooLarge(uint24 fee);
    error SafeCastOverflow();
    error SwapAmountCannotBeZero();
    error TickSpacingTooLarge(int24 tickSpacing);
    error TickSpacingTooSmall(int24 tickSpacing);
    error UnauthorizedDynamicLPFeeUpdate();
    /// @notice A call that the manager made, of a token or of hooks, failed.
    error WrappedError(address target, bytes4 selector, bytes reason, bytes details);
}
