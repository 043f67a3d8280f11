// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {STATUS_HALTED, STATUS_PAUSED, STATUS_TAKEOVERS_STOPPED, STRIKE_SLOTS} from "./StrikeTypes.sol";

/// @dev The fleet's word, which every strike and settlement reads and writes, lowest field first: 3 status +
/// 5 unitExponent + 8 dust + 10 thresholdOverBps + 7 bestBits + 7 worstBits + 40 recentLosses + 48 highWater + 32 lot +
/// 32 lastStrikeId + 64 openBitmap = 256 bits. Setters cut to the field's width; callers see to it that nothing is lost
/// by that.
///
/// - status: STATUS_* bits.
/// - unitExponent: at most 16: a book unit is 10^unitExponent raw quote units.
/// - dust: raw quote units that belong to the reserve and were not carried there yet.
/// - thresholdOverBps: at most 700; the confidence threshold less 9300, so that no value of it is under 9300.
/// - bestBits, worstBits: how many bits the best and the worst P&L of one strike have, so that they are read only where
///   they may be beaten.
/// - recentLosses: the last 40 outcomes, newest lowest, 1 = lost. Starts as 40 wins, so that the breaker is armed from
///   the first strike on.
/// - highWater: the highest equity of all bots so far, in book units; money in or out moves it along.
/// - lot: book units in a lot; 0 until initialised.
/// - lastStrikeId: ids are 1, 2, 3 …; one is passed over when its slot is still open.
/// - openBitmap: bit s is set while slot s holds an open strike.
type CoreWord is uint256;

using {
    isPaused,
    isHalted,
    takeoversStopped,
    unit,
    lotValue,
    dust,
    thresholdOverBps,
    bestBits,
    worstBits,
    recentLosses,
    recentWins,
    highWater,
    lot,
    lastStrikeId,
    openBitmap,
    isOpen,
    withStatus,
    withUnitExponent,
    withDust,
    withThresholdOverBps,
    withBestBits,
    withWorstBits,
    withOutcome,
    withoutLosses,
    withHighWater,
    withLot,
    withOpened,
    withClosed
} for CoreWord global;

uint256 constant UNIT_EXPONENT_AT = 3;
uint256 constant DUST_AT = 8;
uint256 constant THRESHOLD_AT = 16;
uint256 constant BEST_BITS_AT = 26;
uint256 constant WORST_BITS_AT = 33;
uint256 constant RECENT_AT = 40;
uint256 constant HIGH_WATER_AT = 80;
uint256 constant LOT_AT = 128;
uint256 constant LAST_ID_AT = 160;
uint256 constant OPEN_AT = 192;
uint256 constant RECENT = 40;

function isPaused(CoreWord self) pure returns (bool) {
    return CoreWord.unwrap(self) & STATUS_PAUSED != 0;
}

function isHalted(CoreWord self) pure returns (bool) {
    return CoreWord.unwrap(self) & STATUS_HALTED != 0;
}

function takeoversStopped(CoreWord self) pure returns (bool) {
    return CoreWord.unwrap(self) & STATUS_TAKEOVERS_STOPPED != 0;
}

/// @return Raw quote units in one book unit.
function unit(CoreWord self) pure returns (uint256) {
    // At most 10^16.
    unchecked {
        return 10 ** _field(self, UNIT_EXPONENT_AT, 0x1f);
    }
}

/// @return Raw quote units in one lot.
function lotValue(CoreWord self) pure returns (uint256) {
    // 32 bits times at most 10^16.
    unchecked {
        return lot(self) * unit(self);
    }
}

function dust(CoreWord self) pure returns (uint256) {
    return _field(self, DUST_AT, type(uint8).max);
}

function thresholdOverBps(CoreWord self) pure returns (uint256) {
    return _field(self, THRESHOLD_AT, 0x3ff);
}

function bestBits(CoreWord self) pure returns (uint256) {
    return _field(self, BEST_BITS_AT, 0x7f);
}

function worstBits(CoreWord self) pure returns (uint256) {
    return _field(self, WORST_BITS_AT, 0x7f);
}

