// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev Whose callback the diamond waits for, and what for, lowest field first: 160 pool + 8 kind = 168 bits.
/// Zero: no one's.
type TurnWord is uint256;

using {pool, kind} for TurnWord global;

uint256 constant KIND_AT = 160;

/// @param kind_ One of LibCallback's.
function turnOf(address pool_, uint256 kind_) pure returns (TurnWord) {
    return TurnWord.wrap(uint160(pool_) | (kind_ << KIND_AT));
}

function pool(TurnWord self) pure returns (address) {
    return address(uint160(TurnWord.unwrap(self)));
}

function kind(TurnWord self) pure returns (uint256) {
    return TurnWord.unwrap(self) >> KIND_AT;
}
