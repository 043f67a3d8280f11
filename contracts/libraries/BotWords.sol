// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MIN_CONFIDENCE_BPS} from "../types/AccessTypes.sol";
import {BotConfig} from "../types/StrikeTypes.sol";

/// @title The packed words of the books
/// @dev Lots word: 25 bots of 10 bits, bot 0 lowest; 6 bits above are free (a strike keeps its signal there).
/// Strategy word: 5 bots' equity of 42 bits in book units, then 23 bits of settled strikes and 23 bits of wins.
/// Config word: 9 bots of 28 bits: risk 14, minimum confidence less 9300 10, no longs 1, no shorts 1, inactive 1, free
/// 1. What a bot does not do stands above its minimum confidence, so that one comparison asks for both.
library BotWords {
    uint256 internal constant LOT_BITS = 10;
    uint256 internal constant LOT_MASK = 0x3ff;
    uint256 internal constant STRATEGY_LOTS_BITS = 50;
    uint256 internal constant STRATEGY_LOTS_MASK = (1 << 50) - 1;
    uint256 internal constant ALL_LOTS_MASK = (1 << 250) - 1;
    uint256 internal constant SIGNAL_SHIFT = 250;

    uint256 internal constant EQUITY_BITS = 42;
    uint256 internal constant EQUITY_MASK = (1 << 42) - 1;
    uint256 private constant SETTLED_SHIFT = 210;
    uint256 private constant WINS_SHIFT = 233;
    uint256 private constant COUNT_MASK = (1 << 23) - 1;

    uint256 internal constant CONFIGS_PER_WORD = 9;
    uint256 internal constant CONFIG_BITS = 28;
    uint256 internal constant CONFIG_MASK = (1 << 28) - 1;
    uint256 internal constant RISK_BITS = 14;
    uint256 internal constant RISK_MASK = (1 << 14) - 1;
    /// @dev From here on, positions after the risk is shifted out.
    uint256 internal constant CONFIDENCE_MASK = (1 << 10) - 1;
    uint256 internal constant NO_LONGS = 1 << 10;
    uint256 internal constant NO_SHORTS = 1 << 11;
    uint256 internal constant INACTIVE = 1 << 12;

    function lotsOf(uint256 word, uint256 bot) internal pure returns (uint256) {
        return (word >> (bot * LOT_BITS)) & LOT_MASK;
    }

    function withLots(uint256 word, uint256 bot, uint256 lots) internal pure returns (uint256) {
        uint256 shift = bot * LOT_BITS;
        return (word & ~(LOT_MASK << shift)) | (lots << shift);
    }

    function totalLots(uint256 word) internal pure returns (uint256 total) {
        unchecked {
            for (word &= ALL_LOTS_MASK; word != 0; word >>= LOT_BITS) {
                total += word & LOT_MASK;
            }
        }
    }

    function equityOf(uint256 word, uint256 index) internal pure returns (uint256) {
        return (word >> (index * EQUITY_BITS)) & EQUITY_MASK;
    }

    function withEquity(uint256 word, uint256 index, uint256 equity) internal pure returns (uint256) {
        uint256 shift = index * EQUITY_BITS;
        return (word & ~(EQUITY_MASK << shift)) | (equity << shift);
    }

    /// @dev The equity of a strategy's five bots.
    function totalEquity(uint256 word) internal pure returns (uint256 total) {
        unchecked {
            return (word & EQUITY_MASK) + ((word >> 42) & EQUITY_MASK) + ((word >> 84) & EQUITY_MASK)
                + ((word >> 126) & EQUITY_MASK) + ((word >> 168) & EQUITY_MASK);
        }
    }

    function settledOf(uint256 word) internal pure returns (uint256) {
        return (word >> SETTLED_SHIFT) & COUNT_MASK;
    }

    function winsOf(uint256 word) internal pure returns (uint256) {
        return word >> WINS_SHIFT;
    }

    /// @dev Counts one more outcome. After 8,388,607 strikes the counts stand still: a settlement never fails for them.
    function withOutcome(uint256 word, bool won) internal pure returns (uint256) {
        if (settledOf(word) == COUNT_MASK) return word;
        return word + (1 << SETTLED_SHIFT) + (won ? 1 << WINS_SHIFT : 0);
    }

    function encode(BotConfig memory config) internal pure returns (uint256) {
        uint256 demands = uint256(config.minConfidenceBps - MIN_CONFIDENCE_BPS) | (config.longs ? 0 : NO_LONGS)
            | (config.shorts ? 0 : NO_SHORTS) | (config.active ? 0 : INACTIVE);
        return uint256(config.riskBps) | (demands << RISK_BITS);
    }

    function decode(uint256 bits) internal pure returns (BotConfig memory) {
        uint256 demands = bits >> RISK_BITS;
        return BotConfig({
            riskBps: uint16(bits & RISK_MASK),
            minConfidenceBps: uint16(demands & CONFIDENCE_MASK) + MIN_CONFIDENCE_BPS,
            longs: demands & NO_LONGS == 0,
            shorts: demands & NO_SHORTS == 0,
            active: demands & INACTIVE == 0
        });
    }
}
