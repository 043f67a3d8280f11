// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev What tells a pool from others of the same manager and tokens, as its key has them, lowest field first:
/// 160 hooks + 24 fee + 24 tickSpacing = 208 bits. Not looked at for a pool that has an address of its own.
type KeyWord is uint256;

using {hooks, fee, tickSpacing} for KeyWord global;

function keyWordOf(uint24 fee_, int24 tickSpacing_, address hooks_) pure returns (KeyWord) {
    return KeyWord.wrap(uint160(hooks_) | uint256(fee_) << 160 | uint256(uint24(tickSpacing_)) << 184);
}

function hooks(KeyWord self) pure returns (address) {
    return address(uint160(KeyWord.unwrap(self)));
}

function fee(KeyWord self) pure returns (uint24) {
    return uint24(KeyWord.unwrap(self) >> 160);
}

function tickSpacing(KeyWord self) pure returns (int24) {
    return int24(uint24(KeyWord.unwrap(self) >> 184));
}
