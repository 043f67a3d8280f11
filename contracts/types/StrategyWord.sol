// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

import {LOT_BITS, LOT_MASK, FIVE_LOTS_BITS, LotsWord} from "./LotsWord.sol";
import {MAX_LOTS} from "./StrikeTypes.sol";

/// @dev A strategy's books: its five bots' equity in book units, and how many strikes they settled and won. The first
/// bot's equity lowest: 5 x 42 equity + 23 settled + 23 wins = 256 bits.
type StrategyWord is uint256;

using {equityOf, withEquity, total, pairs, settled, wins, counted, shared} for StrategyWord global;

uint256 constant EQUITY_BITS = 42;
uint256 constant EQUITY_MASK = (1 << 42) - 1;
uint256 constant ALL_EQUITY_MASK = (1 << 210) - 1;
uint256 constant SETTLED_AT = 210;
uint256 constant WINS_AT = 233;
uint256 constant COUNT_MASK = (1 << 23) - 1;

// Repeating patterns are all ones divided by one period of ones, which leaves no remainder.
// slither-disable-start divide-before-multiply
/// @dev Of bots 0, 2 and 4, and of bots 1 and 3 once shifted down to their neighbours.
uint256 constant EVEN_EQUITY = ((1 << 252) - 1) / ((1 << 84) - 1) * ((1 << 42) - 1);
uint256 constant ODD_EQUITY = ((1 << 168) - 1) / ((1 << 84) - 1) * ((1 << 42) - 1);

// slither-disable-end divide-before-multiply

/// @param index 0 to 4.
function equityOf(StrategyWord self, uint256 index) pure returns (uint256) {
    return (StrategyWord.unwrap(self) >> (index * EQUITY_BITS)) & EQUITY_MASK;
}

/// @param index 0 to 4.
/// @param equity At most 42 bits.
function withEquity(StrategyWord self, uint256 index, uint256 equity) pure returns (StrategyWord) {
    uint256 shift = index * EQUITY_BITS;
    return StrategyWord.wrap((StrategyWord.unwrap(self) & ~(EQUITY_MASK << shift)) | (equity << shift));
}

/// @dev In the way of the sum of lots.
/// @return The five bots' equity together.
function total(StrategyWord self) pure returns (uint256) {
    return totalOfPairs(self.pairs());
}

/// @dev Neighbours added, in digits of 84 bits: the pairs of all strategies may be added before the digits are.
function pairs(StrategyWord self) pure returns (uint256) {
    uint256 word = StrategyWord.unwrap(self);
    unchecked {
        return (word & EVEN_EQUITY) + ((word >> EQUITY_BITS) & ODD_EQUITY);
    }
}

function totalOfPairs(uint256 sum) pure returns (uint256) {
    unchecked {
        return sum % ((1 << 84) - 1);
    }
}

function settled(StrategyWord self) pure returns (uint256) {
    return (StrategyWord.unwrap(self) >> SETTLED_AT) & COUNT_MASK;
}

function wins(StrategyWord self) pure returns (uint256) {
    return StrategyWord.unwrap(self) >> WINS_AT;
}

/// @return What a strategy's word grows by with one more strike settled.
function outcomeOf(bool won) pure returns (uint256) {
    return (1 << SETTLED_AT) + (won ? 1 << WINS_AT : 0);
}

/// @dev After 8,388,607 strikes the counts stop: a settlement never fails for them.
/// @param outcome As of `outcomeOf`.
/// @return With one more outcome counted.
function counted(StrategyWord self, uint256 outcome) pure returns (StrategyWord) {
    unchecked {
        return self.settled() == COUNT_MASK ? self : StrategyWord.wrap(StrategyWord.unwrap(self) + outcome);
    }
}

/// @dev The strategy's part of a settlement. Turns both words through its five bots.
/// Unchecked: 42-bit equity, at most 10 bits of weight. A loss is at most the weight in lots, which the bot has, so neither
/// equity nor free lots go under zero. A weight of zero changes nothing.
/// @param free All bots' free lots, this strategy's in the lowest places.
/// @param weights The five bots' lots in the strike.
/// @param sum All lots of the strike.
/// @param pnl Book units, in two's complement.
/// @param lot Book units.
/// @return The strategy's books with each bot's share, rounded down.
/// @return Free lots with what the strike held, turned by five bots.
function shared(StrategyWord self, LotsWord free, uint256 weights, uint256 sum, uint256 pnl, uint256 lot)
    pure
    returns (StrategyWord, LotsWord)
{
    unchecked {
        uint256 equities = StrategyWord.unwrap(self) & ALL_EQUITY_MASK;
        uint256 counts = StrategyWord.unwrap(self) ^ equities;
        // A bit above the last bot's lots, which is down to 1 when all five are done.
        for (weights |= 1 << FIVE_LOTS_BITS; weights != 1; weights >>= LOT_BITS) {
            uint256 weight = weights & LOT_MASK;
            uint256 old = equities & EQUITY_MASK;
            // Lifted over zero by more than any bot can lose, for division to round a loss down too.
            uint256 lifted = pnl * weight + EQUITY_MASK * sum;
            uint256 changed = old + FixedPointMathLib.rawDiv(lifted, sum) - EQUITY_MASK;
            // A bot that is full keeps what fits; the rest is dust. Settling never fails for it.
            if (changed > EQUITY_MASK) changed = EQUITY_MASK;
            uint256 has = (LotsWord.unwrap(free) & LOT_MASK) + weight + FixedPointMathLib.rawDiv(changed, lot)
                - FixedPointMathLib.rawDiv(old, lot);
            if (has > MAX_LOTS) has = MAX_LOTS;
            equities = _turnedEquity(equities, changed);
            free = free.turned(has);
        }
        return (StrategyWord.wrap(counts | equities), free);
    }
}

/// @dev The first bot's equity out of its lowest place, `equity` in the highest one.
function _turnedEquity(uint256 equities, uint256 equity) pure returns (uint256) {
    unchecked {
        return (equities >> EQUITY_BITS) | (equity << (4 * EQUITY_BITS));
    }
}
