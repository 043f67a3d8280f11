// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Signal} from "./StrikeTypes.sol";

/// @dev Lots of the 25 bots: what each has free, or what each put into a strike, whose signal is above them. Bot 0's
/// lowest: 25 x 10 lots + 2 signal + 4 free = 256 bits.
type LotsWord is uint256;

using {
    lotsOf,
    withLots,
    signal,
    withSignal,
    ofStrategies,
    ofFirstFive,
    without,
    total,
    capped,
    pastFive,
    turned,
    turnedByFive
} for LotsWord global;

uint256 constant LOT_BITS = 10;
uint256 constant LOT_MASK = 0x3ff;
uint256 constant FIVE_LOTS_BITS = 50;
uint256 constant FIVE_LOTS_MASK = (1 << 50) - 1;
uint256 constant ALL_LOTS_BITS = 250;

// Repeating patterns are all ones divided by one period of ones, which leaves no remainder.
// slither-disable-start divide-before-multiply
/// @dev Of bots 0, 2 ... 24, and of bots 1, 3 ... 23 once shifted down to their neighbours.
uint256 constant EVEN_LOTS = ((1 << 260) - 1) / ((1 << 20) - 1) * 0x3ff;
uint256 constant ODD_LOTS = ((1 << 240) - 1) / ((1 << 20) - 1) * 0x3ff;
// slither-disable-end divide-before-multiply

/// @dev The lowest bit of each of bots 0, 2 ... 24.
uint256 constant EACH_SECOND = ((1 << 260) - 1) / ((1 << 20) - 1);

function lotsOf(LotsWord self, uint256 bot) pure returns (uint256) {
    return (LotsWord.unwrap(self) >> (bot * LOT_BITS)) & LOT_MASK;
}

/// @param lots At most 1023.
function withLots(LotsWord self, uint256 bot, uint256 lots) pure returns (LotsWord) {
    uint256 shift = bot * LOT_BITS;
    return LotsWord.wrap((LotsWord.unwrap(self) & ~(LOT_MASK << shift)) | (lots << shift));
}

function signal(LotsWord self) pure returns (Signal) {
    return Signal((LotsWord.unwrap(self) >> ALL_LOTS_BITS) & 3);
}

/// @param self Without a signal.
function withSignal(LotsWord self, Signal signal_) pure returns (LotsWord) {
    return LotsWord.wrap(LotsWord.unwrap(self) | (uint256(signal_) << ALL_LOTS_BITS));
}

/// @param strategies Bit s stands for strategy s.
/// @return The lots of these strategies' bots alone.
function ofStrategies(LotsWord self, uint256 strategies) pure returns (LotsWord) {
    unchecked {
        // Each strategy's bit is moved to its first bot's lots, and spread from there over those of its five bots.
        uint256 first = (strategies & 1) | ((strategies & 2) << 49) | ((strategies & 4) << 98)
            | ((strategies & 8) << 147) | ((strategies & 16) << 196);
        return LotsWord.wrap(LotsWord.unwrap(self) & first * FIVE_LOTS_MASK);
    }
}

/// @return The lots of the five bots in the lowest places.
function ofFirstFive(LotsWord self) pure returns (uint256) {
    return LotsWord.unwrap(self) & FIVE_LOTS_MASK;
}

/// @param taken At most each bot's lots.
function without(LotsWord self, LotsWord taken) pure returns (LotsWord) {
    unchecked {
        return LotsWord.wrap(LotsWord.unwrap(self) - LotsWord.unwrap(taken));
    }
}

/// @dev Neighbours are added, which makes digits of 20 bits, and then the digits: as 2^20 = 1 (mod 2^20 - 1), by one
/// division. The sum of 25 lots is far under that modulus.
function total(LotsWord self) pure returns (uint256) {
    uint256 word = LotsWord.unwrap(self);
    unchecked {
        return ((word & EVEN_LOTS) + ((word >> LOT_BITS) & ODD_LOTS)) % ((1 << 20) - 1);
    }
}

/// @dev Two times 12 or 13 comparisons by one subtraction each: the bit over a bot's place is borrowed from where its
/// lots exceed `max`.
/// @param max At most 1023.
/// @return Each bot's lots, or `max` where they are more; without a signal.
function capped(LotsWord self, uint256 max) pure returns (LotsWord) {
    uint256 word = LotsWord.unwrap(self);
    unchecked {
        return LotsWord.wrap(
            _cappedSecond(word & EVEN_LOTS, max) | (_cappedSecond((word >> LOT_BITS) & ODD_LOTS, max) << LOT_BITS)
        );
    }
}

/// @return The word with its lowest five bots shifted out.
function pastFive(LotsWord self) pure returns (LotsWord) {
    return LotsWord.wrap(LotsWord.unwrap(self) >> FIVE_LOTS_BITS);
}

/// @dev Bot 0 out of its lowest place, `lots` in the highest one, and all others a place lower: once all 25 bots have been
/// in the lowest place, each is in its own again.
function turned(LotsWord self, uint256 lots) pure returns (LotsWord) {
    unchecked {
        return LotsWord.wrap((LotsWord.unwrap(self) >> LOT_BITS) | (lots << (ALL_LOTS_BITS - LOT_BITS)));
    }
}

/// @dev Turned by five bots, as they are.
function turnedByFive(LotsWord self) pure returns (LotsWord) {
    unchecked {
        uint256 five = self.ofFirstFive() << (ALL_LOTS_BITS - FIVE_LOTS_BITS);
        return LotsWord.wrap((LotsWord.unwrap(self) >> FIVE_LOTS_BITS) | five);
    }
}

/// @param lots Of every second bot, with 10 bits free above each.
function _cappedSecond(uint256 lots, uint256 max) pure returns (uint256) {
    unchecked {
        uint256 all = max * EACH_SECOND;
        uint256 within = ((all | (EACH_SECOND << LOT_BITS)) - lots) >> LOT_BITS & EACH_SECOND;
        return all ^ ((all ^ lots) & (within * LOT_MASK));
    }
}
