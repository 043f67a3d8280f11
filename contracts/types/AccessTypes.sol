// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev What an operator may do, as bits of `Operator.actions`.
/// @custom:flags Action ACTION_
uint8 constant ACTION_STRIKE = 1;
uint8 constant ACTION_SETTLE = 2;
uint8 constant ACTION_ARBITRAGE = 4;
uint8 constant ACTION_REBALANCE = 8;

/// @dev The minimum confidence that any strike can have, in basis points. No setter goes below it.
uint16 constant MIN_CONFIDENCE_BPS = 9300;

/// @dev 100 % in basis points.
uint16 constant BPS = 10_000;

/// @dev Nonces of an engine that the chain keeps: one so far behind the highest counts as used.
uint256 constant NONCE_WINDOW = 128;

/// @notice A hot key and what it may do. One storage word: 40 + 8 + 64 + 64 + 40 = 216 bits.
/// @param validUntil Unix second after which the key is dead; 0 = never granted or revoked.
/// @param actions Sum of ACTION_* bits.
/// @param dailyBudget Notional that may be opened a day, in book units of quote.
/// @param used Budget in use at `usedAt`, in book units; it drains by `dailyBudget` a day, so no day has an edge.
/// @param usedAt Unix second at which `used` was written.
struct Operator {
    uint40 validUntil;
    uint8 actions;
    uint64 dailyBudget;
    uint64 used;
    uint40 usedAt;
}

/// @notice A prediction signer and the nonces it has used. One storage word: 40 + 64 + 128 = 232 bits.
/// @param validUntil Unix second after which its signatures are refused; 0 = never granted or revoked.
/// @param highestNonce The highest nonce accepted so far.
/// @param nonceWindow Bit k is set when nonce `highestNonce - k` was accepted. Nonces older than the window are
/// refused, so that a nonce never needs a fresh storage word.
struct Engine {
    uint40 validUntil;
    uint64 highestNonce;
    uint128 nonceWindow;
}
