// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Errors of the libraries that the facets are built on
/// @notice The diamond reverts with these too. Their libraries declare them; here they are declared again, so that the
/// diamond's ABI explains them.
interface ILibraryErrors {
    /// @notice A guarded function was entered from within a guarded function: a token, pool or hook called back.
    /// @custom:group gate
    /// @custom:remedy Check the tokens and pools of this call: one of them is hostile.
    error ReentrancyGuardReentrantCall();
    /// @notice `value` does not fit the `bits` bits that the books have for it.
    /// @custom:group treasury
    /// @custom:remedy Use a smaller amount.
    error SafeCastOverflowedUintDowncast(uint8 bits, uint256 value);
}