function recentLosses(CoreWord self) pure returns (uint256) {
    return _field(self, RECENT_AT, type(uint40).max);
}

/// @return wins Wins among the last 40 outcomes.
function recentWins(CoreWord self) pure returns (uint256 wins) {
    wins = RECENT;
    for (uint256 losses = recentLosses(self); losses != 0; losses &= losses - 1) {
        --wins;
    }
}

function highWater(CoreWord self) pure returns (uint256) {
    return _field(self, HIGH_WATER_AT, type(uint48).max);
}

function lot(CoreWord self) pure returns (uint256) {
    return _field(self, LOT_AT, type(uint32).max);
}

function lastStrikeId(CoreWord self) pure returns (uint256) {
    return _field(self, LAST_ID_AT, type(uint32).max);
}

function openBitmap(CoreWord self) pure returns (uint256) {
    return CoreWord.unwrap(self) >> OPEN_AT;
}

/// @return Whether the strike's slot holds an open strike: this one, or another whose id has the same slot.
function isOpen(CoreWord self, uint256 strikeId) pure returns (bool) {
    return openBitmap(self) & 1 << strikeId % STRIKE_SLOTS != 0;
}

/// @param bit One of STATUS_*.
function withStatus(CoreWord self, uint8 bit, bool on) pure returns (CoreWord) {
    uint256 rest = CoreWord.unwrap(self) & ~uint256(bit);
    return CoreWord.wrap(on ? rest | bit : rest);
}

function withUnitExponent(CoreWord self, uint256 value) pure returns (CoreWord) {
    return _with(self, UNIT_EXPONENT_AT, 0x1f, value);
}

function withDust(CoreWord self, uint256 value) pure returns (CoreWord) {
    return _with(self, DUST_AT, type(uint8).max, value);
}

function withThresholdOverBps(CoreWord self, uint256 value) pure returns (CoreWord) {
    return _with(self, THRESHOLD_AT, 0x3ff, value);
}

function withBestBits(CoreWord self, uint256 value) pure returns (CoreWord) {
    return _with(self, BEST_BITS_AT, 0x7f, value);
}

function withWorstBits(CoreWord self, uint256 value) pure returns (CoreWord) {
    return _with(self, WORST_BITS_AT, 0x7f, value);
}

/// @return With one more outcome, and without the oldest of the last 40.
function withOutcome(CoreWord self, bool won) pure returns (CoreWord) {
    return _with(self, RECENT_AT, type(uint40).max, (recentLosses(self) << 1) | (won ? 0 : 1));
}

/// @return With the last 40 outcomes as wins.
function withoutLosses(CoreWord self) pure returns (CoreWord) {
    return _with(self, RECENT_AT, type(uint40).max, 0);
}

function withHighWater(CoreWord self, uint256 value) pure returns (CoreWord) {
    return _with(self, HIGH_WATER_AT, type(uint48).max, value);
}

function withLot(CoreWord self, uint256 value) pure returns (CoreWord) {
    return _with(self, LOT_AT, type(uint32).max, value);
}

/// @return With this strike as the last one, and open.
function withOpened(CoreWord self, uint256 strikeId) pure returns (CoreWord) {
    CoreWord numbered = _with(self, LAST_ID_AT, type(uint32).max, strikeId);
    return CoreWord.wrap(CoreWord.unwrap(numbered) | _openBit(strikeId));
}

/// @return With the strike's slot closed.
function withClosed(CoreWord self, uint256 strikeId) pure returns (CoreWord) {
    return CoreWord.wrap(CoreWord.unwrap(self) & ~_openBit(strikeId));
}

function _openBit(uint256 strikeId) pure returns (uint256) {
    unchecked {
        return 1 << OPEN_AT + strikeId % STRIKE_SLOTS;
    }
}

function _field(CoreWord self, uint256 place, uint256 mask) pure returns (uint256) {
    return CoreWord.unwrap(self) >> place & mask;
}

function _with(CoreWord self, uint256 place, uint256 mask, uint256 value) pure returns (CoreWord) {
    return CoreWord.wrap((CoreWord.unwrap(self) & ~(mask << place)) | ((value & mask) << place));
}
